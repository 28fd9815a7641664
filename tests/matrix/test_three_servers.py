# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the playbook deploys a site to each of three servers, which have systemd and get engines of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.lectern.tutor.tests.e2e import kit
from ansible_collections.lectern.tutor.tests.e2e.server import Server

NAMES = ("north", "south", "west")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    kit.build(kit.SYSTEMD)
    ups = [kit.up(f"{kit.SERVER}-{name}", kit.SYSTEMD.tag) for name in NAMES]
    inventory = tmp_path / "fleet.json"
    inventory.write_text(json.dumps(fleet(ups)))
    yield [Server(**up, sockets=str(tmp_path), inventory=inventory) for up in ups]
    for up in ups:
        kit.down(up["name"])


def fleet(ups: list[dict[str, str]]) -> dict[str, object]:
    """The inventory of the end-to-end test, for three hosts with sites of their own."""
    tutor = yaml.safe_load((kit.HERE / "inventory/hosts.yml").read_text())["tutor"]
    hosts = {}
    for name, up in zip(NAMES, ups, strict=True):
        site = f"{name}.example.org"
        settings = {**tutor["vars"]["tutor_settings"], "LMS_HOST": site, "CMS_HOST": f"studio.{site}"}
        hosts[name] = {**tutor["hosts"]["campus"], "ansible_host": up["address"], "tutor_settings": settings}
    return {"tutor": {"hosts": hosts, "vars": tutor["vars"]}}


def test_three_sites_in_one_run(servers: list[Server]) -> None:
    first = servers[0].playbook("deploy")
    assert first.code == 0, first.output[-8000:]
    started = [server.containers() for server in servers]
    assert all(len(containers) > 10 for containers in started)
    assert [server.run("ps", "-p", "1", "-o", "comm=") for server in servers] == ["systemd"] * 3
    for name, server in zip(NAMES, servers, strict=True):
        assert server.get(f"{name}.example.org", "/heartbeat")[0] == 200

    again = servers[0].playbook("deploy")
    assert again.code == 0, again.output[-8000:]
    assert again.changed == []
    assert [server.containers() for server in servers] == started
