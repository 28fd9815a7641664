# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: where each staged file goes and what it replaces. completion.py makes the changes."""

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

UNKNOWN = "unknown"  # in place of a digest, in the journal of a version that kept no digests

GENERATION = re.compile(r"config-\d{8}T\d{6}\.\d{6}-\d\.yml")  # other files in the folder belong to the operator

STAGED = re.compile(re.escape(files.TEMPORARY) + r"\d+|\d+")


class Move(NamedTuple):
    """A staged file and its final path, with the digests before and after; ``before`` is None for a new file."""

    staged: str
    final: str
    before: Optional[str]
    after: str


class Removal(NamedTuple):
    """A file to remove, with the digest of its content."""

    path: str
    before: Optional[str]


class Journal(NamedTuple):
    """``config`` is the path of config.yml, ``config_digest`` that of its content when the journal was written. Its move comes first."""

    config: str
    config_digest: Optional[str]
    moves: List[Move]
    removals: List[Removal]


def path(places: Places) -> str:
    """Return the path of the journal."""
    return files.own_path(places, "journal.json")


def staging(places: Places) -> str:
    """Return the folder of staged files."""
    return files.own_path(places, "staging")


def generations_folder(places: Places) -> str:
    """Return the folder of kept states of config.yml."""
    return files.own_path(places, "generations")


def generations(places: Places) -> List[str]:
    """Return the paths of the kept states of config.yml, oldest first.

    Raises OSError where their folder can't be read, LecternError where it is a link.
    """
    folder = generations_folder(places)
    with files.open_own(folder) as own:
        return [os.path.join(folder, name) for name in sorted(os.listdir(own)) if GENERATION.fullmatch(name)]


def new_generations(places: Places, number: int) -> List[str]:
    """Return paths for this number of new states of config.yml, oldest first."""
    now = datetime.now().strftime("%Y%m%dT%H%M%S.%f")
    return [os.path.join(generations_folder(places), "config-%s-%d.yml" % (now, each)) for each in range(number)]


def _staged_elsewhere_path(places: Places) -> str:
    """Return the path of the list of files that are staged outside of the staging folder, on other file systems."""
    return files.own_path(places, "staged.json")


def folders(places: Places) -> Folders:
    """Return what opens the folders that a call may write to, without following a link."""
    bases = {places.root, places.plugins_root, os.path.dirname(places.config_file)}
    return Folders(bases, lambda path, handle: access.settle_new_folder(places, path, handle))


def digest_of(places: Places, file: str) -> Optional[str]:
    """Return the digest of a file that a call may write; None where there is no file."""
    with folders(places) as opened:
        return digest_at(opened, file)


def digest_at(opened: Folders, file: str) -> Optional[str]:
    """Return the digest of what is at this path; None for nothing and for a missing folder."""
    try:
        return digest_in(opened.open(os.path.dirname(file)), os.path.basename(file))
    except (FileNotFoundError, NotADirectoryError):
        return None


def make_staging(places: Places, staged: List[str]) -> None:
    """Create the staging folder, after listing the files staged elsewhere: the next call finds them if this one is killed."""
    forget_staged(places)
    elsewhere = [name for name in staged if os.path.dirname(name) != staging(places)]
    if elsewhere:
        files.write_json(_staged_elsewhere_path(places), elsewhere)
    files.make_folder(staging(places))


def forget_staged(places: Places) -> None:
    """Remove all staged files as far as the system permits."""
    with contextlib.suppress(OSError, LecternError):
        with files.open_own(staging(places)) as handle:
            for name in os.listdir(handle):
                os.unlink(name, dir_fd=handle)
        os.rmdir(staging(places))
    with contextlib.suppress(OSError):
        elsewhere = files.read_json(_staged_elsewhere_path(places), [])
        with folders(places) as opened:
            for name in elsewhere if isinstance(elsewhere, list) else []:
                if isinstance(name, str) and os.path.dirname(name) != staging(places) and _is_staged(places, name):
                    with contextlib.suppress(OSError, LecternError):
                        os.unlink(os.path.basename(name), dir_fd=opened.open(os.path.dirname(name)))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_staged_elsewhere_path(places))


def write(places: Places, journal: Journal) -> None:
    """Write the journal. From then on the changes will be made, by the next call if not by this one."""
    content = {
        "config": [journal.config, journal.config_digest],
        "moves": [list(move) for move in journal.moves],
        "removals": [list(removal) for removal in journal.removals],
    }
    files.write_json(path(places), content)


def read(places: Places) -> Optional[Journal]:
    """Read the journal of a killed run; None where there is none.

    Raises LecternError for a damaged journal, and for paths elsewhere: whoever can write to the root must not move other files.
    """
    content = files.read_json(path(places), None)
    if content is None:
        return None
    journal = _parse(places, content)
    if journal is None:
        raise files.damaged(path(places))
    finals = [journal.config, *(removal.path for removal in journal.removals), *(move.final for move in journal.moves)]
    outside = [name for name in finals if not _may_write(places, name)]
    outside += [move.staged for move in journal.moves if not _is_staged(places, move.staged)]
    if outside:
        raise LecternError(
            "'%s' names '%s', which lies outside of root and plugins root: inspect it, then remove it." % (path(places), outside[0])
        )
    return journal


def _may_write(places: Places, name: str) -> bool:
    """Return whether a call may write this file. Opening its folders then checks for links that lead elsewhere."""
    below = name.startswith((places.root + os.sep, places.plugins_root + os.sep)) or name == places.config_file
    return below and os.path.normpath(name) == name


def _is_staged(places: Places, name: str) -> bool:
    folder, last = os.path.split(name)
    if not STAGED.fullmatch(last) or os.path.normpath(name) != name:
        return False
    if folder == staging(places):
        return True
    return last.startswith(files.TEMPORARY) and (_may_write(places, name) or folder == os.path.dirname(places.config_file))


def _parse(places: Places, content: Any) -> Optional[Journal]:
    """Return the journal of this version, or of one before 0.2 that kept no digests; None for anything else."""
    if not isinstance(content, dict) or not isinstance(content.get("moves"), list) or not isinstance(content.get("removals"), list):
        return None
    moves, removals, config = content["moves"], content["removals"], content.get("config")
    if config is None:
        moves = [[*move, UNKNOWN, UNKNOWN] if _are_texts(move, 2) else None for move in moves]
        removals = [[name, UNKNOWN] if isinstance(name, str) else None for name in removals]
        config = [places.config_file, UNKNOWN]
    if not all(_are_paths_and_digests(move, 2, 2) for move in moves):
        return None
    if not all(_are_paths_and_digests(removal, 1, 1) for removal in [*removals, config]):
        return None
    return Journal(config[0], config[1], [Move(*move) for move in moves], [Removal(*removal) for removal in removals])


def _are_texts(items: Any, length: int) -> bool:
    return isinstance(items, list) and len(items) == length and all(isinstance(item, str) for item in items)


def _are_paths_and_digests(items: Any, paths: int, digests: int) -> bool:
    """Return whether this is a list of this many paths and then this many digests, each a text or None."""
    if not isinstance(items, list) or len(items) != paths + digests:
        return False
    return _are_texts(items[:paths], paths) and all(item is None or isinstance(item, str) for item in items[paths:])
