# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smoke test of a platform: who makes it, and what came of it."""

from __future__ import annotations

from typing import Any

from ..base import files, moments
from ..base.logs import Logs
from ..base.masking import mask_text
from ..root.platform import Platform
from . import smoke_login, smoke_suite
from .smoke_verdict import Verdict, path, state_of

BY_TUTOR, BY_LECTERN = "tutor", "lectern"


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
