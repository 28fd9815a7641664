# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock file that is none, as an operator hears of it: before anything is touched, with the file, what is wrong in it and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
DIGEST = "sha256:" + "a" * 64
TEXTS = {
    "broken": "packages: [a\nimages: {",
    "other": "- tutor==22.0.3\n",
    "edited": f"packages:\n- name: tutor\n  version: 22.0\n  hashes: [{DIGEST}]\nimages: {{}}\n",
    "good": f"packages:\n- name: tutor\n  version: 22.0.3\n  hashes: [{DIGEST}]\nimages: {{}}\n",
}
SAYS = {
    "broken": "its text line 2 column 7 is not valid YAML: did not find expected ',' or ']'",
    "other": "it is ['tutor==22.0.3'] and no mapping",
    "edited": "version of packages[0] is 22.0 and no text: put it into quotes",
}


def test_what_is_no_lock_file_is_told_with_the_file_and_what_to_do(tmp_path: Path) -> None:
    """One inventory with a site for each file, and one whose file is right."""
    shared = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {}
    for name, text in TEXTS.items():
        settings = {"LOCAL_PROJECT_NAME": name, "CADDY_HTTP_PORT": 81 + len(hosts)}
        hosts[name] = {**shared, "tutor_root": str(tmp_path / name), "tutor_settings": settings}
        (tmp_path / "host_vars").mkdir(exist_ok=True)
        (tmp_path / f"host_vars/{name}.lock.yml").write_text(text)
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"tutor": {"hosts": hosts}}))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "inventory.yml", "lectern.tutor.deploy", "-t", "preflight"]
    environ = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"), ANSIBLE_HOME=str(tmp_path / "ansible"))
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    output = (done.stdout + done.stderr).replace('\\"', '"')
    assert done.returncode == 2, output
    for name, reason in SAYS.items():
        file = tmp_path / f"host_vars/{name}.lock.yml"
        assert f"{file} is no lock file ({reason}): run the playbook lectern.tutor.lock, which writes it, or remove it." in output
    assert f"{tmp_path}/host_vars/good.lock.yml" not in output
    assert output.count("failed=1") == 3
    assert "Traceback" not in output and "can be found in the" not in output
