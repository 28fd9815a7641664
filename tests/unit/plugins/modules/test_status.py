# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module status_info: a whole site, one whose engine does not answer, and one of which not all can be loaded."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.lectern.tutor.tests.support import engine
from ansible_collections.lectern.tutor.tests.unit.plugins.modules.harness import write

NO_ENGINE = "No Docker engine answers at 'unix:///nowhere.sock'"
NONE_PENDING = dict(created=[], changed=[], removed=[], settings=[])


@pytest.fixture(autouse=True)
def without_engine(request):
    for name in {"site", "plain", "hooked"} & {*request.fixturenames}:
        request.getfixturevalue(name).environ["DOCKER_HOST"] = "unix:///nowhere.sock"


def status(site, **options):
    """The status, which writes nothing, in check mode as otherwise."""
    before = site.snapshot()
    result = site.ok("status_info", **options)
    checked = site.ok("status_info", check=True, **options)
    assert site.snapshot() == before
    assert (result["changed"], result["actions"], result["diff"]) == (False, [], [])
    assert {**checked, "invocation": None} == {**result, "invocation": None}
    return result


def messages(result):
    return [problem["message"] for problem in result["problems"]]


def test_nothing_but_the_engine_is_missing(site, memory):
    site.environ["LECTERN_MEMORY"] = memory
    site.render(plugins=[])
    result = status(site)
    assert (result["verdict"], result["services"], result["due"]) == ("broken", None, None)
    assert (result["pending"], result["drift"], result["plugins"]) == (NONE_PENDING, [], [])
    assert (result["last_run"], result["last_deployment"]) == (None, None)
    assert len(result["errors"]) == 2 or "compose" not in str(result["errors"])
    assert any(message.startswith(NO_ENGINE) for message in messages(result))


def test_what_was_edited_by_hand_and_what_is_not_rendered_yet(site, memory):
    site.environ["LECTERN_MEMORY"] = memory
    site.render(plugins=[])
    (site.env / "apps/cms.txt").write_text("by hand\n")
    site.edit(**dict(site.settings(), PLATFORM_NAME="Another"))
    (site.env / "apps/lms.yml").unlink()
    result = status(site)
    assert result["drift"] == ["apps/cms.txt", "apps/lms.yml"]
    assert result["pending"] == dict(NONE_PENDING, created=["apps/lms.yml"], changed=["apps/cms.txt"])
    assert "2 files were edited by hand: apps/cms.txt, apps/lms.yml" in messages(result)
    assert "2 changes are not rendered yet: apps/lms.yml, apps/cms.txt" in messages(result)


def test_mode_that_a_shared_root_has_is_not_pending(site, memory):
    site.environ["LECTERN_MEMORY"] = memory
    site.render(plugins=[], root_mode="2770")
    assert status(site)["pending"] == NONE_PENDING


def test_settings_that_were_given_once_are_not_pending(site, remembering):
    """The memory holds, although nobody gives the settings again."""
    site.render(plugins=[], settings={"LMS_HOST": "learn.example.org"})
    assert status(site)["pending"] == NONE_PENDING


def test_secret_that_is_new_is_named_but_not_shown(site):
    site.plugin("board.yml", {"name": "board", "version": "1", "config": {"add": {"SECRET": "open-sesame-1"}}})
    site.render(plugins=[])
    site.edit(**dict(site.settings(), PLUGINS=["board"]))
    result = status(site)
    assert result["pending"] == dict(NONE_PENDING, settings=["BOARD_SECRET"])
    assert "open-sesame" not in result.printed


def test_broken_plugin(site):
    site.plugin("fine.yml", {"name": "fine", "version": "1"})
    site.render(plugins=["fine"], settings={"OPENEDX_SECRET_KEY": "open-sesame-1"})
    site.plugin("fine.yml", {"name": "fine", "version": "1", "patches": ["open-sesame-1"]})
    result = status(site)
    assert (result["pending"], result["due"], result["plugins"], result["drift"]) == (None, None, ["fine"], [])
    assert any("'fine'" in message for message in messages(result)), messages(result)
    assert any(message.startswith(NO_ENGINE) for message in messages(result))
    assert "open-sesame" not in result.printed


def test_nothing_was_deployed_yet(site):
    result = status(site)
    assert (result["verdict"], result["release"], result["services"]) == ("broken", None, None)
    assert messages(result) == ["'%s' does not exist: render the environment first (module lectern.tutor.environment)" % site.config]
    assert not site.root.exists()


def test_settings_that_are_no_yaml(site):
    site.render(plugins=[])
    site.config.write_text("A: [\n")
    result = status(site)
    assert (result["verdict"], result["release"], result["plugins"]) == ("broken", None, None)
    assert str(site.config) in messages(result)[0]


def test_own_files_that_are_damaged(site):
    site.render(plugins=[])
    (site.root / ".lectern/run.json").write_text(json.dumps({"result": "perhaps"}))
    result = status(site)
    assert "'%s' is damaged: remove it, and Lectern recreates it" % (site.root / ".lectern/run.json") in messages(result)


MODEL = {"services": {"lms": {"image": "lms:1"}, "cms": {"image": "cms:1"}}}
JOBS = {"services": dict(MODEL["services"], **{"lms-job": {"image": "lms:1"}, "mysql-job": {"image": "mysql:1"}})}


@pytest.fixture
def running(hooked, tmp_path):
    """A platform of which lms runs; containers by id, which a test changes."""
    write(hooked.templates, {"local/docker-compose.jobs.yml": "services: {}\n"})
    hooked.render(plugins=[])
    write(hooked.folder / "bin", {"docker": COMPOSE % (json.dumps(JOBS), json.dumps(MODEL))})
    (hooked.folder / "bin/docker").chmod(0o755)
    containers = {"1": container("lms"), "2": container("cms")}
    with engine.serving(tmp_path, {"lms:1": "sha256:lms", "cms:1": "sha256:cms", "mysql:1": "sha256:mysql"}, containers) as address:
        hooked.environ.update(DOCKER_HOST=address, PATH="%s:%s" % (hooked.folder / "bin", os.environ["PATH"]))
        hooked.containers = containers
        yield hooked


COMPOSE = """
    #!/bin/sh
    case "$*" in
      *jobs*config*) cat <<'END'
    %s
    END
      ;;
      *--services) echo lms cms ;;
      *config*) cat <<'END'
    %s
    END
    esac
"""


def container(service, **state):
    now = {
        "Status": "running",
        "Running": True,
        "ExitCode": 0,
        "StartedAt": "2026-01-31T08:00:00.123Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
    }
    return {
        "Id": service,
        "Name": "/tutor_local-%s-1" % service,
        "Created": "2026-01-31T07:00:00.5Z",
        "Image": "sha256:%s" % service,
        "Config": {"Image": "%s:1" % service, "Labels": {"com.docker.compose.service": service}},
        "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
        "Mounts": [],
        "RestartCount": 3,
        "State": dict(now, **state),
    }


def test_services_as_the_engine_has_them(running):
    result = status(running)
    assert result["services"][1] == {
        "service": "lms",
        "name": "tutor_local-lms-1",
        "state": "running",
        "since": "2026-01-31T08:00:00Z",
        "image": "lms:1",
        "current": True,
        "restarts": 3,
        "health": None,
        "restart_reason": None,
        "problem": None,
        "defined": True,
    }
    assert [service["service"] for service in result["services"]] == ["cms", "lms"]
    assert (result["errors"], result["hosts"], result["certificates"]) == ([], [], [])
    assert result["due"] == ["Init task of 'mysql': it has not succeeded yet", "Init task of 'lms': it has not succeeded yet"]
    assert result["verdict"] == "attention"
    assert messages(result) == ["2 init tasks are due: %s" % "; ".join(result["due"])]


def test_services_that_are_missing_stopped_or_old(running):
    running.containers["1"] = container("lms", Status="exited", Running=False, ExitCode=1, FinishedAt="2026-02-01T08:00:00Z")
    running.containers["3"] = container("gone")
    del running.containers["2"]
    running.containers["1"]["Image"] = "sha256:old"
    result = status(running)
    shown = {service["service"]: service for service in result["services"]}
    assert [shown["lms"][key] for key in ("state", "since", "current")] == ["exited", "2026-02-01T08:00:00Z", False]
    assert [shown["cms"][key] for key in ("state", "since", "image", "name")] == ["missing", None, "cms:1", None]
    assert [shown[name]["defined"] for name in ("cms", "gone", "lms")] == [True, False, True]
    assert result["verdict"] == "broken"
    assert messages(result)[:4] == [
        "Service 'cms' has no container: start the platform first",
        "Service 'lms' exited with code 1",
        "Container 'tutor_local-gone-1' belongs to no service any more",
        "Service 'lms' does not run image 'lms:1' as it is now",
    ]


def test_nothing_runs(running):
    for name in ("1", "2"):
        running.containers[name]["State"].update(Status="exited", Running=False)
    assert messages(status(running))[0] == "No service runs: start the platform (lectern.tutor.start)"


def test_broken_plugin_hides_no_service(running):
    running.plugin("fine.yml", {"name": "fine", "version": "1", "patches": ["wrong"]})
    running.edit(**dict(running.settings(), PLUGINS=["fine"]))
    result = status(running)
    assert [service["state"] for service in result["services"]] == ["running", "running"]
    assert (result["verdict"], result["due"], result["pending"], result["plugins"]) == ("attention", None, None, ["fine"])
