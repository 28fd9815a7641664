# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images and containers of a platform as they are on this host. No registry is asked."""

from __future__ import annotations

from typing import Any, Dict, List

from . import compose, images, registry
from .docker_engine import engine_errors, inspect_image
from .platform import Platform


def describe_images(platform: Platform, client: Any) -> List[Dict[str, Any]]:
    """Every image that core and plugins pull or build, one entry for each name and tag."""
    pulled = images.to_pull(platform)
    names = {image.name for image in pulled}
    listed = {(image.name, image.tag): image for image in [*images.to_build(platform), *pulled]}
    return [_described(client, image, image.name in names) for image in listed.values()]


def _described(client: Any, image: images.Image, pullable: bool) -> Dict[str, Any]:
    local = inspect_image(client, image.tag) or {}
    return {
        "name": image.name,
        "tag": image.tag,
        "owner": image.owner,
        "pullable": pullable,
        "id": local.get("Id"),
        "digests": registry.local_digests(local, image.tag),
        "created": local.get("Created") or None,
    }


def describe_containers(platform: Platform, client: Any) -> List[Dict[str, Any]]:
    """The containers of the project's services, and whether each runs the image that its tag means now."""
    with engine_errors("look at the containers of project '%s'" % compose.project_name(platform)):
        return [_container(client, each) for each in compose.containers(platform, client)]


def _container(client: Any, container: Any) -> Dict[str, Any]:
    return {
        "service": compose.service_of(container),
        "name": container.name,
        "state": container.status,
        "image": container.attrs["Config"]["Image"],
        "image_id": container.attrs["Image"],
        "current": is_current(client, container),
    }


def is_current(client: Any, container: Any) -> bool:
    """Whether a container runs the image that its tag means now."""
    return bool((inspect_image(client, container.attrs["Config"]["Image"]) or {}).get("Id") == container.attrs["Image"])
