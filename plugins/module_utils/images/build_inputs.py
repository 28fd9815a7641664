# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests what goes into an image. While it equals the labels of the existing image, building again would change nothing."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set

from ..base.content import file_digest
from ..base.docker_engine import inspect_image
from ..base.errors import LecternError
from .registry import local_digests

LABEL = "lectern.tutor.inputs"

BASES_LABEL = "lectern.tutor.bases"

Bases = Dict[str, List[str]]


def digest_inputs(command: Sequence[str], dockerfile: str, text: str, folders: Sequence[str]) -> str:
    """Return the SHA-256 digest of the build command, the text of the Dockerfile at this path, and the files of all build contexts.

    What the Dockerfile downloads is not part of it. Raises LecternError when a build context is no folder.
    """
    sha = hashlib.sha256()
    for part in [*command, text]:
        sha.update(b"%d " % len(part) + part.encode("utf-8", "surrogateescape"))
    for folder in folders:  # the first one is the build folder; its .dockerignore may belong to the Dockerfile
        ignoring = [dockerfile + ".dockerignore"] if folder == folders[0] else []
        _add_folder(sha, folder, [*ignoring, os.path.join(folder, ".dockerignore")])
    return sha.hexdigest()


def describe_bases(client: Any, names: Iterable[str], ask_registry: Callable[[str], Optional[str]]) -> Bases:
    """Return by name what each base image is now: id and digests of the local one, which a builder takes first, else the digest that
    ``ask_registry(name)`` returns, else nothing.
    """
    bases = {}
    for name in sorted(names):
        image = inspect_image(client, name)
        if image:
            bases[name] = [image["Id"], *local_digests(image, name)]
        else:
            digest = ask_registry(name)
            bases[name] = [digest] if digest else []
    return bases


def changed_bases(label: str, now: Bases) -> List[str]:
    """Return the names of bases that changed since the label was made, as far as both states are known.

    A base that was pulled, pushed or removed meanwhile is the same as long as its id or one of its digests is.
    """
    try:
        then: Bases = dict(json.loads(label))
    except (ValueError, TypeError):  # somebody else's label
        return []
    return [name for name, known in now.items() if known and then.get(name) and not set(known) & set(then[name])]


def format_bases(bases: Bases) -> str:
    """Return the value of an image's label BASES_LABEL."""
    return json.dumps(bases, sort_keys=True, separators=(",", ":"))


def _add_folder(sha: hashlib._Hash, folder: str, ignoring: Sequence[str]) -> None:
    """Add names, modes and contents, without what the first existing file of ``ignoring`` excludes; no owners and times."""
    sha.update(b"\0\0folder\0")
    for name in sorted(_included_names(folder, ignoring)):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        sha.update(b"\0%s\0%o\0" % (os.fsencode(name), status.st_mode))
        if stat.S_ISLNK(status.st_mode):
            sha.update(os.fsencode(os.readlink(path)))
        elif stat.S_ISREG(status.st_mode):
            sha.update(file_digest(path))


def _included_names(folder: str, ignoring: Sequence[str]) -> Set[str]:
    from docker.utils.build import exclude_paths

    if not os.path.isdir(folder):
        raise LecternError("'%s' is not a folder on this host, but an image is built from it (MOUNTS or the environment)." % folder)
    patterns: List[str] = []
    for path in ignoring:
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as stream:
                lines = [line.strip() for line in stream]
            patterns = [line for line in lines if line and not line.startswith("#")]
            break
    return set(exclude_paths(folder, patterns))
