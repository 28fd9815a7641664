# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site of the end-to-end test with engines and releases of Compose that servers have already, each pair on a server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.tests.e2e import kit
from ansible_collections.lectern.tutor.tests.e2e.server import Server

ENGINES = {"20.10": "debian-12-engine", "26.1": "debian-13-engine"}


@pytest.fixture(scope="module")
def images() -> None:
    kit.build(*kit.ENGINES)


@pytest.fixture(params=["5", "2.26"])
def compose(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(images: None, engine: str, compose: str, tmp_path: Path) -> Iterator[Server]:
    name = f"{kit.SERVER}-engine"
    server = Server(**kit.up(name, f"{kit.PREFIX}/{ENGINES[engine]}"), sockets=str(tmp_path))
    server.run("ln", "-s", f"/opt/compose/{compose.partition('.')[0]}", "/usr/local/lib/docker/cli-plugins/docker-compose")
    yield server
    kit.down(name)


def test_site_on_the_engine_that_is_there(server: Server, engine: str, compose: str) -> None:
    first = server.playbook("deploy")
    assert first.code == 0, first.output[-8000:]
    assert server.run("docker", "version", "--format", "{{.Server.Version}}").startswith(engine)
    assert server.run("docker", "compose", "version", "--short").lstrip("v").startswith(compose)
    started = server.containers()

    again = server.playbook("deploy")
    assert again.code == 0, again.output[-8000:]
    assert again.changed == []
    assert server.containers() == started
    assert server.get("campus.example.org", "/heartbeat")[0] == 200
