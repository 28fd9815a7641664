# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary folders that the next call removes where this one is killed.

Each is locked while its process lives: a folder that can be locked was left by a dead one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from typing import Iterator, Optional, Tuple

from .observation import unnoticed

PREFIX = "lectern-scratch-"

IN_MEMORY = "/dev/shm"


def in_memory() -> Optional[str]:
    """Return the folder of files in memory; None where this user can't write there."""
    return IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None


@contextlib.contextmanager
def temporary_folder(where: Optional[str] = None) -> Iterator[str]:
    """Make a temporary folder that only this user can enter, in ``where`` or in the system's folder for them, and remove it after the
    block.

    Removes those of dead processes first.
    """
    path, handle = _make(where)
    try:
        yield path
    finally:
        with unnoticed():
            shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _make(where: Optional[str]) -> Tuple[str, int]:
    with unnoticed():
        remove_leftovers()
    while True:
        with unnoticed(), contextlib.suppress(FileNotFoundError):
            path = tempfile.mkdtemp(prefix=PREFIX, dir=where)
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.path.isdir(path):
                return path, handle
            os.close(handle)  # another call swept it before it was locked


def remove_leftovers() -> None:
    """Remove this user's folders that dead processes left."""
    for parent in {*filter(None, [in_memory()]), tempfile.gettempdir()}:
        with contextlib.suppress(OSError):
            for name in os.listdir(parent):
                if name.startswith(PREFIX):
                    _remove_dead(os.path.join(parent, name))


def _remove_dead(path: str) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            status = os.fstat(handle)
            if status.st_uid == os.geteuid() and stat.S_ISDIR(status.st_mode):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(handle)
