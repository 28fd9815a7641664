# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a site is ok, needs attention, or is broken."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.verdict import find_problems, verdict_of

PENDING = {"created": [], "changed": [], "removed": [], "settings": []}


def service(name: str = "lms", **more: Any) -> dict[str, Any]:
    entry = dict(service=name, name=f"tutor_local-{name}-1", state="running", image=f"{name}:1", current=True, health=None)
    return dict(entry, restart_reason=None, problem=None, defined=True, **more) if not more else {**service(name), **more}


def status(**more: Any) -> dict[str, Any]:
    """A site that is well, or not in one way."""
    well = dict(
        services=[service("cms"), service()],
        hosts=[],
        certificates=[],
        pending=PENDING,
        drift=[],
        due=[],
        last_run=None,
        smoke=None,
        errors=[],
    )
    return {**well, **more}


def smoke(current: bool, passed: bool = False) -> dict[str, Any]:
    tests = [("heartbeat", True, ""), ("log in", passed, "it refused"), ("call", passed, "no answer")]
    found = [dict(name=name, passed=good, message=message) for name, good, message in tests]
    return dict(passed=passed, how="lectern", reason="", tests=found, finished="2026-01-31T08:00:00Z", current=current)


def test_ok() -> None:
    assert find_problems(status(smoke=smoke(current=False, passed=True))) == []
    assert (find_problems(status()), verdict_of([])) == ([], "ok")
    good = dict(host="a.example.org", state="200", problem=None)
    run = dict(finished="2026-01-31T08:00:00Z", result="succeeded")
    assert find_problems(status(hosts=[good], certificates=[dict(good, days=60)], last_run=run)) == []


@pytest.mark.parametrize(
    ("found", "level", "message"),
    [
        (
            dict(smoke=smoke(current=True)),
            "broken",
            "The smoke test failed at 2026-01-31T08:00:00Z: log in: it refused; call: no answer",
        ),
        (
            dict(smoke=smoke(current=False)),
            "attention",
            "The smoke test failed at 2026-01-31T08:00:00Z, before the platform changed: log in: it refused; call: no answer",
        ),
        (dict(services=None, errors=["No engine answers."]), "broken", "No engine answers"),
        (dict(pending=None, due=None, errors=["Plugin 'x' is broken."]), "attention", "Plugin 'x' is broken"),
        (dict(services=[service(state="exited")]), "broken", "No service runs: start the platform (lectern.tutor.start)"),
        (
            dict(services=[service("cms"), service(state="exited", problem="exited with code 1")]),
            "broken",
            "Service 'lms' exited with code 1",
        ),
        (dict(services=[service(state="restarting", problem="is restarting")]), "broken", "Service 'lms' is restarting"),
        (dict(services=[service("cms"), service(state="missing", problem="has none", current=None)]), "broken", "Service 'lms' has none"),
        (dict(services=[service(health="unhealthy", problem="is ill")]), "broken", "Service 'lms' is ill"),
        (dict(services=[service(health="starting", problem="is starting")]), "attention", "Service 'lms' is starting"),
        (dict(services=[service(problem="started only 2 s ago")]), "attention", "Service 'lms' started only 2 s ago"),
        (dict(services=[service(current=False)]), "attention", "Service 'lms' does not run image 'lms:1' as it is now"),
        (
            dict(services=[service("cms"), service(defined=False, state="exited", problem="exited with code 1")]),
            "attention",
            "Container 'tutor_local-lms-1' belongs to no service any more",
        ),
        (dict(services=[service(restart_reason="'x' is newer")]), "attention", "Service 'lms' has to be restarted: 'x' is newer"),
        (
            dict(hosts=[dict(host="a.example.org", problem="answers with status 502")]),
            "broken",
            "Host 'a.example.org' answers with status 502",
        ),
        (dict(certificates=[dict(host="a.example.org", days=-1, problem="has expired")]), "broken", "Host 'a.example.org' has expired"),
        (dict(certificates=[dict(host="a.example.org", days=0, problem="expires")]), "attention", "Host 'a.example.org' expires"),
        (dict(certificates=[dict(host="a.example.org", days=None, problem="has none")]), "attention", "Host 'a.example.org' has none"),
        (
            dict(last_run=dict(finished="2026-01-31T08:00:00Z", result="failed")),
            "attention",
            "The last deployment failed at 2026-01-31T08:00:00Z: run it again",
        ),
        (dict(drift=["a"]), "attention", "1 file was edited by hand: a"),
        (dict(drift=["a", "b", "c", "d", "e"]), "attention", "5 files were edited by hand: a, b, c, and 2 more"),
        (dict(pending=dict(PENDING, created=["a"])), "attention", "1 change is not rendered yet: a"),
        (dict(pending=dict(PENDING, removed=["b"], settings=["KEY"])), "attention", "2 changes are not rendered yet: b, KEY"),
        (dict(due=["One: new"]), "attention", "1 init task is due: One: new"),
        (dict(due=["One: new", "Two: new"]), "attention", "2 init tasks are due: One: new; Two: new"),
    ],
)
def test_one_problem(found: dict[str, Any], level: str, message: str) -> None:
    problems = find_problems(status(**found))
    assert problems == [(level, message)]
    assert verdict_of(problems) == level


def test_worst_comes_first() -> None:
    problems = find_problems(status(drift=["a"], hosts=[dict(host="b", problem="is down")], due=["One: new"]))
    assert [problem.level for problem in problems] == ["broken", "attention", "attention"]
    assert verdict_of(problems) == "broken"
