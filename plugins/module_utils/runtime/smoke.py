# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smoke test of a platform, its verdict, and whether that still holds."""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Optional

from ..base import files, moments
from ..base.content import digest
from ..base.logs import Logs
from ..base.masking import mask_text
from ..base.places import Places
from ..render.maintenance_page import CADDYFILE
from ..root import manifest
from ..root.platform import Platform
from . import smoke_login, smoke_suite
from .compose import settled
from .smoke_login import Trial

BY_TUTOR, BY_LECTERN = "tutor", "lectern"


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


def run_smoke_test(platform: Platform, client: Any, logs: Logs) -> Verdict:
    """Try the platform, record the verdict and return it. Raises LecternError where it could not be tried at all."""
    state, reason = state_of(platform.places), smoke_suite.why_not(platform)
    how, run = (BY_LECTERN, smoke_login.try_login) if reason else (BY_TUTOR, smoke_suite.try_suite)
    tests = [trial._replace(message=mask_text(trial.message, platform.secrets)) for trial in run(platform, client, logs)]
    finished = moments.now()
    verdict = Verdict(all(trial.passed for trial in tests), how, reason, tests, finished)
    files.make_own_folder(platform.places)
    files.write_json(path(platform.places), dict(verdict.describe(), state=state))
    return verdict


def explain(verdict: Verdict) -> str:
    """Return the tests that failed, each with what was wrong."""
    return "; ".join("%s: %s" % (trial.name, trial.message) for trial in verdict.tests if not trial.passed)


def plan(platform: Platform) -> str:
    """Return a sentence on what a smoke test would do."""
    reason = smoke_suite.why_not(platform)
    if reason:
        return "Would log in to '%s' as a new user, and remove that user: %s" % (platform.config.get("LMS_HOST"), reason)
    return "Would run Tutor's own smoke tests (tutor local do tests smoke)"
