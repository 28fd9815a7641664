# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the documents for users, run as they stand there, in a folder as a reader has it.

The folder holds the inventory of the README, whose host is this machine: no Docker engine is needed. Where a command would need one, or
reaches for other machines, an option is added, and CASES says which. What can't be run so is in ELSEWHERE, with the place where it is.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pexpect
import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
TUTOR = CHECKOUT / ".build/tutor-22"
BIN = Path(sys.executable).parent
HOST = "learn.example.org"
VAULT_PASSWORD = "lectern-example"
NO_ENGINE = "unix:///var/run/no-engine.sock"


def support(name: str) -> Any:
    """A module of tests/support."""
    spec = importlib.util.spec_from_file_location(name, CHECKOUT / f"tests/support/{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


beside, documents, engine = support("beside"), support("documents"), support("engine")


class Case(NamedTuple):
    """A command, the options that are added to it, and what its output has to say."""

    line: str
    says: str
    added: str = ""


# What needs no engine of a deployment.
WITHOUT_ENGINE = "--tags preflight,plugins,environment"
CASES = [
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy --check --diff", r"\+LMS_HOST: learn\.example\.org"),
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy", r"changed=[1-9]", WITHOUT_ENGINE),
    Case("ansible tutor -i inventory.yml -m ansible.builtin.ping", r'"ping": "pong"'),
    Case(
        "ansible tutor -i inventory.yml -m lectern.tutor.config_info -a 'root=/srv/tutor keys=LMS_HOST' "
        "-e ansible_python_interpreter=/opt/tutor/bin/python",
        r'(?s)"LMS_HOST": "learn\.example\.org".*"layer": "user"',
    ),
    Case(
        """ansible-playbook -i inventory.yml lectern.tutor.init -e '{"tutor_init_force": true, "tutor_init_limit": ["mysql", "lms"]}'""",
        r'(?s)"owner": "mysql".*"owner": "lms"',
        "--check -v",
    ),
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy --tags preflight,plugins", r"changed=0 "),
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy --tags timers", r"(?s)Compare the timers with the host.*changed=0 "),
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy --tags theme,courses", r"changed=0 .*failed=0"),
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy --tags courses -e tutor_courses_force=true", r"changed=0 .*failed=0"),
    Case(
        """ansible tutor -i inventory.yml -m lectern.tutor.config -a '{"root": "/srv/tutor", "unset": ["CONTACT_EMAIL"]}' """
        "-e ansible_python_interpreter=/opt/tutor/bin/python",
        r"(?s)CHANGED.*CONTACT_EMAIL",
    ),
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.logs -e tutor_logs_services=lms,caddy -e tutor_logs_since=10m",
        r"\[learn\.example\.org\] \(Project 'tutor_local' has no containers\.\)",
    ),
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.logs --limit learn.example.org -e tutor_logs_since=2026-01-31T08:00:00Z "
        """-e tutor_logs_until=2026-01-31T08:30:00Z -e '{"tutor_logs_grep": "(?i)error|traceback"}'""",
        r"\[learn\.example\.org\] \(Project 'tutor_local' has no containers\.\)",
    ),
    # What the command before the last two unset is not rendered yet.
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.status",
        r"(?s)learn\.example\.org: broken, Tutor 22\.0\.3.*pending changes +4.*broken: .*ok: \[learn\.example\.org\]",
    ),
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.status -e tutor_status_format=json",
        r'(?m)^\{"site": "learn\.example\.org", .*"verdict": "broken"',
    ),
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.deploy --tags metrics",
        r"site=\"learn\.example\.org\",verdict=\"broken\"} 1",
        f"-e tutor_metrics_dir=$PWD && cat lectern-{HOST}.prom",
    ),
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.deploy --tags smoke -e tutor_smoke=true",
        r'"Would log in to \'learn\.example\.org\' as a new user, and remove that user: the installed package of Tutor 22\.0\.3 names',
        "--check -v",
    ),
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.lock",
        r"(?s)changed=1 .*name: idna.*redis: sha256:",
        f"&& cat host_vars/{HOST}.lock.yml && rm host_vars/{HOST}.lock.yml",
    ),
    Case(
        "ansible-playbook -i inventory.yml lectern.tutor.report -e tutor_report_file=$PWD/sites.html",
        r"(?s)The page is \S+/sites\.html on localhost.*learn\.example\.org</th>.*>22\.0\.3</td>",
        "&& cat sites.html",
    ),
]
# In examples/fleet, as the documents say or link to. Its inventory is the folder ``inventory``.
FLEET = [
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy --check --forks 10", r"hosts \(20\)", "--list-hosts"),
    Case("ansible-playbook -i inventory.yml lectern.tutor.deploy --limit academies", r"hosts \(5\)", "--list-hosts"),
    Case("ansible-playbook -i inventory deploy.yml --check --forks 10", r"(?s)environment : .*health : ", "--list-tasks"),
    Case("ansible-playbook -i inventory deploy.yml --limit academies", r"hosts \(5\)", "--list-hosts"),
    Case("ansible-playbook -i inventory deploy.yml --limit birch.example.org", r"(?s)hosts \(1\).*birch", "--list-hosts"),
    Case("ansible-inventory -i inventory --host tundra.example.org", r'"LOCAL_PROJECT_NAME": "tundra"'),
]
# On the host, with a docker command that only writes down what it is asked.
ON_HOST = [
    Case("/opt/tutor/bin/tutor local upgrade", r"Environment generated in"),
    Case("/opt/tutor/bin/tutor local logs --follow lms", r"docker compose .* logs --follow lms"),
]
ADOPTED = "ansible-playbook -i inventory.yml lectern.tutor.environment --check --diff"
INSTALLED = "ansible-galaxy collection install /path/to/the/checkout"
SITE = "ansible-playbook -i inventory deploy.yml --limit staging --check --diff --ask-vault-pass"
VAULTED = "ansible-playbook -i inventory.yml lectern.tutor.deploy --ask-vault-pass"
ENCRYPTED = "ansible-vault encrypt_string --ask-vault-pass --stdin-name vault_smtp_password"
ADMIN = "ansible-vault encrypt_string --ask-vault-pass --stdin-name vault_admin_password"
USERS = "ansible-playbook -i inventory.yml lectern.tutor.users --check --diff"
JOBS = "ansible-playbook -i inventory.yml lectern.tutor.jobs --check --diff"
CONFIGURED = "ansible-playbook configure.yml -e lectern_project_url="
ELSEWHERE = {
    "make demo": "tests/demo",
    "make test": "tests",
    "ansible-galaxy collection build": "test_awx.py",
    "ansible-builder build": "test_awx.py, as far as that goes without an image registry",
    "podman push": "needs an image registry",
    "curl": "test_awx.py",
    "ansible-galaxy collection install awx.awx": "needs Galaxy: scripts/collections gets it from a mirror",
    "systemctl": "the integration target systemd_timers",
    "ansible-playbook -i inventory.yml lectern.tutor.maintenance": "the integration target maintenance_module",
    CONFIGURED: "tests/awx; here its syntax is checked",
}


def test_every_command_is_run_somewhere() -> None:
    whole = {case.line for case in CASES + FLEET + ON_HOST} | {ADOPTED, INSTALLED, SITE, VAULTED, ENCRYPTED, ADMIN, USERS, JOBS}
    lines = [command.line for command in documents.commands()]
    assert [line for line in lines if line not in whole and not line.startswith(tuple(ELSEWHERE))] == []
    assert whole <= set(lines)


class Reader:
    """A folder in which somebody follows the documents, with what they have installed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.venv = folder, folder / "srv/tutor", folder / "opt/tutor"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TUTOR_"))}
        self.environ = {
            **kept,
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_PIPELINING": "1",
            "DOCKER_HOST": NO_ENGINE,
            "NO_COLOR": "1",
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "TUTOR_PLUGINS_ROOT": str(folder / "plugins"),
        }

    def here(self, text: str) -> str:
        """A text of the documents with the places of this machine."""
        places = {
            "/opt/tutor/bin/tutor": TUTOR / "bin/tutor",
            "/srv/tutor": self.root,
            "/opt/tutor": self.venv,
            "/path/to/the/checkout": CHECKOUT,
        }
        places.update({"/home/deploy/.local/share/tutor": self.folder / "adopted", "/home/deploy/tutor-venv": self.venv})
        return re.sub("|".join(map(re.escape, places)), lambda found: str(places[found[0]]), text)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def run(self, line: str, cwd: Path | None = None, code: int = 0, **environ: str) -> str:
        """The output of a command line."""
        command = ["bash", "-c", self.here(line)]
        own = {**self.environ, **environ}
        done = subprocess.run(
            command, cwd=cwd or self.folder, env=own, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def answer(self, line: str, cwd: Path, questions: dict[str, str]) -> str:
        """The output of a command line that asks questions at a terminal."""
        events = {question: f"{answer}\n" for question, answer in questions.items()}
        command = f"bash -c {shlex.quote(self.here(line))}"
        options = {"withexitstatus": True, "encoding": "utf-8", "timeout": 120}
        output, code = pexpect.run(command, cwd=cwd, env=self.environ, events=events, **options)
        assert code == 0, output
        return output


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """With the collection as the documents install it, and the inventories of a new site and of an adopted one."""
    if not TUTOR.exists():
        pytest.skip("Tutor 22 is not set up: scripts/venv tutor-22")
    reader = Reader(tmp_path_factory.mktemp("reader"))
    (reader.folder / "collections/ansible_collections").mkdir(parents=True)
    community = CHECKOUT / ".build/collections/ansible_collections/community"
    (reader.folder / "collections/ansible_collections/community").symlink_to(community)
    reader.run(f"{INSTALLED} --offline --collections-path collections")
    beside.make(reader.venv, TUTOR)
    first = documents.of("inventory")[0]
    (adopted,) = [example for example in documents.of("inventory") if "tutor-venv" in example.text]
    reader.write("inventory.yml", reader.here(first.text))
    reader.write("adopted/inventory.yml", reader.here(adopted.text))
    connection = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "tutor_venv": str(reader.venv)}
    for folder in ("", "adopted/"):
        reader.write(f"{folder}host_vars/{HOST}.yml", json.dumps(connection))
    reader.write("own/inventory.yml", reader.here(first.text))
    reader.write(f"own/host_vars/{HOST}.yml", json.dumps({"ansible_connection": "local"}))  # a plain play knows no default of a role
    return reader


def test_installed_collection_is_whole(reader: Reader) -> None:
    assert "lectern.tutor" in reader.run("ansible-galaxy collection list")
    assert "Enable plugins, save settings and render the environment" in reader.run("ansible-doc -t role lectern.tutor.environment")


@pytest.fixture(scope="module")
def checked(reader: Reader) -> str:
    """What a check says where nothing is there yet."""
    output = reader.run(CASES[0].line)
    assert not reader.root.exists()
    return output


@pytest.fixture(scope="module")
def deployed(reader: Reader, checked: str) -> Reader:
    """The reader's site, as far as it goes without an engine. What is deployed is what the check has shown."""
    output = reader.run(f"{CASES[1].line} {CASES[1].added}")
    assert re.search(CASES[1].says, output)
    assert "LMS_HOST: learn.example.org" in (reader.root / "config.yml").read_text()
    return reader


def test_check_shows_what_would_change(checked: str) -> None:
    assert re.search(CASES[0].says, checked)


@pytest.mark.parametrize("case", CASES[2:], ids=lambda case: case.line)
def test_command_does_what_the_document_says(case: Case, deployed: Reader, tmp_path: Path) -> None:
    with engine.serving(tmp_path, {"docker.io/redis:7.4.10": "sha256:" + "a" * 64}) as address:
        output = deployed.run(f"{case.line} {case.added}", DOCKER_HOST=address)
    assert re.search(case.says, output), output


@pytest.mark.parametrize("case", FLEET, ids=lambda case: case.line)
def test_command_reaches_the_hosts_that_it_should(case: Case, reader: Reader) -> None:
    line = case.line.replace("inventory.yml", "inventory")
    assert re.search(case.says, reader.run(f"{line} {case.added}", cwd=CHECKOUT / "examples/fleet"))


def test_server_of_tutor_is_adopted(reader: Reader) -> None:
    """A root as upstream left it: the check writes nothing, and after the real run the tutor command finds nothing to change."""
    folder = reader.folder / "adopted"
    tutor = f"TUTOR_ROOT={folder} {TUTOR}/bin/tutor"
    reader.write("adopted/config.yml", json.dumps({"LMS_HOST": HOST, "PLUGINS": ["mfe"]}))
    reader.run(f"{tutor} config save")
    before = tree(folder)
    output = reader.run(ADOPTED, cwd=folder)
    assert re.search(r"changed=[1-9]", output)
    assert tree(folder) == before
    assert "-LMS_HOST" not in output  # nothing that was there is another then
    reader.run(ADOPTED.partition(" --check")[0], cwd=folder)
    after = tree(folder)
    reader.run(f"{tutor} config save")
    assert tree(folder) == after


def tree(folder: Path) -> dict[str, bytes]:
    """The files that Tutor writes."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in [folder / "config.yml", *folder.glob("env/**/*")] if path.is_file()
    }


def test_playbooks_of_ones_own_use_the_modules_and_lookups(deployed: Reader, tmp_path: Path) -> None:
    """The documented playbook in check mode, as its job needs the platform. What it sets holds for the tasks that come after it."""
    (own,) = [example.text for example in documents.of("playbook") if "module_defaults" in example.text]
    (tasks,) = [example.text for example in documents.of("tasks") if "balancer" in example.text]
    (template,) = [example.text for example in documents.of("template")]
    own = deployed.here(own)
    deployed.write("own.yml", own)
    deployed.write("balancer.conf.j2", template)
    play = yaml.safe_load(own)[0] | {"tasks": yaml.safe_load(tasks.replace("/etc/", f"{tmp_path}/"))}
    deployed.write("balancer.yml", yaml.safe_dump([play]))
    deployed.write("balancer.inventory.yml", yaml.safe_dump({"all": {"hosts": {"balancer": {"ansible_connection": "local"}}}}))
    with engine.serving(tmp_path, {}) as address:
        output = deployed.run("ansible-playbook -i own/inventory.yml own.yml --check", DOCKER_HOST=address)
    assert re.search(r"Rebuild the search index\] \*+\s+changed: ", output)
    deployed.run("ansible-playbook -i own/inventory.yml -i balancer.inventory.yml balancer.yml")
    assert f"backend {HOST}" in (tmp_path / "balancer.conf").read_text()


def test_site_is_checked_with_its_vault(reader: Reader) -> None:
    """The hosts alone, as they are other machines. The password is asked for and taken."""
    output = reader.answer(f"{SITE} --list-hosts", CHECKOUT / "examples/site", {"Vault password: ": VAULT_PASSWORD})
    assert re.search(r"hosts \(1\):\s+staging\.example\.org", output)


@pytest.mark.parametrize("case", ON_HOST, ids=lambda case: case.line)
def test_tutor_is_called_on_the_root(case: Case, deployed: Reader, tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho docker "$@" >>{tmp_path}/asked\ncase " $* " in *" ls "*) echo "[]" ;; esac\n')
    docker.chmod(0o755)
    (block,) = [command.example.text for command in documents.commands() if command.line == case.line]
    exports = " ".join(line + ";" for line in block.splitlines() if line.startswith("export "))
    line = f"{exports} PATH={tmp_path}:$PATH; {case.line}"
    (tmp_path / "asked").touch()
    output = deployed.answer(line, deployed.folder, {"Password: ": "Own-Password", "Repeat for confirmation: ": "Own-Password"})
    assert re.search(case.says, output + (tmp_path / "asked").read_text()), output


def test_secret_is_encrypted_with_a_password_of_ones_own(deployed: Reader) -> None:
    questions = {"New Vault password: ": "Own-Password", "Confirm New Vault password: ": "Own-Password"}
    questions["Reading plaintext input from stdin"] = "Kept-Secret-0123\x04\x04"
    output = deployed.answer(ENCRYPTED, deployed.folder, questions)
    encrypted = output[output.index("vault_smtp_password:") :].replace("\r", "").partition("\nEncryption")[0]
    deployed.write("group_vars/tutor/vault.yml", encrypted)
    settings = """-e '{"tutor_settings": {"SMTP_PASSWORD": "{{ vault_smtp_password }}"}}'"""
    output = deployed.answer(f"{VAULTED} --tags preflight,environment {settings}", deployed.folder, {"Vault password: ": "Own-Password"})
    assert "SMTP_PASSWORD: Kept-Secret-0123" in (deployed.root / "config.yml").read_text()
    assert "Kept-Secret-0123" not in output
    (deployed.folder / "group_vars/tutor/vault.yml").unlink()


def test_administrator_has_a_password_from_the_vault(deployed: Reader) -> None:
    """Whether he can log in then is tested end to end. Here nothing runs, so the check can only say that it would compare him."""
    questions = {"New Vault password: ": "Own-Password", "Confirm New Vault password: ": "Own-Password"}
    questions["Reading plaintext input from stdin"] = "Kept-Secret-4567\x04\x04"
    output = deployed.answer(ADMIN, deployed.folder, questions)
    deployed.write(
        "group_vars/tutor/vault.yml", output[output.index("vault_admin_password:") :].replace("\r", "").partition("\nEncryption")[0]
    )
    (users,) = {example.text for example in documents.of("variables") if "tutor_users" in example.text and "teacher" not in example.text}
    deployed.write("group_vars/tutor/users.yml", users)
    with engine.serving(deployed.folder, {}) as address:
        line = f"DOCKER_HOST={address} {USERS} -v --ask-vault-pass"
        output = deployed.answer(line, deployed.folder, {"Vault password: ": "Own-Password"})
        checked = deployed.answer(f"{VAULTED} --tags preflight", deployed.folder, {"Vault password: ": "Own-Password"})
    assert (
        "Would create user 'admin' or compare it, which is not possible yet: these services do not run: meilisearch, mongodb, mysql"
        in output
    )
    assert "Kept-Secret-4567" not in output + checked
    for name in ("vault.yml", "users.yml"):
        (deployed.folder / "group_vars/tutor" / name).unlink()


def test_jobs_of_the_inventory_are_checked(deployed: Reader) -> None:
    """Those of the document up to the plugin's: the plugin is not on this site, and the error says which jobs there are."""
    (jobs,) = {example.text for example in documents.of("variables") if "tutor_jobs" in example.text and "cairn" in example.text}
    with engine.serving(deployed.folder, {}) as address:
        deployed.write("group_vars/tutor/jobs.yml", jobs)
        output = deployed.run(f"DOCKER_HOST={address} {JOBS} -e vault_cairn_password=Kept-Secret-4567", code=2)
        assert "+job importdemolibraries in service cms: it has not succeeded yet" in output, output
        assert "There is no job 'cairn-createuser'." in output and "Kept-Secret-4567" not in output
        deployed.write("group_vars/tutor/jobs.yml", "tutor_jobs: [{name: settheme, args: [indigo]}]\n")
        assert "+job settheme in service lms: it has not succeeded yet" in deployed.run(f"DOCKER_HOST={address} {JOBS}")
    (deployed.folder / "group_vars/tutor/jobs.yml").unlink()


def test_controller_is_configured_by_a_playbook(reader: Reader) -> None:
    (command,) = [one.line for one in documents.commands() if one.line.startswith(CONFIGURED)]
    output = reader.run(
        f"{command} --syntax-check",
        cwd=CHECKOUT / "extensions/controller",
        ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"),
    )
    assert "playbook: configure.yml" in output
