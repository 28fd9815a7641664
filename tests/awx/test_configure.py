# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure.yml of extensions/controller with the modules of awx.awx, twice, against a stand-in of the API of AWX."""

from __future__ import annotations

import importlib.util
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
CONTROLLER = CHECKOUT / "extensions/controller"

yaml.SafeLoader.add_constructor("!unsafe", yaml.SafeLoader.construct_yaml_str)
spec = importlib.util.spec_from_file_location("controller", Path(__file__).with_name("controller.py"))
assert spec and spec.loader
controller = importlib.util.module_from_spec(spec)
spec.loader.exec_module(controller)


def data(name: str) -> Any:
    (value,) = yaml.safe_load((CONTROLLER / f"vars/{name}.yml").read_text()).values()
    return value


@pytest.fixture(scope="module")
def configured() -> tuple[Any, list[str]]:
    """The controller, and what two runs of configure.yml said."""
    fake = controller.Controller()
    fake.add("organizations", {"name": "Default"})
    for name in ("Deploy key", "Registry"):
        fake.add("credentials", {"name": name})
    given = {"lectern_project_url": "https://git.example.org/sites.git", "lectern_image": "registry.example.org/ee:1"}
    given["lectern_credentials"] = ["Deploy key", "Registry"]
    outputs = []
    with controller.serving(fake) as address:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CONTROLLER_", "TOWER_"))}
        environ = {
            **kept,
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".build/collections"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_PIPELINING": "1",
            "CONTROLLER_HOST": address,
            "CONTROLLER_OAUTH_TOKEN": "Kept-Secret-0123",
        }
        for _run in range(2):
            fake.writes.clear()
            command = [Path(sys.executable).with_name("ansible-playbook"), CONTROLLER / "configure.yml", "-e", json.dumps(given), "-vv"]
            done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            outputs.append(done.stdout)
    return fake, outputs


def test_controller_gets_what_stands_in_the_files(configured: tuple[Any, list[str]]) -> None:
    fake, _outputs = configured
    for template in data("job_templates"):
        made = fake.named("job_templates", template["name"])
        assert (made["playbook"], made["job_type"]) == (template["playbook"], template.get("job_type", "run"))
        assert made["ask_limit_on_launch"] is True
        assert json.loads(made.get("extra_vars") or "{}") == template.get("extra_vars", {})
        assert made["diff_mode"] is template.get("diff_mode", False)
        assert len(fake.lists[f"{made['url']}credentials/"]) == 2
        survey = fake.surveys.get(f"{made['url']}survey_spec/")
        assert survey == (json.loads((CONTROLLER / "surveys" / template["survey"]).read_text()) if "survey" in template else None)
        assert made["survey_enabled"] is ("survey" in template)
    for credential in data("credential_types"):
        made = fake.named("credential_types", credential["name"])
        assert (made["inputs"], made["injectors"]) == (credential["inputs"], credential["injectors"])


def test_workflow_deploys_only_after_check_and_approval(configured: tuple[Any, list[str]]) -> None:
    fake, _outputs = configured
    check, approve, deploy = (fake.named("workflow_job_template_nodes", name) for name in ("check", "approve", "deploy"))
    assert fake.lists[f"{check['url']}success_nodes/"] == [approve["id"]]
    assert fake.lists[f"{approve['url']}success_nodes/"] == [deploy["id"]]
    assert check["unified_job_template"] == fake.named("job_templates", "Lectern check")["id"]
    assert deploy["unified_job_template"] == fake.named("job_templates", "Lectern deploy")["id"]
    assert "workflow_approval_templates" in approve["related"]["unified_job_template"]
    assert fake.named("workflow_job_templates", data("workflow")["name"])["ask_limit_on_launch"] is True


def test_configuring_again_changes_nothing(configured: tuple[Any, list[str]]) -> None:
    fake, (first, second) = configured
    assert re.search(r"changed=[1-9]", first)
    assert "changed=0 " in second
    assert fake.writes == []
    assert "Kept-Secret-0123" not in first + second
