# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes containers as they are on the host: their state, and whether they run what is defined and pulled now."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List

from ...base.docker_engine import engine_errors, inspect_image
from ...root import compose_files
from ...root.platform import Platform
from . import project


def describe_containers(platform: Platform, client: Any) -> List[Dict[str, Any]]:
    """Return the containers of the project's services, and whether each runs the image that its tag means now."""
    with engine_errors("look at the containers of project '%s'" % compose_files.project_name(platform)):
        return [describe_container(client, each) for each in project.containers(platform, client)]


def describe_container(client: Any, container: Any) -> Dict[str, Any]:
    """Return one container, as in the results of ``image_info``."""
    return {
        "service": project.service_of(container),
        "name": container.name,
        "state": container.status,
        "image": container.attrs["Config"]["Image"],
        "image_id": container.attrs["Image"],
        "current": is_current(client, container),
    }


def is_current(client: Any, container: Any) -> bool:
    """Whether a container runs the image that its tag means now."""
    return bool((inspect_image(client, container.attrs["Config"]["Image"]) or {}).get("Id") == container.attrs["Image"])


def not_running(platform: Platform, client: Any, services: Iterable[str]) -> List[str]:
    """Return which of these services have no running container."""
    running = {project.service_of(each) for each in project.containers(platform, client) if each.status == "running"}
    return sorted(set(services) - running)
