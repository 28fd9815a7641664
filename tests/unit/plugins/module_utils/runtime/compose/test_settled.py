# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a platform runs as it was brought up last: every single difference shows."""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import containers, mounts, project, settled


class Platform(NamedTuple):
    places: Places
    config: Any
    secrets: Any = ()


class Container:
    """A fake container that runs."""

    def __init__(self, service: str, policy: str = "unless-stopped") -> None:
        self.id, self.name = f"id-{service}", f"campus-{service}-1"
        self.labels = {"com.docker.compose.service": service, settled.HASH: f"hash-{service}"}
        state = {"Status": "running", "ExitCode": 0, "StartedAt": "2026-01-01T00:00:00.5Z"}
        config = {"Image": f"example/{service}:1"}
        self.attrs = {
            "State": state,
            "Config": config,
            "Image": f"sha256:{service}",
            "Mounts": [],
            "HostConfig": {"RestartPolicy": {"Name": policy}},
        }

    @property
    def status(self) -> str:
        return self.attrs["State"]["Status"]

    def reload(self) -> None:
        pass


class Host:
    """What the engine and Compose tell."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.containers = [Container("lms"), Container("permissions", "no")]
        self.containers[1].attrs["State"]["Status"] = "exited"
        self.images = {f"example/{name}:1": {"Id": f"sha256:{name}"} for name in ("lms", "permissions")}
        self.project = {"services": {"lms": {}, "permissions": {}}, "networks": {"default": {"name": "campus"}}}
        self.hashes = {"lms": "hash-lms", "permissions": "hash-permissions"}

    def checked(self, _platform: Any, arguments: list[str], jobs: bool = False) -> str:
        if "--hash" in arguments:
            return "".join(f"{name} {digest}\n" for name, digest in self.hashes.items())
        assert jobs
        return json.dumps(self.project)

    def unsettled(self) -> list[str]:
        return settled.unsettled(self.platform, None, json.dumps(self.project), self.containers)

    def remember(self) -> None:
        settled.remember(self.platform, None)

    def lms(self) -> dict[str, Any]:
        return self.containers[0].attrs


@pytest.fixture
def host(tmp_path, monkeypatch) -> Host:
    host = Host(Platform(Places(str(tmp_path), "/plugins"), {"LOCAL_PROJECT_NAME": "campus"}))
    monkeypatch.setattr(project, "containers", lambda _platform, _client: host.containers)
    monkeypatch.setattr(project, "checked", host.checked)
    monkeypatch.setattr(containers, "inspect_image", lambda _client, tag: host.images.get(tag))
    return host


def test_never_brought_up(host: Host) -> None:
    assert host.unsettled() == ["Project 'campus' or its containers are not those that were brought up last"]


def test_settled(host: Host) -> None:
    host.remember()
    assert host.unsettled() == []


def test_looking_writes_nothing(host: Host) -> None:
    host.unsettled()
    assert os.listdir(host.platform.places.root) == []


@pytest.mark.parametrize("other", ["definition", "network", "gone", "another", "orphan"])
def test_another_project_or_other_containers(host: Host, other: str) -> None:
    host.remember()
    if other == "definition":
        host.project["services"]["lms"] = {"environment": {"A": "1"}}
    elif other == "network":
        host.project["networks"]["default"]["name"] = "other"
    elif other == "gone":
        del host.containers[0]
    elif other == "another":
        host.containers[0].id = "id-new"
    else:
        host.containers.append(Container("notes"))
    assert host.unsettled() == ["Project 'campus' or its containers are not those that were brought up last"]


def test_stopped(host: Host) -> None:
    host.remember()
    host.lms()["State"].update(Status="exited", ExitCode=0)
    assert host.unsettled() == ["Service 'lms' exited with code 0"]


@pytest.mark.parametrize("status", ["restarting", "paused", "dead", "created"])
def test_neither_up_nor_ended(host: Host, status: str) -> None:
    host.remember()
    host.lms()["State"]["Status"] = status
    assert host.unsettled() == [f"Service 'lms' is {status} (last exit code 0, restarted 0 times)"]


def test_one_that_is_meant_to_end_failed(host: Host) -> None:
    host.remember()
    host.containers[1].attrs["State"]["ExitCode"] = 3
    assert host.unsettled() == ["Service 'permissions' exited with code 3"]


@pytest.mark.parametrize("image", [None, {"Id": "sha256:newer"}])
def test_image_is_another_one(host: Host, image: Any) -> None:
    host.remember()
    host.images["example/lms:1"] = image
    assert host.unsettled() == ["Service 'lms' does not run image 'example/lms:1' as it is now"]


def test_mounted_file_changed(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.remember()
    monkeypatch.setattr(mounts, "watch", lambda _platform, _containers: [mounts.Watched(host.containers[0], "d", "the files changed")])
    assert host.unsettled() == ["Service 'lms' has to be restarted: the files changed"]


@pytest.mark.parametrize("other", ["older container", "no container", "orphan"])
def test_what_is_not_as_defined_is_not_remembered(host: Host, other: str) -> None:
    if other == "older container":
        host.hashes["lms"] = "hash-new"
    elif other == "no container":
        host.hashes["notes"] = "hash-notes"
    else:
        host.containers.append(Container("notes"))
    host.remember()
    assert host.unsettled() != []


def test_a_record_without_what_services_share(host: Host) -> None:
    """As earlier versions wrote it."""
    host.remember()
    with open(settled.path(host.platform.places), encoding="utf-8") as stream:
        known = json.load(stream)
    del known["shared"]
    with open(settled.path(host.platform.places), "w", encoding="utf-8") as stream:
        json.dump(known, stream)
    assert host.unsettled() != []
    host.remember()
    assert host.unsettled() == []


def test_a_record_that_holds_something_else(host: Host) -> None:
    host.remember()
    with open(settled.path(host.platform.places), "w", encoding="utf-8") as stream:
        stream.write("[]")
    assert host.unsettled() != []
    host.remember()
    assert host.unsettled() == []
