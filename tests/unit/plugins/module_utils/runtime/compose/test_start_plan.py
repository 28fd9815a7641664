# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What starting the platform would do: every kind of difference, and none where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.base.releases import release_of
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import containers, project, settled, start_plan


class Platform(NamedTuple):
    places: Places
    config: Any
    release: Any = release_of("22.0.3")
    secrets: Any = ()


class Container:
    """A fake container that runs what is defined."""

    def __init__(self, service: str, policy: str = "unless-stopped") -> None:
        self.id, self.name, self.status = f"id-{service}", f"campus-{service}-1", "running"
        self.labels = {"com.docker.compose.service": service, settled.HASH: f"hash-{service}"}
        self.attrs = {
            "State": {"Status": "running", "ExitCode": 0},
            "Config": {"Image": f"example/{service}:1"},
            "Image": f"sha256:{service}",
            "HostConfig": {"RestartPolicy": {"Name": policy}},
        }


class Host:
    """What the engine and Compose tell."""

    def __init__(self, root: Path) -> None:
        self.platform = Platform(Places(str(root), "/plugins"), {"LOCAL_PROJECT_NAME": "campus"})
        self.containers = [Container("lms"), Container("permissions", "no")]
        self.permissions = self.containers[1]
        self.permissions.attrs["State"]["Status"] = "exited"
        self.project: dict[str, Any] = {"services": {"lms": {}, "permissions": {}}, "networks": {"default": {"name": "campus"}}}
        self.images = {"example/lms:1": {"Id": "sha256:lms"}, "example/permissions:1": {"Id": "sha256:permissions"}}
        self.off: list[str] = []
        """Services of profiles that are off."""
        self.commands: list[list[str]] = []

    def checked(self, _platform: Any, arguments: list[str], jobs: bool = False) -> str:
        self.commands.append(arguments)
        if "--services" in arguments:
            return "\n".join([*self.project["services"], *self.off])
        if "--hash" in arguments:
            return "".join(f"{name} hash-{name}\n" for name in self.project["services"])
        return json.dumps(self.project)

    def plan(self, **options: Any) -> start_plan.StartPlan:
        return start_plan.plan_start(self.platform, None, self.containers, **{"original": self.platform.places, **options})


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host(tmp_path / "root")
    monkeypatch.setattr(project, "checked", host.checked)
    monkeypatch.setattr(containers, "inspect_image", lambda _client, tag: host.images.get(tag))
    return host


def test_nothing_to_do(host: Host) -> None:
    assert host.plan() == ([], [])


def test_a_service_without_a_container(host: Host) -> None:
    host.project["services"]["notes"] = {}
    assert host.plan() == (["Service 'notes' has 0 of 1 containers"], [])


def test_more_containers_than_are_wanted(host: Host) -> None:
    host.project["services"]["lms"] = {"deploy": {"replicas": 2}}
    assert host.plan().reasons == ["Service 'lms' has 1 of 2 containers"]
    host.project["services"]["lms"] = {"scale": 0}
    assert host.plan().reasons == ["Service 'lms' has 1 of 0 containers"]


def test_a_container_of_no_service(host: Host) -> None:
    del host.project["services"]["lms"]
    assert host.plan() == (["Container 'campus-lms-1' belongs to no service any more"], [])


def test_a_container_of_a_profile_that_is_off(host: Host) -> None:
    host.containers.append(Container("debug"))
    host.off.append("debug")
    assert host.plan() == ([], [])


@pytest.mark.parametrize(("status", "code"), [("exited", 137), ("exited", 0), ("created", 0), ("paused", 0)])
def test_a_service_that_stopped(host: Host, status: str, code: int) -> None:
    host.containers[0].attrs["State"].update(Status=status, ExitCode=code)
    assert len(host.plan().reasons) == 1 and host.plan().reasons[0].startswith("Service 'lms' ")


def test_one_that_is_meant_to_end_failed(host: Host) -> None:
    host.permissions.attrs["State"]["ExitCode"] = 3
    assert host.plan().reasons == ["Service 'permissions' exited with code 3"]


def test_another_definition(host: Host) -> None:
    for container in host.containers:
        container.labels[settled.HASH] = "hash-before"
    assert host.plan() == ([], ["lms", "permissions"])


@pytest.mark.parametrize("image", [None, {"Id": "sha256:newer"}])
def test_another_image(host: Host, image: Any) -> None:
    host.images["example/lms:1"] = image
    assert host.plan() == ([], ["lms"])


def test_an_image_that_is_to_come(host: Host) -> None:
    assert host.plan(images_to_come=["example/lms:1", "example/other:1"]) == ([], ["lms"])


def test_other_networks(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "containers", lambda _platform, _client: host.containers)
    settled.remember(host.platform, None)
    assert host.plan() == ([], [])
    host.project["networks"]["default"]["name"] = "other"
    assert host.plan() == (["The networks or volumes of the project changed"], [])


def test_paths_of_a_copy_count_from_the_original(host: Host, tmp_path: Path) -> None:
    """Where that has a project; else from the copy."""
    original = host.platform.places._replace(root=str(tmp_path / "original"))
    folder = tmp_path / "original/env/local"
    host.plan(original=original)
    folder.mkdir(parents=True)
    (folder / "docker-compose.yml").write_text("")
    host.plan(original=original)
    assert [command[1] for command in host.commands] == [str(tmp_path / "root/env/local")] * 2 + [str(folder)] * 2
    assert {command[0] for command in host.commands} == {"--project-directory"}
