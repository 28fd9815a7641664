# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the changes of a journal, in the run that wrote it or, if that was killed, in the next one.

A file that holds neither its old nor its new content was saved by somebody in between, and stays. The order is: config.yml, removals (one
may be in the way of a new file), all other files.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from typing import Iterator, List, NamedTuple, Tuple

from ..base import files, mount_points
from ..base.content import digest
from ..base.errors import LecternError
from ..base.folders import Folders
from ..base.places import Places
from .journal import (
    UNKNOWN,
    Journal,
    Move,
    Removal,
    digest_at,
    folders,
    forget_staged,
    generations,
    generations_folder,
    new_generations,
    path,
)


class JournalOutcome(NamedTuple):
    """What came of a journal."""

    changed: bool
    left: List[str]  # files that somebody else saved in between and that stay
    kept: str  # where config.yml is one of them, the path of its new content; nothing was changed then


NOTHING_DONE = JournalOutcome(False, [], "")


def complete(places: Places, journal: Journal) -> JournalOutcome:
    """Make the remaining changes and remove the journal.

    Raises LecternError when the system refuses one of them; the next call continues there.
    """
    try:
        with folders(places) as source, folders(places) as target:
            outcome = _make_changes(Completion(places, journal, source, target))
        os.unlink(path(places))
    except OSError as error:
        if _is_untouched(places, journal):
            os.unlink(path(places))
            forget_staged(places)
            raise LecternError("Can't write '%s': %s. Nothing was changed." % (error.filename, error.strerror)) from None
        raise LecternError(
            "The changes below '%s' are half made: '%s': %s. Repair that and run again, which completes them."
            % (places.root, error.filename, error.strerror)
        ) from None
    forget_staged(places)
    return outcome


def _is_untouched(places: Places, journal: Journal) -> bool:
    """Return whether no change was made yet: config.yml, which comes first, is still staged, and is not written in place."""
    config = [move for move in journal.moves if move.final == journal.config]
    with folders(places) as source:
        return bool(config) and journal.config not in mount_points.mount_points() and digest_at(source, config[0].staged) is not None


class Completion(NamedTuple):
    """The journal to complete; ``source`` opens the folders of staged files, ``target`` those of the files they replace."""

    places: Places
    journal: Journal
    source: Folders
    target: Folders


def _make_changes(work: Completion) -> JournalOutcome:
    journal = work.journal
    config = [move for move in journal.moves if move.final == journal.config]
    config_was_saved = _is_config_saved(work, config)
    if config_was_saved and config and _is_staged(work, config[0].staged):
        return JournalOutcome(False, [], _keep_config(work, config[0]))
    changed, left = False, []
    for move in config:
        changed = _move_into_place(work, move) or changed
    for removal in journal.removals:
        now = digest_at(work.target, removal.path)
        if now is None:
            continue
        if _may_remove(work, removal, now, config_was_saved):
            _remove(work, removal.path)
            changed = True
        else:
            left.append(removal.path)
    _keep_in_manifest(work, left)
    for move in journal.moves:
        if move.final == journal.config or not _is_staged(work, move.staged):
            continue
        if not _may_replace(work, move):
            left.append(move.final)
            continue
        try:
            changed = _move_into_place(work, move) or changed
        except NotADirectoryError:  # its folder is a file that stays, or was saved in between
            left.append(move.final)
    return JournalOutcome(changed, left, "")


def _may_remove(work: Completion, removal: Removal, now: str, config_was_saved: bool) -> bool:
    """Return whether nobody saved the file, or config.yml, since the journal was written. Lectern's own files are always removed."""
    if _is_below_own_folder(work.places, removal.path):
        return True
    return not config_was_saved and removal.before in (now, UNKNOWN)


def _may_replace(work: Completion, move: Move) -> bool:
    """Return whether nobody saved the file since the journal was written. Lectern's own files are always replaced."""
    if _is_below_own_folder(work.places, move.final) or move.before == UNKNOWN:
        return True
    return digest_at(work.target, move.final) in (None, move.before, move.after)


def _is_staged(work: Completion, file: str) -> bool:
    """Return whether a staged file has not been moved into place yet."""
    try:
        os.stat(os.path.basename(file), dir_fd=work.source.open(os.path.dirname(file)), follow_symlinks=False)
        return True
    except FileNotFoundError:
        return False


def _is_below_own_folder(places: Places, name: str) -> bool:
    return name.startswith(files.own_path(places) + os.sep)


def _is_config_saved(work: Completion, moves: List[Move]) -> bool:
    """Return whether somebody else saved config.yml since the journal was written. ``moves`` are those of config.yml."""
    journal, now = work.journal, digest_at(work.target, work.journal.config)
    if not moves:
        return journal.config_digest not in (now, UNKNOWN)
    move = moves[0]
    staged = digest_at(work.source, move.staged)
    if move.before == UNKNOWN:
        return now not in {None, staged, *_kept_digests(work)}
    if staged is None:
        return now != move.after
    return now not in (None, move.before, move.after) and not _is_half_written(work, move)


def _kept_states(work: Completion) -> Iterator[Tuple[str, bytes]]:
    """Yield final path and content of the kept states of config.yml and of those still staged, newest first."""
    folder = generations_folder(work.places)
    for move in reversed(work.journal.moves):
        if os.path.dirname(move.final) == folder and _is_staged(work, move.staged):
            yield move.final, _read(work.source, move.staged)
    names: List[str] = []
    with contextlib.suppress(FileNotFoundError):
        names = generations(work.places)
    for name in reversed(names):
        yield name, files.read_own(name)


def _kept_digests(work: Completion) -> List[str]:
    return [digest(content) for _path, content in _kept_states(work)]


def _read(opened: Folders, file: str) -> bytes:
    handle = os.open(os.path.basename(file), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=opened.open(os.path.dirname(file)))
    with os.fdopen(handle, "rb") as stream:
        return stream.read()


def _is_half_written(work: Completion, move: Move) -> bool:
    """Return whether writing config.yml in place was interrupted: it begins with the new text and ends with the old one."""
    if work.journal.config not in mount_points.mount_points():
        return False
    now, after = _read(work.target, move.final), _read(work.source, move.staged)
    written = len(os.path.commonprefix([now, after]))
    return any(now[written:] == before[written:] for _path, before in _kept_states(work) if digest(before) == move.before)


def _keep_config(work: Completion, move: Move) -> str:
    """Keep the new config.yml among the earlier states. Returns the path of the file that holds it."""
    folder = generations_folder(work.places)
    for other in work.journal.moves:
        if os.path.dirname(other.final) == folder and _is_staged(work, other.staged):
            _move_into_place(work, other)
    content = _read(work.source, move.staged)
    kept = next((name for name, state in _kept_states(work) if state == content), None)
    if kept is None:
        kept = new_generations(work.places, 1)[0]
        files.write_own(kept, content)
    return kept


def _keep_in_manifest(work: Completion, left: List[str]) -> None:
    """Keep files that stay instead of being removed in the staged manifest: the next rendering decides about them."""
    places, wanted = work.places, files.own_path(work.places, "manifest.json")
    names = [name[len(places.env) + 1 :] for name in left if name.startswith(places.env + os.sep)]
    for move in work.journal.moves:
        if names and move.final == wanted and _is_staged(work, move.staged):
            known, coming = files.read_json(wanted, {}).get("files", {}), json.loads(_read(work.source, move.staged))
            coming["files"].update({name: known[name] for name in names if name in known})
            files.write_own(move.staged, json.dumps(coming, sort_keys=True).encode())


def _move_into_place(work: Completion, move: Move) -> bool:
    """Move a staged file into place. Returns whether it was still staged."""
    try:
        if not _is_staged(work, move.staged):
            return False
        if move.final == work.journal.config and move.final in mount_points.mount_points():
            _write_in_place(work, move)
            return True
        folder = work.target.open(os.path.dirname(move.final), make=True)
        source = work.source.open(os.path.dirname(move.staged))
        os.rename(os.path.basename(move.staged), os.path.basename(move.final), src_dir_fd=source, dst_dir_fd=folder)
        return True
    except OSError as error:
        raise OSError(error.errno, error.strerror, move.final) from None


def _write_in_place(work: Completion, move: Move) -> None:
    """Write to config.yml where nothing can be renamed onto it. _is_half_written recognizes an interrupted write."""
    content = _read(work.source, move.staged)
    staged = os.stat(os.path.basename(move.staged), dir_fd=work.source.open(os.path.dirname(move.staged)), follow_symlinks=False)
    name, folder = os.path.basename(move.final), work.target.open(os.path.dirname(move.final))
    handle = os.open(name, os.O_WRONLY | os.O_NOFOLLOW, dir_fd=folder)
    with os.fdopen(handle, "wb", buffering=0) as stream:
        written = 0
        while written < len(content):
            written += stream.write(content[written:]) or 0
        stream.truncate(len(content))
        with contextlib.suppress(PermissionError):  # of another user's file
            os.fchmod(handle, stat.S_IMODE(staged.st_mode))
        os.fsync(handle)
    os.unlink(os.path.basename(move.staged), dir_fd=work.source.open(os.path.dirname(move.staged)))


def _remove(work: Completion, file: str) -> None:
    """Remove a file, and its folders below env/ that are empty then."""
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.basename(file), dir_fd=work.target.open(os.path.dirname(file)))
    except OSError as error:
        raise OSError(error.errno, error.strerror, file) from None
    folder = os.path.dirname(file)
    while folder.startswith(work.places.env + os.sep):
        try:
            os.rmdir(os.path.basename(folder), dir_fd=work.target.open(os.path.dirname(folder)))
        except OSError:
            return
        folder = os.path.dirname(folder)
