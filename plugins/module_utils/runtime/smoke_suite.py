# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries a platform by Tutor's own smoke tests, ``tutor local do tests smoke``: where the release has them, and they can run here.

They make an administrator, an OAuth2 client, a user and a course, and leave the first two: these get names of our own, and are removed.
"""

from __future__ import annotations

import importlib.util
import os
from typing import Any, Dict, Iterator, List, Tuple
from xml.etree import ElementTree

from ..base import scratch
from ..base.errors import LecternError
from ..base.logs import Logs
from ..root import maintenance
from ..root.platform import Platform
from . import one_job, programs
from .lms import visitor
from .smoke_login import TIMEOUT
from .smoke_verdict import Trial

JOB, SUITE = "tests", "smoke"

PACKAGES = ("pytest", "requests")  # that the tests import

LONGEST = 1000  # characters of what a test that failed says

PRINTED = " What it printed is in .lectern/logs/job-tests-*.log below the root"

OPTIONS = "PYTEST_ADDOPTS"  # the variable by which pytest gets more arguments


def why_not(platform: Platform) -> str:
    """Return why Tutor's own smoke tests can't be run here; empty where they can."""
    release, paths = "Tutor %s" % platform.release.version, platform.contributions.test_files(SUITE)
    if not paths:
        return "%s has no smoke tests of its own" % release
    missing = [path for path in paths if not os.path.exists(path)]
    if missing:
        return "the installed package of %s names smoke tests of its own, but does not hold them ('%s')" % (release, missing[0])
    if maintenance.read(platform.places):
        return "the site is in maintenance, which the smoke tests of %s can't pass" % release
    lacking = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if lacking:
        return "the smoke tests of %s need %s in the virtual environment: add that to tutor_packages" % (release, " and ".join(lacking))
    return ""


def try_suite(platform: Platform, client: Any, logs: Logs) -> List[Trial]:
    """Run the suite and return its tests. Whatever became of them, the administrator is removed."""
    with scratch.temporary_folder() as folder:
        results = os.path.join(folder, "results.xml")
        trials = _run(platform, client, logs, results)
    try:
        programs.carry_out(platform, client, programs.Call(programs.program_of("smoke test", visitor), {}, (), TIMEOUT), logs)
    except LecternError as error:
        trials.append(Trial("remove the administrator of the tests", False, str(error)))
    return trials


def _run(platform: Platform, client: Any, logs: Logs, results: str) -> List[Trial]:
    name = visitor.NAME + os.urandom(4).hex()
    variables = {
        "TEST_USERNAME": name,
        "TEST_EMAIL": "%s@example.com" % name,
        "TEST_PASSWORD": "Aa1-%s" % os.urandom(16).hex(),
        "OAUTH2_CLIENT_ID": name,
        "OAUTH2_CLIENT_SECRET": os.urandom(16).hex(),
    }
    args = [SUITE, "--setup", "--non-interactive", *_options(variables)]
    before = os.environ.get(OPTIONS)
    os.environ[OPTIONS] = " ".join([*([before] if before else []), "-p", "no:cacheprovider", "--junitxml=%s" % results])
    try:
        work = one_job.work_of(platform, dict(name=JOB, args=args))
        one_job.carry_out(platform, client, work, logs, force=True, timeout=TIMEOUT)
        error = ""
    except LecternError as failure:
        error = str(failure)
    finally:
        os.environ.pop(OPTIONS)
        os.environ.update({OPTIONS: before} if before else {})
    trials = read_results(results)
    if not trials or error and all(trial.passed for trial in trials):
        trials.append(Trial("tutor local do tests smoke", False, (error or "It ran no test.") + PRINTED))
    return trials


def _options(variables: Dict[str, str]) -> Iterator[str]:
    for name, value in variables.items():
        yield "--env"
        yield "%s=%s" % (name, value)


def read_results(path: str) -> List[Trial]:
    """Return the tests in pytest's file of results; none where it did not come to write one. A test that was skipped has not failed."""
    try:
        cases = [*ElementTree.parse(path).iter("testcase")]
    except (OSError, ElementTree.ParseError):
        return []
    return [_trial(case) for case in cases]


def _trial(case: ElementTree.Element) -> Trial:
    parts = (case.get("classname") or "").split(".")
    modules = [number for number, part in enumerate(parts) if not part[:1].isupper()]  # the last is the file; classes follow
    name = ".".join([*parts[modules[-1] if modules else 0 :], case.get("name") or ""])
    found: List[Tuple[str, str]] = [(part.tag, part.get("message") or "") for part in case]
    failures = [message for tag, message in found if tag in ("failure", "error")]
    skipped = ["skipped: %s" % message for tag, message in found if tag == "skipped"]
    return Trial(name, not failures, "; ".join(failures or skipped)[:LONGEST])
