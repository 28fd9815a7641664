# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies changes: stages all files first, then renames them under a journal (journal.py, completion.py).

A run that is killed while staging leaves everything as it was. The next call completes one that was killed while renaming, because it
finds the journal. So no root is ever left between two states.
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

GENERATIONS = 10  # states of config.yml to keep

FLUSHES = 16  # files to flush at the same time


def apply(places: Places, changes: List[Change]) -> None:
    """Make the changes. The caller holds the lock.

    Raises LecternError, and changes nothing, when the disk refuses, a file changes while it is copied, or somebody else saves config.yml
    meanwhile.
    """
    try:
        begun = _stage(places, changes + _keep_generations(places, changes))
        journal.write(places, begun)
    except OSError as error:
        journal.forget_staged(places)
        is_plugin = isinstance(error.filename, str) and bool(path_below(error.filename, places.plugins_root))
        where = places.plugins_root if is_plugin else places.root
        raise LecternError("Can't write below '%s': %s. Nothing was changed." % (where, error.strerror)) from None
    except LecternError:
        journal.forget_staged(places)
        raise
    outcome = completion.complete(places, begun)
    if outcome.kept:
        raise LecternError(
            "'%s' was saved by somebody else while this call worked: it stays, and nothing was changed. Run again. What this call would "
            "have saved is in '%s'." % (begun.config, outcome.kept)
        )


def make_folders(places: Places, folders: List[str]) -> None:
    """Create empty folders and their parents. The caller holds the lock."""
    with journal.folders(places) as opener:
        for folder in folders:
            opener.open(folder, make=True)


def recover(places: Places) -> List[str]:
    """Complete the journal of a killed run, if any, and remove what the run left. The caller holds the lock.

    Returns a sentence on each thing done. Raises LecternError when the system refuses; the next call continues there.
    """
    begun = journal.read(places)
    outcome = completion.complete(places, begun) if begun else completion.NOTHING_DONE
    journal.forget_staged(places)
    with contextlib.suppress(OSError), files.open_own(files.own_path(places)) as own:
        files.sweep(own)
    return _describe(outcome, begun.config) if begun else []


def _describe(outcome: completion.JournalOutcome, config: str) -> List[str]:
    if outcome.kept:
        return ["Left '%s' as it was saved after a run was killed; what that run would have saved is in '%s'" % (config, outcome.kept)]
    sentences = ["Left '%s' as it was saved after a run was killed" % path for path in outcome.left]
    if outcome.changed:
        sentences.append("Completed the changes of a run that was killed")
    return sentences


def _stage(places: Places, changes: List[Change]) -> Journal:
    """Write the new files where they can be renamed from. config.yml comes first, so that no other file is newer than it."""
    changes = sorted(changes, key=lambda change: change.path != places.config_file)
    written = [change for change in changes if change.after is not None]
    staged = _staged_paths(places, [change.path for change in written])
    moves = [Move(name, change.path, change.digest_before, digest(change.after or b"")) for name, change in zip(staged, written)]
    removals = [Removal(change.path, change.digest_before) for change in changes if change.after is None]
    journal.make_staging(places, staged)
    with journal.folders(places) as opener:
        names_by_folder: Dict[str, List[str]] = {}
        for move, change in zip(moves, written):
            try:
                _write(places, opener, move.staged, change)
            except OSError as error:
                raise OSError(error.errno, error.strerror, move.final) from None
            names_by_folder.setdefault(os.path.dirname(move.staged), []).append(os.path.basename(move.staged))
        for folder, names in names_by_folder.items():
            _flush(opener.open(folder), names)
    return Journal(places.config_file, journal.digest_of(places, places.config_file), moves, removals)


def _staged_paths(places: Places, finals: List[str]) -> List[str]:
    """Return where to stage each file: in the staging folder, or beside its place if that is on another file system."""
    staging = journal.staging(places)
    folders = {folder: nearest_folder(folder) for folder in {os.path.dirname(path) for path in finals}}
    own, points = files.own_path(places), mount_points.mount_points()
    home = mount_points.mount_of(own, points)
    near = {folder for folder in set(folders.values()) if mount_points.mount_of(folder, points) == home}
    return [
        os.path.join(staging, str(number))
        if folders[os.path.dirname(path)] in near or path in points
        else os.path.join(folders[os.path.dirname(path)], "%s%d" % (files.TEMPORARY, number))
        for number, path in enumerate(finals)
    ]


def _write(places: Places, opener: Folders, staged: str, change: Change) -> None:
    folder, name = opener.open(os.path.dirname(staged)), os.path.basename(staged)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    with os.fdopen(handle, "wb") as stream:
        stream.write(bytes(change.after or b""))
        access.give_to_group(places, handle)
        os.fchmod(handle, change.mode)


def _flush(folder: int, names: List[str]) -> None:
    """Flush files after all are written, several at a time: the disk then makes fewer passes."""
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


def _keep_generations(places: Places, changes: List[Change]) -> List[Change]:
    """Return the changes that keep config.yml as it was and as it becomes, and remove all but the last GENERATIONS states."""
    files.make_folder(journal.generations_folder(places))
    kept, config_file = journal.generations(places), places.config_file
    states = [content for change in changes if change.path == config_file for content in (change.before, change.after)]
    new = [bytes(content) for content in dict.fromkeys(states) if content is not None]
    if kept and new and files.read_own(kept[-1]) == new[0]:
        new = new[1:]
    names = journal.new_generations(places, len(new))
    added = [Change(name, None, content, 0o600) for name, content in zip(names, new)]
    return added + [Change(path, b"", None, 0) for path in kept[: max(0, len(kept) + len(new) - GENERATIONS)]]
