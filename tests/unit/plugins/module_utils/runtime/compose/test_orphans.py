# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that killed runs left: whose they are, what becomes of them, and what the operator is told while they are waited for."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import orphans, project
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import Task
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.engine_standin import Engine
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

requests = pytest.importorskip("requests")
pytest.importorskip("docker")
NAME = "campus_local-lms-job-lectern"


LMS = [Task("lms", "lms", "mount"), Task("lms", "lms", "migrate")]
TASKS = [*LMS, Task("notes", "lms", "oauth")]


class Site:
    def __init__(self, path):
        self.platform = Platform(Places(str(path), "/plugins"), {"LOCAL_PROJECT_NAME": "campus_local"})
        self.path, self.engine = path, Engine(path / "engine")
        self.definition = {"image": "lms:1"}

    def logs(self, live=None):
        return Logs(self.platform.places, (), live)

    def carry_out(self, tasks, **options):
        return jobs.carry_out(self.platform, self.engine, tasks, options.pop("logs", self.logs()), **options)

    def leave(self, task, works=False, started=True, **changes):
        """The container of a run of that task that was killed; ``works``: it is still at work."""
        planned = jobs.plan_tasks(self.platform, self.engine, TASKS)
        item = next(item for item in planned if item.task == task)
        identity = jobs._identity(self.platform, item)._replace(**changes)
        env = {"LECTERN_SCRIPT": task.script, "LECTERN_TASK": orphans.write_identity(identity)}
        container = self.engine.make(NAME, "lms-job", env)
        self.engine.slow = works
        if started:
            container.start()
        self.engine.slow = False
        return container

    def logged(self):
        return "".join(path.read_text() for path in sorted((self.path / ".lectern/logs").glob("*.log")))


@pytest.fixture
def site(tmp_path, monkeypatch):
    site = Site(tmp_path)
    monkeypatch.setattr(project, "services", lambda platform, jobs=False: {"lms-job": site.definition})
    monkeypatch.setattr(docker_engine, "inspect_image", lambda client, tag: {"Id": "sha256:l"})
    monkeypatch.setattr(project, "run", site.engine.compose_run)
    monkeypatch.setattr(jobs, "prepare", lambda call, announce, check: None)
    return site


def unlink(engine):
    (engine.folder / (NAME + ".json")).unlink()


def ran(site):
    return [line[len("begin ") :] for line in site.engine.lines() if line.startswith("begin ")]


@pytest.mark.parametrize("works", [False, True])
def test_success_is_credited_to_the_task_that_it_belongs_to_alone(site, works):
    """All three tasks have the container's name in common."""
    site.leave(LMS[1], works)
    result = site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "oauth"]
    assert ("waiting for container '%s' since 0 s; 'docker rm -f %s' ends it" % (NAME, NAME) in site.logged()) == works
    credited = result["tasks"][1]
    assert (credited["rc"], credited["changed"], credited["output"]) == (0, True, "output of migrate")
    assert credited["reason"] == "an interrupted run began it in container '%s', where it succeeded" % NAME
    assert result["actions"][0] == "Container '%s' of an interrupted run, which runs 'lms 2', ended with exit code 0" % NAME
    assert not site.carry_out(TASKS)["changed"] and not list(site.engine.folder.glob("*.json"))


def test_failure_is_logged_and_run_again(site):
    site.engine.codes["migrate"] = 3
    site.leave(LMS[1])
    site.engine.codes.clear()
    result = site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]
    assert "ended with exit code 3" in result["actions"][0]
    assert re.search(
        "of an interrupted run, which runs 'lms 2', was started at 2026.*\noutput of migrate\n.* ended with exit code 3", site.logged()
    )


def test_what_was_run_with_another_script_is_run_again(site):
    site.leave(LMS[1], script="0" * 64)
    result = site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]
    assert result["tasks"][1]["reason"] == "it has not succeeded yet"


def test_what_was_run_with_another_definition_is_run_again(site):
    site.leave(LMS[1])
    site.definition = {"image": "lms:1", "user": "0"}
    site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]


def test_what_was_run_in_another_image_is_run_again(site):
    container = site.leave(LMS[1])
    container.attrs["Image"] = "sha256:old"
    container.save()
    result = site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]
    assert not site.carry_out(TASKS)["changed"] and len(result["tasks"]) == 3


def test_what_is_known_to_have_succeeded_is_not_recorded_again(site):
    """Its call was killed between the ledger's write and the removal of the container."""
    site.carry_out(TASKS)
    container = site.leave(LMS[1])
    container.attrs["Image"] = "sha256:old"
    container.save()
    assert ran(site)[3:] == ["migrate"]
    site.carry_out(TASKS)
    assert not site.carry_out(TASKS)["changed"] and ran(site)[4:] == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"root": 1}', '{"key": "init lms lms 2"}'])
def test_what_is_not_known_is_not_credited(site, text):
    container = site.leave(LMS[1])
    container.attrs["Config"]["Env"][1] = "LECTERN_TASK=" + text
    container.save()
    result = site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]
    assert "which runs something unknown" in result["actions"][0]


def test_that_of_another_root_is_not_credited(site):
    site.leave(LMS[1], root="/srv/other")
    site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]


def test_one_that_was_made_and_never_started_is_not_credited(site):
    """The engine says of it that it ended with 0."""
    site.leave(LMS[1], started=False)
    result = site.carry_out(TASKS)
    assert ran(site) == ["mount", "migrate", "oauth"]
    assert result["actions"][0].startswith("Ran init task")


def test_one_of_a_task_that_is_not_asked_for_is_credited_too(site):
    site.leave(TASKS[2])
    result = site.carry_out(LMS)
    assert [task["owner"] for task in result["tasks"]] == ["lms", "lms"]
    assert not site.carry_out(TASKS)["changed"] and ran(site) == ["oauth", "mount", "migrate"]


def test_a_program_is_waited_for_and_not_recorded(site):
    """Programs compare anew each time (runtime/programs.py)."""
    site.leave(LMS[1], works=True, key="", name="users")
    result = site.carry_out(TASKS)
    assert result["actions"][0] == "Container '%s' of an interrupted run, which runs 'users', ended with exit code 0" % NAME
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]
    assert "" not in json.loads((site.path / ".lectern/ledger.json").read_text())


def test_one_that_is_left_where_nothing_is_to_do_is_removed(site):
    site.carry_out(LMS)
    site.leave(TASKS[2])
    result = site.carry_out(LMS)
    assert result["changed"] and len(result["actions"]) == 1 and not list(site.engine.folder.glob("*.json"))
    assert not site.carry_out(TASKS)["changed"]


def test_forced_runs_again(site):
    site.leave(LMS[1])
    site.carry_out(LMS, force=True)
    assert ran(site) == ["migrate", "mount", "migrate"]


def test_wait_ends_with_the_timeout_and_names_the_container(site):
    site.leave(LMS[1], works=True)
    site.engine.endless = True
    with pytest.raises(LecternError) as caught:
        site.carry_out(TASKS, timeout=0.2)
    what = "Init task of 'lms': Container '%s' of an earlier, interrupted run, which runs 'lms 2', was started at 2026-01-31T08:00:00Z and "
    assert str(caught.value).startswith(what % NAME + "still works after 0 s of waiting: ")
    assert "raise 'timeout' to wait longer, or end it (docker rm -f %s), and what it runs is run again" % NAME in str(caught.value)
    assert ran(site) == ["migrate"] and (site.engine.folder / (NAME + ".json")).exists()
    assert caught.value.details["tasks"][0]["owner"] == "lms"


def test_what_is_waited_for_is_told(site):
    live = "0123456789abcdef" * 2
    site.leave(LMS[1], works=True)
    site.engine.endless = True
    logs = site.logs(live)
    with pytest.raises(LecternError):
        site.carry_out(TASKS, timeout=0.2, logs=logs)
    shown = "\n".join(text for _number, text in logs.end())
    assert "lms 2 | container '%s' of an interrupted run, which runs 'lms 2', was started at 2026-01-31T08:00:00Z" % NAME in shown
    assert shown.count("lms 2 | waiting for container '%s' since 0 s; 'docker rm -f %s' ends it" % (NAME, NAME)) > 1
    assert "started: it has not succeeded yet" not in shown


def test_one_that_the_operator_removes_is_run_again(site, monkeypatch):
    site.leave(LMS[1], works=True)
    site.engine.endless = True

    monkeypatch.setattr(Engine, "no_answer", property(lambda engine: unlink(engine) or requests.exceptions.ReadTimeout("nothing yet")))
    site.engine.before_start = lambda: setattr(site.engine, "endless", False)
    result = site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "migrate", "oauth"]
    assert result["actions"][0].endswith("ended with exit code 137")


def test_container_that_appears_while_one_is_started_is_waited_for(site):
    """Compose, started by a call that was killed, may still be at it."""
    left = []

    def appear():
        if not left:
            left.append(site.leave(LMS[1], works=True))

    site.engine.before_start = appear
    result = site.carry_out(TASKS)
    assert ran(site) == ["migrate", "mount", "oauth"]
    assert [task["rc"] for task in result["tasks"]] == [0, 0, 0]


def test_name_that_is_taken_again_and_again_is_an_error(site):
    site.engine.before_start = lambda: site.leave(LMS[1])
    with pytest.raises(LecternError, match="Another container '%s' is created again and again" % NAME):
        site.carry_out([TASKS[0]])


def test_check_mode_says_what_would_be_waited_for(site):
    site.leave(LMS[1], works=True)
    planned = jobs.plan_tasks(site.platform, site.engine, TASKS)
    result = jobs.run(site.platform, site.engine, planned, site.logs(), None, check=True)
    assert result["actions"][0] == "Would wait for container '%s' of an interrupted run, which runs 'lms 2', unless it has ended" % NAME
    assert len(result["actions"]) == 4 and (site.engine.folder / (NAME + ".json")).exists()


def test_identity_holds_no_script(site):
    task = Task("lms", "lms", "mysql --password=sesame")
    (item,) = jobs.plan_tasks(site.platform, site.engine, [task])
    text = orphans.write_identity(jobs._identity(site.platform, item))
    assert "sesame" not in text and json.loads(text)["key"] == "init lms lms 1"
