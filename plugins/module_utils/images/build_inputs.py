# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into an image: where it equals what the existing image's labels say, building again would change nothing."""

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


def digest_of(command: Sequence[str], dockerfile: str, text: str, folders: Sequence[str]) -> str:
    """SHA-256 over the build command, the text of the Dockerfile at a path, and the files of every build context's folder.

    What the Dockerfile fetches from elsewhere is not seen. Raises LecternError when a file can't be read.
    """
    found = hashlib.sha256()
    for part in [*command, text]:
        found.update(b"%d " % len(part) + part.encode("utf-8", "surrogateescape"))
    for folder in folders:  # the first one is the build folder, whose list of what to leave out may be the Dockerfile's own
        ignoring = [dockerfile + ".dockerignore"] if folder == folders[0] else []
        _add_folder(found, folder, [*ignoring, os.path.join(folder, ".dockerignore")])
    return found.hexdigest()


def bases_of(client: Any, names: Iterable[str], ask: Callable[[str], Optional[str]]) -> Bases:
    """By name of an image that another is made from, what it is now: id and digests of the local one, which is what a builder takes,
    else the digest for which ``ask`` asks its registry, else nothing.
    """
    found = {}
    for name in sorted(names):
        image = inspect_image(client, name)
        found[name] = [image["Id"], *local_digests(image, name)] if image else [digest for digest in [ask(name)] if digest]
    return found


def changed_bases(label: str, now: Bases) -> List[str]:
    """The names whose image is another one than when the label was made; not those of which nothing was or is known.

    An image that was fetched, pushed or removed meanwhile is the same one as long as its id or a digest is.
    """
    try:
        then: Bases = dict(json.loads(label))
    except (ValueError, TypeError):  # somebody else's label
        return []
    return [name for name, known in now.items() if known and then.get(name) and not set(known) & set(then[name])]


def label_of(bases: Bases) -> str:
    """What an image's label tells of its bases."""
    return json.dumps(bases, sort_keys=True, separators=(",", ":"))


def _add_folder(found: Any, folder: str, ignoring: Sequence[str]) -> None:
    """Names, modes and contents, without what the first of the files ``ignoring`` leaves out; owners and times do not reach an image."""
    found.update(b"\0\0folder\0")
    for name in sorted(_included(folder, ignoring)):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        found.update(b"\0%s\0%o\0" % (os.fsencode(name), status.st_mode))
        if stat.S_ISLNK(status.st_mode):
            found.update(os.fsencode(os.readlink(path)))
        elif stat.S_ISREG(status.st_mode):
            found.update(file_digest(path))


def _included(folder: str, ignoring: Sequence[str]) -> Set[str]:
    from docker.utils.build import exclude_paths

    if not os.path.isdir(folder):
        raise LecternError("'%s' is not a folder on this host: an image is to be built from it (MOUNTS or the environment)." % folder)
    patterns: List[str] = []
    for path in ignoring:
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as stream:
                lines = [line.strip() for line in stream]
            patterns = [line for line in lines if line and not line.startswith("#")]
            break
    return set(exclude_paths(folder, patterns))
