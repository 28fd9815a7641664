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

with contextlib.suppress(ImportError):  # it comes with ansible-core, but not where the tests of imports look
    from packaging.requirements import InvalidRequirement, Requirement

Entries = List[Dict[str, Any]]
SEEDS = ("setuptools", "wheel")  # what a new virtual environment may hold by itself


def lock_differences(
    lock: Dict[str, Any],
    requirements: Optional[List[str]] = None,
    pins: Optional[Dict[str, str]] = None,
    installed: Optional[Entries] = None,
    images: Optional[Entries] = None,
) -> List[str]:
    """A sentence for each package and image that differs from the lock; none where nothing is locked."""
    if not lock:
        return []
    locked = {package["name"]: package for package in lock["packages"]}
    found = [sentence for each in requirements or () for sentence in _asked(each, locked)]
    found += [
        "image %s is pinned to %s, locked is %s" % (name, digest, lock["images"].get(name)) for name, digest in _others(lock, pins or {})
    ]
    found += _installed(locked, {package["name"]: package for package in installed}) if installed is not None else []
    return found + [sentence for image in images or () for sentence in _image(lock, image)]


def _asked(text: str, locked: Dict[str, Any]) -> Iterator[str]:
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        yield "package %s can't be compared, write it as NAME @ ADDRESS" % text
        return
    package = locked.get(re.sub(r"[-_.]+", "-", wanted.name).lower())
    if wanted.marker and not wanted.marker.evaluate():
        return
    if package is None:
        yield "package %s is asked for and not locked" % text
    elif (wanted.url and _plain(wanted.url) != package.get("url")) or not wanted.specifier.contains(package["version"], prereleases=True):
        yield "package %s is asked for, locked is %s" % (text, package.get("url") or package["version"])


def _plain(url: str) -> str:
    """An address without a login."""
    return re.sub(r"(?<=://)[^/@]*@", "", url)


def _others(lock: Dict[str, Any], pins: Dict[str, str]) -> Any:
    return [(name, digest) for name, digest in pins.items() if lock["images"].get(name) != digest]


def _installed(locked: Dict[str, Any], there: Dict[str, Any]) -> List[str]:
    found = ["package %s is not installed, locked is %s" % (name, locked[name]["version"]) for name in sorted({*locked} - {*there})]
    for name in sorted({*locked} & {*there}):
        if locked[name]["version"] != there[name]["version"]:
            found.append("package %s is %s, locked is %s" % (name, there[name]["version"], locked[name]["version"]))
        elif _is_other_archive(locked[name], there[name]):
            found.append("package %s %s is of another archive than the locked one" % (name, locked[name]["version"]))
    return found + ["package %s %s is installed and not locked" % (name, there[name]["version"]) for name in _extra(locked, there)]


def _is_other_archive(locked: Dict[str, Any], there: Dict[str, Any]) -> bool:
    """Of a package of an index pip does not remember the hash."""
    if (locked.get("url") or "") != (there.get("url") or ""):
        return True
    return bool(there["hashes"]) and not {*there["hashes"]} & {*locked["hashes"]}


def _extra(locked: Dict[str, Any], there: Dict[str, Any]) -> List[str]:
    return sorted({*there} - {*locked} - {*SEEDS})


def _image(lock: Dict[str, Any], image: Dict[str, Any]) -> Iterator[str]:
    """An image on the host that Tutor pulls has to be the locked one."""
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
