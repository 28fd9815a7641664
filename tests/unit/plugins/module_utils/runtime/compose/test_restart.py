# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services are restarted in the order of their dependencies, each waited for: with real servers on real ports, and no engine."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from typing import Any, NamedTuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import job_container, mounts, project, restart

LOADS = 0.4  # seconds that a service takes to start


class Platform(NamedTuple):
    places: Places
    config: Any
    secrets: Any = ("open sesame",)


def moment():
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + ".%09dZ" % (now % 1 * 1e9)


class Server:
    """Takes connections at once, but answers them only when it has loaded: first with ``greeting``, then each line with ``reply``."""

    def __init__(self, port, loads, greeting, reply):
        self.greeting, self.reply, self.loads, self.lines = greeting, reply, loads, []
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        time.sleep(self.loads)
        with contextlib.suppress(OSError):  # stopped
            while True:
                self.answer(self.socket.accept()[0])

    def answer(self, connection):
        with connection, connection.makefile("rwb", 0) as lines, contextlib.suppress(OSError):  # the client does not wait for the rest
            lines.write(self.greeting)
            for line in lines:
                self.lines.append(line)
                if self.reply(line):
                    lines.write(self.reply(line))
                    return

    def stop(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Container:
    """A running container of a service, with a server or without one, that mounts a file of the environment."""

    def __init__(self, service, source, port=None, greeting=b"", reply=lambda line: b"HTTP/1.0 200 OK\r\n" if line == b"\r\n" else b""):
        self.id, self.name, self.status = "id-" + service, "campus-%s-1" % service, "running"
        self.labels = {"com.docker.compose.service": service}
        self.port, self.greeting, self.reply, self.server = port, greeting, reply, None
        self.attrs = {
            "Mounts": [{"Type": "bind", "Source": str(source)}],
            "State": {"Status": "running"},
            "HostConfig": {},
            "Config": {"ExposedPorts": {"%d/tcp" % port: {}, "53/udp": {}} if port else None},
            "NetworkSettings": {"Networks": {"campus_default": {"IPAddress": "127.0.0.1"}}},
        }
        self.start(0)

    def start(self, loads):
        self.attrs["State"]["StartedAt"] = moment()
        if self.port:
            if self.server:
                self.server.stop()
            self.server = Server(self.port, loads, self.greeting, self.reply)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Host:
    """Stands in for Compose: remembers what it was told, and when."""

    def __init__(self, path):
        self.path, self.containers, self.told, self.definitions, self.broken = path, [], [], {}, set()
        self.platform = Platform(Places(str(path), "/plugins"), {"CADDY_HTTP_PORT": 8931})

    def has(self, service, port=None, needs=(), publishes=None, **server):
        source = self.path / "env" / service
        source.write_text("before\n")
        self.containers.append(Container(service, source, port, **server))
        ports = [{"published": publishes, "protocol": "tcp"}] if publishes else []
        self.definitions[service] = {"depends_on": {each: {"condition": "service_started"} for each in needs}, "ports": ports}
        return self.containers[-1]

    def checked(self, _platform, arguments, jobs=False):
        self.told.append((time.monotonic(), arguments))
        for container in [one for one in self.containers if project.service_of(one) in arguments]:
            if "up" in arguments:
                container.id += "-new"
            container.start(999 if project.service_of(container) in self.broken else LOADS)
        return ""

    def of(self, service):
        return [one for one in self.containers if service in ("", project.service_of(one))]

    def change(self, *services):
        for service in services:
            (self.path / "env" / service).write_text("after\n")

    def renew(self, replace=()):
        watched = mounts.watch(self.platform.places, project.containers(self.platform, None), replace)
        return restart.restart_services(self.platform, None, watched, self.definitions)

    @property
    def commands(self):
        return [arguments for _at, arguments in self.told]

    @property
    def records(self):
        return json.loads((self.path / ".lectern" / "services.json").read_text())


@pytest.fixture
def host(tmp_path, monkeypatch):
    (tmp_path / "env").mkdir()
    host = Host(tmp_path)
    monkeypatch.setattr(project, "containers", lambda _platform, _client, service="": host.of(service))
    monkeypatch.setattr(project, "checked", host.checked)
    monkeypatch.setattr(project, "services", lambda _platform: host.definitions)
    monkeypatch.setattr(job_container, "output_of", lambda _client, name, count: "%s: no settings, open sesame" % name)
    monkeypatch.setattr(restart, "ANSWER", 0.3)
    monkeypatch.setattr(restart, "START", 20.0)
    yield host
    for container in host.containers:
        if container.server:
            container.server.stop()


@pytest.fixture
def campus(host):
    host.has("caddy", free_port(), publishes="8931")
    host.has("cms", free_port(), needs=["lms", "mysql"])
    host.has("cms-worker", needs=["cms"])
    host.has("lms", free_port(), needs=["mysql"])
    host.has("lms-worker", needs=["lms"])
    host.has("mysql", free_port(), greeting=b"8.4.11\0")
    host.renew()
    return host


def test_what_others_need_comes_first_and_the_proxy_last(campus):
    campus.change("caddy", "cms", "cms-worker", "lms", "lms-worker")
    assert campus.renew() == ["lms", "cms", "lms-worker", "cms-worker", "caddy"]
    assert campus.commands[0] == ["restart", "lms"]
    assert sorted(campus.commands) == [["restart", name] for name in ("caddy", "cms", "cms-worker", "lms", "lms-worker")]
    assert campus.renew() == [] and len(campus.told) == 5


def test_each_is_back_before_those_that_need_it_go_away(campus):
    campus.change("caddy", "cms", "cms-worker", "lms", "lms-worker")
    campus.renew()
    at = {arguments[-1]: moment for moment, arguments in campus.told}
    assert at["cms"] - at["lms"] >= LOADS
    assert at["lms-worker"] - at["lms"] >= LOADS
    assert at["cms-worker"] - at["cms"] >= LOADS
    assert at["caddy"] - at["cms"] >= LOADS
    assert time.monotonic() - at["caddy"] >= LOADS


def test_services_that_do_not_need_each_other_go_side_by_side(campus):
    campus.change("lms-worker", "cms", "cms-worker", "caddy")
    campus.renew()
    at = {arguments[-1]: moment for moment, arguments in campus.told}
    assert abs(at["cms"] - at["lms-worker"]) < LOADS
    assert abs(at["caddy"] - at["cms-worker"]) < LOADS


def test_no_more_side_by_side_than_the_host_can_carry(host, monkeypatch):
    names = ["discovery", "notes", "xqueue", "minio"]
    for name in names:
        host.has(name, free_port())
    host.renew()
    under_way, most = [], []
    take = restart._take_one

    def take_one(platform, client, step):
        under_way.append(step.name)
        most.append(len(under_way))
        take(platform, client, step)
        under_way.remove(step.name)

    monkeypatch.setattr(restart, "SIDE_BY_SIDE", 2)
    monkeypatch.setattr(restart, "_take_one", take_one)
    host.change(*names)
    assert host.renew() == sorted(names)
    assert max(most) == 2


def test_one_that_needs_the_proxy_does_not_wait_for_it(host):
    host.has("caddy", free_port(), publishes="8931")
    host.has("monitor", free_port(), needs=["caddy"])
    host.renew()
    host.change("caddy", "monitor")
    assert host.renew() == ["monitor", "caddy"]
    assert host.commands == [["restart", "monitor"], ["restart", "caddy"]]


def test_every_service_is_restarted_where_that_is_asked_for(campus):
    """Those included that stopped, but not what is meant to end."""
    permissions, worker = campus.has("permissions"), campus.of("lms-worker")[0]
    for container, code in ((permissions, 0), (worker, 137)):
        container.status, container.attrs["State"] = "exited", {"Status": "exited", "ExitCode": code, "StartedAt": moment()}
    campus.of("mysql")[0].attrs["Mounts"] = []
    watched = restart.all_running(campus.containers, mounts.watch(campus.platform.places, campus.containers))
    assert {one.reason for one in watched} == {"a restart was asked for"}
    names = ["caddy", "cms", "cms-worker", "lms", "lms-worker", "mysql"]
    assert sorted(project.service_of(one.container) for one in watched) == names
    watched = restart.all_running(campus.containers, mounts.watch(campus.platform.places, campus.containers, ["permissions", "lms"]))
    assert [project.service_of(one.container) for one in watched if one.replaced] == ["lms", "permissions"]


def test_a_container_of_a_service_that_is_gone_is_left_alone(campus, monkeypatch):
    """Its plugin was disabled. Compose would refuse its name, and then nothing more would be restarted."""
    services = sorted({project.service_of(container) for container in campus.containers} - {"cms"})
    asked = []
    monkeypatch.setattr(project, "checked", lambda _platform, arguments: asked.append(arguments) or "\n".join(services))
    watched = restart.all_running(campus.containers, mounts.watch(campus.platform.places, campus.containers))
    kept = restart.without_orphans(campus.platform, watched, {name: {} for name in services})
    assert sorted(project.service_of(one.container) for one in kept) == services
    assert asked == [["--profile", "*", "config", "--services"]]


def test_what_changed_itself_is_replaced_in_the_same_order(campus):
    campus.change("caddy", "lms")
    assert campus.renew(replace=["mysql", "lms"]) == ["mysql", "lms", "caddy"]
    up = ["up", "--detach"]
    assert campus.commands == [[*up, "mysql"], [*up, "lms"], ["restart", "caddy"]]
    assert {"id-lms-new", "id-mysql-new", "id-caddy", "id-cms"} <= set(campus.records)
    assert campus.renew() == []


def test_service_that_ended_is_replaced_too(host):
    ended = host.has("permissions")
    ended.status, ended.attrs["State"] = "exited", {"Status": "exited", "ExitCode": 0, "StartedAt": moment()}
    assert host.renew() == []
    assert host.renew(replace=["permissions"]) == ["permissions"]


FIRST = b"HEAD / HTTP/1.0\r\n"
REST = [b"Host: lms\r\n", b"User-Agent: lectern.tutor restart\r\n", b"\r\n"]


@pytest.mark.parametrize(
    ("server", "lines"),
    [
        ({}, {FIRST, *REST}),
        ({"greeting": b"220 mail\r\n"}, {FIRST}),
        ({"reply": lambda line: b"-ERR unknown command\r\n"}, {FIRST}),
    ],
)
def test_servers_of_every_kind_answer(host, server, lines):
    """Only those are sent more than one line who wait for it."""
    container = host.has("lms", free_port(), **server)
    host.renew()
    host.change("lms")
    start = time.monotonic()
    assert host.renew() == ["lms"]
    assert time.monotonic() - start >= LOADS
    container.server.lines.clear()  # those included that waited for the start
    assert restart._answers(container)
    assert set(container.server.lines) <= lines
    assert (REST[0] in container.server.lines) is (REST[0] in lines)


def test_service_that_does_not_come_back_stops_the_rest(campus, monkeypatch):
    monkeypatch.setattr(restart, "START", 1.0)
    campus.change("caddy", "cms", "lms", "mysql")
    campus.broken.add("lms")
    before = campus.records
    with pytest.raises(LecternError) as error:
        campus.renew()
    assert str(error.value).startswith("Service 'lms' was restarted, and 1 s later it runs, but answers at none of its ports.")
    assert str(error.value).endswith("campus-lms-1: no settings, ********")
    assert campus.commands == [["restart", "mysql"], ["restart", "lms"]]
    assert campus.records["id-cms"] == before["id-cms"] and campus.records["id-caddy"] == before["id-caddy"]
    assert campus.records["id-mysql"] != before["id-mysql"]

    # The next run takes up what is left: the LMS that does not answer is not waited for again.
    campus.told.clear()
    assert campus.renew()[-2:] == ["cms", "caddy"]
    assert ["restart", "mysql"] not in campus.commands
    assert campus.renew() == []


def test_container_that_crashes_is_told_by_its_state(host, monkeypatch):
    monkeypatch.setattr(restart, "START", 0.5)
    worker = host.has("lms-worker")
    host.renew()
    host.change("lms-worker")
    worker.attrs["State"].update(Status="restarting", ExitCode=1)
    with pytest.raises(LecternError, match=r"'lms-worker' was restarted, and 0 s later it is restarting \(last exit code 1"):
        host.renew()


def test_command_that_fails_leaves_the_rest(campus, monkeypatch):
    def fails(_platform, _arguments, jobs=False):
        raise LecternError("'docker compose restart lms' failed")

    campus.change("cms", "lms")
    before = campus.records
    monkeypatch.setattr(project, "checked", fails)
    with pytest.raises(LecternError, match="failed"):
        campus.renew()
    assert campus.records == before
    monkeypatch.setattr(project, "checked", campus.checked)
    assert campus.renew() == ["lms", "cms"]


def test_host_that_containers_can_not_be_reached_from(host):
    """Rootless engines, and services in the network of the host: what did not answer before is not waited for, but each goes alone."""
    for container in (host.has("lms", free_port()), host.has("cms", free_port(), needs=["lms"])):
        container.attrs["NetworkSettings"]["Networks"] = {"host": {"IPAddress": ""}}
    host.renew()
    host.change("lms", "cms")
    start = time.monotonic()
    assert host.renew() == ["lms", "cms"] and time.monotonic() - start < LOADS
    assert host.commands == [["restart", "lms"], ["restart", "cms"]]


def test_nothing_to_do_asks_nothing(host, monkeypatch):
    host.has("lms", free_port())
    host.renew()
    monkeypatch.setattr(project, "services", lambda _platform: pytest.fail("asked Compose"))
    monkeypatch.setattr(docker_engine, "run", lambda *_arguments: pytest.fail("ran docker"))
    changed = (host.path / ".lectern" / "services.json").stat().st_mtime_ns
    assert host.renew() == []
    assert (host.path / ".lectern" / "services.json").stat().st_mtime_ns == changed
