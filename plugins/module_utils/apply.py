# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a plan: all files are staged first, then renamed into place under a journal.

A run that is killed while it stages leaves everything as it was. One that is killed while it renames is completed by the
next call, which finds the journal. So no root is ever left between two states.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from datetime import datetime
from typing import Any, Dict, List

from . import plan, state
from .errors import LecternError
from .places import Places
from .plan import Change

GENERATIONS = 10  # copies of config.yml that are kept
FLUSHES = 16  # files that are flushed at the same time
GENERATION = re.compile(r"config-\d{8}T\d{6}\.\d{6}-\d\.yml")  # other files there are somebody's own


def _own(places: Places, name: str) -> str:
    return os.path.join(places.root, ".lectern", name)


def apply(places: Places, changes: List[Change]) -> None:
    """Makes the changes. The caller holds the lock.

    Raises LecternError when the disk refuses, or a file that is copied changed meanwhile; nothing is changed then.
    """
    try:
        journal = _stage(places, changes + _generations(places, changes))
        state.write_json(_own(places, "journal.json"), journal, _own(places, "staging"))
    except OSError as error:
        _forget_staged(places)
        raise LecternError("Can't write below '%s': %s. Nothing was changed." % (places.root, error.strerror)) from None
    except LecternError:
        _forget_staged(places)
        raise
    recover(places)


def _stage(places: Places, changes: List[Change]) -> Dict[str, Any]:
    staging = _own(places, "staging")
    shutil.rmtree(staging, ignore_errors=True)
    os.mkdir(staging, 0o700)
    changes, removals = [c for c in changes if c.after is not None], [c.path for c in changes if c.after is None]
    folders = {folder: plan.existing(folder) for folder in {os.path.dirname(change.path) for change in changes}}
    near = {folder for folder in set(folders.values()) if os.stat(folder).st_dev == os.stat(staging).st_dev}
    moves = []
    for number, change in enumerate(changes):
        folder = folders[os.path.dirname(change.path)]
        staged = os.path.join(staging, str(number)) if folder in near else os.path.join(folder, ".lectern-%d" % number)
        _write(staged, change, places)
        moves.append([staged, change.path])
    _flush([staged for staged, _final in moves])
    return {"moves": moves, "removals": removals}


def _write(staged: str, change: Change, places: Places) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(staged)
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(bytes(change.after or b""))
        os.fchmod(stream.fileno(), change.mode)
    state.adopt(staged, places)


def _flush(paths: List[str]) -> None:
    """All of them after all are written, several at a time: the disk then needs few turns for many files."""
    from concurrent.futures import ThreadPoolExecutor  # here, as most calls write nothing

    with ThreadPoolExecutor(FLUSHES) as pool:
        for _done in pool.map(_flush_some, [paths[first::FLUSHES] for first in range(FLUSHES)]):
            pass  # raises what the disk refused


def _flush_some(paths: List[str]) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _forget_staged(places: Places) -> None:
    shutil.rmtree(_own(places, "staging"), ignore_errors=True)


def recover(places: Places) -> None:
    """Completes the renames of the journal, if there is one. The caller holds the lock.

    Raises LecternError when the system refuses one of them; the next call goes on there.
    """
    path = _own(places, "journal.json")
    journal = state.read_json(path, None)
    if journal:
        if not _is_journal(journal):
            raise LecternError("'%s' is damaged: remove it, Lectern makes it anew." % path)
        _refuse_outside(places, path, journal)
        try:
            _complete(places, journal)
        except OSError as error:
            raise LecternError(
                "The changes below '%s' are half made: '%s': %s. Repair that and run again, which completes them."
                % (places.root, error.filename, error.strerror)
            ) from None
        os.unlink(path)
    _forget_staged(places)


def _is_journal(found: Any) -> bool:
    moves, removals = (found.get("moves"), found.get("removals")) if isinstance(found, dict) else (None, None)
    if not isinstance(moves, list) or not isinstance(removals, list):
        return False
    pairs = all(isinstance(move, list) and len(move) == 2 for move in moves)
    return pairs and all(isinstance(path, str) for path in [*removals, *(path for move in moves for path in move)])


def _refuse_outside(places: Places, path: str, journal: Dict[str, Any]) -> None:
    """The owner of the root can write a journal too, and must not have another user, who may do more, move files elsewhere."""
    ours = tuple(folder + os.sep for folder in (places.root, places.plugins_root, os.path.dirname(places.config_file)))
    for name in [*journal["removals"], *(name for move in journal["moves"] for name in move)]:
        if not os.path.normpath(name).startswith(ours):
            raise LecternError("'%s' names '%s', which lies outside of root and plugins root: look at it, and remove it." % (path, name))


def _complete(places: Places, journal: Dict[str, Any]) -> None:
    for final in journal["removals"]:  # first: one may stand in the way of a new file
        _remove(final, places)
    for staged, final in journal["moves"]:
        if os.path.lexists(staged):
            _folders(os.path.dirname(final), places)
            os.rename(staged, final)


def _folders(folder: str, places: Places) -> None:
    """Makes missing folders, readable as Tutor's are, for the root's owner."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        os.mkdir(path)
        os.chmod(path, 0o755)
        state.adopt(path, places)


def _remove(path: str, places: Places) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    folder = os.path.dirname(path)
    while folder.startswith(places.env + os.sep):
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)


def generations(places: Places) -> List[str]:
    """The kept states of config.yml, oldest first. Raises OSError where their folder can't be read."""
    folder = _own(places, "generations")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if GENERATION.fullmatch(name)]


def _generations(places: Places, changes: List[Change]) -> List[Change]:
    """Keeps what config.yml was and what it becomes, and only the last few of these states: no secret is ever lost."""
    folder = _own(places, "generations")
    state.make_folder(folder)
    kept, config_file = generations(places), places.config_file
    states = [content for change in changes if change.path == config_file for content in (change.before, change.after)]
    new = [content for content in dict.fromkeys(states) if content is not None]
    if kept and new and state.read_bytes(kept[-1]) == new[0]:
        new = new[1:]
    now = datetime.now().strftime("%Y%m%dT%H%M%S.%f")
    added = [Change(os.path.join(folder, "config-%s-%d.yml" % (now, number)), None, content, 0o600) for number, content in enumerate(new)]
    return added + [Change(path, b"", None, 0) for path in kept[: max(0, len(kept) + len(new) - GENERATIONS)]]
