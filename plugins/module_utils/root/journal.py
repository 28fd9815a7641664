# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: which staged files go where, and what each replaces. completion.py makes its changes."""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime
from typing import Any, List, NamedTuple, Optional

from ..base import access, files
from ..base.errors import LecternError
from ..base.folders import Folders, digest_in
from ..base.places import Places

UNKNOWN = "unknown"  # the digest of what a version replaced that kept none

GENERATION = re.compile(r"config-\d{8}T\d{6}\.\d{6}-\d\.yml")  # other files there are somebody's own

STAGED = re.compile(re.escape(files.TEMPORARY) + r"\d+|\d+")


class Move(NamedTuple):
    """A staged file and its place, with the digests of what is there before and after; None for nothing."""

    staged: str
    final: str
    before: Optional[str]
    after: str


class Removal(NamedTuple):
    """A file to remove, with the digest of what it holds."""

    path: str
    before: Optional[str]


class Journal(NamedTuple):
    """``config`` is where config.yml is written, ``config_digest`` what it held when the journal was made. Its move is the first one."""

    config: str
    config_digest: Optional[str]
    moves: List[Move]
    removals: List[Removal]


def path(places: Places) -> str:
    """Where the journal is kept."""
    return files.own_path(places, "journal.json")


def staging(places: Places) -> str:
    """The folder of staged files."""
    return files.own_path(places, "staging")


def generations_folder(places: Places) -> str:
    """The folder of kept states of config.yml."""
    return files.own_path(places, "generations")


def generations(places: Places) -> List[str]:
    """The kept states of config.yml, oldest first. Raises OSError where their folder can't be read, LecternError where it is a link."""
    folder = generations_folder(places)
    with files.open_own(folder) as own:
        return [os.path.join(folder, name) for name in sorted(os.listdir(own)) if GENERATION.fullmatch(name)]


def new_generations(places: Places, number: int) -> List[str]:
    """The paths of so many states of config.yml that are to be kept now, oldest first."""
    now = datetime.now().strftime("%Y%m%dT%H%M%S.%f")
    return [os.path.join(generations_folder(places), "config-%s-%d.yml" % (now, each)) for each in range(number)]


def _note(places: Places) -> str:
    """Where it is noted which files are staged elsewhere, on other file systems."""
    return files.own_path(places, "staged.json")


def folders(places: Places) -> Folders:
    """What opens the folders that a call may write in."""
    bases = {places.root, places.plugins_root, os.path.dirname(places.config_file)}
    return Folders(bases, lambda path, handle: access.settle(places, path, handle))


def digest_of(places: Places, file: str) -> Optional[str]:
    """The digest of a file that a call may write; None where there is none."""
    with folders(places) as opened:
        return digest_at(opened, file)


def digest_at(opened: Folders, file: str) -> Optional[str]:
    """The digest of what stands at this path; None where nothing does, or its folder is missing."""
    try:
        return digest_in(opened.open(os.path.dirname(file)), os.path.basename(file))
    except (FileNotFoundError, NotADirectoryError):
        return None


def make_staging(places: Places, staged: List[str]) -> None:
    """Makes the folder of staged files. Which ones go elsewhere is noted first, so that the next call finds them if this one is killed."""
    forget_staged(places)
    elsewhere = [name for name in staged if os.path.dirname(name) != staging(places)]
    if elsewhere:
        files.write_json(_note(places), elsewhere)
    files.make_folder(staging(places))


def forget_staged(places: Places) -> None:
    """Removes all staged files, as far as the system lets us."""
    with contextlib.suppress(OSError, LecternError):
        with files.open_own(staging(places)) as handle:
            for name in os.listdir(handle):
                os.unlink(name, dir_fd=handle)
        os.rmdir(staging(places))
    with contextlib.suppress(OSError):
        elsewhere = files.read_json(_note(places), [])
        with folders(places) as opened:
            for name in elsewhere if isinstance(elsewhere, list) else []:
                if isinstance(name, str) and os.path.dirname(name) != staging(places) and _is_staged(places, name):
                    with contextlib.suppress(OSError, LecternError):
                        os.unlink(os.path.basename(name), dir_fd=opened.open(os.path.dirname(name)))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_note(places))


def write(places: Places, journal: Journal) -> None:
    """Writes the journal; from then on the changes are made, by the next call if not by this one."""
    content = {
        "config": [journal.config, journal.config_digest],
        "moves": [list(move) for move in journal.moves],
        "removals": [list(removal) for removal in journal.removals],
    }
    files.write_json(path(places), content)


def read(places: Places) -> Optional[Journal]:
    """The journal of a run that was killed; None where there is none.

    Raises LecternError where it is no journal, or names files elsewhere: whoever may write in the root must not move others' files.
    """
    found = files.read_json(path(places), None)
    if found is None:
        return None
    journal = _parsed(places, found)
    if journal is None:
        raise LecternError("'%s' is damaged: remove it, Lectern makes it anew." % path(places))
    finals = [journal.config, *(removal.path for removal in journal.removals), *(move.final for move in journal.moves)]
    outside = [name for name in finals if not _is_ours(places, name)]
    outside += [move.staged for move in journal.moves if not _is_staged(places, move.staged)]
    if outside:
        raise LecternError(
            "'%s' names '%s', which lies outside of root and plugins root: look at it, and remove it." % (path(places), outside[0])
        )
    return journal


def _is_ours(places: Places, name: str) -> bool:
    """Whether a call may write this file. That no link leads elsewhere shows when the folders are opened."""
    below = name.startswith((places.root + os.sep, places.plugins_root + os.sep)) or name == places.config_file
    return below and os.path.normpath(name) == name


def _is_staged(places: Places, name: str) -> bool:
    folder, last = os.path.split(name)
    if not STAGED.fullmatch(last) or os.path.normpath(name) != name:
        return False
    if folder == staging(places):
        return True
    return last.startswith(files.TEMPORARY) and (_is_ours(places, name) or folder == os.path.dirname(places.config_file))


def _parsed(places: Places, found: Any) -> Optional[Journal]:
    """The journal of this version, or of one before 0.2 that kept no digests; None for anything else."""
    if not isinstance(found, dict) or not isinstance(found.get("moves"), list) or not isinstance(found.get("removals"), list):
        return None
    moves, removals, config = found["moves"], found["removals"], found.get("config")
    if config is None:
        moves = [[*move, UNKNOWN, UNKNOWN] if _are_texts(move, 2) else None for move in moves]
        removals = [[name, UNKNOWN] if isinstance(name, str) else None for name in removals]
        config = [places.config_file, UNKNOWN]
    if not (all(_names(move, 2, 2) for move in moves) and all(_names(removal, 1, 1) for removal in removals) and _names(config, 1, 1)):
        return None
    return Journal(config[0], config[1], [Move(*move) for move in moves], [Removal(*removal) for removal in removals])


def _are_texts(found: Any, length: int) -> bool:
    return isinstance(found, list) and len(found) == length and all(isinstance(item, str) for item in found)


def _names(found: Any, paths: int, digests: int) -> bool:
    """Whether this is a list of so many paths and then so many digests, or None in their place."""
    if not isinstance(found, list) or len(found) != paths + digests:
        return False
    return _are_texts(found[:paths], paths) and all(item is None or isinstance(item, str) for item in found[paths:])
