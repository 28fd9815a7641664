# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of jobs in the inventory, and that it never shows an argument or a script."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lectern.tutor.plugins.filter.job_errors import job_errors

DEMO = {"name": "importdemocourse", "args": ["--repo", "hush", 7]}
SCRIPT = {"service": "lms", "script": "echo hush"}


@pytest.mark.parametrize(
    "jobs",
    [
        [],
        [DEMO, SCRIPT],
        [{**DEMO, "unless": "test -e hush", "service": "cms", "force": "yes", "timeout": "600"}],
        [{**SCRIPT, "unless": "hush", "force": True, "timeout": 1, "args": None}],
    ],
)
def test_jobs_are_fine(jobs: Any) -> None:
    assert job_errors(jobs) == []


class Vaulted:
    """As ansible-core before 2.19 has values of a vault: no text, but one when it is used."""

    def __str__(self) -> str:
        return "hush hush"


def test_arguments_and_scripts_may_be_vaulted() -> None:
    assert job_errors([{**DEMO, "args": ["--password", Vaulted()]}, {**SCRIPT, "script": Vaulted()}]) == []


@pytest.mark.parametrize(
    ("jobs", "says"),
    [
        ("hush", ["tutor_jobs is no list of jobs."]),
        (["hush"], ["tutor_jobs[0] is no mapping with name, or service and script."]),
        ([{}], ["tutor_jobs[0] has neither name nor script."]),
        (
            [{**DEMO, "arguments": ["hush"]}],
            ["tutor_jobs[0] (importdemocourse) has 'arguments': it can have name, args, service, script, unless, force, timeout."],
        ),
        ([{"name": 5}], ["name of tutor_jobs[0] is no text, or empty: put it in quotes."]),
        ([SCRIPT, {**SCRIPT, "script": " "}], ["script of tutor_jobs[1] is no text, or empty: put it in quotes."]),
        (
            [{**DEMO, "args": "--repo hush"}],
            ["args of tutor_jobs[0] (importdemocourse) is no list: write it as a list, one item for each word of the command line."],
        ),
        ([{**DEMO, "args": ["hush", True]}], ["args[1] of tutor_jobs[0] (importdemocourse) is no text: put it in quotes."]),
        ([{**DEMO, "force": "hush"}], ["force of tutor_jobs[0] (importdemocourse) is neither true nor false."]),
        ([{**DEMO, "timeout": 0}], ["timeout of tutor_jobs[0] (importdemocourse) is no number of seconds, at least 1."]),
        ([{**DEMO, "timeout": "1h"}], ["timeout of tutor_jobs[0] (importdemocourse) is no number of seconds, at least 1."]),
        ([{"name": "init"}], ["tutor_jobs[0] (init): the init tasks are run by the role init, before the jobs."]),
        ([{**DEMO, "script": "hush"}], ["tutor_jobs[0] (importdemocourse) has name and script: it is either a job or a script."]),
        ([{"script": "hush"}], ["tutor_jobs[0] has a script, but no service to run it in."]),
        ([{**SCRIPT, "args": ["hush"]}], ["tutor_jobs[0] has args, but no name: only a job takes arguments."]),
        (
            [{**DEMO, "service": "lms"}],
            [
                "tutor_jobs[0] (importdemocourse) has name and service: a job says itself where its scripts run, "
                "and service is only for unless."
            ],
        ),
    ],
)
def test_mistake_is_named(jobs: Any, says: list[str]) -> None:
    assert job_errors(jobs) == says
    assert "hush" not in str(says)
