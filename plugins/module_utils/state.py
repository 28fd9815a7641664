# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lectern's own files in a root, below ``<root>/.lectern``: written atomically, readable by the owner alone."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import time
from typing import Any, Iterator, Optional, Union

from .errors import LecternError
from .places import Places

LOCK_WAIT = 60.0  # seconds


def folder(places: Places) -> str:
    """The folder of Lectern's own files, made with mode 0700 (and the root with it) where it is missing.

    Raises LecternError where a link stands in its place: what runs as root must not be led out of the root.
    """
    path = os.path.join(places.root, ".lectern")
    refuse_link(path)
    os.makedirs(places.root, 0o700, exist_ok=True)
    make_folder(path)
    return path


def refuse_link(path: str) -> None:
    """Raises LecternError where a symbolic link stands in the place of a folder."""
    if os.path.islink(path):
        raise LecternError("'%s' is a symbolic link: put a folder in its place, or remove it." % path)


def is_there(places: Places) -> bool:
    """Whether that folder has been made."""
    return os.path.isdir(os.path.join(places.root, ".lectern"))


def make_folder(path: str) -> None:
    """Makes a folder that only the owner of the one above it can enter, where it is missing."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
        os.chmod(path, 0o700)
        _give_to_owner_of_folder(path)


def _give_to_owner_of_folder(path: str) -> None:
    if os.geteuid() == 0:
        above = os.stat(os.path.dirname(path))
        os.chown(path, above.st_uid, above.st_gid, follow_symlinks=False)


def owner_of(places: Places) -> int:
    """The user id that the root's files belong to: of the existing root, else of this process."""
    try:
        return os.stat(places.root).st_uid
    except FileNotFoundError:
        return os.geteuid()


def adopt(path: str, places: Places) -> None:
    """Gives a new file to the owner of the root, so that Tutor run by that user can still write it."""
    if os.geteuid() == 0:
        root = os.stat(places.root)
        os.chown(path, root.st_uid, root.st_gid, follow_symlinks=False)


def read_json(path: str, default: Any) -> Any:
    """The content of a JSON file, ``default`` where there is none.

    Raises LecternError when the file can't be parsed.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except FileNotFoundError:
        return default
    except ValueError as error:
        raise LecternError("'%s' is damaged (%s): remove it, Lectern makes it anew." % (path, error)) from error


class Verbatim:
    """The content of a file that is copied as it is, fonts for instance: ``bytes()`` reads it, so that it need not be held."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.digest = digest(read_bytes(path))

    def __bytes__(self) -> bytes:
        content = read_bytes(self.path)
        if digest(content) != self.digest:
            raise LecternError("'%s' changed while it was copied: run again." % self.path)
        return content


Content = Union[bytes, Verbatim]


def digest(content: Union[str, Content]) -> str:
    """SHA-256 of text or bytes, in hexadecimal."""
    if isinstance(content, Verbatim):
        return content.digest
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")).hexdigest()


def read_bytes(path: str) -> bytes:
    """The content of a file."""
    with open(path, "rb") as stream:
        return stream.read()


def write_bytes(path: str, content: bytes, mode: int = 0o600, staging: Optional[str] = None) -> None:
    """Writes under a temporary name beside ``path`` (or in ``staging``), flushes, then renames.

    The file belongs to the owner of its folder.
    """
    handle, temporary = tempfile.mkstemp(dir=staging or os.path.dirname(path), prefix=".lectern-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        _give_to_owner_of_folder(temporary)
        os.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def write_json(path: str, data: Any, staging: Optional[str] = None) -> None:
    """Writes ``data`` as JSON, mode 0600, atomically."""
    write_bytes(path, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode(), staging=staging)


@contextlib.contextmanager
def locked(places: Places, name: str = "lock") -> Iterator[None]:
    """Holds the lock ``<root>/.lectern/NAME`` for the time of one call.

    Raises LecternError when another process holds it for longer than a minute.
    """
    path = os.path.join(folder(places), name)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _give_to_owner_of_folder(path)
        _wait(handle, path)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked_before_it_is_there(places: Places) -> Iterator[None]:
    """Holds a lock on the root, or on the folder that it is to be made in, and leaves no trace."""
    path = places.root
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    handle = os.open(path, os.O_RDONLY)
    try:
        _wait(handle, path)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: str) -> None:
    until = time.monotonic() + LOCK_WAIT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise LecternError(
                    "Another run (process %s) holds '%s' for over %d s: wait for it to end, or stop it."
                    % (_holder(handle), path, LOCK_WAIT)
                ) from None
            time.sleep(0.2)


def _holder(handle: int) -> str:
    """The process that holds the lock, as the kernel lists it."""
    inode = ":%d " % os.fstat(handle).st_ino
    with contextlib.suppress(OSError), open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            if inode in line:
                return line.split()[4]
    return "unknown"
