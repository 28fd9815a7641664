# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: which tasks succeeded, each with its script, image and service definition."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional

from ..base import files, moments
from ..base.errors import LecternError
from ..base.places import Places


class Fingerprint(NamedTuple):
    """What decides whether a task has to run again: digests of script and service definition, and the image's id (None: missing)."""

    script: str
    image: Optional[str]
    definition: str


class Ledger:
    """The file ``.lectern/ledger.json``: entries by key of a task. Each change is on disk when the method returns."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._path = files.own_path(places, "ledger.json")
        self._entries: Dict[str, Dict[str, Any]] = files.read_json(self._path, {})
        if not isinstance(self._entries, dict) or not all(isinstance(entry, dict) for entry in self._entries.values()):
            raise LecternError("'%s' is damaged: remove it, and the next run of the tasks recreates it." % self._path)

    def reason_to_run(self, key: str, fingerprint: Fingerprint) -> Optional[str]:
        """Return why a task has to run; None where nothing changed since it succeeded."""
        entry = self._entries.get(key)
        if entry is None:
            return "it has not succeeded yet"
        parts = (("script", "script"), ("image", "image"), ("definition", "service definition"))
        changed = [word for field, word in parts if entry.get(field) != getattr(fingerprint, field)]
        return "changed since it succeeded: %s" % ", ".join(changed) if changed else None

    def succeeded_at(self, key: str) -> Optional[str]:
        """Return when a task succeeded, as ``2026-01-31T08:00:00Z``; None where it did not."""
        return self._entries.get(key, {}).get("succeeded")

    def forget(self, key: str) -> None:
        """Remove a task that starts: until it succeeds it counts as not done."""
        if self._entries.pop(key, None):
            self._write()

    def record(self, key: str, fingerprint: Fingerprint) -> None:
        """Record that a task succeeded just now."""
        self._entries[key] = dict(fingerprint._asdict(), succeeded=moments.now())
        self._write()

    def _write(self) -> None:
        files.make_own_folder(self._places)
        files.write_json(self._path, self._entries)
