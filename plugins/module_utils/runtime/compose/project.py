# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform's compose project: exactly Tutor's list of files, in Tutor's order, under Tutor's project name."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Container, Dict, List, Optional, Sequence, Tuple

from ...base import docker_engine, logs
from ...base.errors import LecternError
from ...base.masking import mask_text
from ...root.compose_files import files, project_name
from ...root.platform import Platform

LABELS = "com.docker.compose."  # how the names of the labels begin that Compose gives to containers

PROJECT, SERVICE, ONEOFF = LABELS + "project", LABELS + "service", LABELS + "oneoff"


def command(platform: Platform, jobs: bool = False) -> List[str]:
    """Return ``["docker", "compose", "-f", FILE, …, "--project-name", NAME]``.

    Raises LecternError when the environment was not rendered yet.
    """
    found = files(platform, jobs)
    base = os.path.join(platform.places.env, "local", platform.release.compose[0])
    if base not in found:
        raise LecternError("There is no '%s': render the environment first (module lectern.tutor.environment)." % base)
    named = [argument for path in found for argument in ("-f", path)]
    return ["docker", "compose"] + named + ["--project-name", project_name(platform)]


def run(
    platform: Platform,
    arguments: List[str],
    jobs: bool = False,
    env: Optional[Dict[str, str]] = None,
    timeout: Optional[float] = None,
) -> subprocess.CompletedProcess[str]:
    """Run one compose command on the project.

    Raises LecternError where Compose is missing, subprocess.TimeoutExpired after ``timeout`` seconds.
    """
    answer = docker_engine.run(command(platform, jobs)[1:] + arguments, env, timeout)
    if answer.returncode != 0:
        docker_engine.require_compose()
    return answer


def checked(platform: Platform, arguments: List[str], jobs: bool = False) -> str:
    """Return what a compose command prints. Raises LecternError with its last words when it fails."""
    answer = run(platform, arguments, jobs)
    if answer.returncode != 0:
        raise LecternError(
            "'docker compose %s' failed for project '%s': %s"
            % (" ".join(arguments), project_name(platform), mask_text(logs.last_lines(answer.stderr, 10), platform.secrets))
        )
    return answer.stdout


def read_model(platform: Platform, jobs: bool = False) -> str:
    """Return the project as Compose itself understands its files: JSON."""
    return checked(platform, ["config", "--format", "json"], jobs)


def read_both_models(platform: Platform) -> Tuple[str, str]:
    """Return the project with its jobs and without, side by side: Compose takes a while for each."""
    with ThreadPoolExecutor(2) as pool:
        with_jobs, without_jobs = pool.map(lambda jobs: read_model(platform, jobs), (True, False))
    return with_jobs, without_jobs


def services_in(model: str) -> Dict[str, Dict[str, Any]]:
    """Return the definitions of a model's services by name."""
    return json.loads(model).get("services") or {}


def services(platform: Platform, jobs: bool = False) -> Dict[str, Dict[str, Any]]:
    """Return the definitions of the project's services by name, as Compose itself understands its files."""
    return services_in(read_model(platform, jobs))


def without_service(platform: Platform, containers: Sequence[Any], definitions: Container[str], options: Sequence[str] = ()) -> List[Any]:
    """Return the containers whose service no file of the project names any more, such as those of disabled plugins.

    ``definitions`` are the services that Compose brings up, ``options`` those of Compose itself. Services of profiles that are off are
    not among the former: they run only if somebody started them, and Compose leaves them alone.
    """
    strangers = [container for container in containers if service_of(container) not in definitions]
    if not strangers:
        return []
    names = checked(platform, [*options, "--profile", "*", "config", "--services"]).split()
    return [container for container in strangers if service_of(container) not in names]


def missing_images(platform: Platform, client: Any, definitions: Dict[str, Dict[str, Any]]) -> List[str]:
    """Return the tags that these services name and the engine has no image of."""
    tags = sorted({image_of(platform, name, definition) for name, definition in definitions.items()})
    return [tag for tag in tags if docker_engine.inspect_image(client, tag) is None]


def replicas_of(definition: Dict[str, Any]) -> int:
    """Return how many containers a service is to have."""
    return int((definition.get("deploy") or {}).get("replicas", definition.get("scale", 1)))


def image_of(platform: Platform, service: str, definition: Dict[str, Any]) -> str:
    """Return the image that a service runs; Compose names one after project and service where the definition only builds it."""
    return str(definition.get("image") or "%s-%s" % (project_name(platform), service))


def containers(platform: Platform, client: Any, service: str = "") -> List[Any]:
    """Return the containers of the project's services, or of one (docker.models.containers.Container): stopped ones too, no jobs."""
    labels = ["%s=%s" % (PROJECT, project_name(platform)), "%s=False" % ONEOFF]
    labels += ["%s=%s" % (SERVICE, service)] if service else []
    with docker_engine.engine_errors("list the containers of project '%s'" % project_name(platform)):
        found = client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)
    return sorted(found, key=lambda container: (service_of(container), container.name))


def service_of(container: Any) -> str:
    """Return the name of the service that a container belongs to."""
    return container.labels[SERVICE]
