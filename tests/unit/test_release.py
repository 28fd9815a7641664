# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive that a release publishes: built, installed where nothing else is, and looked into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GALAXY = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())
VERSION = GALAXY["version"]
# The folders and files at the top of the archive; what is for developers alone stays in the repository.
HELD = {
    "CHANGELOG.md",
    "COPYING",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
    "changelogs",
    "docs",
    "examples",
    "execution-environment.yml",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}


def ansible(folder: Path, *arguments: str | Path) -> str:
    """The output of a program of Ansible's that finds no other collections than those in the folder."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environ = {**own, "ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false", "HOME": str(folder)}
    command = [BIN / arguments[0], *arguments[1:]]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path with nothing in it but this collection, from its archive."""
    folder = tmp_path_factory.mktemp("collections")
    ansible(folder, "ansible-galaxy", "collection", "build", CHECKOUT, "--output-path", folder / "archive")
    archive = folder / f"archive/lectern-tutor-{VERSION}.tar.gz"
    ansible(folder, "ansible-galaxy", "collection", "install", archive, "--no-deps", "--offline", "--collections-path", folder)
    return folder


@pytest.fixture(scope="module")
def installed(path: Path) -> Path:
    return path / "ansible_collections/lectern/tutor"


def kept_by_git() -> set[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return set(subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.splitlines())


def test_archive_holds_what_users_need_and_nothing_else(installed: Path) -> None:
    assert {entry.name for entry in installed.iterdir()} == HELD
    made = {"MANIFEST.json", "FILES.json"}
    files = {str(file.relative_to(installed)) for file in installed.rglob("*") if file.is_file()} - made
    tops = HELD - made
    assert files == {name for name in kept_by_git() if name.split("/")[0] in tops and (CHECKOUT / name).is_file()}


def test_manifest(installed: Path) -> None:
    info = json.loads((installed / "MANIFEST.json").read_text())["collection_info"]
    assert (info["version"], info["dependencies"]) == (VERSION, GALAXY["dependencies"])


def test_programs_stay_executable(installed: Path) -> None:
    programs = [name for name in kept_by_git() if (installed / name).is_file() and os.access(CHECKOUT / name, os.X_OK)]
    assert programs
    assert [name for name in programs if not os.access(installed / name, os.X_OK)] == []


def test_changelog_has_the_version(installed: Path) -> None:
    releases = yaml.safe_load((installed / "changelogs/changelog.yaml").read_text())["releases"]
    assert releases[VERSION]["changes"]["release_summary"]
    assert f"## v{VERSION}\n".replace(".", "\\.") in (installed / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("kind", ["module", "lookup", "filter"])
def test_documentation_can_be_read(path: Path, installed: Path, kind: str) -> None:
    folder = installed / "plugins" / ("modules" if kind == "module" else kind)
    names = {f"lectern.tutor.{file.stem}" for file in folder.glob("*.py")}
    listed = json.loads(ansible(path, "ansible-doc", "--type", kind, "--json", *sorted(names)))
    assert set(listed) == names
    assert all(entry["doc"]["short_description"] for entry in listed.values())


def test_options_of_a_module_can_be_read(path: Path) -> None:
    """Those of the documentation that modules share, too."""
    listed: dict[str, Any] = json.loads(ansible(path, "ansible-doc", "--json", "lectern.tutor.environment"))
    options = listed["lectern.tutor.environment"]["doc"]["options"]
    assert {"root", "plugins_root", "templates", "settings", "plugins"} <= set(options)


def test_playbook_is_found_by_name(path: Path) -> None:
    (path / "hosts").write_text("[tutor]\nlearn.example.org ansible_connection=local\n")
    assert "preflight" in ansible(path, "ansible-playbook", "--inventory", path / "hosts", "lectern.tutor.deploy", "--list-tags")
