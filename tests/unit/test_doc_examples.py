# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example in the documents for users is tried, by what it is:

- variables are rendered by Ansible and checked by the roles' argument_specs; files, plugins and Tutor's own braces are also deployed, to a
  small environment on this machine
- an inventory is the same, and read as one
- playbooks and tasks are syntax-checked by Ansible, and their options are those of the modules
- a command is read by the program's own parser, with the playbooks and variables that it names
- a template of Ansible's is rendered

What is marked as text is output or a figure, and not an example.
"""

from __future__ import annotations

import importlib
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
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.utils.collection_loader import AnsibleCollectionConfig

CHECKOUT = Path(__file__).resolve().parents[2]
TUTOR = CHECKOUT / ".build/tutor-22"
BIN = Path(sys.executable).parent
# Variables of the documents' own, which the reader defines.
OWN = {
    "vault_smtp_password": "0123",
    "vault_admin_password": "0789",
    "vault_teacher_password": "0abc",
    "vault_registry_password": "0456",
    "vault_cairn_password": "0def",
    "fleet_settings_all": {"LMS_HOST": "lms.test"},
}
NEEDS_NO_HOST = {"tutor_settings", "tutor_settings_files", "tutor_plugins", "tutor_plugin_definitions", "tutor_plugin_files"}
# Of these the ones in which something happens on the way that the check of the variables does not see.
DEPLOYED = re.compile("unsafe|_files:|_definitions:")
TEMPLATES = {
    "config/base.yml": 'ID: "{{ 8|random_string }}"\n',
    "config/defaults.yml": 'LMS_HOST: www.test\nCMS_HOST: "studio.{{ LMS_HOST }}"\nLOCAL_PROJECT_NAME: docs\nMOUNTS: []\n',
    "apps/lms.py": '{{ patch("openedx-lms-common-settings") }}\n',
    "local/docker-compose.yml": "services: {}\n",
}
FILES = {
    "ansible.cfg": "[defaults]\ninventory = inventory\n",
    "registry-ca.pem": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "settings/hosts.settings.yml": "LMS_HOST: lms.test\n",
    "inventory/plugins/banner.yml": 'name: banner\nversion: "1"\nconfig: {defaults: {TEXT: "{{ LMS_HOST }}"}}\n',
    "inventory/plugins/timetable.py": "from tutor import hooks\n",
}

spec = importlib.util.spec_from_file_location("documents", CHECKOUT / "tests/support/documents.py")
assert spec and spec.loader
documents = importlib.util.module_from_spec(spec)
spec.loader.exec_module(documents)
Example, of = documents.Example, documents.of


def each(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", of(*kinds), ids=lambda example: example.name)


def data_of(example: Example) -> dict[str, Any]:
    """The variables of an example; of an inventory those of the group and of its hosts."""
    data = yaml.safe_load(example.text)
    if example.kind != "inventory":
        return data
    hosts = data["tutor"]["hosts"].values()
    return {name: value for given in [data["tutor"].get("vars"), *hosts] for name, value in (given or {}).items()}


def variables_of(example: Example) -> set[str]:
    return set(data_of(example))


def runs_here(example: Example) -> bool:
    return example.kind == "variables" and variables_of(example) <= NEEDS_NO_HOST and bool(DEPLOYED.search(example.text))


def file_of(example: Example) -> str:
    """The name that a file's first line says."""
    return re.search(r"# (\S+?):", example.text)[1]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def ansible(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environ = {**kept, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".build/collections"), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    environ["ANSIBLE_PIPELINING"] = "1"
    command = [BIN / arguments[0], *arguments[1:]]
    return subprocess.run(command, cwd=folder, env={**environ, "NO_COLOR": "1"}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one host for each example, its variables as they stand in the document."""
    folder = tmp_path_factory.mktemp("project")
    write(folder, {**FILES, **{f"templates/{name}": text for name, text in TEMPLATES.items()}})
    for example in of("settings"):
        write(folder, {f"inventory/{file_of(example)}": example.text})
    examples = of("variables", "inventory")
    for example in examples:
        text = example.text if example.kind == "variables" else yaml.safe_dump(data_of(example))
        write(folder, {f"inventory/host_vars/{example.name}.{example.language}": text})
    here = {
        "ansible_connection": "local",
        "tutor_root": f"{folder}/roots/{{{{ inventory_hostname }}}}",
        "tutor_plugins_root": f"{folder}/roots/{{{{ inventory_hostname }}}}-plugins",
        "tutor_templates": f"{folder}/templates",
        "tutor_venv": str(TUTOR),
    }
    groups = {"docs": {"hosts": {example.name: {} for example in examples}, "vars": {**OWN, **here}}}
    write(folder, {"inventory/hosts.yml": json.dumps(groups)})
    return folder


@pytest.fixture(scope="module")
def values(project: Path) -> dict[str, dict[str, Any]]:
    """What Ansible makes of the variables, by the names of the examples."""
    parts = []
    for example in of("variables", "inventory"):
        own = ", ".join(f"'{name}': hostvars['{example.name}'].{name}" for name in sorted(variables_of(example)))
        parts.append(f"'{example.name}': {{{own}}}")
    task = {"ansible.builtin.copy": {"dest": str(project / "values"), "content": "{{ {%s} | to_json }}" % ", ".join(parts), "mode": "0600"}}
    write(project, {"values.yml": json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}])})
    done = ansible(project, "ansible-playbook", "values.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((project / "values").read_text())


def options() -> dict[str, dict[str, Any]]:
    specs = [yaml.safe_load(path.read_text())["argument_specs"]["main"] for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml")]
    return {name: option for spec in specs for name, option in spec.get("options", {}).items()}


@each("variables", "inventory")
def test_variables_are_taken_by_the_roles(example: Example, values: dict[str, dict[str, Any]]) -> None:
    given = {name: value for name, value in values[example.name].items() if not name.startswith("ansible_")}
    assert set(given) <= set(options()), "no role knows it"
    result = ArgumentSpecValidator({name: options()[name] for name in given}).validate(given)
    assert not result.error_messages


@pytest.fixture(scope="module")
def rendered(project: Path) -> Path:
    """The roots of all examples that need no host, by the role environment in one run."""
    if not TUTOR.exists():
        pytest.skip("Tutor 22 is not set up: scripts/venv tutor-22")
    names = ":".join(example.name for example in of("variables") if runs_here(example))
    play = {"hosts": "docs", "gather_subset": ["min"], "roles": ["lectern.tutor.environment"]}
    write(project, {"environment.yml": json.dumps([play])})
    done = ansible(project, "ansible-playbook", "environment.yml", "--limit", names)
    assert done.returncode == 0, done.stdout + done.stderr
    return project / "roots"


@pytest.mark.parametrize("example", [example for example in of("variables") if runs_here(example)], ids=lambda example: example.name)
def test_variables_are_deployed(example: Example, rendered: Path, values: dict[str, dict[str, Any]]) -> None:
    saved = yaml.safe_load((rendered / example.name / "config.yml").read_text())
    given = values[example.name]
    for key, value in (given.get("tutor_settings") or {}).items():
        assert saved[key] == (value.replace("{{ LMS_HOST }}", "www.test") if isinstance(value, str) else value)
    if "tutor_plugins" in given:
        assert saved["PLUGINS"] == given["tutor_plugins"]
    for definition in given.get("tutor_plugin_definitions") or []:
        name = (yaml.safe_load(definition) if isinstance(definition, str) else definition)["name"]
        assert (rendered / f"{example.name}-plugins/{name}.yml").exists()
        assert name.upper() in (rendered / example.name / "env/apps/lms.py").read_text()


@each("settings")
def test_file_of_settings_is_read_raw(example: Example, rendered: Path) -> None:
    name = file_of(example)
    (user,) = [one for one in of("variables") if runs_here(one) and name in one.text]
    saved = yaml.safe_load((rendered / user.name / "config.yml").read_text())
    for key, value in yaml.safe_load(example.text).items():
        assert saved[key] == value.replace("{{ LMS_HOST }}", "www.test")


def test_mistake_is_told_with_the_setting_and_the_spellings(project: Path) -> None:
    """A real run of the role that comes first, with Tutor's braces as extra variables in JSON."""
    write(project, {"preflight.yml": json.dumps([{"hosts": "localhost", "roles": ["lectern.tutor.preflight"]}])})
    wrong = {"tutor_settings": {"LMS_HOST": "lms.test", "CMS_HOST": "studio.{{ LMS_HOST }}"}}
    done = ansible(project, "ansible-playbook", "preflight.yml", "-e", json.dumps(wrong))
    assert done.returncode != 0
    (documented,) = [example.text for example in of("text") if example.text.startswith("Ansible can't render")]
    assert " ".join(documented.split()) in " ".join(done.stdout.replace('\\"', '"').split())


@pytest.fixture(scope="module")
def plays(project: Path) -> list[dict[str, Any]]:
    """All playbooks and tasks of the documents as one playbook, which Ansible has syntax-checked."""
    found: list[dict[str, Any]] = []
    for example in of("playbook", "tasks"):
        data = yaml.safe_load(example.text)
        found += data if example.kind == "playbook" else [{"hosts": "tutor", "tasks": data}]
    write(project, {"plays.yml": json.dumps(found)})
    done = ansible(project, "ansible-playbook", "--syntax-check", "plays.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    return found


def test_tasks_have_options_of_the_modules(plays: list[dict[str, Any]]) -> None:
    tasks = [task for play in plays for task in play.get("tasks", [])]
    used = [(key, value or {}) for task in tasks for key, value in task.items() if key.startswith("lectern.tutor.")]
    assert len(used) >= 4
    for name, given in used:
        text = (CHECKOUT / f"plugins/modules/{name.split('.')[-1]}.py").read_text()
        known = yaml.safe_load(re.search(r'DOCUMENTATION = r"""(.*?)"""', text, re.DOTALL)[1])["options"]
        assert set(given) <= {*known, "root", "plugins_root", "templates"}


PARSERS = {
    "ansible": "adhoc.AdHocCLI",
    "ansible-playbook": "playbook.PlaybookCLI",
    "ansible-inventory": "inventory.InventoryCLI",
    "ansible-vault": "vault.VaultCLI",
    "ansible-galaxy": "galaxy.GalaxyCLI",
}


def parsed(words: list[str]) -> dict[str, Any]:
    """The options and arguments of a command of Ansible's, as its own program reads them."""
    module, name = PARSERS[words[0]].split(".")
    cli = getattr(importlib.import_module(f"ansible.cli.{module}"), name)(words)
    cli.init_parser()
    return vars(cli.parser.parse_args(words[1:]))


@pytest.mark.parametrize("command", documents.commands(), ids=lambda command: f"{command.example.name}-{command.line}")
def test_command_is_one(command: Any) -> None:
    """Whether it does what the document says is tried by tests/documents."""
    example, words = command.example, command.words
    if words[0] == "make":
        assert re.search(rf"^([\w ]+ )?{words[1]}( [\w ]+)?:", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
        return
    if words[0] in ("curl", "podman", "/opt/tutor/bin/tutor"):  # test_awx.py and tests/documents run the first and the last
        return
    if words[0] == "systemctl":  # the integration target systemd_timers runs it
        assert words[1] in ("list-timers", "start", "status")
        return
    if words[0] == "ansible-builder":  # test_awx.py builds, as far as that goes without a registry
        assert words[1] == "build"
        return
    known = parsed(words)
    for playbook in known["args"] if words[0] == "ansible-playbook" else []:
        if playbook.startswith("lectern.tutor."):
            assert (CHECKOUT / f"playbooks/{playbook.split('.')[-1]}.yml").exists()
        else:
            assert (example.path.parent / playbook).exists()
    for text in known.get("extra_vars") or []:
        given = yaml.safe_load(text) if text.startswith("{") else dict([text.split("=", 1)])
        own = (CHECKOUT / "extensions/controller/configure.yml").read_text()
        assert [name for name in given if name not in options() and name not in own and name != "ansible_python_interpreter"] == []


@each("template")
def test_template_is_rendered(example: Example) -> None:
    if AnsibleCollectionConfig.collection_finder is None:
        init_plugin_loader([str(CHECKOUT / ".build/collections")])
    plugin = {"name": "a", "enabled": True, "error": None, "config": {}, "patches": {"balancer-backends": ["extra {{ LMS_HOST }}"]}}
    variables = {"tutor_plugin_info": {"plugins": [plugin]}, "tutor_config_info": {"config": {"LMS_HOST": "lms.test"}}}
    text = Templar(DataLoader(), variables=variables).template(trust_as_template(example.text))
    assert text.split() == ["backend", "lms.test", "extra", "lms.test"]
