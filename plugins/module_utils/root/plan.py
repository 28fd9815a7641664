# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares with the disk: the changes that give files the content and mode that they should have."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Dict, List, Set

from ..base import mount_points, plain
from ..base.content import Change, Content, File, read_bytes
from ..base.errors import LecternError
from ..base.files import owner_of
from ..base.folders import LINK
from ..base.places import Places, nearest_folder


def changes_to_write(path: str, content: Content, mode: int) -> List[Change]:
    """Return the change that gives a file this content and mode; none where it has them.

    Raises LecternError where a folder, or a file in the place of a folder, is in the way.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return [Change(path, None, content, mode)]
    except NotADirectoryError:
        raise LecternError("'%s' can't be written: a file is in the place of its folder." % path) from None
    if stat.S_ISDIR(status.st_mode):
        raise LecternError("'%s' is a folder, but a file has to be written there: move it away." % path)
    before = _content_on_disk(path, status.st_mode)
    if before == bytes(content) and stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) == mode:
        return []
    return [Change(path, before, content, mode, stat.S_IMODE(status.st_mode))]


def changes_to_write_plugin(path: str, text: bytes) -> List[Change]:
    """Return the change that gives a plugin file this text and mode 0600; none where a file that can't be written has the text."""
    if not os.access(nearest_folder(os.path.dirname(path)), os.W_OK):
        with contextlib.suppress(OSError):
            if os.path.isfile(path) and read_bytes(path) == text:
                return []
    return changes_to_write(path, text, 0o600)


def _content_on_disk(path: str, mode: int) -> bytes:
    """Read a file, or the target of a link. Raises LecternError for anything else."""
    if stat.S_ISLNK(mode):
        return LINK + os.fsencode(os.readlink(path))
    if not stat.S_ISREG(mode):
        raise LecternError("'%s' is not a regular file: move it away." % path)
    with open(path, "rb") as stream:
        return stream.read()


def changes_to_remove(path: str) -> List[Change]:
    """Return the change that removes a file; none where there is none, or a folder."""
    if not os.path.lexists(path) or os.path.isdir(path) and not os.path.islink(path):
        return []
    status = os.lstat(path)
    return [Change(path, _content_on_disk(path, status.st_mode), None, 0, stat.S_IMODE(status.st_mode))]


def changes_to_environment(places: Places, files: Dict[str, File], stale: List[str]) -> List[Change]:
    """Return the changes after which ``env/`` holds these files, by path below it, and no longer the stale ones.

    Raises LecternError where a symbolic link would be followed, and for a name that is not UTF-8.
    """
    refuse_links(places.env, list(files) + stale)
    changes, stale_names = [], set(stale)
    for name, file in files.items():
        path = os.path.join(places.env, name)
        if not plain.is_text(name):
            plain.refuse_name(path, ", which plugin '%s' writes," % file.owner)
        if stale_names and _is_made_way_for(path, name, stale_names):
            changes.append(Change(path, None, file.content, file.mode))
        else:
            changes += changes_to_write(path, file.content, file.mode)
    return changes + [change for name in stale for change in changes_to_remove(os.path.join(places.env, name))]


def _is_made_way_for(path: str, name: str, stale: Set[str]) -> bool:
    """Return whether removing stale files makes way for this one: a file in the place of its folder, or a folder of them in its place."""
    below = [os.path.join(parent, item)[len(path) + 1 :] for parent, _folders, items in os.walk(path) for item in items]
    if below:
        return all(name + os.sep + item in stale for item in below)
    return any(name[:end] in stale for end in range(len(name)) if name[end] == os.sep)


def refuse_links(top: str, names: List[str]) -> None:
    """Raise LecternError where ``top``, or a folder that leads to one of these paths below it, is a link."""
    folders = {""}
    for name in names:
        parent = os.path.dirname(name)
        while parent not in folders:
            folders.add(parent)
            parent = os.path.dirname(parent)
    for folder in sorted(folders):
        path = os.path.join(top, folder).rstrip(os.sep)
        if os.path.islink(path):
            raise LecternError("'%s' is a symbolic link: refused to write through it. Put a folder in its place." % path)


def refuse_unwritable(places: Places, changes: List[Change]) -> None:
    """Raise LecternError where this user can't write. So no run stops half-way, and check mode reports it too."""
    if os.geteuid() not in (0, owner_of(places)):
        raise LecternError("'%s' belongs to the user with id %d: run as that user (become_user)." % (places.root, owner_of(places)))
    if changes:
        _refuse_mounts(places, changes)
    for folder in sorted({nearest_folder(folder) for folder in {os.path.dirname(change.path) for change in changes}}):
        _refuse_unwritable(folder)


def _refuse_unwritable(path: str) -> None:
    if os.access(path, os.W_OK | (os.X_OK if os.path.isdir(path) else 0)):
        return
    if mount_points.is_read_only(path):
        raise LecternError("'%s' lies on a file system that is mounted read-only: remount it read-write." % path)
    raise LecternError(
        "'%s' can't be written by the user with id %d: give it to that user (chown), or make it writable." % (path, os.geteuid())
    )


def _refuse_mounts(places: Places, changes: List[Change]) -> None:
    """Raise LecternError for a file that is a mount: nothing can be renamed onto it. config.yml may be one: it is written in place."""
    points = mount_points.mount_points()
    for change in changes:
        if change.path in points and change.path == places.config_file:
            _refuse_unwritable(change.path)
        elif change.path in points:
            raise LecternError("'%s' is a mount point, so it can't be replaced: mount its folder instead." % change.path)
