# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the status of a site: what is broken, what needs attention. Status page, table and metrics all show this judgement."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

from .last_run import FAILED

# Broken: users don't get the site, or nobody can tell whether they do. Attention: they get it, but somebody has something to do.
OK, ATTENTION, BROKEN = "ok", "attention", "broken"

SHOWN = 3  # how many of a list a sentence names


class Problem(NamedTuple):
    """A sentence on what is wrong, and how bad it is."""

    level: str
    message: str


def find_problems(status: Dict[str, Any]) -> List[Problem]:
    """Return what is wrong with a site, the worst first. ``status`` is as ``site_status`` describes it."""
    problems = [
        *(Problem(BROKEN if status["services"] is None else ATTENTION, message.rstrip(".")) for message in status["errors"]),
        *_problems_of_services(status["services"] or []),
        *(Problem(BROKEN, "Host '%s' %s" % (host["host"], host["problem"])) for host in status["hosts"] or [] if host["problem"]),
        *_problems_of_certificates(status["certificates"] or []),
        *_problems_of_smoke_test(status["smoke"]),
        *_work_left(status),
    ]
    return sorted(problems, key=lambda problem: problem.level != BROKEN)


def verdict_of(problems: Sequence[Problem]) -> str:
    """Return the level of the worst problem; ``ok`` where there is none."""
    levels = [problem.level for problem in problems]
    return BROKEN if BROKEN in levels else ATTENTION if ATTENTION in levels else OK


def _problems_of_services(services: Sequence[Dict[str, Any]]) -> Iterator[Problem]:
    if services and not any(service["state"] in ("running", "restarting", "paused") for service in services):
        yield Problem(BROKEN, "No service runs: start the platform (lectern.tutor.start)")
        return
    for service in services:
        name = "Service '%s' " % service["service"]
        if service["defined"] is False:
            yield Problem(ATTENTION, "Container '%s' belongs to no service any more" % service["name"])
            continue
        if service["problem"]:
            yield Problem(_level_of_service(service), name + service["problem"])
        if service["current"] is False:
            yield Problem(ATTENTION, name + "does not run image '%s' as it is now" % service["image"])
        if service["restart_reason"]:
            yield Problem(ATTENTION, name + "has to be restarted: " + service["restart_reason"])


def _level_of_service(service: Dict[str, Any]) -> str:
    """A service that only just started keeps nobody from the site for long."""
    return ATTENTION if service["state"] == "running" and service["health"] != "unhealthy" else BROKEN


def _problems_of_certificates(certificates: Sequence[Dict[str, Any]]) -> Iterator[Problem]:
    for certificate in certificates:
        if certificate["problem"]:
            level = BROKEN if certificate["days"] is not None and certificate["days"] < 0 else ATTENTION
            yield Problem(level, "Host '%s' %s" % (certificate["host"], certificate["problem"]))


def _problems_of_smoke_test(smoke: Optional[Dict[str, Any]]) -> Iterator[Problem]:
    """What users could not do. It may be repaired where the platform has changed since."""
    if smoke and not smoke["passed"]:
        failed = ["%s: %s" % (test["name"], test["message"]) for test in smoke["tests"] if not test["passed"]]
        since = "" if smoke["current"] else ", before the platform changed"
        yield Problem(
            BROKEN if smoke["current"] else ATTENTION, "The smoke test failed at %s%s: %s" % (smoke["finished"], since, _some(failed, "; "))
        )


def _work_left(status: Dict[str, Any]) -> Iterator[Problem]:
    """What the next deployment would do, and whether the last one failed."""
    run = status["last_run"]
    if run and run["result"] == FAILED:
        yield Problem(ATTENTION, "The last deployment failed at %s: run it again" % run["finished"])
    if status["drift"]:
        yield Problem(ATTENTION, "%s edited by hand: %s" % (_number(status["drift"], "file was", "files were"), _some(status["drift"])))
    pending = status["pending"] or {}
    changes = [name for kind in ("created", "changed", "removed", "settings") for name in pending.get(kind, [])]
    if changes:
        yield Problem(ATTENTION, "%s not rendered yet: %s" % (_number(changes, "change is", "changes are"), _some(changes)))
    if status["due"]:
        yield Problem(ATTENTION, "%s due: %s" % (_number(status["due"], "init task is", "init tasks are"), _some(status["due"], "; ")))


def _number(items: Sequence[str], one: str, many: str) -> str:
    return "%d %s" % (len(items), one if len(items) == 1 else many)


def _some(items: Sequence[str], separator: str = ", ") -> str:
    more = ["and %d more" % (len(items) - SHOWN)] if len(items) > SHOWN else []
    return separator.join([*items[:SHOWN], *more])
