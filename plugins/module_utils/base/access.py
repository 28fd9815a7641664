# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modes and groups in a root, which follow from the mode of the root itself.

What the root's mode lets its group do, the group may do with ``config.yml`` and ``env/`` too. Users outside the group never get further
than into the root.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import Any, Dict, Iterable, NamedTuple

from .errors import LecternError
from .folders import Folders
from .places import Places, path_below

DEFAULT = 0o700

OCTAL = re.compile(r"0?o?([0-3]?[0-7]{3})")

DECIMAL = re.compile(r"\d{1,4}")

OWNER, GROUP, GROUP_WRITES, OTHERS, OTHERS_WRITE = 0o700, 0o070, 0o020, 0o007, 0o002

INHERITED = stat.S_ISGID | GROUP_WRITES  # bits of the root's mode that folders of env/ share


class FolderAccess(NamedTuple):
    """The mode and the group that a folder is to have."""

    mode: int
    group: int


def parse_mode(text: Any) -> int:
    """Return the mode that an operator writes in octal, which YAML and JSON may have turned into a decimal number.

    Raises LecternError for what is no mode, and for a mode that keeps the owner out or lets everybody write.
    """
    octal, decimal = OCTAL.fullmatch(str(text)), DECIMAL.fullmatch(str(text))
    readings = ([int(octal.group(1), 8)] if octal else []) + ([int(str(text))] if decimal else [])
    for mode in readings:
        if mode & OWNER == OWNER and not mode & OTHERS_WRITE and mode <= 0o3777:
            return mode
    raise LecternError(
        "root_mode is %r: give the mode of a folder in octal and in quotes, such as '0700' or '2775', that lets its owner do all and does "
        "not let everybody write." % (text,)
    )


def config_mode(root_mode: int) -> int:
    """Return the mode of ``config.yml``."""
    return 0o600 | root_mode & 0o060


def file_mode(mode: int, root_mode: int) -> int:
    """Return the mode of a file of ``env/`` that is rendered with ``mode``."""
    return mode & ~GROUP_WRITES | root_mode & GROUP_WRITES


def env_mode(mode: int, root_mode: int) -> int:
    """Return the mode of the folder ``env/``, which has ``mode``: others who may enter the root must not reach the secrets in it."""
    return (mode | root_mode & INHERITED) & ~(OTHERS if root_mode & OTHERS else 0)


def find_access_changes(places: Places, names: Iterable[str], root_mode: int) -> Dict[str, FolderAccess]:
    """Return the folders whose mode or group has to change, by path: the root, and the folders of ``env/`` that lead to these files."""
    root = _status(places.root)
    if root is None:
        return {places.root: FolderAccess(root_mode, -1)}
    changes = {}
    if root_mode & (OTHERS | GROUP_WRITES):
        for folder in sorted(_folders_leading_to(places, names)):
            status = _status(folder)
            if status is None or status.st_uid != os.geteuid():
                continue
            mode = stat.S_IMODE(status.st_mode)
            new_mode = env_mode(mode, root_mode) if folder == places.env else mode | root_mode & INHERITED
            if mode != new_mode or root_mode & GROUP_WRITES and status.st_gid != root.st_gid and _is_in(root.st_gid):
                changes[folder] = FolderAccess(new_mode, root.st_gid)
    if stat.S_IMODE(root.st_mode) != root_mode:
        changes[places.root] = FolderAccess(root_mode, -1)  # last: folders inside are closed before the root is opened
    return changes


def _folders_leading_to(places: Places, names: Iterable[str]) -> Iterable[str]:
    folders = {places.env}
    for name in names:
        folder = os.path.dirname(os.path.join(places.env, name))
        while folder not in folders:
            folders.add(folder)
            folder = os.path.dirname(folder)
    return folders


def _status(folder: str) -> Any:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        status = os.lstat(folder)
        return status if stat.S_ISDIR(status.st_mode) else None
    return None


def _is_in(group: int) -> bool:
    return os.geteuid() == 0 or group == os.getegid() or group in os.getgroups()


def set_access(places: Places, changes: Dict[str, FolderAccess]) -> None:
    """Give folders their mode and group. No link is followed: a user who may write there could put one in the place of a folder."""
    with Folders([places.root]) as opened:
        for path, (mode, group) in changes.items():
            handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=opened.open(path))
            try:
                if group >= 0 and os.fstat(handle).st_gid != group and _is_in(group):
                    os.fchown(handle, -1, group)
                os.fchmod(handle, mode)
            finally:
                os.close(handle)


def settle_new_folder(places: Places, path: str, handle: int) -> None:
    """Give a new folder, which is open as ``handle``, the root's group and the mode that follows from the root's."""
    root = _status(places.root)
    if root is None or path_below(path, places.env) is None:
        os.fchmod(handle, 0o755)
        return
    root_mode = stat.S_IMODE(root.st_mode)
    give_to_group(places, handle)
    os.fchmod(handle, env_mode(0o755, root_mode) if path == places.env else 0o755 | root_mode & INHERITED)


def give_to_group(places: Places, handle: int) -> None:
    """Give an open file to the root's group, where the root is open to that group and this user is in it."""
    root = os.stat(places.root)
    if root.st_mode & GROUP and os.fstat(handle).st_gid != root.st_gid and _is_in(root.st_gid):
        os.fchown(handle, -1, root.st_gid)
