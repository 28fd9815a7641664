# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How scripts/test runs stages and counts their tests, with stages of this file's own in a folder of their own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
STAGES = """
.RECIPEPREFIX = >
prepare = @scripts/step --prepare $@
step = @scripts/step $@
good:
>$(step) 'one check' true
>$(step) 'another check' true
bad:
>$(step) 'first' sh -c 'echo what went wrong; exit 3'
>$(step) 'second' true
unprepared:
>$(prepare) 'set-up' false
>$(step) 'never' touch never
prepared:
>$(prepare) 'set-up' true
>$(step) 'check' true
elsewhere:
>$(step) 'on Python 9' sh -c 'echo There is no Python 9.; exit 77'
counted:
>$(step) 'two words' sh -c 'cp $(REPORT) $$JUNIT/pytest.xml; exit $(CODE)'
long:
>$(step) 'sleeper' sh -c 'sleep 600 & echo $$! >sleeper; wait'
settings:
>$(step) 'own' sh -c 'env >settings'
"""
CASES = {
    "passed": '<testcase classname="a" name="passed" time="1.5"/>',
    "failed": '<testcase classname="a" name="failed" time="2.5"><failure message="no"/></testcase>',
    "error": '<testcase classname="a" name="error" time="0"><error message="no"/></testcase>',
    "skipped": '<testcase classname="a" name="skipped" time="0"><skipped message="no"/></testcase>',
    "teardown": '<testcase classname="a" name="b" time="1"/><testcase classname="a" name="b" time="1"><error message="no"/></testcase>',
}


class Project:
    """A checkout with the scripts and the stages above."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "tests").mkdir()
        (path / "tests/stages.mk").write_text(STAGES)
        (path / "scripts").mkdir()
        for name in ("test", "step", "count_tests.py"):
            shutil.copy(CHECKOUT / "scripts" / name, path / "scripts")
        (path / "scripts/setup").write_text("#!/bin/sh\n")
        (path / "scripts/setup").chmod(0o755)
        (path / ".build/controller/bin").mkdir(parents=True)
        (path / ".build/controller/bin/python").symlink_to(sys.executable)

    def start(self, *stages: str, **variables: str) -> subprocess.Popen[str]:
        environ = {**os.environ, **variables}
        command = [str(self.path / "scripts/test"), *stages]
        return subprocess.Popen(command, cwd="/", env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *stages: str, **variables: str) -> tuple[int, str]:
        process = self.start(*stages, **variables)
        output, nothing = process.communicate(timeout=60)
        return process.returncode, output

    def report(self, *cases: str) -> str:
        """The path of a JUnit file with these cases."""
        (self.path / "report.xml").write_text(f"<testsuites><testsuite>{''.join(CASES[case] for case in cases)}</testsuite></testsuites>")
        return str(self.path / "report.xml")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def row(output: str, stage: str, step: str) -> list[int]:
    """Passed, failed and skipped tests of a step, as in the table."""
    (numbers,) = re.findall(rf"^{stage} +{step} +\d+ +(\d+) +(\d+) +(\d+)$", output, re.MULTILINE)
    return [int(number) for number in numbers]


def test_good_stage(project: Project) -> None:
    code, output = project.run("good")
    assert code == 0
    assert row(output, "good", "another check") == [1, 0, 0]
    assert output.splitlines()[-1] == "2 passed, 0 failed, 0 skipped"


def test_failed_step_is_shown_and_others_go_on(project: Project) -> None:
    code, output = project.run("bad", "good")
    assert code == 1
    assert "    what went wrong\n    (all of it: .build/results/bad.log)" in output
    assert row(output, "bad", "first") == [0, 1, 0]
    assert row(output, "bad", "second") == [1, 0, 0]
    assert output.splitlines()[-1] == "3 passed, 1 failed, 0 skipped"


def test_failed_preparation_ends_its_stage_alone(project: Project) -> None:
    code, output = project.run("unprepared", "prepared")
    assert code != 0
    assert not (project.path / "never").exists()
    assert row(output, "unprepared", "set-up") == [0, 1, 0]
    assert output.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"


def test_what_cannot_run_here_is_skipped(project: Project) -> None:
    code, output = project.run("elsewhere")
    assert code == 0
    assert "elsewhere: on Python 9: not run: There is no Python 9." in output
    assert row(output, "elsewhere", "on Python 9: not run") == [0, 0, 1]


@pytest.mark.parametrize(
    "cases, exit_code, counted",
    [
        (["passed", "skipped"], "0", [1, 0, 1]),
        (["passed", "failed", "error"], "1", [1, 2, 0]),
        (["passed", "teardown"], "1", [1, 1, 0]),
        (["passed"], "2", [1, 1, 0]),  # pytest was interrupted
        ([], "5", [0, 1, 0]),  # it found no test
    ],
)
def test_tests_of_a_step_are_counted(project: Project, cases: list[str], exit_code: str, counted: list[int]) -> None:
    code, output = project.run("counted", REPORT=project.report(*cases), CODE=exit_code)
    assert row(output, "counted", "two words") == counted
    assert code == min(counted[1], 1)


def test_report_of_a_killed_writer_counts_as_failed(project: Project) -> None:
    (project.path / "report.xml").write_text("<testsuites><testsuite><testcase ")
    code, output = project.run("counted", REPORT=str(project.path / "report.xml"), CODE="137")
    assert (code, row(output, "counted", "two words")) == (1, [0, 1, 0])


def test_slowest_tests_are_listed(project: Project) -> None:
    code, output = project.run("counted", REPORT=project.report("passed", "failed"), CODE="1")
    assert "\n    2.5  a::failed\n    1.5  a::passed\n" in output


def test_results_of_an_earlier_run_do_not_count(project: Project) -> None:
    project.run("counted", REPORT=project.report("failed"), CODE="1")
    code, output = project.run("counted", REPORT=project.report("passed"), CODE="0")
    assert (code, output.splitlines()[-1]) == (0, "1 passed, 0 failed, 0 skipped")


def test_unknown_stage(project: Project) -> None:
    code, output = project.run("godo")
    assert code == 2
    assert output.startswith("There is no stage godo. The stages are: good bad unprepared ")


def test_settings_of_the_user_are_left_out(project: Project) -> None:
    project.run("settings", ANSIBLE_CONFIG="a", TUTOR_ROOT="b", PYTEST_PLUGINS="c", MAKEFLAGS="k", KEPT="d")
    settings = dict(line.split("=", 1) for line in (project.path / "settings").read_text().splitlines() if "=" in line)
    assert not {"ANSIBLE_CONFIG", "TUTOR_ROOT", "PYTEST_PLUGINS", "MAKEFLAGS"} & set(settings)
    assert settings["KEPT"] == "d"
    assert settings["ANSIBLE_COLLECTIONS_PATH"] == f"{project.path}/.build/collections"
    assert settings["PATH"].startswith(f"{project.path}/.build/controller/bin:")


def wait_until(holds: Callable[[], bool]) -> None:
    for _attempt in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise TimeoutError


def sleeper(project: Project) -> int:
    """The process that a step has started."""
    file = project.path / "sleeper"
    wait_until(lambda: file.exists() and file.read_text() != "")
    return int(file.read_text())


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_what_steps_started(project: Project, number: signal.Signals) -> None:
    process = project.start("long", "good")
    child = sleeper(project)
    assert not is_gone(child)
    process.send_signal(number)
    output, nothing = process.communicate(timeout=60)
    assert process.returncode == 130
    wait_until(lambda: is_gone(child))


def test_step_without_end_is_ended(project: Project) -> None:
    code, output = project.run("long", STEP_LIMIT="1s")
    assert (code, row(output, "long", "sleeper")) == (1, [0, 1, 0])
    assert "timeout: sending signal TERM" in output
    child = sleeper(project)
    wait_until(lambda: is_gone(child))


def test_documents_name_every_stage() -> None:
    stages = set(re.findall(r"^(\w+):$", (CHECKOUT / "tests/stages.mk").read_text(), re.MULTILINE))
    table = (CHECKOUT / "tests/README.md").read_text().partition("| stage | what it is |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| (\w+) \|", table, re.MULTILINE)) == stages
