# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mode of a root: what is taken for one, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import access
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ("0700", 0o700),
        ("700", 0o700),
        ("2775", 0o2775),
        ("02770", 0o2770),
        ("0o750", 0o750),
        (0o700, 0o700),  # what YAML makes of 0700
        (0o770, 0o770),
        (0o775, 0o775),
        (0o2770, 0o2770),
        (0o2775, 0o2775),
        (2775, 0o2775),
        (700, 0o700),
        (3770, 0o3770),
        ("448", 0o700),
    ],
)
def test_modes(given: Any, mode: int) -> None:
    assert access.parse_mode(given) == mode


@pytest.mark.parametrize(
    "given", ["", "0600", "0777", "2777", "0702", "4770", "u=rwx", None, True, [], "7", "99999", "0750 ", -448, 7.5, 0]
)
def test_what_is_no_mode_of_a_root(given: Any) -> None:
    with pytest.raises(
        LecternError, match="^root_mode is .*: give the mode of a folder in octal and in quotes, such as '0700' or '2775', that"
    ):
        access.parse_mode(given)


@pytest.mark.parametrize(
    ("root", "config", "file", "env"),
    [
        (0o700, 0o600, 0o644, 0o755),
        (0o750, 0o640, 0o644, 0o755),
        (0o2750, 0o640, 0o644, 0o2755),
        (0o770, 0o660, 0o664, 0o775),
        (0o2770, 0o660, 0o664, 0o2775),
        (0o2775, 0o660, 0o664, 0o2770),
        (0o755, 0o640, 0o644, 0o750),
        (0o711, 0o600, 0o644, 0o750),
    ],
)
def test_what_follows_from_the_mode_of_the_root(root: int, config: int, file: int, env: int) -> None:
    assert access.config_mode(root) == config
    assert access.file_mode(0o644, root) == access.file_mode(0o664, root) == file
    assert access.file_mode(0o755, root) == file | 0o111
    assert access.env_mode(0o755, root) == env
