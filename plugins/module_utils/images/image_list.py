# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of a platform: what is built, pulled and pushed, in upstream's order (commands/images.py)."""

from __future__ import annotations

import os
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..base.errors import LecternError
from ..base.isolation import calling, contained
from ..plugins.contributions import CORE, ImageItem
from ..render import bind_mounts
from ..root.platform import Platform
from .registry import DIGEST


class Image(NamedTuple):
    """An image; ``path`` is the absolute build folder (None for pulls and pushes), ``args`` are arguments of docker build."""

    name: str
    tag: str
    owner: str
    path: Optional[str]
    args: Tuple[str, ...]


def to_build(platform: Platform) -> List[Image]:
    """Every image that core and plugins build."""
    return _listed(platform, "build")


def to_pull(platform: Platform) -> List[Image]:
    """Every image that comes from a registry, without the services that don't run here."""
    return _listed(platform, "pull")


def to_push(platform: Platform) -> List[Image]:
    """Every image that is pushed to a registry."""
    return _listed(platform, "push")


def _listed(platform: Platform, kind: str) -> List[Image]:
    with contained():
        items = platform.contributions.images(kind, platform.config)
    return [_image(platform, item, kind) for item in items]


def _image(platform: Platform, item: ImageItem, kind: str) -> Image:
    where = "image '%s' of %s" % (item.name, item.owner)
    path = os.path.normpath(os.path.join(platform.places.env, item.path)) if kind == "build" else None
    if path and not path.startswith(platform.places.env + os.sep):
        raise LecternError("The folder of %s, '%s', is outside of the environment: refused." % (where, item.path))
    # Only where Tutor's own code is not asked, core's arguments are templates.
    args = tuple(platform.renderer.text(arg, where) for arg in item.args) if item.owner == CORE else item.args
    return Image(item.name, platform.renderer.text(item.tag, where), item.owner, path, args)


def select(images: List[Image], names: List[str]) -> List[Image]:
    """The images of these names; ``all`` means every one.

    Raises LecternError for an unknown name.
    """
    known = sorted({image.name for image in images})
    for name in names:
        if name not in known and name != "all":
            raise LecternError("Image '%s' could not be found. Known are: all, %s." % (name, ", ".join(known)))
    return [image for image in images if "all" in names or image.name in names]


def pinned(images: List[Image], pins: Dict[str, Any]) -> Dict[str, str]:
    """By tag, the digest that each image is to have, from digests by name.

    Raises LecternError for a name that none of the images has, for what is no digest, and for a tag with two of them.
    """
    names = sorted({image.name for image in images})
    for name, digest in pins.items():
        if name not in names:
            raise LecternError("pins: Tutor pulls no image '%s'. Known are: %s." % (name, ", ".join(names)))
        if not DIGEST.fullmatch(str(digest)):
            raise LecternError("pins: '%s' of image '%s' is no digest, which looks like sha256: and 64 digits 0-9a-f." % (digest, name))
    found: Dict[str, str] = {}
    for image in images:
        if image.name in pins and found.setdefault(image.tag, pins[image.name]) != pins[image.name]:
            raise LecternError("pins: image '%s' shares the tag '%s' with one that has another digest." % (image.name, image.tag))
    return found


def build_contexts(platform: Platform) -> Dict[str, List[Tuple[str, str]]]:
    """By image name, the (host path, build stage) pairs of the folders in MOUNTS. Those for a service alone are no part of an image."""
    contexts: Dict[str, List[Tuple[str, str]]] = {}
    with contained():
        for path in filter(bind_mounts.is_folder, platform.config.get("MOUNTS") or []):
            for image, stage in platform.contributions.build_mounts(path):
                contexts.setdefault(image, []).append((path, stage))
    return contexts


def build_command(platform: Platform, arguments: List[str]) -> List[str]:
    """The arguments of ``docker`` as plugins change them (upstream's filter DOCKER_BUILD_COMMAND)."""
    with contained(), calling("DOCKER_BUILD_COMMAND of a plugin failed"):
        return platform.contributions.build_command(arguments)
