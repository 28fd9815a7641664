# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of init tasks that is killed (SIGKILL), at each line of code in turn, in a process of its own: what the ledger says then, and
what the next run makes of the container that was left."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine, files, locks
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs, ledger
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import job_container, orphans, project
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import Task
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.engine_standin import Engine
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

pytest.importorskip("docker")
# What only computes is left out: carrying out, containers, the ledger, and writing files.
WATCHED = {module.__file__ for module in (ledger, files, locks, job_container, orphans)}
CARRYING_OUT = ("carry_out", "run", "carry_out_one", "settle", "_credit", "_run_one", "record")


BEFORE = [Task("mysql", "lms", "create"), Task("lms", "lms", "migrate")]
# The first one is unchanged, the second one changed since it succeeded, the third one is new. All share a container's name.
TASKS = [BEFORE[0], Task("lms", "lms", "migrate more"), Task("notes", "lms", "oauth")]


class Site:
    """A root in a folder of its own, and an engine whose containers tell when they begin and when they have done their work."""

    def __init__(self, path, slow=False):
        self.platform = Platform(Places(str(path), "/plugins"), {"LOCAL_PROJECT_NAME": "campus_local"})
        self.path, self.engine = path, Engine(path / "engine", slow)

    def carry_out(self, tasks):
        project.run = self.engine.compose_run
        return jobs.carry_out(self.platform, self.engine, tasks, Logs(self.platform.places, ()))

    def reasons(self):
        return {item.task.script: item.reason for item in jobs.plan_tasks(self.platform, self.engine, TASKS)}


@pytest.fixture(params=["ends at once", "works until somebody waits"])
def site(tmp_path, monkeypatch, request):
    monkeypatch.setattr(project, "run", project.run)
    monkeypatch.setattr(jobs, "prepare", lambda call, announce, check: None)
    monkeypatch.setattr(project, "services", lambda platform, jobs=False: {"lms-job": {"image": "lms:1"}})
    monkeypatch.setattr(docker_engine, "inspect_image", lambda client, tag: {"Id": "sha256:l"})
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # against a power failure; the kernel keeps what a killed process wrote
    first = Site(tmp_path)
    first.carry_out(BEFORE)
    ledger = (tmp_path / ".lectern" / "ledger.json").read_bytes()

    def new(name):
        (tmp_path / name / ".lectern").mkdir(parents=True)
        (tmp_path / name / ".lectern" / "ledger.json").write_bytes(ledger)
        return Site(tmp_path / name, slow=request.param != "ends at once")

    return new


def killed_at(number, site):
    """Runs the tasks in a new process that kills itself before it executes that line: the function's name, None where it came to an end."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        run_and_die(number, site, writer)
    os.close(writer)
    with os.fdopen(reader) as told:
        place = told.read()
    status = os.waitpid(child, 0)[1]
    assert status == (signal.SIGKILL if place else 0), "the child ended with status %d" % status
    return place or None


def run_and_die(number, site, writer):
    seen = 0

    def trace(frame, event, _argument):
        nonlocal seen
        if frame.f_code.co_filename not in WATCHED and frame.f_code.co_name not in CARRYING_OUT:
            return None
        seen += event == "line"
        if seen == number:
            os.write(writer, frame.f_code.co_name.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    try:
        sys.settrace(trace)
        site.carry_out(TASKS)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def check(site):
    """The ledger can be read, and tells the truth; the next run does what is left, and nothing twice."""
    entries = json.loads((site.path / ".lectern" / "ledger.json").read_text())
    assert all(set(entry) == {"script", "image", "definition", "succeeded"} for entry in entries.values())
    reasons, lines = site.reasons(), site.engine.lines()
    assert reasons["create"] is None
    for task in TASKS[1:]:
        if reasons[task.script] is None:
            assert "end %s" % task.script in lines
        elif "begin %s" % task.script in lines:
            assert reasons[task.script] == "it has not succeeded yet"
    left = [task.script for task in TASKS if reasons[task.script]]
    result = site.carry_out(TASKS)
    assert [task["owner"] for task in result["tasks"] if task["changed"]] == [task.owner for task in TASKS if task.script in left]
    assert [task["output"] for task in result["tasks"] if task["changed"]] == ["output of " + script for script in left]
    assert site.engine.lines() == ["%s %s" % (what, task.script) for task in TASKS[1:] for what in ("begin", "end")]
    assert not any(site.reasons().values()) and not list(site.engine.folder.glob("*.json"))
    credited = [task["owner"] for task in result["tasks"] if "an interrupted run began it" in task["reason"]]
    return left, credited


def test_killed_before_every_single_line(site):
    places, lefts, credits, number = set(), [], [], 0
    while True:
        number += 1
        here = site(str(number))
        place = killed_at(number, here)
        if place is None:
            break
        places.add(place)
        left, credited = check(here)
        lefts.append(left)
        credits += credited
    # Before a task, while its script runs, after it, and in the middle of writing the ledger.
    assert {"locked", "forget", "run_script", "watch", "_run_one", "record", "remove", "write_json", "write_own"} <= places
    # One after the other was done. A line more or less may be executed in waiting for a thread, so the order is not looked at.
    both, last = ["migrate more", "oauth"], ["oauth"]
    assert (lefts[0], last in lefts, lefts[-1]) == (both, True, [])
    assert credits.count("lms") > 10 and credits.count("notes") > 10
    assert not here.carry_out(TASKS)["changed"]
