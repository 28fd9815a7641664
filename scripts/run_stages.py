# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the stages of the tests, those that can side by side, and end with one line that counts them all.

A stage is a list of steps. Each step is one command, whose output goes to .build/results/STAGE.log, and a way to count tests in it.
After a failed preparation the rest of its stage is not run; after any other failure everything goes on.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

CHECKOUT = Path(__file__).resolve().parent.parent
BUILD = CHECKOUT / ".build"
RESULTS = BUILD / "results"
STEP_SECONDS = 28 * 60
SHOWN_LINES = 120
SHOWN_WIDTH = 240
ENGINE = "tests/unit/plugins/module_utils"
MODULES = "tests/unit/plugins/modules"
PYTHONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")  # those that the engine supports
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # Tutor 22, beside which the engine is tested, is installed in it
RUNNING: set[subprocess.Popen[bytes]] = set()


class Counts(NamedTuple):
    """Numbers of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


class Step(NamedTuple):
    """One command of a stage: count(return code, output) says how many tests it was."""

    name: str
    command: list[str]
    count: Callable[[int, str], Counts]
    prepares: bool = False


def one_test(code: int, output: str) -> Counts:
    return Counts(passed=1) if code == 0 else Counts(failed=1)


def no_test(code: int, output: str) -> Counts:
    return Counts() if code == 0 else Counts(failed=1)


def check(name: str, *command: str) -> Step:
    return Step(name, list(command), one_test)


def prepare(name: str, *command: str) -> Step:
    return Step(name, list(command), no_test, prepares=True)


DOCKER_ENGINE = prepare("Docker engine", "scripts/docker-engine")
TUTOR_22 = prepare("set-up of Tutor 22", "scripts/venv", "tutor-22")


def pytest(name: str, venv: str, *paths: str) -> Step:
    """A run of pytest in the virtual environment .build/VENV."""
    report = RESULTS / f"{name.replace(' ', '-')}.xml"

    def count(code: int, output: str) -> Counts:
        if code not in (0, 1) or not report.exists():
            return Counts(failed=1)
        suite = ElementTree.parse(report).getroot().find("testsuite")
        tests, failures, errors, skipped = (int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped"))
        # A test that passed and whose teardown raised is reported twice: as a test and as an error.
        return Counts(max(tests - failures - errors - skipped, 0), max(failures + errors, code), skipped)

    return Step(name, [f".build/{venv}/bin/python", "-m", "pytest", f"--junitxml={report}", *paths], count)


def ansible_test(name: str, *arguments: str) -> Step:
    """A run of ansible-test; a sanity test or an integration target counts as one test."""

    def count(code: int, output: str) -> Counts:
        started = len(re.findall(r"^Running (?:sanity test|.* integration test)", output, re.MULTILINE))
        started -= output.count("\nNo tests applicable.\n")
        listed = re.search(r"The (\d+) \w+ test\(s\) listed below", output)
        failed = int(listed[1]) if listed else int(code != 0)
        return Counts(max(started - failed, 0), failed) if started else Counts(failed=1)

    return Step(name, ["scripts/ansible-test", *arguments, "--color", "no"], count)


def with_docker(step: Step) -> Step:
    """The step, run as one who may work with the Docker engine."""
    return step._replace(command=["scripts/docker-engine", *step.command])


def not_run(name: str, why: str) -> Step:
    return Step(f"{name}: not run, {why}", ["true"], lambda code, output: Counts(skipped=1))


def find_python(version: str) -> str:
    """Return the path of a Python of that version that works, empty where the machine has none."""
    return subprocess.run(["scripts/find-python", version], cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.strip()


def lint() -> list[Step]:
    lint_bin = ".build/lint/bin/"
    return [
        prepare("set-up", "scripts/venv", "lint"),
        check("ruff check", lint_bin + "ruff", "check", "."),
        check("ruff format", lint_bin + "ruff", "format", "--check", "."),
        check("mypy", lint_bin + "mypy"),
        check("ansible-lint", lint_bin + "ansible-lint"),
        # It writes a log into the home folder.
        check("antsibull-docs", "env", f"HOME={RESULTS}", lint_bin + "antsibull-docs", "lint-collection-docs", "--plugin-docs", "."),
        check("antsibull-changelog", lint_bin + "antsibull-changelog", "lint"),
        check("documents as a site", "scripts/docs"),
    ]


def unit() -> list[Step]:
    return [
        TUTOR_22,
        pytest("unit", "controller", "tests/unit", f"--ignore={ENGINE}", f"--ignore={MODULES}"),
        pytest("unit beside Tutor 22", "tutor-22", ENGINE),
    ]


def modules() -> list[Step]:
    return [TUTOR_22, pytest("modules", "controller", MODULES)]


def pythons() -> list[Step]:
    """The engine on every other Python of a managed host. A Python that can't be set up does not keep the next ones from being tried."""
    steps: list[Step] = []
    for version in PYTHONS:
        python, name = find_python(version), f"unit on Python {version}"
        if not python:
            steps.append(not_run(name, f"there is no Python {version} on this machine"))
        elif version != THIS_PYTHON:
            steps.append(Step(f"set-up of Python {version}", ["scripts/venv", f"python-{version}", python], no_test))
            # To kill a run at each of its lines takes minutes: the stage unit does it, on one Python.
            steps.append(pytest(name, f"python-{version}", ENGINE, "-k", "not killed_before_every_single_line"))
    return steps


def sanity() -> list[Step]:
    return [
        prepare("shellcheck", "scripts/apt-install", "shellcheck"),
        ansible_test("ansible-test sanity", "sanity", "--python", THIS_PYTHON, "-v"),
    ]


def parity() -> list[Step]:
    return [pytest("parity", "controller", "tests/parity")]


def demo() -> list[Step]:
    return [DOCKER_ENGINE, with_docker(pytest("demo", "controller", "tests/demo"))]


def integration() -> list[Step]:
    return [
        DOCKER_ENGINE,
        TUTOR_22,
        with_docker(ansible_test("integration of images", "integration", "image", "--continue-on-error")),
        with_docker(
            ansible_test("integration of the rest", "integration", "--exclude", "image", "--exclude", "playbooks", "--continue-on-error")
        ),
        with_docker(ansible_test("integration of playbooks", "integration", "playbooks", "--continue-on-error")),
    ]


def e2e() -> list[Step]:
    return [DOCKER_ENGINE, with_docker(pytest("e2e", "controller", "tests/e2e"))]


def awx() -> list[Step]:
    return [pytest("awx", "controller", "tests/awx")]


def documents() -> list[Step]:
    return [TUTOR_22, pytest("documents", "controller", "tests/documents")]


STAGES = {stage.__name__: stage for stage in (lint, unit, modules, pythons, sanity, parity, demo, integration, e2e, awx, documents)}
# The order in which they begin, so many at a time, the longest first. e2e works on servers of its own, and waits more than it works.
ORDER = ["modules", "integration", "e2e", "demo", "unit", "parity", "pythons", "sanity", "lint", "documents"]
AT_A_TIME = 3
BY_HAND = ["awx"]  # run where they are named


def environment() -> dict[str, str]:
    """Environment variables for every step: this checkout's Ansible, and nothing of the user's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TUTOR_", "PYTEST_"))}
    path = f"{BUILD}/controller/bin:{own['PATH']}"
    return {**own, "PATH": path, "ANSIBLE_COLLECTIONS_PATH": str(BUILD / "collections"), "NO_COLOR": "1"}


def run(command: list[str], log: Path) -> tuple[int, str]:
    """Run a command, its output appended to the log. Returns (return code, output)."""
    with log.open("a+") as file:
        start = file.tell()
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment(), stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
        RUNNING.add(process)
        try:
            code = process.wait(STEP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
            print(f"Killed after {STEP_SECONDS} s.", file=file, flush=True)
        RUNNING.remove(process)
    with log.open(errors="replace") as file:
        file.seek(start)
        return code, file.read()


def stop(number: int, frame: object) -> None:
    """On a signal, end every command that runs, with all it started."""
    for process in list(RUNNING):
        os.killpg(process.pid, signal.SIGKILL)
    os._exit(128 + number)


class Report:
    """What the stages came to; they write to it at the same time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rows: list[tuple[str, str, float, Counts]] = []

    def add(self, stage: str, step: Step, seconds: float, counts: Counts, output: str) -> None:
        with self.lock:
            if counts != Counts():
                self.rows.append((stage, step.name, seconds, counts))
            print(f"{stage}: {step.name}: {counts} ({seconds:.0f} s)", flush=True)
            if counts.failed:
                lines = [line[:SHOWN_WIDTH] for line in output.splitlines()[-SHOWN_LINES:]]
                print(*(f"    {line}" for line in lines), f"    (all of it: .build/results/{stage}.log)", sep="\n", flush=True)

    def total(self) -> Counts:
        return sum((counts for stage, name, seconds, counts in self.rows), Counts())

    def print(self) -> None:
        print(f"\n{'stage':<12} {'step':<44} {'seconds':>7} {'passed':>7} {'failed':>7} {'skipped':>8}")
        for stage, name, seconds, counts in sorted(self.rows, key=lambda row: list(STAGES).index(row[0])):
            print(f"{stage:<12} {name:<44} {seconds:7.0f} {counts.passed:7} {counts.failed:7} {counts.skipped:8}")
        print(f"\n{self.total()}", flush=True)


def run_stage(stage: str, report: Report) -> None:
    log = RESULTS / f"{stage}.log"
    log.write_text("")
    for step in STAGES[stage]():
        started = time.monotonic()
        code, output = run(step.command, log)
        counts = step.count(code, output)
        report.add(stage, step, time.monotonic() - started, counts, output)
        if step.prepares and code:
            return


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in STAGES]
    if unknown:
        print(f"There is no stage {', '.join(unknown)}. The stages are: {', '.join(STAGES)}.", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = Report()
    wanted = [stage for stage in [*ORDER, *BY_HAND] if stage in (names or ORDER)]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for future in [pool.submit(run_stage, stage, report) for stage in wanted]:
            future.result()
    report.print()
    return 1 if report.total().failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
