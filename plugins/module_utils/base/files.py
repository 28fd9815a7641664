# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lectern's own files in a root, below ``<root>/.lectern``: written atomically, readable by the owner alone."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import stat
from typing import Any, Iterator, List, Tuple

from .errors import LecternError
from .places import Places

OWN = ".lectern"  # the folder in a root

TEMPORARY = ".lectern-"  # beginning of the names of files that are being written

OTHERS_WRITE = 0o022


def own_path(places: Places, name: str = "") -> str:
    """Return the path of one of Lectern's own files in a root; without a name, that of their folder."""
    folder = os.path.join(places.root, OWN)
    return os.path.join(folder, name) if name else folder


def make_own_folder(places: Places) -> str:
    """Make the folder of Lectern's own files, and the root, with mode 0700 where they are missing. Returns its path.

    Raises LecternError where a link stands in its place: root must not be led out of the root.
    """
    path = own_path(places)
    refuse_link(path)
    os.makedirs(places.root, 0o700, exist_ok=True)
    make_folder(path)
    return path


def missing_own_folders(places: Places) -> List[str]:
    """Return the folders that ``make_own_folder`` would make, the outermost first."""
    missing: List[str] = []
    path = own_path(places)
    while not os.path.isdir(path):
        missing.insert(0, path)
        path = os.path.dirname(path)
    return missing


def remove_empty(folders: List[str]) -> None:
    """Remove those of these folders that are empty; each lies in the one before."""
    for path in reversed(folders):
        with contextlib.suppress(OSError):
            os.rmdir(path)


def remove_own_folder(places: Places) -> None:
    """Remove the folder of Lectern's own files, as far as the system allows. A call that waits for a lock in it makes another."""
    shutil.rmtree(own_path(places), ignore_errors=True)


def refuse_link(path: str) -> None:
    """Raise LecternError where a symbolic link stands in the place of a folder."""
    if os.path.islink(path):
        raise LecternError("'%s' is a symbolic link: put a folder in its place, or remove it." % path)


def has_own_folder(places: Places) -> bool:
    """Whether the folder of Lectern's own files exists."""
    return os.path.isdir(own_path(places))


def make_folder(path: str) -> None:
    """Make a folder with mode 0700 where it is missing."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                os.fchmod(handle, 0o700)
            finally:
                os.close(handle)
        except OSError as error:
            os.rmdir(path)
            raise OSError(error.errno, error.strerror, path) from None


def owner_of(places: Places) -> int:
    """Return the id of the user who owns the root, or who runs this process where there is no root yet."""
    try:
        return os.stat(places.root).st_uid
    except FileNotFoundError:
        return os.geteuid()


@contextlib.contextmanager
def open_own(path: str) -> Iterator[int]:
    """Open a folder of Lectern's own files without following a link; yields its descriptor.

    Raises FileNotFoundError where it is missing, and LecternError where a link stands in its place or other users could have put files
    there.
    """
    refuse_link(path)
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(handle)
        if not _is_of_this_user(status):
            raise LecternError(
                "'%s' belongs to the user with id %d: what is in it is not trusted. Give it to the user with id %d, who runs this (chown)."
                % (path, status.st_uid, os.geteuid())
            )
        if status.st_mode & OTHERS_WRITE:
            raise LecternError(
                "Others may write to '%s' (mode %04o): what is in it is not trusted. Look at it, then make it 0700 (chmod)."
                % (path, stat.S_IMODE(status.st_mode))
            )
        yield handle
    finally:
        os.close(handle)


def _is_of_this_user(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid()


def read_own(path: str, trusted: bool = False) -> bytes:
    """Return the content of one of Lectern's own files, opened relative to its folder without following a link.

    ``trusted`` says that code or programs in it will be run. Raises FileNotFoundError where it is missing, LecternError where it is no
    file, and PermissionError where a trusted one could have been written by another user.
    """
    folder_path, name = os.path.split(path)
    with open_own(folder_path) as own, os.fdopen(open_own_file(own, path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise LecternError("'%s' is not a regular file: remove it, and Lectern recreates it." % path)
        if trusted and not (_is_of_this_user(status) and _is_of_this_user(os.fstat(own)) and not status.st_mode & OTHERS_WRITE):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), path)
        return stream.read()


def open_own_file(own: int, path: str, flags: int) -> int:
    """Open one of Lectern's own files relative to its open folder. Raises LecternError where a link stands in its place, else OSError."""
    try:
        return os.open(os.path.basename(path), flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=own)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise LecternError("'%s' is a symbolic link: remove it, and Lectern recreates it." % path) from None
        raise OSError(error.errno, error.strerror, path) from None


def read_json(path: str, default: Any) -> Any:
    """Return the content of one of Lectern's own JSON files, or ``default`` where it is missing.

    Raises LecternError when the file can't be parsed, or can't be trusted.
    """
    try:
        return json.loads(read_own(path).decode("utf-8"))
    except FileNotFoundError:
        return default
    except (ValueError, RecursionError) as error:
        raise LecternError("'%s' is damaged (%s): remove it, and Lectern recreates it." % (path, error)) from error


def damaged(path: str) -> LecternError:
    """Return the error for one of Lectern's own JSON files that holds something else than it should."""
    return LecternError("'%s' is damaged: remove it, and Lectern recreates it." % path)


def write_own(path: str, content: bytes) -> None:
    """Write one of Lectern's own files, mode 0600: under a temporary name in its folder, flushed, then renamed.

    Raises OSError where the system refuses.
    """
    with open_own(os.path.dirname(path)) as own:
        replace_file(own, path, content, 0o600)


def replace_file(folder: int, path: str, content: bytes, mode: int) -> None:
    """Write a file into its open folder: under a temporary name, flushed, then renamed.

    Raises OSError, with the path, where the system refuses.
    """
    try:
        handle, temporary = _make_temporary(folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                os.fchmod(handle, mode)
                stream.write(content)
                stream.flush()
                os.fsync(handle)
                os.rename(temporary, os.path.basename(path), src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def _make_temporary(own: int) -> Tuple[int, str]:
    """Make a temporary file and lock it while this process lives, which tells it from those of dead processes."""
    while True:
        name = TEMPORARY + os.urandom(8).hex()
        handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=own)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, name
        os.close(handle)  # another call swept it before it was locked


def sweep(own: int) -> None:
    """Remove the temporary files that dead processes left in this folder."""
    for name in os.listdir(own):
        if name.startswith(TEMPORARY):
            with contextlib.suppress(OSError):
                handle = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=own)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(name, dir_fd=own)
                finally:
                    os.close(handle)


def write_json(path: str, data: Any) -> None:
    """Write ``data`` as JSON into one of Lectern's own files, atomically."""
    write_own(path, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode())
