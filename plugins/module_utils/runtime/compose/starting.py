# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does what upstream does before it starts containers (commands/compose.py, dev.py and jobs.py): stops the development platform of the
same root, which works on the same data, and calls the plugins that listen."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any, Dict, List, Optional, Sequence

from ...base.docker_engine import engine_errors
from ...base.isolation import calling, contained
from ...base.places import Places
from ...plugins.contributions import Callbacks
from ...root import compose_files
from ...root.platform import Platform
from .project import ONEOFF, PROJECT, service_of

CONFIG_FILES = PROJECT + ".config_files"


def prepare(platform: Platform, client: Any) -> List[str]:
    """Stop the development platform and announce the start; return sentences on what was stopped.

    Raises LecternError where the engine can't stop it, and with the name of a plugin whose callback fails.
    """
    stopped = stop_development(platform.places, client)
    announce_start(platform)
    return stopped


def stop_development(places: Places, client: Any, check: bool = False) -> List[str]:
    """Stop the running services of ``tutor dev`` on this root, if there are any; with ``check``, say only that it would."""
    projects = development(places, client)
    containers = [container for found in projects.values() for container in found]
    if containers and not check:
        with ThreadPoolExecutor(len(containers)) as pool:
            list(pool.map(_stop, containers))
    sentence = "%s project '%s' of 'tutor dev', which works on the data of the same root: %s"
    verb = "Would stop" if check else "Stopped"
    return [sentence % (verb, project, ", ".join(sorted(map(service_of, found)))) for project, found in sorted(projects.items())]


def announce_start(platform: Platform) -> None:
    """Call the plugins' COMPOSE_PROJECT_STARTED, as ``tutor local start`` does."""
    config, name = platform.config, compose_files.project_name(platform)
    _call("COMPOSE_PROJECT_STARTED", platform.contributions.compose_project_started, platform.places.root, deepcopy(config), name)


def announce_init(platform: Platform, limits: Sequence[Optional[str]]) -> None:
    """Call the plugins' DO_JOB, as a ``tutor local do init --limit LIMIT`` for each of the limits does; None stands for none."""
    for limit in limits:
        announce_job(platform, "init", {"limit": limit})


def announce_job(platform: Platform, name: str, options: Dict[str, Any]) -> None:
    """Call the plugins' DO_JOB, as ``tutor local do NAME`` does."""
    _call("DO_JOB", platform.contributions.do_job, name, **options)


def _call(action: str, callbacks: Callbacks, /, *args: Any, **options: Any) -> None:
    with contained():
        for owner, callback in callbacks:
            with calling("%s of plugin '%s' failed" % (action, owner)):
                callback(*args, **options)


def development(places: Places, client: Any) -> Dict[str, List[Any]]:
    """Return the running containers of services by project, of the projects whose compose files lie in ``env/dev`` of this root."""
    found: Dict[str, List[Any]] = {}
    labels = [CONFIG_FILES, "%s=False" % ONEOFF]
    with engine_errors("list the running containers"):
        running = client.containers.list(filters={"label": labels}, ignore_removed=True)
    for container in running:
        if _is_development(places, container.labels):
            found.setdefault(container.labels[PROJECT], []).append(container)
    return found


def _is_development(places: Places, labels: Dict[str, str]) -> bool:
    folder = os.path.realpath(os.path.join(places.env, "dev")) + os.sep
    base = labels.get(PROJECT + ".working_dir", "")
    paths = [os.path.join(base, name) for name in labels[CONFIG_FILES].split(",")]
    return any(os.path.realpath(path).startswith(folder) for path in paths)


def _stop(container: Any) -> None:
    import docker

    with engine_errors("stop container '%s'" % container.name):
        try:
            container.stop()
        except docker.errors.NotFound:
            return
