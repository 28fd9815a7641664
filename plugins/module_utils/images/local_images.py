# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images and containers of a platform as they are on this host. No registry is asked."""

from __future__ import annotations

from typing import Any, Dict, List

from ..base.docker_engine import inspect_image
from ..root.platform import Platform
from . import image_list, registry


def describe_images(platform: Platform, client: Any) -> List[Dict[str, Any]]:
    """Every image that core and plugins pull or build, one entry for each name and tag."""
    pulled = image_list.to_pull(platform)
    names = {image.name for image in pulled}
    listed = {(image.name, image.tag): image for image in [*image_list.to_build(platform), *pulled]}
    return [_described(client, image, image.name in names) for image in listed.values()]


def _described(client: Any, image: image_list.Image, pullable: bool) -> Dict[str, Any]:
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
