# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the status of a site is shown on the controller."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.lectern.tutor.plugins.plugin_utils import status_table

NOW = datetime(2026, 2, 3, 8, 0, 0, tzinfo=UTC)


def service(name: str, **more: Any) -> dict[str, Any]:
    known = {"service": name, "state": "running", "since": "2026-01-31T08:00:00Z", "image": f"docker.io/overhangio/{name}:22.0.3"}
    return {**known, "current": True, "restarts": 0, "health": None, **more}


STATUS: dict[str, Any] = {
    "verdict": "attention",
    "problems": [{"level": "attention", "message": "1 init task is due: Init task of 'notes': it has not succeeded yet"}],
    "errors": [],
    "smoke": None,
    "release": "22.0.3",
    "plugins": ["mfe", "minio"],
    "services": [
        service("caddy", image="docker.io/caddy:2.7.4", health="healthy"),
        service("lms", current=False, restarts=12),
        service("notes", state="missing", since=None, current=None),
    ],
    "hosts": [
        {"host": "learn.example.org", "state": "200", "problem": None},
        {"host": "apps.learn.example.org", "state": "502", "problem": "answers with status 502"},
    ],
    "certificates": [
        {"host": "learn.example.org", "expires": "2026-04-04T08:00:00Z", "days": 60, "problem": None},
        {"host": "apps.learn.example.org", "expires": "2026-02-04T08:00:00Z", "days": 1, "problem": "x"},
    ],
    "pending": {"created": ["a"], "changed": ["b"], "removed": [], "settings": ["KEY"]},
    "drift": [],
    "due": ["Init task of 'notes': it has not succeeded yet"],
    "last_run": {"finished": "2026-02-03T07:00:00Z", "result": "failed"},
    "last_deployment": "2026-02-01T08:00:00Z",
}
UNKNOWN = dict.fromkeys(
    ("release", "plugins", "services", "hosts", "certificates", "pending", "drift", "due", "last_run", "last_deployment", "smoke")
)


def test_table() -> None:
    assert status_table.status_table("learn.example.org", STATUS, NOW) == [
        "",
        "learn.example.org: attention, Tutor 22.0.3 with 2 plugins",
        "",
        "  SERVICE  STATE    SINCE   IMAGE                              CURRENT  RESTARTS  HEALTH",
        "  caddy    running  3 days  docker.io/caddy:2.7.4              yes      0         healthy",
        "  lms      running  3 days  docker.io/overhangio/lms:22.0.3    no       12        -",
        "  notes    missing  -       docker.io/overhangio/notes:22.0.3  -        0         -",
        "",
        "  pending changes   3",
        "  edited by hand    none",
        "  due init tasks    1",
        "  public hosts      1 of 2 answer",
        "  certificates      apps.learn.example.org 1 day left, learn.example.org 60 days left",
        "  last deployment   failed 1 hour ago (2026-02-03T07:00:00Z); the last one that succeeded, 2 days",
        "                    ago",
        "  verdict           attention",
        "                    attention: 1 init task is due: Init task of 'notes': it has not succeeded yet",
    ]


def test_what_is_not_known() -> None:
    problems = [{"level": "broken", "message": "No Docker engine answers"}]
    assert status_table.status_table("site", {**UNKNOWN, "verdict": "broken", "problems": problems}, NOW) == [
        "",
        "site: broken",
        "",
        "  services          not known",
        "  pending changes   not known",
        "  edited by hand    not known",
        "  due init tasks    not known",
        "  public hosts      not known",
        "  certificates      not known",
        "  last deployment   none is recorded",
        "  verdict           broken",
        "                    broken: No Docker engine answers",
    ]


def test_smoke_test() -> None:
    verdict = {"how": "lectern", "reason": "", "tests": [], "finished": "2026-02-03T07:00:00Z", "current": True}
    for passed, word in ((True, "passed"), (False, "failed")):
        lines = status_table.status_table("x", {**STATUS, "smoke": {**verdict, "passed": passed}}, NOW)
        assert f"  smoke test        {word} 1 hour ago (2026-02-03T07:00:00Z)" in lines


def test_nothing_runs_and_nothing_is_left() -> None:
    empty = {name: [] for name in ("services", "hosts", "certificates", "drift", "due", "problems", "plugins")}
    run = {"finished": "2026-02-03T07:59:59Z", "result": "succeeded"}
    lines = status_table.status_table("site", {**STATUS, **empty, "last_run": run, "last_deployment": run["finished"]}, NOW)
    assert lines[1] == "site: attention, Tutor 22.0.3"
    shown = dict(line.strip().split("   ", 1) for line in lines[3:])
    assert {label.strip(): text.strip() for label, text in shown.items()} == {
        "services": "none",
        "pending changes": "3",
        "edited by hand": "none",
        "due init tasks": "none",
        "public hosts": "not asked",
        "certificates": "none",
        "last deployment": "succeeded 1 second ago (2026-02-03T07:59:59Z)",
        "verdict": "attention",
    }


def test_everything_fits_into_100_columns() -> None:
    image = "registry.example.org:5000/a/rather/long/path/of/an/image/openedx-with-a-long-name:22.0.3-indigo"
    services = [service("a-service-with-a-long-name", state="restarting", image=image, health="unhealthy", restarts=1234)]
    many = [f"apps/file-{number}.yml" for number in range(50)]
    lines = status_table.status_table("site", {**STATUS, "services": services, "drift": many}, NOW)
    assert max(map(len, lines)) <= 100
    assert "…" in lines[4] and "22.0.3-indigo" in lines[4]
    assert "  edited by hand    50" in lines
    assert status_table.status_table("site", {**STATUS, "last_deployment": None}, NOW)[-3].endswith("; none succeeded yet")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-02-03T08:00:30Z", "0 seconds"),
        ("2026-02-03T07:59:01Z", "59 seconds"),
        ("2026-02-03T07:59:00Z", "1 minute"),
        ("2026-02-03T06:00:01Z", "1 hour"),
        ("2026-02-02T08:00:00Z", "1 day"),
        ("2025-02-03T08:00:00Z", "365 days"),
    ],
)
def test_age(moment: str, expected: str) -> None:
    assert status_table.age(moment, NOW) == expected


def test_json_is_one_line_without_what_ansible_adds() -> None:
    (line,) = status_table.status_json(
        "site", {**STATUS, "changed": False, "actions": [], "diff": [], "_ansible_parsed": True, "warnings": []}
    )
    assert json.loads(line) == {"site": "site", **STATUS}
