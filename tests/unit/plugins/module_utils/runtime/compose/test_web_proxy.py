# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Caddy is told, and what it says, with a stand-in for the command docker."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import project, web_proxy
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.web_proxy import WebProxy
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

PLATFORM = Platform(Places("/srv/tutor", "/srv/plugins"), {}, ["open sesame"])
RUNNING = WebProxy("caddy", {}, SimpleNamespace(id="c1", status="running"))
STOPPED = WebProxy("caddy", {"image": "caddy:2", "environment": {"default_site_port": ":80", "KEY": "open sesame", "NONE": None}}, None)


@pytest.fixture
def docker(monkeypatch):
    """Records calls; answers with ``docker.answer``."""
    docker = SimpleNamespace(calls=[], answer=(0, "{}", ""))

    def run(arguments, env, timeout, text):
        docker.calls.append((arguments, env, text))
        if docker.answer == "late":
            raise subprocess.TimeoutExpired(arguments, timeout)
        return subprocess.CompletedProcess(arguments, *docker.answer)

    monkeypatch.setattr(docker_engine, "run", run)
    return docker


def test_a_caddy_that_runs_is_asked_by_its_input(docker):
    assert web_proxy.adapt(PLATFORM, None, RUNNING, "a.test", []) == "{}"
    web_proxy.load(PLATFORM, RUNNING, "a.test", [])
    assert [call[0][:3] for call in docker.calls] == [["exec", "--interactive", "c1"]] * 2
    assert [call[0][4] for call in docker.calls] == ["adapt", "reload"] and {call[2] for call in docker.calls} == {"a.test"}


def test_one_that_does_not_run_is_asked_in_a_container_without_a_network(docker, monkeypatch):
    monkeypatch.setattr(docker_engine, "inspect_image", lambda _client, tag: {"Id": "1"} if tag == "caddy:2" else None)
    assert web_proxy.adapt(PLATFORM, None, STOPPED, "a.test", []) == "{}"
    ((arguments, env, _text),) = docker.calls
    assert arguments[:5] == ["run", "--rm", "--interactive", "--network", "none"] and "open sesame" not in arguments
    assert env == {"default_site_port": ":80", "KEY": "open sesame"}
    assert web_proxy.adapt(PLATFORM, None, STOPPED._replace(definition={"image": "other"}), "a.test", []) is None


@pytest.mark.parametrize(
    "said, words",
    [
        ("Error: /dev/stdin:2: unrecognized directive: x\n", "Error: line 2: unrecognized directive: x"),
        (
            '{"level":"info","msg":"using"}\n{"level":"error","msg":"sending: open sesame token"}\n{"level":"warn","msg":"format"}\n',
            "sending: ******** ********",
        ),
        ("[1]\n", "[1]"),
        ('{"level":"info","msg":"using"}\n', "it gave no reason"),
    ],
)
def test_only_what_is_wrong_is_repeated(docker, said, words):
    docker.answer = (1, "", said)
    with pytest.raises(web_proxy.Refused) as error:
        web_proxy.load(PLATFORM, RUNNING, "a.test", ["token"])
    assert str(error.value) == "Caddy in service 'caddy' can't load the Caddyfile: " + words


def test_a_caddy_that_takes_too_long_did_not_refuse(docker):
    docker.answer = "late"
    with pytest.raises(LecternError, match="^Caddy in service 'caddy' did not read the Caddyfile within 60 s: run again.$") as error:
        web_proxy.adapt(PLATFORM, None, RUNNING, "a.test", [])
    assert not isinstance(error.value, web_proxy.Refused)


def test_the_web_proxy_is_the_service_that_mounts_the_caddyfile(monkeypatch):
    volumes = [{"type": "bind", "source": "/srv/tutor/env/apps/caddy/Caddyfile"}]
    monkeypatch.setattr(project, "services", lambda _platform: {"lms": {}, "web": {"volumes": [{"source": "x"}, *volumes]}})
    containers = [SimpleNamespace(status="exited"), RUNNING.container]
    monkeypatch.setattr(project, "containers", lambda _platform, _client, name: containers if name == "web" else [])
    found = web_proxy.find(PLATFORM, None)
    assert found and found.service == "web" and found.container is RUNNING.container
    del containers[1]
    stopped = web_proxy.find(PLATFORM, None)
    assert stopped and stopped.container is None
    monkeypatch.setattr(project, "services", lambda _platform: {"lms": {}})
    assert web_proxy.find(PLATFORM, None) is None
