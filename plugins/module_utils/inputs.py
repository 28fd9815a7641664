# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into an image, as one digest: where it equals the one that the existing image carries, building again would change nothing."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import stat
from typing import Any, List, Sequence, Set

from .errors import LecternError

LABEL = "lectern.tutor.inputs"


def digest_of(client: Any, command: Sequence[str], dockerfile: str, folders: Sequence[str], tag: str) -> str:
    """SHA-256 over the build command, the Dockerfile's text, the files of every build context's folder, and the local images that the
    Dockerfile names.

    What the Dockerfile fetches from elsewhere is not seen. Raises LecternError when a file can't be read.
    """
    found = hashlib.sha256()
    for part in list(command) + [dockerfile] + _bases(client, names_in(dockerfile, command), tag):
        found.update(b"%d " % len(part) + part.encode("utf-8", "surrogateescape"))
    for folder in folders:
        _add_folder(found, folder)
    return found.hexdigest()


def dockerfile_text(command: Sequence[str], folder: str) -> str:
    """The Dockerfile that a build command uses: the one that ``--file`` names, else the folder's.

    Raises LecternError when there is none.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--file", "-f", default=os.path.join(folder, "Dockerfile"))
    path = str(parser.parse_known_args(list(command))[0].file)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return stream.read()
    except OSError as error:
        raise LecternError(
            "There is no Dockerfile '%s' (%s): render the environment first (module lectern.tutor.environment)." % (path, error.strerror)
        ) from error


def names_in(text: str, command: Sequence[str]) -> Set[str]:
    """The words of a Dockerfile and its arguments that may be the tag of an image, in the form in which the engine lists its tags."""
    words = re.split(r"[\s=,\"']+", "\n".join([text] + list(command)))
    return {re.sub(r"^(index\.)?docker\.io/(library/)?", "", word) for word in words}


def _bases(client: Any, names: Set[str], tag: str) -> List[str]:
    """Tag and id of every local image that is named: a new base means a new image."""
    known = [(name, image["Id"]) for image in client.api.images() for name in image.get("RepoTags") or ()]
    return sorted("%s %s" % (name, id_) for name, id_ in known if name != tag and names & {name, re.sub(":latest$", "", name)})


def _add_folder(found: Any, folder: str) -> None:
    """Names, modes and contents, without what .dockerignore leaves out; owners and times do not reach an image."""
    found.update(b"\0\0folder\0")
    for name in sorted(_included(folder)):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        found.update(b"\0%s\0%o\0" % (os.fsencode(name), status.st_mode))
        if stat.S_ISLNK(status.st_mode):
            found.update(os.fsencode(os.readlink(path)))
        elif stat.S_ISREG(status.st_mode):
            found.update(file_digest(path))


def file_digest(path: str) -> bytes:
    """SHA-256 of a file's content; LecternError when it can't be read."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                found.update(block)
    except OSError as error:
        raise LecternError("'%s' can't be read: %s." % (path, error.strerror)) from error
    return found.digest()


def _included(folder: str) -> Set[str]:
    from docker.utils.build import exclude_paths

    if not os.path.isdir(folder):
        raise LecternError("'%s' is not a folder on this host: an image is to be built from it (MOUNTS or the environment)." % folder)
    patterns: List[str] = []
    for name in ("Dockerfile.dockerignore", ".dockerignore"):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as stream:
                lines = [line.strip() for line in stream]
            patterns = [line for line in lines if line and not line.startswith("#")]
            break
    return set(exclude_paths(folder, patterns))
