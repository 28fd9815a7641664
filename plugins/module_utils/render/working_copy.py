# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a root, made as far as it is needed: files that nobody changes are links to the original."""

from __future__ import annotations

import os
import stat
from typing import Iterator, List, NamedTuple, Set

from ..base.files import OWN
from ..base.places import path_below

LONG_AGO = 946_684_800_123_456_789  # nanoseconds: a moment in the year 2000 that no file has by chance


class Differences(NamedTuple):
    """Paths below the root: files that are new or were written, files that are gone, new folders, and other new entries."""

    files: List[str]
    removed: List[str]
    folders: List[str]
    others: List[str]


class WorkingCopy:
    """The copy of one root in ``folder``. Names are paths relative to the root; the empty one is the root itself.

    All methods work on the file system alone, so that a forked process and its parent agree. The caller keeps them from being observed.
    """

    def __init__(self, root: str, folder: str) -> None:
        self.root, self.folder = root, folder
        self.hidden: Set[str] = set()
        self._without = ""

    def fill(self, without: str = "") -> None:
        """Link everything in the root, if it exists, but the entry ``without``, which begins empty."""
        self._without = without
        if os.path.isdir(self.root):
            os.mkdir(self.folder)
            self._link_entries("", without)

    def at(self, name: str) -> str:
        """Return the path of a file in the copy."""
        return os.path.join(self.folder, name) if name else self.folder

    def original(self, name: str) -> str:
        """Return the path of the same file in the root."""
        return os.path.join(self.root, name) if name else self.root

    def path(self, name: str) -> str:
        """Return where to read a file: in the copy, or in the root as long as it is the same there."""
        return self.original(name) if any(self.is_link(part) for part in (*parents_of(name), name)) else self.at(name)

    def is_link(self, name: str) -> bool:
        """Whether a file in the copy still is the link to its original."""
        try:
            return bool(name) and os.readlink(self.at(name)) == self.original(name)
        except OSError:
            return False

    def reach(self, name: str) -> None:
        """Copy the folders that lead to a file, so that it can be made or removed in the copy."""
        for parent in parents_of(name):
            if self.is_link(parent) and os.path.isdir(self.original(parent)):
                self._copy_folder(parent)

    def reach_entry(self, name: str) -> None:
        """Copy the folders that lead to a file or empty folder that is to be removed or replaced, and the folder itself."""
        self.reach(name)
        if self.is_link(name) and _is_folder(self.original(name)):
            self._copy_folder(name)

    def copy(self, name: str) -> None:
        """Copy a file, or a folder without what is in its folders, so that it can be changed in the copy."""
        self.reach(name)
        if not self.is_link(name):
            return
        if os.path.isdir(self.original(name)):
            self._copy_folder(name)
        elif os.path.isfile(self.original(name)):
            self._copy_file(name)

    def copy_all(self, name: str) -> None:
        """Copy a folder with everything in it, as far as it exists."""
        self.reach(name)
        if self.is_link(name) and os.path.islink(self.original(name)):
            target = os.readlink(self.original(name))
            os.unlink(self.at(name))
            os.symlink(target, self.at(name))
        else:
            self.copy(name)
        if _is_folder(self.at(name)):
            for entry in os.listdir(self.at(name)):
                self.copy_all(os.path.join(name, entry))

    def hide(self, names: List[str]) -> None:
        """Take files out of the copy, with the folders that hold nothing else, as if they had never been there."""
        for name in names:
            self.reach(name)
            if os.path.lexists(self.at(name)):
                os.unlink(self.at(name))
                self.hidden.add(name)
            for parent in reversed(parents_of(name)):
                if os.path.isdir(self.at(parent)) and not os.listdir(self.at(parent)):
                    os.rmdir(self.at(parent))

    def differences(self) -> Differences:
        """Return what differs from the root. Files that were hidden and not made again do not count as gone."""
        result = Differences([], [], [], [])
        if os.path.isdir(self.folder):
            self._compare("", result)
        return result

    def _compare(self, folder: str, differences: Differences) -> None:
        names = set(os.listdir(self.at(folder)))
        for name in sorted(os.path.join(folder, entry) for entry in names):
            status = os.lstat(self.at(name))
            if stat.S_ISDIR(status.st_mode):
                if not os.path.isdir(self.original(name)):
                    differences.folders.append(name)
                self._compare(name, differences)
            elif stat.S_ISREG(status.st_mode):
                if not self._is_untouched(name, status):
                    differences.files.append(name)
            elif not self.is_link(name) and not self._is_same_link(name):
                differences.others.append(name)
        is_begun_empty = bool(self._without) and path_below(folder, self._without) is not None
        if os.path.isdir(self.original(folder)) and not is_begun_empty:
            gone = sorted(set(os.listdir(self.original(folder))) - names - {OWN, self._without})
            differences.removed.extend(
                file for entry in gone for file in _files(self.original(""), os.path.join(folder, entry)) if file not in self.hidden
            )

    def _is_untouched(self, name: str, status: os.stat_result) -> bool:
        if status.st_mtime_ns != LONG_AGO:
            return False
        try:
            known = os.stat(self.original(name))
        except OSError:
            return False
        return (known.st_size, stat.S_IMODE(known.st_mode)) == (status.st_size, stat.S_IMODE(status.st_mode))

    def _is_same_link(self, name: str) -> bool:
        try:
            return os.readlink(self.at(name)) == os.readlink(self.original(name))
        except OSError:
            return False

    def _link_entries(self, folder: str, without: str = "") -> None:
        if os.path.isdir(self.original(folder)):
            for entry in os.listdir(self.original(folder)):
                if folder or entry not in (OWN, without):
                    name = os.path.join(folder, entry)
                    os.symlink(self.original(name), self.at(name))

    def _copy_folder(self, name: str) -> None:
        os.unlink(self.at(name))
        os.mkdir(self.at(name))
        self._link_entries(name)

    def _copy_file(self, name: str) -> None:
        original, path = self.original(name), self.at(name)
        with open(original, "rb") as stream:
            content = stream.read()
        os.unlink(path)
        write_stamped(path, content, stat.S_IMODE(os.stat(original).st_mode))


def write_stamped(path: str, content: bytes, mode: int) -> os.stat_result:
    """Write a file, with a time that shows any later write."""
    with open(path, "wb") as stream:
        stream.write(content)
    os.chmod(path, mode)
    os.utime(path, ns=(LONG_AGO, LONG_AGO))  # so that any later write shows, however soon
    return os.stat(path)


def parents_of(name: str) -> List[str]:
    """Return the folders that lead to a path, the outermost first."""
    parts = name.split(os.sep)
    return [os.sep.join(parts[:count]) for count in range(1, len(parts))]


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _files(root: str, name: str) -> Iterator[str]:
    """Yield everything that is no folder, at or below a path."""
    path = os.path.join(root, name)
    if not _is_folder(path):
        yield name
        return
    for entry in sorted(os.listdir(path)):
        yield from _files(root, os.path.join(name, entry))
