# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds files of the environment that were edited or removed by hand since Lectern wrote them."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from ..base.content import read_bytes
from ..base.places import Places
from . import journal, manifest


def report(places: Places, known: manifest.Manifest, paths: List[str]) -> Dict[str, Any]:
    """Return the manifest's files (those at or below ``paths``, if any), each with ``drift``: edited or removed by hand since."""
    wanted = [os.path.normpath(path) for path in paths]
    coming = _digests_to_come(places)
    files = {}
    for name, entry in known.files.items():
        if not wanted or any(name == path or name.startswith(path + os.sep) or path == os.curdir for path in wanted):
            file = os.path.join(places.env, name)
            files[name] = dict(entry, drift=_digest_on_disk(file) not in (entry["digest"], coming.get(file)))
    return files


def _digests_to_come(places: Places) -> Dict[str, str]:
    """Return by path the digests of the files that a killed run left for the next one to write; empty for a file to remove."""
    begun = journal.read(places)
    if begun is None:
        return {}
    moves = {move.final: "sha256:" + move.after for move in begun.moves}
    return {**moves, **{removal.path: "" for removal in begun.removals}}


def _digest_on_disk(path: str) -> str:
    if os.path.islink(path) or not os.path.isfile(path):
        return ""
    return manifest.digest(read_bytes(path))
