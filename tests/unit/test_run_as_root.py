# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and playbooks that root runs on somebody else's root."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.lectern.tutor.tests.unit.plugins.modules.harness import readable_venv

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".build/tutor-22"
OWNER = 2775
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as another user"),
    pytest.mark.skipif(not VENV.exists(), reason="Tutor 22 is not set up: scripts/venv tutor-22"),
]


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that every user can enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def play(ground: Path, playbook: str, *arguments: str, **variables: object) -> subprocess.CompletedProcess[str]:
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "tutor_venv": str(readable_venv(VENV, ground / "venvs")),
        "tutor_packages": [],
    }
    places = {"tutor_root": str(ground / "root"), "tutor_plugins_root": str(ground / "plugins")}
    inventory = ground / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"tutor": {"hosts": {"learn": {**shared, **places, **variables}}}}))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), f"lectern.tutor.{playbook}", *arguments]
    environ = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"), ANSIBLE_HOME=str(ground / "ansible"))
    return subprocess.run(command, cwd=ground, env=environ, capture_output=True, text=True, check=False, timeout=300)


def give(path: Path) -> None:
    for each in [path, *path.rglob("*")]:
        os.chown(each, OWNER, OWNER, follow_symlinks=False)


def copies_of_the_owner() -> set[str]:
    """The roots that checks copied as the owner. Other tests, at work at the same time, copy theirs as root."""
    found = set()
    for path in Path("/tmp").glob("lectern-check.*"):
        with contextlib.suppress(FileNotFoundError):
            if path.lstat().st_uid == OWNER:
                found.add(path.name)
    return found


def test_a_playbook_runs_what_the_owner_wrote_as_the_owner(ground: Path) -> None:
    """In check mode, too, where a copy of the root is rendered."""
    root, plugins, ran = ground / "root", ground / "plugins", ground / "open/ran"
    for folder in (root, plugins, ran.parent):
        folder.mkdir()
    ran.parent.chmod(0o777)
    command = f"{{{{ cycler.__init__.__globals__.os.popen('id -u >> {ran}; chmod a+rw {ran}').read() }}}}"
    (root / "config.yml").write_text(json.dumps({"LMS_HOST": "learn.example.org" + command, "PLUGINS": []}))
    for folder in (root, plugins):
        give(folder)
    before = copies_of_the_owner()
    done = play(ground, "environment", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Copy what the environment is rendered from" in done.stdout
    assert [path.name for path in root.iterdir()] == ["config.yml"]
    assert copies_of_the_owner() == before
    done = play(ground, "environment")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.lstat().st_uid for path in [root, *root.rglob("*")]} == {OWNER}
    assert set(ran.read_text().split()) == {str(OWNER)}


def test_settings_that_are_no_file_do_not_hold_preflight_up(ground: Path) -> None:
    for name in ("root", "other"):
        (ground / name).mkdir()
    os.mkfifo(ground / "other/config.yml")
    (ground / "root/config.yml").symlink_to("/dev/zero")
    shared = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "tutor_root": str(ground / "other")}
    (ground / "more.yml").write_text(yaml.safe_dump({"tutor": {"hosts": {"other": shared}}}))
    done = play(ground, "deploy", "-i", str(ground / "more.yml"), "-t", "preflight")
    assert "Read the saved settings of the sites on this machine" in done.stdout
    assert done.returncode in (0, 2)


@pytest.mark.parametrize("playbook", ["environment", "plugins"])
def test_a_virtual_environment_of_somebody_else_is_not_run(ground: Path, playbook: str) -> None:
    venv = ground / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").write_text(f"#!/bin/sh\ntouch {ground}/ran\n")
    (venv / "bin/python").chmod(0o755)
    give(venv)
    done = play(ground, playbook, tutor_venv=str(venv))
    assert done.returncode == 2
    assert f"{venv} on learn belongs to somebody else than root" in done.stdout
    assert not (ground / "ran").exists()


@pytest.mark.parametrize("root_mode", ["2775", 2775])
def test_a_group_shares_a_root(ground: Path, root_mode: object) -> None:
    root = ground / "root"
    root.mkdir()
    os.chown(root, 0, 4242)
    root.chmod(0o2775)
    done = play(ground, "environment", tutor_root_mode=root_mode)
    assert done.returncode == 0, done.stdout + done.stderr
    modes = {path.stat().st_mode & 0o7777 for path in (root / "env").rglob("*") if path.is_file()}
    assert (root.stat().st_mode & 0o7777, (root / "config.yml").stat().st_mode & 0o7777, modes) == (0o2775, 0o660, {0o664, 0o775})
    assert "changed=0" in play(ground, "environment", tutor_root_mode=root_mode).stdout
