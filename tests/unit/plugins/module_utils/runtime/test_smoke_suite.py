# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tutor's own smoke tests: upstream's command `do tests` and the real pytest run tests of ours; containers are a stand-in."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.base.releases import release_of
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import job_commands
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import one_job, programs, smoke, smoke_suite
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import job_container, orphans, project, starting
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.job_container import JobOutcome

GOOD = "import os\n\ndef test_host():\n    assert os.environ['LMS_HOST'] == 'learn.example.org'\n"
SKIPPED = "import pytest\n\nclass TestCourse:\n    def test_course(self):\n        pytest.skip('no course')\n"
BAD = """import os

class TestLogin:
    def test_login(self):
        assert os.environ["TEST_USERNAME"] == "nobody", "secret " + os.environ["TEST_PASSWORD"]
"""


class Contributions:
    def __init__(self, places, files):
        self.files, self.do_job, self.compose_project_started = files, [], []
        self.jobs = job_commands.of_filter(self.commands, places)

    @staticmethod
    def commands():
        from tutor.commands import jobs

        return [(jobs.tests_command, "core")]

    def test_files(self, suite):
        assert suite == "smoke"
        return [str(path) for path in self.files]


class Platform:
    def __init__(self, root, files):
        self.places = Places(str(root), "/plugins")
        self.config = {"LOCAL_PROJECT_NAME": "campus_local", "LMS_HOST": "learn.example.org"}
        self.release, self.secrets = release_of("22.0.3"), []
        self.contributions = Contributions(self.places, files)

    def hide(self, texts):
        self.secrets += texts

    def render(self, text, where):
        return text


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Makes a platform whose suite has these files; ``ran`` are the scripts, then the programs, that ran in containers."""
    pytest.importorskip("tutor.commands.jobs")  # which adds core's own tests
    hooks = importlib.import_module("tutor.hooks")
    if not hasattr(hooks.Filters, "TESTS"):
        pytest.skip("this release has no tests")
    if importlib.util.find_spec("requests") is None:
        monkeypatch.setattr(smoke_suite, "PACKAGES", ("pytest",))
    ran = []

    def run_script(platform, client, job, timeout, write, keep):
        ran.append((job.service, job.script))
        return JobOutcome(0, "", 0.1)

    def carry_out(platform, client, call, logs):
        ran.append((call.program.name, call.data))
        return programs.Answer({"done": True})

    services = {name + "-job": {"image": name + ":1"} for name in ("lms", "cms")}
    monkeypatch.setattr(project, "services", lambda platform, jobs=False: services)
    monkeypatch.setattr(job_container, "run_script", run_script)
    monkeypatch.setattr(job_container.docker_engine, "inspect_image", lambda client, tag: {"Id": "sha256:1"})
    monkeypatch.setattr(orphans, "settle", lambda *arguments: None)
    monkeypatch.setattr(orphans, "ended_in", lambda *arguments: [])
    monkeypatch.setattr(starting, "stop_development", lambda *arguments, **options: [])
    monkeypatch.setattr(programs, "carry_out", carry_out)

    def make(**texts):
        root, files = tmp_path / "root", []
        root.mkdir()
        (root / "config.yml").write_text(json.dumps({"LMS_HOST": "learn.example.org", "CMS_HOST": "studio.example.org"}))
        for name, text in texts.items():
            files.append(tmp_path / f"test_{name}.py")
            files[-1].write_text(text)
        usual = [*hooks.Filters.TESTS.iterate()]
        hooks.Filters.TESTS.clear()
        for path in files:
            hooks.Filters.TESTS.add_item(("lms", "smoke", str(path)))
        request.append((hooks, usual))
        return SimpleNamespace(platform=Platform(root, files), ran=ran)

    request: list = []
    yield make
    for hooks, usual in request:
        hooks.Filters.TESTS.clear()
        hooks.Filters.TESTS.add_items(usual)


def run(made):
    return smoke.run_smoke_test(made.platform, None, Logs(made.platform.places, []))


def test_suite_that_passes(suite, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-q")
    made = suite(lms=GOOD, course=SKIPPED)
    verdict = run(made)
    assert (verdict.passed, verdict.how, verdict.reason) == (True, "tutor", "")
    assert [tuple(trial) for trial in verdict.tests] == [
        ("test_lms.test_host", True, ""),
        ("test_course.TestCourse.test_course", True, "skipped: no course"),
    ]
    setup, teardown, course, removal = made.ran
    assert (setup[0], teardown[0], course[0]) == ("lms-job", "lms-job", "cms-job")
    assert "manage_user --staff --superuser lectern_smoke_" in setup[1]
    assert removal == ("smoke test", {})
    assert os.environ["PYTEST_ADDOPTS"] == "-q"
    assert not os.path.exists(os.path.join(made.platform.places.root, ".pytest_cache"))


def test_suite_that_fails_tells_which_test_without_secrets(suite, monkeypatch):
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    made = suite(lms=GOOD, login=BAD)
    verdict = run(made)
    assert not verdict.passed
    (failed,) = [trial for trial in verdict.tests if not trial.passed]
    assert failed.name == "test_login.TestLogin.test_login"
    assert failed.message.startswith("AssertionError: secret ********\nassert 'lectern_smoke_")
    assert "Aa1-" not in str(verdict)
    assert made.ran[-1] == ("smoke test", {})
    assert "PYTEST_ADDOPTS" not in os.environ


def test_suite_that_does_not_come_to_a_test(suite, monkeypatch):
    def fail(*arguments, **options):
        raise LecternError("Job 'tests' could not start service 'lms-job'.")

    made = suite(lms=GOOD)
    monkeypatch.setattr(one_job, "carry_out", fail)
    assert [tuple(trial) for trial in run(made).tests] == [
        (
            "tutor local do tests smoke",
            False,
            "Job 'tests' could not start service 'lms-job'. What it printed is in .lectern/logs/job-tests-*.log below the root",
        )
    ]


def test_administrator_that_can_not_be_removed_is_told(suite, monkeypatch):
    def fail(*arguments):
        raise LecternError("Program 'smoke test' could not run.")

    made = suite(lms=GOOD)
    monkeypatch.setattr(programs, "carry_out", fail)
    assert [trial.name for trial in run(made).tests if not trial.passed] == ["remove the administrator of the tests"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda made, monkeypatch: setattr(made.platform.contributions, "files", []), "Tutor 22.0.3 has no smoke tests of its own"),
        (
            lambda made, monkeypatch: setattr(made.platform.contributions, "files", ["/not/there/test_lms.py"]),
            "the installed package of Tutor 22.0.3 names smoke tests of its own, but does not hold them ('/not/there/test_lms.py')",
        ),
        (
            lambda made, monkeypatch: monkeypatch.setattr(smoke_suite.maintenance, "read", lambda places: "since yesterday"),
            "the site is in maintenance, which the smoke tests of Tutor 22.0.3 can't pass",
        ),
        (
            lambda made, monkeypatch: monkeypatch.setattr(smoke_suite, "PACKAGES", ("pytest", "no_such_package")),
            "the smoke tests of Tutor 22.0.3 need no_such_package in the virtual environment: add that to tutor_packages",
        ),
    ],
)
def test_reason_for_tests_of_our_own(suite, monkeypatch, change, reason):
    made = suite(lms=GOOD)
    assert smoke_suite.why_not(made.platform) == ""
    assert smoke.plan(made.platform) == "Would run Tutor's own smoke tests (tutor local do tests smoke)"
    change(made, monkeypatch)
    assert smoke_suite.why_not(made.platform) == reason
    assert smoke.plan(made.platform) == "Would log in to 'learn.example.org' as a new user, and remove that user: " + reason
