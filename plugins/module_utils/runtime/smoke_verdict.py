# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict of the last smoke test, and whether that still holds: what a deployment with nothing to do needs of it."""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Optional

from ..base import files
from ..base.content import digest
from ..base.places import Places
from ..render.maintenance_page import CADDYFILE
from ..root import manifest
from .compose import settled


class Trial(NamedTuple):
    """One test, whether it passed, and what was wrong."""

    name: str
    passed: bool
    message: str = ""


class Verdict(NamedTuple):
    """What came of a smoke test: who made it and why so, its tests, and when it ended, as ``2026-01-31T08:00:00Z``."""

    passed: bool
    how: str
    reason: str
    tests: List[Trial]
    finished: str

    def describe(self) -> Dict[str, Any]:
        """Return it as results and the record have it."""
        return dict(self._asdict(), tests=[dict(trial._asdict()) for trial in self.tests])


def path(places: Places) -> str:
    """Return the path of the record of the last verdict."""
    return files.own_path(places, "smoke.json")


def read_verdict(places: Places) -> Optional[Dict[str, Any]]:
    """Return the last verdict as results have it, and what it was about (``state``); None where there is none.

    Raises LecternError for a damaged record.
    """
    content = files.read_json(path(places), None)
    if content is not None and not (isinstance(content, dict) and {*Verdict._fields, "state"} <= {*content}):
        raise files.damaged(path(places))
    return content


def why_due(places: Places) -> Optional[str]:
    """Return why a smoke test is due; None where the last one passed, and what it was about has not changed since."""
    verdict = read_verdict(places)
    if verdict is None:
        return "there was none yet"
    if not verdict["passed"]:
        return "the last one failed"
    return None if verdict["state"] == state_of(places) else "the platform has changed since the last one"


def describe_last(places: Places) -> Optional[Dict[str, Any]]:
    """Return the last verdict, and whether it is about the platform as it is now (``current``); None where there is none.

    Raises LecternError for a damaged record.
    """
    verdict = read_verdict(places)
    return verdict and dict({name: verdict[name] for name in Verdict._fields}, current=verdict["state"] == state_of(places))


def state_of(places: Places) -> str:
    """Return a digest of what was deployed: the environment, and the containers of the project.

    The Caddyfile is left out, as it changes with each maintenance.
    """
    rendered = {name: entry for name, entry in manifest.load(places).files.items() if name != CADDYFILE}
    return digest(json.dumps([rendered, files.read_json(settled.path(places), {})], sort_keys=True))
