# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lock_errors
short_description: What is wrong with a lock file
version_added: 1.0.0
author: The Lectern contributors (@lectern)
description:
  - Checks that a text has the structure of a lock file as written by the playbook C(lectern.tutor.lock).
options:
  _input:
    description: The text of the file.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Check a lock file before you commit it
  ansible.builtin.assert:
    that: lookup('ansible.builtin.file', tutor_lock_file) | lectern.tutor.lock_errors | length == 0
"""

RETURN = r"""
_value:
  description: Each error with its place and value. Empty for a valid lock file.
  type: list
  elements: str
  sample: ["version of packages[0] is 22.0 and no text: put it into quotes"]
"""

import re
from typing import Any, Callable, Dict, Iterator, List

from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.serialize import load

TEXT = "no text: put it into quotes"
LIST = "no list"
MAPPING = "no mapping"
TYPES = {TEXT: str, LIST: list, MAPPING: dict}


def lock_errors(text: str) -> List[str]:
    """Return what is wrong with the text of a lock file, each error with its place and value."""
    try:
        lock = load(text, "its text")
    except LecternError as error:
        return [str(error).rstrip(".")]
    return [*_type_error("it", lock, MAPPING)] or [*_errors_in_lock(lock)]


def _errors_in_lock(lock: Dict[str, Any]) -> Iterator[str]:
    for name, expected in (("packages", LIST), ("images", MAPPING)):
        yield from _type_error(name, lock.get(name), expected)
    yield from _type_error("images_without_digest", lock.get("images_without_digest", []), LIST)
    packages, images = lock.get("packages"), lock.get("images")
    for number, package in enumerate(packages if isinstance(packages, list) else ()):
        yield from _errors_in_package("packages[%d]" % number, package)
    for name, digest in (images if isinstance(images, dict) else {}).items():
        yield from _type_error("image %s" % name, digest, TEXT)


def _errors_in_package(place: str, package: Any) -> Iterator[str]:
    if not isinstance(package, dict):
        yield from _type_error(place, package, MAPPING)
        return
    for name, expected in (("name", TEXT), ("version", TEXT), ("hashes", LIST)):
        yield from _type_error("%s of %s" % (name, place), package.get(name), expected)
    yield from _type_error("url of %s" % place, package.get("url", ""), TEXT)
    hashes = package.get("hashes")
    for each in hashes if isinstance(hashes, list) else ():
        if not re.fullmatch(r"\w+:[0-9a-f]+", str(each)):
            yield "hashes of %s has %s, which is none such as sha256:0123456789abcdef" % (place, each)


def _type_error(place: str, value: Any, expected: str) -> Iterator[str]:
    """Yield a sentence where a value has another type than ``expected``, a key of TYPES."""
    if value is None:
        yield "%s is empty or missing" % place
    elif not isinstance(value, TYPES[expected]):
        yield "%s is %s and %s" % (place, value, expected)


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"lock_errors": lock_errors}
