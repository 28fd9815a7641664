# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens folders step by step, so that no link is followed, even one that takes the place of a folder meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from typing import Callable, Iterable, Optional

from .content import digest
from .errors import LecternError
from .places import nearest_folder

STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

FOLDER, SPECIAL = "folder", "special"  # in place of a digest

LINK = b"symbolic link to "


class Folders:
    """Opens folders at or below ``bases``, one at a time. ``settle`` sets the mode of a new one, given its path and descriptor."""

    def __init__(self, bases: Iterable[str], settle: Callable[[str, int], None] = lambda _path, handle: os.fchmod(handle, 0o755)) -> None:
        self._settle = settle
        self._bases = sorted(bases, key=len, reverse=True)
        self._path, self._handle = "", -1

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the folder that was opened last."""
        if self._handle >= 0:
            os.close(self._handle)
        self._path, self._handle = "", -1

    def open(self, path: str, make: bool = False) -> int:
        """Return a descriptor of the folder, valid until the next one is opened. ``make`` says whether to make missing ones.

        Raises FileNotFoundError, and LecternError where a link stands in the place of a folder.
        """
        if path == self._path:
            return self._handle
        self.close()
        base = self._base_of(path)
        self._handle = os.open(base, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        reached = base.rstrip(os.sep)
        for name in path[len(base) :].split(os.sep):
            if name:
                reached = reached + os.sep + name
                above = self._handle
                self._handle = self._step(above, name, reached, make)
                os.close(above)
        self._path = path
        return self._handle

    def _base_of(self, path: str) -> str:
        """Return the base that holds the path, or the nearest folder above it: a missing base is made like the folders below it."""
        base = next(base for base in self._bases if path == base or path.startswith(base.rstrip(os.sep) + os.sep))
        return nearest_folder(base)

    def _step(self, above: int, name: str, path: str, make: bool) -> int:
        try:
            return os.open(name, STEP, dir_fd=above)
        except FileNotFoundError:
            if not make:
                raise
        except OSError as error:
            if os.path.islink(path):
                raise LecternError("'%s' is a symbolic link: refused to write through it. Put a folder in its place." % path) from None
            raise OSError(error.errno, error.strerror, path) from None
        try:
            os.mkdir(name, 0o755, dir_fd=above)
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
            try:
                self._settle(path, handle)
            finally:
                os.close(handle)
            return os.open(name, STEP, dir_fd=above)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None


def digest_in(folder: int, name: str) -> Optional[str]:
    """Return the digest of the file of this name in an open folder, FOLDER or SPECIAL; None where nothing has that name.

    The digest of a link is that of LINK and its target.
    """
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return digest(LINK + os.fsencode(os.readlink(name, dir_fd=folder)))
        if error.errno == errno.ENXIO:  # a socket
            return SPECIAL
        raise
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISREG(mode):
            with open(handle, "rb", closefd=False) as stream:
                return digest(stream.read())
        return FOLDER if stat.S_ISDIR(mode) else SPECIAL
    finally:
        os.close(handle)
