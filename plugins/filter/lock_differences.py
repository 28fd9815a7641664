# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lock_differences
short_description: How a site differs from its lock file
version_added: 1.0.0
author: The Lectern contributors (@lectern)
description:
  - Compares the content of a lock file, as written by the playbook C(lectern.tutor.lock), with the requirements of an inventory and the
    state of a host. Options that are not given are not compared.
options:
  _input:
    description: The content of the lock file.
    type: dict
    required: true
  requirements:
    description: Pip requirements (C(tutor_packages)) that the locked versions must meet.
    type: list
    elements: str
  pins:
    description: Digests by image name (C(tutor_image_pins)) that the locked digests must equal.
    type: dict
  installed:
    description: The installed packages, as M(lectern.tutor.package_info) returns them.
    type: list
    elements: dict
  images:
    description: The images of a host, as M(lectern.tutor.image_info) returns them.
    type: list
    elements: dict
"""

EXAMPLES = r"""
- name: Stop if another version is installed than the locked one
  ansible.builtin.assert:
    that: lock | lectern.tutor.lock_differences(installed=found.packages) | length == 0
  vars:
    lock: "{{ lookup('ansible.builtin.file', tutor_lock_file) | from_yaml }}"
"""

RETURN = r"""
_value:
  description: One sentence for each package and image that differs.
  type: list
  elements: str
  sample: ["package tutor is 22.0.2, locked is 22.0.3"]
"""

import contextlib
import re
from typing import Any, Callable, Dict, Iterator, List, Optional

with contextlib.suppress(ImportError):  # part of ansible-core, but missing where ansible-test checks imports
    from packaging.requirements import InvalidRequirement, Requirement

Entries = List[Dict[str, Any]]
COME_WITH_PYTHON = ("setuptools", "wheel")  # what a new virtual environment may contain


def lock_differences(
    lock: Dict[str, Any],
    requirements: Optional[List[str]] = None,
    pins: Optional[Dict[str, str]] = None,
    installed: Optional[Entries] = None,
    images: Optional[Entries] = None,
) -> List[str]:
    """Return a sentence for each package and image that differs from the lock; none where nothing is locked."""
    if not lock:
        return []
    locked = {package["name"]: package for package in lock["packages"]}
    sentences = [sentence for text in requirements or () for sentence in _requirement_differences(text, locked)]
    for name, digest in (pins or {}).items():
        if lock["images"].get(name) != digest:
            sentences.append("image %s is pinned to %s, locked is %s" % (name, digest, lock["images"].get(name)))
    if installed is not None:
        sentences += _package_differences(locked, {package["name"]: package for package in installed})
    return sentences + [sentence for image in images or () for sentence in _image_differences(lock, image)]


def _requirement_differences(text: str, locked: Dict[str, Any]) -> Iterator[str]:
    """Yield a sentence where the locked package is not what a requirement of pip asks for."""
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        yield "package %s can't be compared, write it as NAME @ ADDRESS" % text
        return
    package = locked.get(re.sub(r"[-_.]+", "-", wanted.name).lower())
    if wanted.marker and not wanted.marker.evaluate():
        return
    if package is None:
        yield "package %s is required and not locked" % text
        return
    is_other_url = wanted.url and _without_login(wanted.url) != package.get("url")
    if is_other_url or not wanted.specifier.contains(package["version"], prereleases=True):
        yield "package %s is required, locked is %s" % (text, package.get("url") or package["version"])


def _without_login(url: str) -> str:
    """Return an address without its login."""
    return re.sub(r"(?<=://)[^/@]*@", "", url)


def _package_differences(locked: Dict[str, Any], installed: Dict[str, Any]) -> List[str]:
    """Return a sentence for each package, by name, that is missing, another one, or not locked."""
    sentences = ["package %s is not installed, locked is %s" % (name, locked[name]["version"]) for name in sorted({*locked} - {*installed})]
    for name in sorted({*locked} & {*installed}):
        present, wanted = installed[name]["version"], locked[name]["version"]
        if present != wanted:
            sentences.append("package %s is %s, locked is %s" % (name, present, wanted))
        elif _is_of_another_archive(locked[name], installed[name]):
            sentences.append("package %s %s is of another archive than the locked one" % (name, present))
    for name in sorted({*installed} - {*locked} - {*COME_WITH_PYTHON}):
        sentences.append("package %s %s is installed and not locked" % (name, installed[name]["version"]))
    return sentences


def _is_of_another_archive(locked: Dict[str, Any], installed: Dict[str, Any]) -> bool:
    """Return whether a package comes from another archive, as far as pip recorded it: it keeps no hash of packages from an index."""
    if (locked.get("url") or "") != (installed.get("url") or ""):
        return True
    return bool(installed["hashes"]) and not {*installed["hashes"]} & {*locked["hashes"]}


def _image_differences(lock: Dict[str, Any], image: Dict[str, Any]) -> Iterator[str]:
    """Yield a sentence where an image on the host that Tutor pulls is not the locked one."""
    wanted = lock["images"].get(image["name"])
    if not (image["id"] and image["pullable"]) or image["tag"] in lock.get("images_without_digest", ()):
        return
    if wanted is None:
        yield "image %s (%s) is on the host and not locked" % (image["name"], image["tag"])
    elif wanted not in image["digests"]:
        yield "image %s (%s) is %s, locked is %s" % (image["name"], image["tag"], ", ".join(image["digests"]) or image["id"], wanted)


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"lock_differences": lock_differences}
