# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets of a deployed site: what no output may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

SECRET_KEY = re.compile(r"PASSWORD|SECRET|KEY|TOKEN|(^|_)ID$")
NO_SECRETS = ("OPENEDX_AWS_ACCESS_KEY",)  # the name of a user, "openedx"
PRIVATE_PARTS = re.compile(r'^\s*"(?:d|p|q|dp|dq|qi)": "([^"]+)",?$', re.MULTILINE)


def of_config(config: Mapping[str, Any]) -> list[str]:
    """The values of secret settings; of a value with several lines each line that is one by itself."""
    return [line for key, value in config.items() if SECRET_KEY.search(key) and key not in NO_SECRETS for line in _lines(value)]


def of_settings(text: str) -> list[str]:
    """The private key of the platform as Tutor writes it into Django settings: in other numbers than in config.yml."""
    return PRIVATE_PARTS.findall(text)


def _lines(value: Any) -> Iterator[str]:
    for line in str(value).splitlines():
        if line.strip() and not line.startswith("-----"):
            yield line.strip()
