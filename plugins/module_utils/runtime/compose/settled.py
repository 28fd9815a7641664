# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells whether the platform still runs as it was brought up last. Where it does, there is no need to ask Compose what it would do."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Sequence

from ...base import content, files
from ...base.docker_engine import engine_errors
from ...base.places import Places
from ...root import compose_files
from ...root.platform import Platform
from . import health, mounts
from . import project as compose_project
from .containers import is_current

HASH = compose_project.LABELS + "config-hash"


def path(places: Places) -> str:
    """Return the path of the file that says how the platform was brought up."""
    return files.own_path(places, "project.json")


def unsettled(platform: Platform, client: Any, model: str, containers: Sequence[Any]) -> List[str]:
    """Return sentences on what is not as it was brought up; none where there is nothing to do. Write nothing.

    ``model`` is Compose's understanding of all files of the project, those of jobs included; ``containers`` are those of its services.
    """
    if files.read_json(path(platform.places), {}) != _record(model, containers):
        return ["Project '%s' or its containers are not those that were brought up last" % compose_files.project_name(platform)]
    with engine_errors("look at the containers of project '%s'" % compose_files.project_name(platform)):
        reasons = [(container, _reason(client, container)) for container in containers]
    reasons += [(one.container, one.reason and "has to be restarted: " + one.reason) for one in mounts.watch(platform.places, containers)]
    return ["Service '%s' %s" % (compose_project.service_of(container), reason) for container, reason in reasons if reason]


def remember(platform: Platform, client: Any) -> None:
    """Record how the platform is, if it is as its compose files say."""
    containers = compose_project.containers(platform, client)
    now = _record(compose_project.read_model(platform, jobs=True), containers)
    if now != files.read_json(path(platform.places), {}) and _is_as_defined(platform, containers):
        files.make_own_folder(platform.places)
        files.write_json(path(platform.places), now)


def _record(model: str, containers: Sequence[Any]) -> Dict[str, Any]:
    return {
        "project": content.digest(model),
        "containers": sorted(container.id for container in containers),
        "shared": digest_of_shared(model),
    }


def digest_of_shared(model: str) -> str:
    """Return the digest of what a project's services share: networks, volumes and their like."""
    shared = {section: value for section, value in json.loads(model).items() if section != "services"}
    return content.digest(json.dumps(shared, sort_keys=True))


def _is_as_defined(platform: Platform, containers: List[Any]) -> bool:
    defined = {tuple(line.split()) for line in compose_project.checked(platform, ["config", "--hash", "*"]).splitlines()}
    return defined == {(compose_project.service_of(container), container.labels.get(HASH)) for container in containers}


def _reason(client: Any, container: Any) -> Optional[str]:
    if not is_current(client, container):
        return "does not run image '%s' as it is now" % container.attrs["Config"]["Image"]
    return health.state_problem(container.attrs)
