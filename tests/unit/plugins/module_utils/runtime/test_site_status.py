# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole site in one look: what one part can't tell leaves the others as they are."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine, locks
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root import drift, transaction
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs, last_run, site_status
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import health, orphans, project

MODEL = {"services": {"lms": {"image": "lms:1"}}}
JOBS = {"services": {"lms": {"image": "lms:1"}, "lms-job": {"image": "lms:1"}, "mysql-job": {"image": "mysql:1"}}}


class Container:
    id, name, status = "1", "tutor_local-lms-1", "running"
    labels = {"com.docker.compose.service": "lms"}
    attrs = {
        "Created": "2026-01-31T07:00:00.5Z",
        "Image": "sha256:lms",
        "Config": {"Image": "lms:1"},
        "HostConfig": {},
        "Mounts": [],
        "State": {"Status": "running", "StartedAt": "2026-01-31T08:00:00.5Z"},
    }


@pytest.fixture
def running(ground, monkeypatch):
    """A platform that runs as it was rendered; a test lets one part fail."""
    ground.call(plugins=[])
    images = SimpleNamespace(inspect_image=lambda tag: {"Id": "sha256:" + tag.partition(":")[0]})
    monkeypatch.setattr(docker_engine, "connect", lambda: SimpleNamespace(api=images))
    monkeypatch.setattr(project, "read_model", lambda platform, jobs: json.dumps(JOBS if jobs else MODEL))
    monkeypatch.setattr(project, "containers", lambda platform, client: [Container()])
    monkeypatch.setattr(orphans, "ended_in", lambda platform, client: [])
    return ground


def status(ground):
    found, _secrets = site_status.find_status(ground.places)
    return found


def fail(message):
    def failing(*_arguments, **_options):
        raise LecternError(message)

    return failing


def test_all_is_known(running):
    found = status(running)
    assert [found[name] for name in ("errors", "hosts", "certificates", "drift", "verdict")] == [[], [], [], [], "attention"]
    assert [(one["service"], one["state"], one["current"]) for one in found["services"]] == [("lms", "running", True)]
    assert len(found["due"]) == 2


@pytest.mark.parametrize(
    ("module", "function", "unknown", "verdict"),
    [
        (docker_engine, "connect", {"services", "hosts", "certificates", "due"}, "broken"),
        (project, "containers", {"services", "hosts", "certificates", "due"}, "broken"),
        (project, "read_model", {"hosts", "certificates", "due"}, "attention"),
        (health, "hosts_of", {"hosts", "certificates"}, "attention"),
        (jobs, "describe_due", {"due"}, "attention"),
        (last_run, "read_last_run", set(), "attention"),
        (drift, "report", {"drift"}, "attention"),
        (transaction, "find_pending", {"pending", "due"}, "attention"),
    ],
)
def test_what_fails_is_named_and_the_rest_is_told(running, monkeypatch, module, function, unknown, verdict):
    monkeypatch.setattr(module, function, fail("This fails."))
    found = status(running)
    names = ("services", "hosts", "certificates", "pending", "drift", "due")
    assert {name for name in names if found[name] is None} == unknown
    assert (found["errors"], found["verdict"]) == (["This fails."], verdict)
    assert dict(level=verdict, message="This fails") in found["problems"]
    assert found["release"]


def test_nothing_at_all_can_be_read(running, monkeypatch):
    monkeypatch.setattr(transaction, "find_pending", fail("Neither plugins"))
    monkeypatch.setattr(site_status, "load_core", fail("nor core can be read."))
    found = status(running)
    assert (found["verdict"], found["release"], found["plugins"], found["services"]) == ("broken", None, None, None)
    assert found["errors"] == ["Neither plugins", "nor core can be read."]


def test_secrets_do_not_reach_the_sentences(running, monkeypatch):
    secret = running.saved()["MYSQL_ROOT_PASSWORD"]
    for loads in (True, False):
        if not loads:
            monkeypatch.setattr(transaction, "find_pending", fail("It says %s." % secret))
            monkeypatch.setattr(site_status, "load_core", fail("It says %s, too." % secret))
        monkeypatch.setattr(docker_engine, "connect", fail("The engine says %s." % secret))
        found, secrets = site_status.find_status(running.places)
        assert secret in secrets
        assert secret not in json.dumps(found) and "says ***" in json.dumps(found)


def test_root_that_another_run_works_on(running, monkeypatch):
    monkeypatch.setattr(locks, "LOCK_WAIT", 0.1)
    with locks.locked(running.places):
        found = status(running)
    assert (found["pending"], found["drift"], found["verdict"]) == (None, None, "attention")
    assert len(found["errors"]) == 1 and "holds" in found["errors"][0]
    assert found["services"]
