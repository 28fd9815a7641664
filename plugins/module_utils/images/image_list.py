# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists the images that a platform builds, pulls and pushes, in upstream's order (commands/images.py)."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Tuple

from ..base.errors import LecternError
from ..base.isolation import calling, contained
from ..plugins.contributions import CORE, ImageItem
from ..render import bind_mounts
from ..root.platform import Platform
from .image import DIGEST, Image


def to_build(platform: Platform) -> List[Image]:
    """Return the images that core and plugins build."""
    return _rendered_images(platform, "build")


def to_pull(platform: Platform) -> List[Image]:
    """Return the images that come from a registry, without those of services that don't run here."""
    return _rendered_images(platform, "pull")


def to_push(platform: Platform) -> List[Image]:
    """Return the images that are pushed to a registry."""
    return _rendered_images(platform, "push")


def _rendered_images(platform: Platform, kind: str) -> List[Image]:
    with contained():
        items = platform.contributions.images(kind, platform.config)
    return [_render_image(platform, item, kind) for item in items]


def _render_image(platform: Platform, item: ImageItem, kind: str) -> Image:
    """Render tag and arguments. Raises LecternError for a build folder outside of the environment."""
    where = "image '%s' of %s" % (item.name, item.owner)
    path = os.path.normpath(os.path.join(platform.places.env, item.path)) if kind == "build" else ""
    if path and not path.startswith(platform.places.env + os.sep):
        raise LecternError("The folder of %s, '%s', is outside of the environment: refused." % (where, item.path))
    # Core's arguments are templates only where they don't come from Tutor's own code.
    args = tuple(platform.render(arg, where) for arg in item.args) if item.owner == CORE else item.args
    return Image(item.name, platform.render(item.tag, where), item.owner, path, args)


def select(images: List[Image], names: List[str]) -> List[Image]:
    """Return the images of these names; ``all`` means every image.

    Raises LecternError for an unknown name.
    """
    known = sorted({image.name for image in images})
    for name in names:
        if name not in known and name != "all":
            raise LecternError("Image '%s' could not be found. Known are: all, %s." % (name, ", ".join(known)))
    return [image for image in images if "all" in names or image.name in names]


def pins_by_tag(images: List[Image], pins: Dict[str, Any]) -> Dict[str, str]:
    """Return the digest that each pinned image must have, by tag. ``pins`` are digests by image name.

    Raises LecternError for the name of no image, for a malformed digest, and for two digests of one tag.
    """
    names = sorted({image.name for image in images})
    for name, digest in pins.items():
        if name not in names:
            raise LecternError("pins: Tutor pulls no image '%s'. Known are: %s." % (name, ", ".join(names)))
        if not DIGEST.fullmatch(str(digest)):
            raise LecternError("pins: '%s' of image '%s' is not a digest: give sha256: and 64 digits 0-9a-f." % (digest, name))
    digests: Dict[str, str] = {}
    for image in images:
        if image.name in pins and digests.setdefault(image.tag, pins[image.name]) != pins[image.name]:
            raise LecternError("pins: image '%s' shares the tag '%s' with one that has another digest." % (image.name, image.tag))
    return digests


def build_contexts(platform: Platform) -> Dict[str, List[Tuple[str, str]]]:
    """Return the (host path, build stage) pairs of the folders in MOUNTS by image name. Folders that only services mount have none."""
    contexts: Dict[str, List[Tuple[str, str]]] = {}
    with contained():
        for path in filter(bind_mounts.is_folder, platform.config.get("MOUNTS") or []):
            for image, stage in platform.contributions.build_mounts(path):
                contexts.setdefault(image, []).append((path, stage))
    return contexts


def build_command(platform: Platform, arguments: List[str]) -> List[str]:
    """Return the arguments of ``docker`` as plugins change them (upstream's filter DOCKER_BUILD_COMMAND)."""
    with contained(), calling("DOCKER_BUILD_COMMAND of a plugin failed"):
        return platform.contributions.build_command(arguments)
