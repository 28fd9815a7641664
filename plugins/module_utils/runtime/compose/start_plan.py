# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells what starting the platform would do: what is missing or stopped, and which services Compose would make anew."""

from __future__ import annotations

import os
from typing import Any, Dict, List, NamedTuple, Sequence

from ...base import files
from ...base.places import Places
from ...root.platform import Platform
from . import health, project, settled
from .containers import is_current


class StartPlan(NamedTuple):
    """``reasons`` are sentences on why the project has to be brought up; ``replace`` are the services whose own definition or image
    changed since their containers were created."""

    reasons: List[str]
    replace: List[str]


def plan_start(
    platform: Platform, client: Any, containers: Sequence[Any], original: Places, images_to_come: Sequence[str] = ()
) -> StartPlan:
    """Compare the project's services with its containers. Write nothing.

    ``original`` has the root that these containers belong to: in check mode the platform may be that of a copy. ``images_to_come`` are
    tags that would be other images by the time the project is brought up, in check mode.

    Compose itself would recreate more: all that depends on a service that changed, up to the whole platform.
    """
    location = ["--project-directory", _folder(platform, original)]
    model = project.checked(platform, [*location, "config", "--format", "json"])
    hashes = dict(line.split() for line in project.checked(platform, [*location, "config", "--hash", "*"]).splitlines())
    definitions = project.services_in(model)
    reasons = [reason for name, definition in sorted(definitions.items()) for reason in _reasons_to_start(name, definition, containers)]
    orphans = project.without_service(platform, containers, definitions, location)
    reasons += ["Container '%s' belongs to no service any more" % container.name for container in orphans]
    if _shares_other(original, model):
        reasons.append("The networks or volumes of the project changed")
    replace = {
        project.service_of(container)
        for container in containers
        if project.service_of(container) in definitions and _is_outdated(client, container, hashes, images_to_come)
    }
    return StartPlan(reasons, sorted(replace))


def _reasons_to_start(name: str, definition: Dict[str, Any], containers: Sequence[Any]) -> List[str]:
    own = [container for container in containers if project.service_of(container) == name]
    wanted = project.replicas_of(definition)
    if len(own) != wanted:
        return ["Service '%s' has %d of %d containers" % (name, len(own), wanted)]
    problems = [health.state_problem(container.attrs) for container in own if container.attrs["State"]["Status"] != "running"]
    return ["Service '%s' %s" % (name, problem) for problem in problems if problem]


def _is_outdated(client: Any, container: Any, hashes: Dict[str, str], images_to_come: Sequence[str]) -> bool:
    if container.labels.get(settled.HASH) != hashes.get(project.service_of(container)):
        return True
    return container.attrs["Config"]["Image"] in images_to_come or not is_current(client, container)


def _folder(platform: Platform, original: Places) -> str:
    """Return the folder that relative paths in the compose files count from: of a copy, the folder of the original if there is one."""
    folders = [os.path.join(places.env, "local") for places in (original, platform.places)]
    return next((each for each in folders if os.path.exists(os.path.join(each, platform.release.compose[0]))), folders[-1])


def _shares_other(original: Places, model: str) -> bool:
    """Whether networks, volumes and their like are not those that the project was brought up with."""
    known = files.read_json(settled.path(original), {})
    return isinstance(known, dict) and "shared" in known and known["shared"] != settled.digest_of_shared(model)
