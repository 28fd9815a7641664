# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks on a root: one call works at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from typing import Iterator

from .errors import LecternError
from .files import make_folder, make_own_folder, open_own, open_own_file, own_path
from .places import Places, nearest_folder

LOCK_WAIT = 60.0  # seconds


@contextlib.contextmanager
def locked(places: Places, name: str = "lock") -> Iterator[None]:
    """Hold the lock ``<root>/.lectern/NAME`` in the block, so that one call works at a time.

    Raises LecternError when another process holds it for longer than a minute.
    """
    handle = _lock(os.path.join(make_own_folder(places), name), fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def _lock(path: str, kind: int) -> int:
    """Open and lock a file; return its descriptor. A file that was removed before it was locked is made again."""
    while True:
        make_folder(os.path.dirname(path))
        with open_own(os.path.dirname(path)) as own:
            try:
                handle = open_own_file(own, path, os.O_RDWR | os.O_CREAT)
            except OSError as error:
                if error.errno != errno.EROFS:
                    raise
                handle = open_own_file(own, path, os.O_RDONLY)  # on a read-only file system others can still wait
        try:
            _wait(handle, path, kind)
        except BaseException:
            os.close(handle)
            raise
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)


@contextlib.contextmanager
def locked_for_reading(places: Places) -> Iterator[None]:
    """Keep calls that write from working during the block. Makes no file.

    Raises LecternError when one works for longer than a minute.
    """
    path, handle = own_path(places, "lock"), None
    with contextlib.suppress(FileNotFoundError), open_own(own_path(places)) as opened:
        handle = open_own_file(opened, path, os.O_RDONLY)
    try:
        if handle is not None:
            _wait(handle, path, fcntl.LOCK_SH)
        yield
    finally:
        if handle is not None:
            os.close(handle)


@contextlib.contextmanager
def locked_root(places: Places) -> Iterator[None]:
    """Hold a lock on the root in the block, or on the folder in which it will be made. Makes no file."""
    path = nearest_folder(places.root)
    handle = os.open(path, os.O_RDONLY)
    try:
        _wait(handle, path, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: str, kind: int) -> None:
    until = time.monotonic() + LOCK_WAIT
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise LecternError(
                    "Another run (process %s) holds '%s' for over %d s: wait for it to end, or stop it."
                    % (_holder(handle), path, LOCK_WAIT)
                ) from None
            time.sleep(0.2)


def _holder(handle: int) -> str:
    """Return the id of the process that holds the lock, as the kernel lists it."""
    inode = ":%d " % os.fstat(handle).st_ino
    with contextlib.suppress(OSError), open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            if inode in line:
                return line.split()[4]
    return "unknown"
