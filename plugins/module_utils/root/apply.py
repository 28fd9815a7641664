# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a plan: all files are staged first, then renamed into place under a journal (journal.py, completion.py).

A run that is killed while it stages leaves everything as it was. One that is killed while it renames is completed by the
next call, which finds the journal. So no root is ever left between two states.
"""

from __future__ import annotations

import contextlib
import os
from typing import Callable, Dict, List

from ..base import access, files, mount_points
from ..base.content import Change, digest
from ..base.errors import LecternError
from ..base.folders import Folders
from ..base.places import Places, nearest_folder, path_below
from . import completion, journal
from .journal import Journal, Move, Removal

GENERATIONS = 10  # copies of config.yml that are kept

FLUSHES = 16  # files that are flushed at the same time


def apply(places: Places, changes: List[Change]) -> None:
    """Makes the changes. The caller holds the lock.

    Raises LecternError when the disk refuses, a file that is copied changed meanwhile, or somebody else saved config.yml meanwhile;
    nothing is changed then.
    """
    try:
        made = _stage(places, changes + _generations(places, changes))
        journal.write(places, made)
    except OSError as error:
        journal.forget_staged(places)
        is_plugin = isinstance(error.filename, str) and bool(path_below(error.filename, places.plugins_root))
        where = places.plugins_root if is_plugin else places.root
        raise LecternError("Can't write below '%s': %s. Nothing was changed." % (where, error.strerror)) from None
    except LecternError:
        journal.forget_staged(places)
        raise
    done = completion.complete(places, made)
    if done.kept:
        raise LecternError(
            "'%s' was saved by somebody else while this call worked: it stays, and nothing was changed. Run again. What this call would "
            "have saved is in '%s'." % (made.config, done.kept)
        )


def make_folders(places: Places, folders: List[str]) -> None:
    """Makes folders that are empty, and what leads to them. The caller holds the lock."""
    with journal.folders(places) as opened:
        for folder in folders:
            opened.open(folder, make=True)


def recover(places: Places) -> List[str]:
    """Completes the journal of a run that was killed, if there is one, and removes what it left. The caller holds the lock.

    Returns a sentence on each thing done. Raises LecternError when the system refuses; the next call goes on there.
    """
    found = journal.read(places)
    done = completion.complete(places, found) if found else completion.NOTHING
    journal.forget_staged(places)
    with contextlib.suppress(OSError), files.open_own(files.own_path(places)) as own:
        files.sweep(own)
    return _sentences(places, found.config, done) if found else []


def _sentences(places: Places, config: str, done: completion.Done) -> List[str]:
    if done.kept:
        return ["Left '%s' as it was saved after a run was killed; what that run would have saved is in '%s'" % (config, done.kept)]
    left = ["Left '%s' as it was saved after a run was killed" % path for path in done.left]
    return left + (["Completed the changes of a run that was killed"] if done.changed else [])


def _stage(places: Places, changes: List[Change]) -> Journal:
    """Writes the new files where they can be renamed from. config.yml comes first, so that nothing else depends on an older one."""
    changes = sorted(changes, key=lambda change: change.path != places.config_file)
    written = [change for change in changes if change.after is not None]
    staged = _staged_paths(places, [change.path for change in written])
    moves = [Move(name, change.path, change.digest_before, digest(change.after or b"")) for name, change in zip(staged, written)]
    removals = [Removal(change.path, change.digest_before) for change in changes if change.after is None]
    journal.make_staging(places, staged)
    with journal.folders(places) as opened:
        flushed: Dict[str, List[str]] = {}
        for move, change in zip(moves, written):
            try:
                _write(places, opened, move.staged, change)
            except OSError as error:
                raise OSError(error.errno, error.strerror, move.final) from None
            flushed.setdefault(os.path.dirname(move.staged), []).append(os.path.basename(move.staged))
        for folder, names in flushed.items():
            _flush(opened.open(folder), names)
    return Journal(places.config_file, journal.digest_of(places, places.config_file), moves, removals)


def _staged_paths(places: Places, finals: List[str]) -> List[str]:
    """Where each file is staged: in the folder for that, or beside its place where that is on another file system."""
    staging = journal.staging(places)
    folders = {folder: nearest_folder(folder) for folder in {os.path.dirname(path) for path in finals}}
    own, points = files.own_path(places), mount_points.points()
    home = mount_points.of(own, points)
    near = {folder for folder in set(folders.values()) if mount_points.of(folder, points) == home}
    return [
        os.path.join(staging, str(number))
        if folders[os.path.dirname(path)] in near or path in points
        else os.path.join(folders[os.path.dirname(path)], "%s%d" % (files.TEMPORARY, number))
        for number, path in enumerate(finals)
    ]


def _write(places: Places, opened: Folders, staged: str, change: Change) -> None:
    folder, name = opened.open(os.path.dirname(staged)), os.path.basename(staged)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    with os.fdopen(handle, "wb") as stream:
        stream.write(bytes(change.after or b""))
        access.give_to_group(places, handle)
        os.fchmod(handle, change.mode)


def _flush(folder: int, names: List[str]) -> None:
    """All of them after all are written, several at a time: the disk then needs few turns for many files."""
    from concurrent.futures import ThreadPoolExecutor  # here, as most calls write nothing

    flush: Callable[[List[str]], None] = lambda some: _flush_some(folder, some)  # noqa: E731
    with ThreadPoolExecutor(FLUSHES) as pool:
        for _done in pool.map(flush, [names[first::FLUSHES] for first in range(FLUSHES)]):
            pass  # raises what the disk refused


def _flush_some(folder: int, names: List[str]) -> None:
    for name in names:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _generations(places: Places, changes: List[Change]) -> List[Change]:
    """Keeps what config.yml was and what it becomes, and only the last few of these states: no secret is ever lost."""
    files.make_folder(journal.generations_folder(places))
    kept, config_file = journal.generations(places), places.config_file
    states = [content for change in changes if change.path == config_file for content in (change.before, change.after)]
    new = [bytes(content) for content in dict.fromkeys(states) if content is not None]
    if kept and new and files.read_own(kept[-1]) == new[0]:
        new = new[1:]
    names = journal.new_generations(places, len(new))
    added = [Change(name, None, content, 0o600) for name, content in zip(names, new)]
    return added + [Change(path, b"", None, 0) for path in kept[: max(0, len(kept) + len(new) - GENERATIONS)]]
