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

KEPT_COPIES = 5

HOUR = 3600.0  # seconds; a younger copy may just be in use

ATTEMPTS = 100

FILES = "files.json"  # in a copy: the size of each of its files


def find_copy(digest: str) -> Optional[str]:
    """Return the folder of a copy; None where there is none, or a damaged one."""
    folders = (os.path.join(base, digest) for base in cache_folders() if is_own_folder(base))
    return next((folder for folder in folders if is_whole_copy(folder)), None)


def cache_folders() -> Iterator[str]:
    """Yield the folders that may hold copies. With sudo, the home folder can be another user's, and is left out."""
    home = os.path.expanduser("~")
    with contextlib.suppress(OSError):
        if os.path.isabs(home) and os.stat(home).st_uid == os.geteuid():
            yield os.path.join(home, ".cache", "lectern")
    yield "/var/tmp/lectern-%d" % os.geteuid()


def is_own_folder(folder: str) -> bool:
    """Return whether no other user can have written to a folder."""
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def is_whole_copy(folder: str) -> bool:
    """Return whether no other user can have written to a copy, and each of its files is there in its size."""
    if not is_own_folder(folder):
        return False
    try:
        with open(os.path.join(folder, FILES), encoding="utf-8") as stream:
            return all(os.lstat(os.path.join(folder, name)).st_size == size for name, size in json.load(stream).items())
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return False


def keep_copy(digest: str, content: zipfile.ZipFile) -> str:
    """Create the copy and return its folder. Raises OSError where none can be kept."""
    refused: List[str] = []
    for base in cache_folders():
        try:
            os.makedirs(base, mode=0o700, exist_ok=True)
            if is_own_folder(base):
                return unpack_copy(content, base, digest)
            refused.append("'%s' belongs to somebody else, or others may write to it." % base)
        except OSError as error:
            refused.append(str(error))
    raise OSError("The modules can't be kept on the host: " + " ".join(refused))


def unpack_copy(content: zipfile.ZipFile, base: str, digest: str) -> str:
    """Create a copy under a temporary name, so that only a whole one gets the final name. Other calls may do the same meanwhile."""
    with tempfile.TemporaryDirectory(dir=base, prefix="new-") as temporary:
        new, folder = os.path.join(temporary, digest), os.path.join(base, digest)
        content.extractall(new)
        compileall.compile_dir(new, quiet=2)
        listed = json.dumps(file_sizes(new))  # before the list itself is written
        with open(os.path.join(new, FILES), "w", encoding="utf-8") as stream:
            stream.write(listed)
        flush_files(new)
        move_into_place(new, folder)
    remove_old_copies(base)
    return folder


def move_into_place(new: str, folder: str) -> None:
    """Rename a copy to its final name, in the place of a damaged one.

    Another call that does the same may move this copy aside for a moment, so try several times. Raises OSError in the end.
    """
    for number in range(ATTEMPTS):
        if is_whole_copy(folder):
            return
        with contextlib.suppress(OSError):
            if os.path.lexists(new) and os.path.lexists(folder):
                os.rename(folder, "%s-damaged-%d" % (new, number))
            os.rename(new, folder)
            continue
        time.sleep(0.01)
    raise OSError("'%s' can't be made." % folder)


def file_sizes(folder: str) -> Dict[str, int]:
    """Return the size of each file below a folder, compiled ones included: Python does not start from half of one."""
    return {os.path.relpath(path, folder): os.path.getsize(path) for path in files_below(folder)}


def flush_files(folder: str) -> None:
    """Write all files below a folder to the disk."""
    for path in files_below(folder):
        with open(path, "rb") as stream:
            os.fsync(stream.fileno())


def files_below(folder: str) -> Iterator[str]:
    """Return the paths of all files below a folder."""
    return (os.path.join(here, name) for here, _folders, names in os.walk(folder) for name in names)


def remove_old_copies(base: str) -> None:
    """Remove all but the newest copies, and none that another call may just be creating."""
    times = {}
    for name in os.listdir(base):
        path = os.path.join(base, name)
        with contextlib.suppress(FileNotFoundError):  # another call is done with its own
            times[path] = os.lstat(path).st_mtime
    for old in sorted(times, key=times.__getitem__, reverse=True)[KEPT_COPIES:]:
        if times[old] < time.time() - HOUR:
            shutil.rmtree(old, ignore_errors=True)
