# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count the tests of the named stages by their JUnit files, and show the slowest.

Each folder .build/results/STAGE/STEP holds step.xml, written by scripts/step, and the files that pytest or ansible-test wrote. A step
without such files is one test. A step that failed although none of its tests did is one more failed test, as is a stage that did not run.
"""

from __future__ import annotations

import heapq
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

RESULTS = Path(__file__).resolve().parent.parent / ".build/results"
OUTCOMES = ("passed", "failed", "skipped")
SLOWEST = 10


class Test(NamedTuple):
    name: str
    seconds: float
    outcome: str


def tests_in(report: Path) -> list[Test]:
    """The tests of a JUnit file; none where its writer was killed.

    pytest lists a test twice that passed and whose teardown failed: it failed.
    """
    tests: dict[str, Test] = {}
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except ElementTree.ParseError:
        return []
    for case in cases:
        name, kinds = f"{case.get('classname')}::{case.get('name')}", {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        seconds = float(case.get("time") or 0)
        if name in tests:
            outcome = "failed" if "failed" in (outcome, tests[name].outcome) else outcome
            seconds += tests[name].seconds
        tests[name] = Test(name, seconds, outcome)
    return list(tests.values())


def steps_of(stage: str) -> list[tuple[Test, list[Test]]]:
    """The steps of a stage in their order, each with its tests."""
    steps = []
    for report in sorted((RESULTS / stage).glob("*/step.xml"), key=lambda path: path.stat().st_mtime_ns):
        (step,) = tests_in(report)
        tests = [test for path in report.parent.glob("*.xml") if path != report for test in tests_in(path)]
        if not tests or (step.outcome == "failed" and all(test.outcome != "failed" for test in tests)):
            tests.append(step)
        steps.append((step, tests))
    if not steps:
        nothing = Test(f"{stage}::nothing was run", 0, "failed")
        steps.append((nothing, [nothing]))
    return steps


def main(stages: list[str]) -> int:
    rows = [(stage, step, tests) for stage in stages for step, tests in steps_of(stage)]
    every = [test for stage, step, tests in rows for test in tests]
    print(f"\nThe {SLOWEST} slowest tests, in seconds:")
    for test in heapq.nlargest(SLOWEST, every, key=lambda test: test.seconds):
        print(f"{test.seconds:7.1f}  {test.name}")
    print(f"\n{'stage':<12} {'step':<44} {'seconds':>7} {'passed':>7} {'failed':>7} {'skipped':>8}")
    for stage, step, tests in rows:
        count, name = Counter(test.outcome for test in tests), step.name.partition("::")[2]
        name += ": not run" if step.outcome == "skipped" else ""
        print(f"{stage:<12} {name:<44} {step.seconds:7.0f} {count['passed']:7} {count['failed']:7} {count['skipped']:8}")
    total = Counter(test.outcome for test in every)
    print("\n" + ", ".join(f"{total[outcome]} {outcome}" for outcome in OUTCOMES), flush=True)
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
