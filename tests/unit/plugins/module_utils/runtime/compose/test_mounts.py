# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which running containers started before the environment's files in them changed."""

from __future__ import annotations

import json
import os
import time
from typing import Any, NamedTuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import mounts, project, restart


class Platform(NamedTuple):
    places: Places
    config: Any
    secrets: Any = ()


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".5Z"


class Container:
    """A fake container with bind mounts."""

    def __init__(self, service, sources, started, status="running"):
        self.id, self.name, self.status = "id-" + service, "campus-%s-1" % service, status
        self.labels = {"com.docker.compose.service": service}
        self.mounts = [{"Type": "bind", "Source": str(source)} for source in sources] + [{"Type": "volume", "Source": "/var/lib/x"}]
        self.attrs = {
            "Mounts": self.mounts,
            "State": {"StartedAt": moment(started), "Status": status},
            "Config": {},
            "NetworkSettings": {"Networks": {}},
        }


@pytest.fixture
def platform(tmp_path):
    (tmp_path / "env" / "config").mkdir(parents=True)
    (tmp_path / "env" / "config" / "lms.yml").write_text("a: 1\n")
    (tmp_path / "env" / "caddyfile").write_text("site\n")
    (tmp_path / "data").mkdir()
    return Platform(Places(str(tmp_path), "/plugins"), {})


@pytest.fixture
def host(platform, monkeypatch):
    """The fake host's containers; a restart gives them a new start."""
    containers = []
    restarts = []

    def checked(_platform, arguments, jobs=False):
        restarts.append(arguments)
        for container in containers:
            if container.labels["com.docker.compose.service"] in arguments:
                container.attrs["State"]["StartedAt"] = moment(time.time() + 10)
        return ""

    monkeypatch.setattr(
        project,
        "containers",
        lambda _platform, _client, service="": [one for one in containers if service in ("", project.service_of(one))],
    )
    monkeypatch.setattr(project, "checked", checked)
    monkeypatch.setattr(project, "services", lambda _platform: {"lms": {}, "lms-worker": {"depends_on": {"lms": {}}}})
    return containers, restarts


def look(platform):
    return {project.service_of(one.container): one.reason for one in mounts.watch(platform.places, project.containers(platform, None))}


def settle(platform):
    watched = mounts.watch(platform.places, project.containers(platform, None))
    return restart.restart_services(platform, None, watched, project.services(platform))


def test_new_containers_are_left_alone_and_recorded(platform, host, tmp_path):
    containers, restarts = host
    containers += [
        Container("lms", [tmp_path / "env" / "config", tmp_path / "data"], time.time() + 10),
        Container("mysql", [tmp_path / "data"], time.time() + 10),
        Container("caddy", [tmp_path / "env" / "caddyfile"], time.time() + 10),
    ]
    assert look(platform) == {"lms": None, "caddy": None}
    assert settle(platform) == [] and restarts == []
    records = json.loads((tmp_path / ".lectern" / "services.json").read_text())
    assert sorted(records) == ["id-caddy", "id-lms"]


def test_files_that_changed_restart_what_mounts_them_once(platform, host, tmp_path):
    containers, restarts = host
    containers += [
        Container("lms", [tmp_path / "env" / "config"], time.time() + 10),
        Container("lms-worker", [tmp_path / "env" / "config" / "lms.yml"], time.time() + 10),
        Container("caddy", [tmp_path / "env" / "caddyfile"], time.time() + 10),
    ]
    settle(platform)
    (tmp_path / "env" / "config" / "lms.yml").write_text("a: 2\n")
    reason = "the files that it mounts changed since it started"
    assert look(platform) == {"lms": reason, "lms-worker": reason, "caddy": None}
    assert settle(platform) == ["lms", "lms-worker"]
    assert restarts == [["restart", "lms"], ["restart", "lms-worker"]]
    assert settle(platform) == [] and len(restarts) == 2


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (lambda env: os.utime(str(env / "config" / "lms.yml")), False),
        (lambda env: (env / "config" / "lms.yml").write_text("a: 1\n"), False),
        (lambda env: (env / "config" / "lms.yml").chmod(0o600), True),
        (lambda env: (env / "config" / "more.yml").write_text(""), True),
        (lambda env: (env / "config" / "lms.yml").unlink(), True),
        (lambda env: (env / "config" / "__pycache__").mkdir(), False),
    ],
)
def test_what_counts_as_a_change(platform, host, tmp_path, change, counts):
    (tmp_path / "env" / "config" / "lms.yml").chmod(0o644)
    host[0].append(Container("lms", [tmp_path / "env" / "config"], time.time() + 10))
    settle(platform)
    change(tmp_path / "env")
    assert bool(look(platform)["lms"]) is counts


def test_unknown_container_older_than_its_files(platform, host, tmp_path):
    host[0].append(Container("lms", [tmp_path / "env" / "caddyfile"], time.time() - 60))
    assert look(platform) == {"lms": "'%s' is newer than its start" % (tmp_path / "env" / "caddyfile")}


def test_file_that_was_moved_here_with_an_old_time(platform, host, tmp_path):
    os.utime(str(tmp_path / "env" / "caddyfile"), (1, 1))
    host[0].append(Container("lms", [tmp_path / "env" / "caddyfile"], time.time() - 60))
    assert look(platform)["lms"]


def test_container_that_restarted_by_itself_has_no_record(platform, host, tmp_path):
    containers, restarts = host
    containers.append(Container("lms", [tmp_path / "env" / "caddyfile"], time.time() + 10))
    settle(platform)
    (tmp_path / "env" / "caddyfile").write_text("other\n")
    containers[0].attrs["State"]["StartedAt"] = moment(time.time() + 20)
    assert look(platform) == {"lms": None}


def test_only_running_containers_and_only_the_environment(platform, host, tmp_path):
    containers, _restarts = host
    containers += [
        Container("permissions", [tmp_path / "env" / "caddyfile"], 0, status="exited"),
        Container("backup", [tmp_path / "env-old", tmp_path], 0),
    ]
    assert look(platform) == {}


def test_mounted_path_that_is_gone(platform, host, tmp_path):
    host[0].append(Container("lms", [tmp_path / "env" / "caddyfile"], time.time() + 10))
    settle(platform)
    (tmp_path / "env" / "caddyfile").unlink()
    assert look(platform)["lms"]


def test_damaged_records(platform, host, tmp_path):
    (tmp_path / ".lectern").mkdir()
    (tmp_path / ".lectern" / "services.json").write_text("[]")
    with pytest.raises(LecternError, match="services.json' is damaged"):
        mounts.watch(platform.places, project.containers(platform, None))
