# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes the services of a platform as a person wants to see them: state, since when, image, restarts, health."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from ...base.docker_engine import engine_errors
from ...root import compose_files
from ...root.platform import Platform
from . import mounts, project
from .containers import describe_container
from .health import HealthReport, problem_of
from .orphans import NEVER

MISSING = "missing"  # the state of a service without a container


def describe_services(
    platform: Platform, client: Any, containers: Sequence[Any], definitions: Dict[str, Any], report: HealthReport
) -> List[Dict[str, Any]]:
    """Return one entry for each container, and one for each service of the ``report`` that has none, by the name of the service.

    ``definitions`` are those of the services without jobs; empty where they are not known.
    """
    reasons = {one.container.id: one.reason for one in mounts.watch(platform.places, containers)}
    strangers = {one.id for one in project.without_service(platform, containers, definitions)} if definitions else set()
    with engine_errors("look at the containers of project '%s'" % compose_files.project_name(platform)):
        entries = [
            dict(_describe(client, each, reasons.get(each.id)), defined=each.id not in strangers if definitions else None)
            for each in containers
        ]
    missing = [finding for finding in report.services if not finding.containers]
    entries += [_describe_missing(platform, finding.name, definitions[finding.name], finding.problem) for finding in missing]
    return sorted(entries, key=lambda entry: (entry["service"], entry["name"] or ""))


def _describe(client: Any, container: Any, restart_reason: Optional[str]) -> Dict[str, Any]:
    entry, attrs = describe_container(client, container), container.attrs
    del entry["image_id"]
    return dict(
        entry,
        since=_since(attrs),
        restarts=int(attrs.get("RestartCount") or 0),
        health=(attrs["State"].get("Health") or {}).get("Status"),
        restart_reason=restart_reason,
        problem=problem_of(attrs),
    )


def _describe_missing(platform: Platform, name: str, definition: Dict[str, Any], problem: Optional[str]) -> Dict[str, Any]:
    image = project.image_of(platform, name, definition)
    nothing = dict.fromkeys(("name", "since", "current", "health", "restart_reason"))
    return dict(nothing, service=name, state=MISSING, image=image, restarts=0, problem=problem, defined=True)


def _since(attrs: Dict[str, Any]) -> str:
    """Return since when a container is in its state, as ``2026-01-31T08:00:00Z``; one that never ran, since it was created."""
    state = attrs["State"]
    moment = str(state.get("FinishedAt" if state["Status"] in ("exited", "dead") else "StartedAt") or NEVER)
    return (str(attrs.get("Created")) if moment.startswith(NEVER) else moment)[:19] + "Z"
