# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories of the examples: what each host gets, and what a few of them are rendered to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLES = CHECKOUT / "examples"
TUTOR = CHECKOUT / ".build/tutor-22"
BIN = Path(sys.executable).parent
PROJECTS = [path.parent for path in sorted(EXAMPLES.glob("*/ansible.cfg"))]
SHOW = """{%% set all = namespace(found={}) %%}
{%% for host in groups.tutor %%}{%% set all.found = all.found | combine({host: {%s}}) %%}{%% endfor %%}
{{ all.found | to_json }}"""
SHOWN = ["tutor_settings", "tutor_plugins", "tutor_root", "tutor_plugins_root", "tutor_packages"]


def run(project: Path, *arguments: str | Path, vault: Path) -> str:
    """The output of a command in the folder of an example, whose hosts are this machine; it must succeed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environ = {
        **kept,
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".build/collections"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_VAULT_PASSWORD_FILE": str(vault),
        "NO_COLOR": "1",
    }
    done = subprocess.run([BIN / arguments[0], *arguments[1:]], cwd=project, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the password that the README of the example documents."""
    path = tmp_path_factory.mktemp("vault") / "password"
    path.write_text(re.search(r"password of this example is `(.*?)`", (EXAMPLES / "site/README.md").read_text())[1])
    return path


@pytest.fixture(scope="module")
def hosts(vault: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the hosts of the examples get, by their names."""
    folder, found = tmp_path_factory.mktemp("hosts"), {}
    content = SHOW % ", ".join(f"'{name}': hostvars[host].{name}" for name in SHOWN)
    task = {"ansible.builtin.copy": {"dest": str(folder / "shown"), "content": content, "mode": "0600"}}
    (folder / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    for project in PROJECTS:
        run(project, "ansible-playbook", folder / "play.yml", vault=vault)
        found.update(json.loads((folder / "shown").read_text()))
    return found


def of(project: str, vault: Path) -> dict[str, Any]:
    return json.loads(run(EXAMPLES / project, "ansible-inventory", "--list", vault=vault))


def test_site_adds_its_layers_up(hosts: dict[str, dict[str, Any]]) -> None:
    production, staging = (hosts[name]["tutor_settings"] for name in ("learn.example.org", "staging.example.org"))
    assert (production["LMS_HOST"], staging["LMS_HOST"]) == ("learn.example.org", "staging.example.org")
    assert (production["PLATFORM_NAME"], staging["PLATFORM_NAME"]) == ("Example University", "Example University (staging)")
    assert (production["SMTP_HOST"], staging["SMTP_HOST"]) == ("smtp.example.org", "mail-catcher.example.org")
    assert production["SMTP_PASSWORD"] == staging["SMTP_PASSWORD"] == "Example-Smtp-0123"
    assert "OPENEDX_LMS_UWSGI_WORKERS" not in staging


def test_secrets_of_the_site_are_encrypted() -> None:
    texts = [path.read_text() for path in EXAMPLES.glob("*/**/*") if path.is_file()]
    assert not [text for text in texts if "Example-Smtp" in text or "Example-Registry" in text]


def test_fleet_has_twenty_sites_in_three_groups(hosts: dict[str, dict[str, Any]], vault: Path) -> None:
    inventory = of("fleet", vault)
    groups = {name: inventory[name]["hosts"] for name in inventory["tutor"]["children"]}
    assert {name: len(names) for name, names in groups.items()} == {"universities": 8, "schools": 7, "academies": 5}
    assert hosts["birch.example.org"]["tutor_plugins"] == ["mfe", "minio", "discovery", "notes", "xqueue"]
    assert hosts["iris.example.org"]["tutor_settings"]["PLATFORM_NAME"] == "Iris School"
    assert hosts["pine.example.org"]["tutor_settings"]["PLATFORM_NAME"] == "Pine Academy"
    assert {hosts[name]["tutor_settings"]["LMS_HOST"] for name in sum(groups.values(), [])} == set(sum(groups.values(), []))


def test_sites_of_one_server_have_nothing_in_common(hosts: dict[str, dict[str, Any]], vault: Path) -> None:
    found = of("fleet", vault)["_meta"]["hostvars"]
    by_server: dict[str, list[str]] = {}
    for name, variables in found.items():
        by_server.setdefault(variables.get("ansible_host", name), []).append(name)
    (shared,) = [names for names in by_server.values() if len(names) > 1]
    own = [(name, hosts[name], hosts[name]["tutor_settings"]) for name in shared]
    assert len(own) == 2
    for key in ("tutor_root", "tutor_plugins_root"):
        assert len({host[key] for _name, host, _settings in own}) == 2
    for key in ("LOCAL_PROJECT_NAME", "CADDY_HTTP_PORT"):
        assert len({settings[key] for _name, _host, settings in own}) == 2
    assert not any(settings["ENABLE_WEB_PROXY"] for _name, _host, settings in own)


def test_versions_are_those_that_the_tests_know(hosts: dict[str, dict[str, Any]]) -> None:
    known = set((CHECKOUT / "tests/requirements/tutor-22.txt").read_text().split())
    assert [name for host in hosts.values() for name in host["tutor_packages"] if name not in known] == []


@pytest.mark.parametrize(
    "playbook", [path for project in PROJECTS for path in project.glob("*.yml")], ids=lambda path: "/".join(path.parts[-2:])
)
def test_playbook_is_one_of_the_collection(playbook: Path) -> None:
    (play,) = yaml.safe_load(playbook.read_text())
    assert play["ansible.builtin.import_playbook"] == f"lectern.tutor.{playbook.stem}"
    assert (CHECKOUT / f"playbooks/{playbook.name}").exists()


def test_sites_of_one_server_are_rendered_apart(vault: Path, tmp_path: Path) -> None:
    """The playbook of the example, beside the packages that its inventory names; they are installed already, so that role is left out. The
    other example is rendered by test_awx.py."""
    if not TUTOR.exists():
        pytest.skip("Tutor 22 is not set up: scripts/venv tutor-22")
    over = {
        "ansible_connection": "local",
        "tutor_root": f"{tmp_path}/{{{{ inventory_hostname }}}}/root",
        "tutor_plugins_root": f"{tmp_path}/{{{{ inventory_hostname }}}}/plugins",
        "tutor_venv": str(TUTOR),
    }
    limit = "summit.example.org:tundra.example.org"
    command = ("ansible-playbook", "environment.yml", "--tags", "environment", "--limit", limit, "-e", json.dumps(over))
    run(EXAMPLES / "fleet", *command, vault=vault)
    for name, port in (("summit", 81), ("tundra", 82)):
        root = tmp_path / f"{name}.example.org/root"
        assert {f"LOCAL_PROJECT_NAME: {name}", f"LMS_HOST: {name}.example.org"} <= set((root / "config.yml").read_text().splitlines())
        assert f'"{port}:80"' in (root / "env/local/docker-compose.prod.yml").read_text()
