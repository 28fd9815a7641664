# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tasks run again, in which order, and what is kept when one fails."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.base.releases import release_of
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import job_container, orphans, project
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.job_container import JobOutcome
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import Task
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

TASKS = [Task("mysql", "mysql", "create"), Task("lms", "lms", "mount"), Task("lms", "lms", "migrate"), Task("notes", "lms", "oauth")]


class Host:
    """A fake host: services and images that a test changes, exit codes by script, and the scripts that were run."""

    def __init__(self):
        self.services = {name + "-job": {"image": name + ":1"} for name in ("mysql", "lms")}
        self.images = {"mysql:1": "sha256:m", "lms:1": "sha256:l"}
        self.codes = {}
        self.ran = []
        self.services_used = []

    def run_script(self, platform, client, job, timeout, write, keep):
        self.ran.append(job.script)
        write("output of " + job.script)
        self.services_used.append(job.service)
        outcome = JobOutcome(self.codes.get(job.script, 0), "output of " + job.script, 1.23)
        if outcome.rc == 0:
            keep(None)
        return outcome

    def take_ran(self):
        ran, self.ran = self.ran, []
        return ran


@pytest.fixture
def host(monkeypatch):
    host = Host()
    monkeypatch.setattr(project, "services", lambda platform, jobs=False: host.services)
    monkeypatch.setattr(docker_engine, "inspect_image", lambda client, tag: host.images.get(tag) and {"Id": host.images[tag]})
    monkeypatch.setattr(job_container, "run_script", host.run_script)
    monkeypatch.setattr(job_container, "find", lambda client, name: None)
    monkeypatch.setattr(orphans, "ended_in", lambda platform, client: [])
    monkeypatch.setattr(jobs, "prepare", lambda call, announce, check: None)
    return host


@pytest.fixture
def platform(tmp_path):
    return Platform(Places(str(tmp_path), "/plugins"), {"LOCAL_PROJECT_NAME": "campus_local"})


def carry_out(platform, tasks, **options):
    return jobs.carry_out(platform, None, tasks, Logs(platform.places, platform.secrets), **options)


def test_second_run_does_nothing(host, platform):
    first = carry_out(platform, TASKS)
    assert first["changed"]
    assert [(task["owner"], task["rc"], task["output"], task["duration"]) for task in first["tasks"]] == [
        ("mysql", 0, "output of create", 1.2),
        ("lms", 0, "output of mount", 1.2),
        ("lms", 0, "output of migrate", 1.2),
        ("notes", 0, "output of oauth", 1.2),
    ]
    assert host.take_ran() == ["create", "mount", "migrate", "oauth"]
    second = carry_out(platform, TASKS)
    assert (second["changed"], second["actions"], second["diff"], host.ran) == (False, [], [], [])
    assert {task["reason"][:29] for task in second["tasks"]} == {"unchanged since it succeeded "}
    assert not any("rc" in task for task in second["tasks"])


def preview(platform, tasks, **options):
    logs = Logs(platform.places, platform.secrets)
    return jobs.run(platform, None, jobs.plan_tasks(platform, None, tasks, **options), logs, None, check=True)


def test_images_to_come_count_as_changed(host, platform):
    carry_out(platform, TASKS)
    assert not preview(platform, TASKS)["changed"]
    told = preview(platform, TASKS, images_to_come=["lms:1"])
    assert [(task["owner"], task["changed"]) for task in told["tasks"]] == [("mysql", False), ("lms", True), ("lms", True), ("notes", True)]
    assert told["actions"][0] == "Would run init task of lms in service lms: changed since it succeeded: image"


def test_check_mode_runs_and_writes_nothing(host, platform, tmp_path):
    result = preview(platform, TASKS)
    assert result["changed"] and host.ran == [] and list(tmp_path.iterdir()) == []
    assert result["actions"][0] == "Would run init task of mysql in service mysql: it has not succeeded yet"
    assert all(task["changed"] and "rc" not in task for task in result["tasks"])


@pytest.mark.parametrize(
    ("change", "expected", "reason"),
    [
        (lambda host, tasks: host.images.update({"lms:1": "sha256:new"}), ["mount", "migrate", "oauth"], "image"),
        (lambda host, tasks: host.services.update({"mysql-job": {"image": "mysql:1", "user": "0"}}), ["create"], "service definition"),
        (lambda host, tasks: tasks.__setitem__(2, Task("lms", "lms", "migrate more")), ["migrate more"], "script"),
        (lambda host, tasks: host.images.pop("mysql:1"), ["create"], "image"),
    ],
)
def test_what_changed_runs_again(host, platform, change, expected, reason):
    tasks = list(TASKS)
    carry_out(platform, tasks)
    host.take_ran()
    change(host, tasks)
    result = carry_out(platform, tasks)
    assert host.ran == expected
    assert {task["reason"] for task in result["tasks"] if task["changed"]} == {"changed since it succeeded: " + reason}


def test_a_script_that_changes_back_runs_again(host, platform):
    for script in ("a", "b", "a"):
        carry_out(platform, [Task("lms", "lms", script)])
    assert host.ran == ["a", "b", "a"]


def test_order_of_keys_in_a_definition_does_not_count(host, platform):
    host.services["lms-job"] = {"image": "lms:1", "environment": {"A": "1", "B": "2"}}
    carry_out(platform, TASKS)
    host.services["lms-job"] = {"environment": {"B": "2", "A": "1"}, "image": "lms:1"}
    assert not carry_out(platform, TASKS)["changed"]


@pytest.mark.parametrize("code", [3, None])
def test_resume_at_the_task_that_failed(host, platform, code):
    host.codes["migrate"] = code
    with pytest.raises(LecternError) as caught:
        carry_out(platform, TASKS, timeout=30)
    assert [task.get("rc") for task in caught.value.details["tasks"]] == [0, 0, code]
    assert caught.value.details["changed"] and len(caught.value.details["actions"]) == 3
    what = "failed with exit code 3" if code else "exceeded its timeout of 30 s and was stopped; raise 'timeout' if it was still working"
    assert str(caught.value).startswith("Init task of 'lms' in service 'lms' %s. Its last lines:\noutput of migrate\n" % what)
    host.codes.clear()
    host.take_ran()
    carry_out(platform, TASKS)
    assert host.ran == ["migrate", "oauth"]


def test_what_failed_after_it_once_succeeded_is_not_done(host, platform):
    carry_out(platform, TASKS)
    host.codes["create"] = 1
    with pytest.raises(LecternError):
        carry_out(platform, TASKS, force=True)
    host.codes.clear()
    host.take_ran()
    carry_out(platform, TASKS)
    assert host.ran == ["create"]


def test_a_task_that_is_killed_is_not_done(host, platform, monkeypatch):
    carry_out(platform, TASKS)

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(job_container, "run_script", killed)
    with pytest.raises(KeyboardInterrupt):
        carry_out(platform, TASKS, force=True)
    monkeypatch.setattr(job_container, "run_script", host.run_script)
    host.take_ran()
    carry_out(platform, TASKS)
    assert host.ran == ["create"]


def test_image_that_compose_pulled_meanwhile_is_recorded(host, platform, monkeypatch):
    host.images.clear()

    def run_script(*arguments):
        host.images["lms:1"] = "sha256:pulled"
        return host.run_script(*arguments)

    monkeypatch.setattr(job_container, "run_script", run_script)
    carry_out(platform, TASKS[1:])
    assert not carry_out(platform, TASKS[1:])["changed"]


def test_limit_and_full_run_know_the_same_tasks(host, platform):
    carry_out(platform, [task for task in TASKS if task.owner == "lms"])
    carry_out(platform, TASKS)
    assert host.ran == ["mount", "migrate", "create", "oauth"]


def test_scripts_are_known_by_service_and_text(host, platform):
    scripts = [Task(None, "lms", "reindex"), Task(None, "mysql", "reindex"), Task(None, "lms", "other")]
    for script in scripts + scripts:
        carry_out(platform, [script])
    assert host.ran == ["reindex", "reindex", "other"]


def test_missing_service_is_named_before_anything_runs(host, platform):
    with pytest.raises(LecternError) as caught:
        carry_out(platform, [*TASKS, Task("forum", "forum", "x")])
    what = "Init task of 'forum' runs in service 'forum', but no compose file defines 'forum-job' (services with a job: lms, mysql)."
    assert str(caught.value).startswith(what)
    assert "/env/local/docker-compose.jobs.yml'" in str(caught.value) and host.ran == []


def test_start_that_fails_names_the_owner(host, platform, monkeypatch):
    def run_script(*arguments):
        raise LecternError("Compose could not start service 'mysql-job'")

    monkeypatch.setattr(job_container, "run_script", run_script)
    with pytest.raises(LecternError, match="^Init task of 'mysql': Compose could not start") as caught:
        carry_out(platform, TASKS)
    assert len(caught.value.details["tasks"]) == 1


def test_no_tasks(host, platform):
    assert carry_out(platform, []) == {"changed": False, "tasks": [], "actions": [], "diff": []}


@pytest.mark.parametrize("content", ["[]", '{"init mysql mysql 1": 1}', "{"])
def test_damaged_ledger(host, platform, tmp_path, content):
    (tmp_path / ".lectern").mkdir()
    (tmp_path / ".lectern" / "ledger.json").write_text(content)
    with pytest.raises(LecternError, match="ledger.json' is damaged"):
        carry_out(platform, TASKS)


def test_ledger_holds_no_script(host, platform, tmp_path):
    carry_out(platform, [Task("lms", "lms", "mysql --password=hush")])
    path = tmp_path / ".lectern" / "ledger.json"
    assert "hush" not in path.read_text() and path.stat().st_mode & 0o777 == 0o600
    assert list(json.loads(path.read_text())) == ["init lms lms 1"]


def test_a_service_without_a_job_service_runs_the_task_itself_in_releases_before_12_1(host, platform):
    host.services["forum"] = {"image": "forum:1"}
    task = Task("forum", "forum", "create index")
    with pytest.raises(LecternError, match="no compose file defines 'forum-job'"):
        carry_out(platform, [task])
    carry_out(platform._replace(release=release_of("3.12.6")), [*TASKS[:1], task])
    assert host.services_used == ["mysql-job", "forum"]
