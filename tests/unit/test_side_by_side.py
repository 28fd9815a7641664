# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several sites on one machine, as preflight sees them in an inventory."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]


def preflight(folder: Path, *arguments: str, strategy: str = "linear", **sites: dict) -> subprocess.CompletedProcess[str]:
    """lectern.tutor.deploy with the tag preflight, on sites of this machine."""
    shared = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"tutor": {"hosts": {name: dict(shared, **site) for name, site in sites.items()}}}))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), "lectern.tutor.deploy", "-t", "preflight"]
    environ = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"), ANSIBLE_HOME=str(folder / "ansible"))
    environ["ANSIBLE_STRATEGY"] = strategy
    done = subprocess.run([*command, *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    done.stdout = done.stdout.replace("\\n", "\n")
    return done


def site(root: Path, **settings: object) -> dict:
    return {"tutor_root": str(root), "tutor_settings": settings}


def test_two_sites_live_side_by_side(tmp_path: Path) -> None:
    """One has its settings in its inventory, the other one, which was adopted, in its config.yml."""
    history = tmp_path / "Clio's: history"  # a folder may have any name
    history.mkdir()
    (history / "config.yml").write_text("CADDY_HTTP_PORT: 82\nLOCAL_PROJECT_NAME: history\nMYSQL_ROOT_PASSWORD: Not-For-Eyes\n")
    (tmp_path / "physics.yml").write_text("CADDY_HTTP_PORT: 81\n")
    # One file instead of a list of one, and a variable that is empty.
    physics = {"tutor_settings_files": str(tmp_path / "physics.yml"), "tutor_lock_file": None}
    sites = {"physics": dict(site(tmp_path / "physics", LOCAL_PROJECT_NAME="physics"), **physics), "history": site(history)}
    done = preflight(tmp_path, "-vvv", **sites)
    assert done.returncode == 0, done.stdout
    assert "Not-For-Eyes" not in done.stdout + done.stderr
    assert done.stdout.count("changed=0") == 2


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_what_both_claim_is_refused(tmp_path: Path, strategy: str) -> None:
    sites = {name: site(tmp_path / "one", CADDY_HTTP_PORT=81, LOCAL_PROJECT_NAME="one") for name in ("physics", "history")}
    done = preflight(tmp_path, strategy=strategy, **sites)
    assert done.returncode == 2
    for what in (f"have the root '{tmp_path / 'one'}'", "have the compose project 'one'", "publish port 81"):
        assert f"physics and history both {what}" in done.stdout
        assert f"history and physics both {what}" in done.stdout


@pytest.mark.parametrize(("port", "code"), [("81", 2), ("82", 0)])
def test_a_site_left_out_by_limit_counts(tmp_path: Path, port: str, code: int) -> None:
    """Its settings come from its file of settings, over those that it has saved."""
    (tmp_path / "history").mkdir()
    (tmp_path / "history/config.yml").write_text("CADDY_HTTP_PORT: 83\nLOCAL_PROJECT_NAME: history\n")
    (tmp_path / "history.yml").write_text(f"CADDY_HTTP_PORT: {port}\nCMS_HOST: 'studio.{{{{ LMS_HOST }}}}'\n")
    sites = {
        "physics": site(tmp_path / "physics", CADDY_HTTP_PORT=81, LOCAL_PROJECT_NAME="physics"),
        "history": dict(site(tmp_path / "history"), tutor_settings_files=[str(tmp_path / "history.yml")]),
    }
    done = preflight(tmp_path, "--limit", "physics", **sites)
    assert done.returncode == code, done.stdout
    assert ("physics and history both publish port 81" in done.stdout) == bool(code)


def test_a_broken_site_concerns_nobody_else(tmp_path: Path) -> None:
    """Of three sites only one is deployed; another one has the same root under another name, the third can't even be read."""
    (tmp_path / "link").symlink_to(tmp_path / "one")
    broken = dict(site(tmp_path / "three", CMS_HOST="studio.{{ LMS_HOST }}"), tutor_settings_files=["/none.yml"])
    sites = {"physics": site(tmp_path / "one", LOCAL_PROJECT_NAME="physics"), "history": site(tmp_path / "link"), "broken": broken}
    done = preflight(tmp_path, "-e", "tutor_hosts=physics", **sites)
    assert done.returncode == 2
    assert f"physics and history both have the root '{tmp_path / 'one'}'" in done.stdout
    assert "undefined" not in done.stdout
    assert "none.yml" not in done.stdout


@pytest.mark.parametrize("other", ["/{root}", "~{user}/{from_home}", "{root}/../one"])
def test_one_root_under_other_names(tmp_path: Path, other: str) -> None:
    root = tmp_path / "one"
    name = other.format(root=root, user=getpass.getuser(), from_home=os.path.relpath(root, Path.home()))
    sites = {"physics": site(root, LOCAL_PROJECT_NAME="physics", CADDY_HTTP_PORT=81), "history": dict(site(root), tutor_root=name)}
    done = preflight(tmp_path, **sites)
    assert done.returncode == 2
    assert f"physics and history both have the root '{root}'" in done.stdout


def test_a_vault_without_its_password(tmp_path: Path) -> None:
    """A setting that refers to one made with `ansible-vault encrypt_string`; no password is given."""
    (tmp_path / "word").write_text("open sesame")
    command = [str(Path(sys.executable).parent / "ansible-vault"), "encrypt_string", "--vault-id", str(tmp_path / "word"), "Kept-Secret"]
    vaulted = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars/physics.yml").write_text("vault_word: " + vaulted)
    done = preflight(tmp_path, physics=site(tmp_path / "root", SMTP_PASSWORD="{{ vault_word }}"))
    assert done.returncode == 2
    assert "tutor_settings.SMTP_PASSWORD (the password of a vault is missing or wrong)" in done.stdout


def test_lock_file_without_a_folder(tmp_path: Path) -> None:
    """It would be looked for in the folder of the playbook, which is the collection's."""
    done = preflight(tmp_path, physics=dict(site(tmp_path / "root"), tutor_lock_file="physics.lock.yml"))
    assert done.returncode == 2
    assert "tutor_lock_file is 'physics.lock.yml': give an absolute path on the controller, one for each host." in done.stdout
