# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of this collection's modules, and of what they import, that a host keeps for the next call."""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import shutil
import stat
import tempfile
import time
import zipfile
from typing import Dict, Iterator, List, Optional

NEWEST = 5

HOUR = 3600.0  # seconds

TRIES = 100

FILES = "files.json"  # in a copy: the size of each of its files


def find(digest: str) -> Optional[str]:
    """The folder of the copy; a damaged one counts as none."""
    folders = (os.path.join(base, digest) for base in bases() if is_own(base))
    return next((folder for folder in folders if is_whole(folder)), None)


def bases() -> Iterator[str]:
    """Folders that may hold copies. With sudo, the home folder can be somebody else's."""
    home = os.path.expanduser("~")
    with contextlib.suppress(OSError):
        if os.path.isabs(home) and os.stat(home).st_uid == os.geteuid():
            yield os.path.join(home, ".cache", "lectern")
    yield "/var/tmp/lectern-%d" % os.geteuid()


def is_own(folder: str) -> bool:
    """Whether nobody else can have put anything there."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def is_whole(folder: str) -> bool:
    """Whether nobody else can have put anything there, and each file is there in its size."""
    if not is_own(folder):
        return False
    try:
        with open(os.path.join(folder, FILES), encoding="utf-8") as stream:
            return all(os.lstat(os.path.join(folder, name)).st_size == size for name, size in json.load(stream).items())
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return False


def keep(digest: str, content: zipfile.ZipFile) -> str:
    """Makes the copy: the folder. Raises OSError where nothing can be kept."""
    refused: List[str] = []
    for base in bases():
        try:
            os.makedirs(base, mode=0o700, exist_ok=True)
            if is_own(base):
                return unpack(content, base, digest)
            refused.append("'%s' belongs to somebody else, or others may write to it." % base)
        except OSError as error:
            refused.append(str(error))
    raise OSError("The modules can't be kept on the host: " + " ".join(refused))


def unpack(content: zipfile.ZipFile, base: str, digest: str) -> str:
    """Only a whole copy gets the name, in the place of a damaged one; others may do the same at this moment."""
    with tempfile.TemporaryDirectory(dir=base, prefix="new-") as temporary:
        new, folder = os.path.join(temporary, digest), os.path.join(base, digest)
        content.extractall(new)
        compileall.compile_dir(new, quiet=2)
        listed = json.dumps(sizes(new))  # the list itself is none of them
        with open(os.path.join(new, FILES), "w", encoding="utf-8") as stream:
            stream.write(listed)
        flush(new)
        put(new, folder)
    forget(base)
    return folder


def put(new: str, folder: str) -> None:
    """Gives the copy its name. Another call that does so may move this one aside for a moment, so it is looked for more than once."""
    for number in range(TRIES):
        if is_whole(folder):
            return
        with contextlib.suppress(OSError):
            if os.path.lexists(new) and os.path.lexists(folder):
                os.rename(folder, "%s-damaged-%d" % (new, number))
            os.rename(new, folder)
            continue
        time.sleep(0.01)
    raise OSError("'%s' can't be made." % folder)


def sizes(folder: str) -> Dict[str, int]:
    """The size of each file below a folder, compiled ones included: Python does not start from half of one."""
    return {os.path.relpath(path, folder): os.path.getsize(path) for path in below(folder)}


def flush(folder: str) -> None:
    for path in below(folder):
        with open(path, "rb") as stream:
            os.fsync(stream.fileno())


def below(folder: str) -> Iterator[str]:
    """The paths of all files below a folder."""
    return (os.path.join(here, name) for here, _folders, names in os.walk(folder) for name in names)


def forget(base: str) -> None:
    """Removes all but the newest, and none that a call may just be making."""
    made = {}
    for name in os.listdir(base):
        path = os.path.join(base, name)
        with contextlib.suppress(FileNotFoundError):  # another call is done with its own
            made[path] = os.lstat(path).st_mtime
    for old in sorted(made, key=made.__getitem__, reverse=True)[NEWEST:]:
        if made[old] < time.time() - HOUR:
            shutil.rmtree(old, ignore_errors=True)
