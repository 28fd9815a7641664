# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows lines of hosts on the controller as a person reads them, beside what Ansible itself displays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible import constants
from ansible.utils.display import Display

from ..module_utils.base.terminal import clean


def display_lines(lines: Iterable[str]) -> None:
    """Display lines of one host together, so that those of hosts that work at the same time stay apart."""
    text = "\n".join(clean(line).replace("\n", " ") for line in lines)
    # JSON on standard output must stay JSON.
    Display().display(text, stderr="json" in constants.DEFAULT_STDOUT_CALLBACK)


def log_text(site: str, result: Mapping[str, Any]) -> list[str]:
    """Return the lines of a site's logs, each with site, time and service; replicas of a service are told apart by their containers."""
    lines = result.get("lines") or []
    pairs = {(line["service"], line["container"]) for line in lines}
    services = [service for service, _container in pairs]
    names = {container: container if services.count(service) > 1 else service for service, container in pairs}
    shown = [f"[{site}] {shorten_time(line['time'])} {names[line['container']]} | {line['text']}" for line in lines]
    return [*shown, *(f"[{site}] ({remark}.)" for remark in result.get("actions") or ())] or [f"[{site}] (No lines.)"]


def log_json(site: str, result: Mapping[str, Any]) -> list[str]:
    """Return a JSON object for each line of a site's logs, and one for each remark."""
    found = [{"site": site, **line} for line in result.get("lines") or []]
    return [json.dumps(item) for item in [*found, *({"site": site, "remark": remark} for remark in result.get("actions") or ())]]


def shorten_time(time: str) -> str:
    """Return a time of the engine in milliseconds."""
    whole, _dot, fraction = time.rstrip("Z").partition(".")
    return f"{whole}.{fraction[:3].ljust(3, '0')}Z" if whole else ""


FORMATS: Mapping[str, Callable[[str, Mapping[str, Any]], list[str]]] = {"text": log_text, "json": log_json}
