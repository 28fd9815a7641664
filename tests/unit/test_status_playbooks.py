# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook status, and how the playbook deploy records its end. The integration target ``playbooks`` has a deployment that succeeds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".build/tutor-22"
pytestmark = pytest.mark.skipif(not VENV.exists(), reason="Tutor 22 is not set up: scripts/venv tutor-22")
HERE = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "tutor_venv": str(VENV), "tutor_packages": []}


class Controller:
    """A folder from which playbooks are run on a site that is rendered, and that has no engine."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.metrics = folder, folder / "root", folder / "metrics"
        self.metrics.mkdir()
        self.places = {"tutor_root": str(self.root), "tutor_plugins_root": str(folder / "plugins"), "tutor_plugins": []}

    def play(self, playbook: str, *arguments: str, code: int = 0, **others: dict[str, Any]) -> str:
        """Run a playbook on the site ``learn`` and others; returns what it prints."""
        inventory = self.folder / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"tutor": {"hosts": {"learn": HERE, **others}, "vars": self.places}}))
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), f"lectern.tutor.{playbook}", *arguments]
        environ = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"), ANSIBLE_HOME=str(self.folder / "ansible"))
        environ.update(DOCKER_HOST="unix:///nowhere.sock", ANSIBLE_NOCOLOR="1")
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def record(self) -> dict[str, Any]:
        return json.loads((self.root / ".lectern/run.json").read_text())


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    made = Controller(tmp_path_factory.mktemp("controller"))
    made.play("environment")
    yield made


def test_status_of_sites_that_are_there_new_and_gone(controller: Controller) -> None:
    """Each site is shown as it is, and none ends the play for another one."""
    gone = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_connection": "ssh"}
    shown = controller.play("status", code=4, gone=gone, new={**HERE, "tutor_venv": "/nowhere"})
    assert "fatal: [gone]: UNREACHABLE!" in shown
    assert "There is no virtual environment at /nowhere on new: run the playbook lectern.tutor.deploy there first" in shown
    table = shown[shown.index("learn: broken, Tutor 22.0.3") : shown.index("ok: [learn]", shown.index("learn: broken"))].splitlines()
    assert "  pending changes   none" in table
    assert any(line.strip().startswith("broken: No Docker engine answers at 'unix:///nowhere.sock'") for line in table)
    assert max(map(len, table)) <= 100
    assert "changed=0    unreachable=0    failed=0" in shown.partition("PLAY RECAP")[2].partition("learn")[2].splitlines()[0]


def test_status_as_data(controller: Controller) -> None:
    (line,) = [line for line in controller.play("status", "-e", "tutor_status_format=json").splitlines() if line.startswith("{")]
    status = json.loads(line)
    assert (status["site"], status["verdict"], status["services"], status["drift"]) == ("learn", "broken", None, [])


def test_failed_deployment_is_recorded_and_stays_the_result(controller: Controller) -> None:
    wrong = ["-e", json.dumps({"tutor_settings_files": ["/none.yml"], "tutor_metrics_dir": str(controller.metrics)})]
    shown = controller.play("deploy", *wrong, "--check", code=2)
    assert not (controller.root / ".lectern/run.json").exists() and not list(controller.metrics.iterdir())
    shown = controller.play("deploy", *wrong, code=2)
    assert "/none.yml" in shown and "failed=1 " in shown and "ignored=0" in shown
    assert controller.record()["result"] == "failed" and controller.record()["succeeded"] is None
    assert 'lectern_last_run_success{site="learn"} 0\n' in (controller.metrics / "lectern-learn.prom").read_text()


def test_metrics_alone_are_no_deployment(controller: Controller) -> None:
    with_metrics = ["-e", f"tutor_metrics_dir={controller.metrics}", "--tags", "metrics"]
    path, record = controller.metrics / "lectern-learn.prom", controller.root / ".lectern/run.json"
    before = record.read_text() if record.exists() else None
    path.unlink(missing_ok=True)
    assert "changed=1 " in controller.play("deploy", *with_metrics)
    assert 'lectern_pending_changes{site="learn"} 0\n' in path.read_text()
    assert (record.read_text() if record.exists() else None) == before


def test_folder_for_metrics_is_checked_first(controller: Controller) -> None:
    shown = controller.play("deploy", "-e", f"tutor_metrics_dir={controller.folder}/none", code=2)
    assert f"tutor_metrics_dir is '{controller.folder}/none', which is no folder of learn that " in shown
    assert "failed=1 " in shown and controller.record()["result"] == "failed"
