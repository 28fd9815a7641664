# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the status of a site, the result of status_info, as a table for a terminal."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

WIDTH = 100  # columns

SHORTEST_IMAGE = 16  # characters of an image that are always shown

COLUMNS = ("SERVICE", "STATE", "SINCE", "IMAGE", "CURRENT", "RESTARTS", "HEALTH")

IMAGE = COLUMNS.index("IMAGE")

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))

OF_ANSIBLE = ("_ansible", "ansible", "actions", "changed", "deprecations", "diff", "exception", "failed", "invocation", "warnings")


def status_json(site: str, status: Mapping[str, Any]) -> list[str]:
    """Return the status of a site as one line of JSON, without what every result of a task has."""
    return [json.dumps({"site": site, **{name: value for name, value in status.items() if not name.startswith(OF_ANSIBLE)}})]


def status_table(site: str, status: Mapping[str, Any], now: datetime | None = None) -> list[str]:
    """Return the status of a site as lines of at most 100 columns, as long as no single word is longer."""
    now = now or datetime.now(timezone.utc)
    release, plugins = status["release"], status["plugins"]
    about = f", Tutor {release}" if release else ""
    enabled = f" with {_number(len(plugins), 'plugin')}" if plugins else ""
    lines = ["", f"{site}: {status['verdict']}{about}{enabled}", ""]
    if status["services"]:
        lines += [*_table([_row(service, now) for service in status["services"]]), ""]
    for label, text in _facts(status, now):
        lines += textwrap.wrap(text, WIDTH, initial_indent=f"  {label:<18}", subsequent_indent=" " * 20, break_long_words=False)
    return lines


def age(moment: str, now: datetime) -> str:
    """Return how long ago a time such as ``2026-01-31T08:00:00Z`` was, in its largest unit."""
    seconds = max(0, int((now - datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)).total_seconds()))
    for unit, length in UNITS:
        if seconds >= length:
            return _number(seconds // length, unit)
    return _number(seconds, "second")


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _row(service: Mapping[str, Any], now: datetime) -> list[str]:
    current = {True: "yes", False: "no"}.get(service["current"], "-")
    since = age(service["since"], now) if service["since"] else "-"
    health = service["health"] or "-"
    return [service["service"], service["state"], since, service["image"], current, str(service["restarts"]), health]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return aligned lines. Images that are too long lose their beginning, which is a registry."""
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows)]
    others = sum(widths) - widths[IMAGE] + 2 * len(widths)
    widths[IMAGE] = min(widths[IMAGE], max(SHORTEST_IMAGE, WIDTH - others))
    return ["".join(f"  {_shorten(cell, width):<{width}}" for cell, width in zip(row, widths)).rstrip() for row in (COLUMNS, *rows)]


def _shorten(text: str, width: int) -> str:
    return text if len(text) <= width else "…" + text[1 - width :]


def _facts(status: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what stands below the table, each with its label."""
    if not status["services"]:
        yield "services", "not known" if status["services"] is None else "none"
    pending = status["pending"]
    names = None if pending is None else [name for kind in ("created", "changed", "removed", "settings") for name in pending[kind]]
    yield "pending changes", _count(names)
    yield "edited by hand", _count(status["drift"])
    yield "due init tasks", _count(status["due"])
    yield "public hosts", _hosts(status["hosts"])
    yield "certificates", _certificates(status["certificates"])
    yield "last deployment", _last_deployment(status, now)
    smoke = status["smoke"]
    if smoke:
        yield "smoke test", f"{'passed' if smoke['passed'] else 'failed'} {age(smoke['finished'], now)} ago ({smoke['finished']})"
    yield "verdict", status["verdict"]
    for problem in status["problems"]:
        yield "", f"{problem['level']}: {problem['message']}"


def _count(items: Sequence[str] | None) -> str:
    """The sentences of the verdict have the names."""
    return "not known" if items is None else str(len(items) or "none")


def _hosts(hosts: Sequence[Mapping[str, Any]] | None) -> str:
    if not hosts:
        return "not known" if hosts is None else "not asked"
    return f"{sum(not host['problem'] for host in hosts)} of {len(hosts)} answer"


def _certificates(certificates: Sequence[Mapping[str, Any]] | None) -> str:
    if not certificates:
        return "not known" if certificates is None else "none"
    in_order = sorted(certificates, key=lambda one: (one["days"] is not None, one["days"]))
    return ", ".join(f"{one['host']} {'none' if one['days'] is None else _number(one['days'], 'day') + ' left'}" for one in in_order)


def _last_deployment(status: Mapping[str, Any], now: datetime) -> str:
    run, succeeded = status["last_run"], status["last_deployment"]
    if not run:
        return "none is recorded"
    text = f"{run['result']} {age(run['finished'], now)} ago ({run['finished']})"
    if run["result"] == "succeeded":
        return text
    return text + (f"; the last one that succeeded, {age(succeeded, now)} ago" if succeeded else "; none succeeded yet")
