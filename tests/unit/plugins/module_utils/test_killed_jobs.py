# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of init tasks that is killed (SIGKILL), at each line of code in turn, in a process of its own: what the ledger says then."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from typing import Any, NamedTuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import compose, docker_engine, jobs, ledger, state, supervise
from ansible_collections.lectern.tutor.plugins.module_utils.log import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.releases import release
from ansible_collections.lectern.tutor.plugins.module_utils.supervise import Outcome

# What only computes is left out: carrying out, the ledger, writing files, and the script of a task.
WATCHED = {module.__file__ for module in (ledger, state)} | {__file__}
CARRYING_OUT = ("carry_out", "run", "_run_one")


class Platform(NamedTuple):
    places: Places
    config: Any
    secrets: Any = ()
    release: Any = release("22.0.3")


class Task(NamedTuple):
    owner: str
    service: str
    script: str


BEFORE = [Task("mysql", "lms", "create"), Task("lms", "lms", "migrate")]
# The first one is unchanged, the second one changed since it succeeded, the third one is new.
TASKS = [BEFORE[0], Task("lms", "lms", "migrate more"), Task("notes", "lms", "oauth")]


class Site:
    """A root in a folder of its own, and what scripts did there: a line when one begins, and one when it has done its work."""

    def __init__(self, path):
        self.platform = Platform(Places(str(path), "/plugins"), {"LOCAL_PROJECT_NAME": "campus_local"})
        self.path, self.done = path, path / "done"

    def carry_out(self, tasks):
        return jobs.carry_out(self.platform, None, tasks, Logs(self.platform.places, ()))

    def reasons(self):
        return {item.task.script: item.reason for item in jobs.plan(self.platform, None, TASKS)}

    def lines(self):
        return self.done.read_text().splitlines() if self.done.exists() else []


def run_script(platform, client, service, script, timeout, write):
    with open(os.path.join(platform.places.root, "done"), "a", encoding="ascii") as done:
        done.write("begin %s\n" % script)
        done.flush()
        write("at work")
        done.write("end %s\n" % script)
        done.flush()
    return Outcome(0, "at work", 0.1)


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "services", lambda platform, jobs=False: {"lms-job": {"image": "lms:1"}})
    monkeypatch.setattr(docker_engine, "inspect_image", lambda client, tag: {"Id": "sha256:l"})
    monkeypatch.setattr(supervise, "run_script", run_script)
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # against a power failure; the kernel keeps what a killed process wrote
    first = Site(tmp_path)
    first.carry_out(BEFORE)
    ledger = (tmp_path / ".lectern" / "ledger.json").read_bytes()

    def new(name):
        (tmp_path / name / ".lectern").mkdir(parents=True)
        (tmp_path / name / ".lectern" / "ledger.json").write_bytes(ledger)
        return Site(tmp_path / name)

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
    """The ledger can be read, and tells the truth; the next run does what is left, and no more."""
    entries = json.loads((site.path / ".lectern" / "ledger.json").read_text())
    assert all(set(entry) == {"script", "image", "definition", "succeeded"} for entry in entries.values())
    reasons, lines = site.reasons(), site.lines()
    assert reasons["create"] is None and not any("create" in line for line in lines)
    for task in TASKS[1:]:
        if reasons[task.script] is None:
            assert "end %s" % task.script in lines
        elif "begin %s" % task.script in lines:
            assert reasons[task.script] == "it has not succeeded yet"
    left = [task.script for task in TASKS if reasons[task.script]]
    assert [task["owner"] for task in site.carry_out(TASKS)["tasks"] if task["changed"]] == [
        task.owner for task in TASKS if task.script in left
    ]
    assert [line for line in site.lines()[len(lines) :] if line.startswith("end")] == ["end %s" % script for script in left]
    assert not any(site.reasons().values())
    return left


def test_killed_before_every_single_line(site):
    places, lefts, number = set(), [], 0
    while True:
        number += 1
        here = site(str(number))
        place = killed_at(number, here)
        if place is None:
            break
        places.add(place)
        lefts.append(check(here))
    # Before a task, while its script runs, after it, and in the middle of writing the ledger.
    assert {"locked", "forget", "run_script", "_run_one", "record", "write_json", "write_own"} <= places
    # One after the other was done, and none was lost again.
    both, last = ["migrate more", "oauth"], ["oauth"]
    assert lefts == sorted(lefts, key=len, reverse=True)
    assert [left for left in (both, last, []) if left in lefts] == [both, last, []]
    assert not here.carry_out(TASKS)["changed"]
