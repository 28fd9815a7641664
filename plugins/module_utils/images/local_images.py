# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes the images of a platform as they are on this host. No registry is queried."""

from __future__ import annotations

from typing import Any, Dict, List

from ..base.docker_engine import inspect_image
from ..root.platform import Platform
from . import image_list, registry
from .image import Image


def describe_images(platform: Platform, client: Any) -> List[Dict[str, Any]]:
    """Return one entry, as in the results of ``image_info``, for each name and tag that core and plugins pull or build."""
    pulled = image_list.to_pull(platform)
    pulled_names = {image.name for image in pulled}
    images = {(image.name, image.tag): image for image in [*image_list.to_build(platform), *pulled]}
    return [describe_image(client, image, image.name in pulled_names) for image in images.values()]


def describe_image(client: Any, image: Image, pullable: bool) -> Dict[str, Any]:
    """Return what is known of an image on this host; ``id`` is None where it is missing."""
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
