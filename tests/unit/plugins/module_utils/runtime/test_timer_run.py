# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a timer does at its time, by Python alone, and what it tells the journal."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import locks
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import one_job, timer_run, timers
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import project
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.one_job import Work
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import Task
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

ENTRY = dict(name="hello", calendar="daily", job=None, args=None, service="lms", script="echo Open-Sesame", timeout=None, persistent=False)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A root with a timer, and an address at which no engine answers."""
    monkeypatch.setenv("DOCKER_HOST", "unix://%s/no-engine.sock" % tmp_path)
    root = tmp_path / "root"
    timers.save_timers(Places(str(root), str(tmp_path / "plugins")), timers.read_timers([ENTRY]), False)
    return root


def start(root, name):
    """Runs the program of a root as its units do."""
    pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    command = [sys.executable, str(root / ".lectern/timers.pyz"), name]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, cwd="/", check=False, **pipes)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_timer_that_is_gone(root):
    table = root / ".lectern/timers.json"
    assert start(root, "other") == (1, "'%s' has no timer 'other': deploy again, which removes its units.\n" % table)


def test_it_asks_the_engine_of_the_deployment(root, tmp_path):
    pytest.importorskip("docker")
    rc, said = start(root, "hello")
    assert rc == 1
    assert said.startswith("No Docker engine answers at 'unix://%s/no-engine.sock'" % tmp_path)


class Running:
    """A platform whose containers have these states, and what of its jobs was asked for."""

    def __init__(self, states):
        self.containers = [SimpleNamespace(status=state) for state in states]
        self.options, self.tasks, self.given = None, [], None
        self.errors = []

    def work_of(self, platform, options):
        self.options = options
        closed = self.tasks

        def scripts(watch, timeout, write):
            try:
                yield Task(None, "lms", "one")
                yield Task("core", "cms", "two", "x", "y")
            finally:
                closed.append("closed")

        return Work("", "The script", scripts, lambda: None)

    def carry_out(self, platform, client, work, logs, force, timeout):
        self.given = (work.name, force, timeout)
        self.tasks += list(work.scripts(None, None, None))
        for error in self.errors:
            raise error
        return {"actions": ["Ran it"]}


@pytest.fixture
def running(root, monkeypatch):
    state = Running(["exited", "running"])
    platform = Platform(Places(str(root), ""), {"LOCAL_PROJECT_NAME": "campus_local"}, secrets=["Open-Sesame"])
    monkeypatch.setattr(timer_run.docker_engine, "connect", lambda: None)
    monkeypatch.setattr(timer_run, "load_platform", lambda places: platform)
    monkeypatch.setattr(timer_run.manifest, "saved_secrets", lambda places: ["Open-Sesame"])
    monkeypatch.setattr(project, "containers", lambda platform, client: state.containers)
    monkeypatch.setattr(one_job, "work_of", state.work_of)
    monkeypatch.setattr(one_job, "carry_out", state.carry_out)
    monkeypatch.setattr(locks, "LOCK_WAIT", locks.LOCK_WAIT)
    monkeypatch.setattr(timer_run.signal, "signal", lambda number, handler: None)
    return state


def main(root, capsys):
    rc = timer_run.main([str(root / ".lectern/timers.pyz"), "hello"])
    return rc, capsys.readouterr().out


def test_a_job_runs_each_time_and_under_the_timers_name(running, root, capsys):
    """So neither an init task nor a job of a playbook counts as done, or as not done, for what a timer ran."""
    assert main(root, capsys) == (0, "Ran it. Its output is in '%s/.lectern/logs'.\n" % root)
    assert running.options == dict(
        name=None, job=None, args=None, service="lms", script="echo Open-Sesame", timeout=None, persistent=False, calendar="daily"
    )
    assert running.given == ("timer hello", True, None)
    named = [Task(None, "lms", "one", "timer hello"), Task("core", "cms", "two", "timer hello", "y")]
    assert running.tasks == ["closed", *named]


@pytest.mark.parametrize("states", [[], ["exited"], ["created", "dead"]])
def test_no_platform_is_started(running, root, capsys, states):
    running.containers = [SimpleNamespace(status=state) for state in states]
    said = "Skipped: no service of project 'campus_local' runs, and a timer does not start a platform.\n"
    assert main(root, capsys) == (0, said)
    assert running.given is None


@pytest.mark.parametrize("tasks, code", [([{"rc": 3}], 3), ([{"rc": 0}, {"rc": 7}], 7), ([{"rc": None}], 1), ([{}], 1), ([], 1)])
def test_the_exit_code_is_that_of_the_job(running, root, capsys, tasks, code):
    running.errors = [LecternError("It said: Open-Sesame \x1b[1m", tasks=tasks)]
    assert main(root, capsys) == (code, "It said: ******** \n")


def test_a_defect_is_said_to_be_one_without_secrets(running, root, capsys):
    running.errors = [RuntimeError("Open-Sesame")]
    rc, said = main(root, capsys)
    assert rc == 1
    assert said.startswith("This is a bug in lectern.tutor, please report it: RuntimeError: ********")
    assert "Open-Sesame" not in said


def test_it_waits_for_the_job_that_runs_before_it_reads_anything(running, root, capsys, monkeypatch):
    monkeypatch.setattr(timer_run, "WAIT", 0.3)
    monkeypatch.setattr(timer_run, "load_platform", None)
    with locks.locked(Places(str(root), ""), "jobs"):
        rc, said = main(root, capsys)
    assert (rc, said.startswith("Another run (process %d) holds '%s/.lectern/jobs'" % (os.getpid(), root))) == (1, True), said


def test_a_stop_is_an_error_that_removes_the_container(running, root, capsys, monkeypatch):
    """``job_container.run_script`` does that on every error. The process ends by the signal, which the units take for a clean end."""
    killed, stops = [], []
    monkeypatch.setattr(timer_run.signal, "signal", lambda number, handler: stops.append(handler))
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    monkeypatch.setattr(one_job, "carry_out", lambda *given: stops[0](15, None))
    assert main(root, capsys)[1] == "Stopped by signal 15, as 'systemctl stop' sends it.\n"
    assert killed == [(os.getpid(), 15)]
    assert stops[0](15, None) is None  # no second one disturbs it
