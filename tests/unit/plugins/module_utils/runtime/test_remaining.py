# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One question instead of four: each step is looked at only if those before it have nothing to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs, one_job, remaining
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import health, orphans, project, settled, starting
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

MODEL = {"services": {"lms": {"image": "lms:1"}}}
WITH_JOBS = {"services": {"lms": {"image": "lms:1"}, "lms-job": {"image": "lms:1"}}}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each step says; a test changes it."""
    found: dict[str, Any] = {"missing": [], "unsettled": [], "development": {}, "due": [], "jobs": [], "problems": [], "notes": []}

    def examine(containers: Any, definitions: Any, *_arguments: Any) -> health.HealthReport:
        assert (containers, definitions) == (["container"], MODEL["services"])
        return health.HealthReport([health.Finding("lms", "running", problem, []) for problem in found["problems"]], [], found["notes"])

    def unsettled(_platform: Any, _client: Any, model: str, containers: Any) -> list[str]:
        assert (json.loads(model), containers) == (WITH_JOBS, ["container"])
        return found["unsettled"]

    monkeypatch.setattr(project, "read_model", lambda _platform, jobs: json.dumps(WITH_JOBS if jobs else MODEL))
    monkeypatch.setattr(project, "containers", lambda _platform, _client: ["container"])
    monkeypatch.setattr(project, "missing_images", lambda _platform, _client, _definitions: found["missing"])
    monkeypatch.setattr(settled, "unsettled", unsettled)
    monkeypatch.setattr(starting, "development", lambda _places, _client: found["development"])
    monkeypatch.setattr(remaining, "init_tasks", lambda _platform, limit: list(limit))
    monkeypatch.setattr(
        jobs, "describe_due", lambda _platform, _client, _tasks, definitions: found["due"] if len(definitions) == 2 else None
    )
    monkeypatch.setattr(one_job, "work_of", lambda _platform, options: options)
    monkeypatch.setattr(one_job, "describe_due", lambda _platform, _client, work, _definitions, force: work["says"] if force else None)
    monkeypatch.setattr(health, "proxy_of", lambda _platform, _definitions: None)
    monkeypatch.setattr(health, "hosts_of", lambda _platform: [])
    monkeypatch.setattr(health, "examine", examine)
    return found


def find(answers: dict[str, Any], tmp_path: Any) -> remaining.Remaining:
    wanted = [{"says": "", "force": False}, *({"says": sentence, "force": True} for sentence in answers["jobs"])]
    return remaining.find_remaining(Platform(Places(str(tmp_path), "/plugins"), {}), None, (), wanted)


def test_nothing_is_left(answers: dict[str, Any], tmp_path: Any) -> None:
    assert find(answers, tmp_path) == ([], [], [], [], [], [])


@pytest.mark.parametrize(
    ("step", "said", "expected"),
    [
        ("missing", ["lms:1"], (["lms:1"], [], [], None, None, None)),
        ("unsettled", ["Service 'lms' stopped"], ([], ["Service 'lms' stopped"], [], None, None, None)),
        ("development", {"tutor_dev": []}, ([], [], ["tutor_dev"], None, None, None)),
        ("due", ["Init task of 'lms': forced"], ([], [], [], ["Init task of 'lms': forced"], None, None)),
        ("jobs", ["Job 'demo': forced"], ([], [], [], [], ["Job 'demo': forced"], None)),
        ("problems", ["is down"], ([], [], [], [], [], ["Service 'lms' is down"])),
        ("notes", ["Asked no host"], ([], [], [], [], [], ["Asked no host"])),
    ],
)
def test_what_is_left_ends_the_answer(answers: dict[str, Any], tmp_path: Any, step: str, said: Any, expected: Any) -> None:
    answers[step] = said
    assert find(answers, tmp_path) == expected


def test_containers_of_killed_runs_are_due(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "ended_in", lambda _platform, _client: ["lms-job"])
    platform = Platform(Places(str(tmp_path), "/plugins"), {})
    assert jobs.describe_due(platform, None, [], {}) == ["A killed run left a container of service 'lms-job'"]
