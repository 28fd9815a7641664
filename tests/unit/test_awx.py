# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment, and jobs as AWX runs them: the collection as built, ansible-runner, env/ inventory/ project/.

What is not done here: the image of the execution environment is not built, as that takes an image registry. Its build context is made, and
the step of the build that installs the collection is run on this machine. Jobs run with that collection.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TUTOR = CHECKOUT / ".build/tutor-22"
SITE = CHECKOUT / "examples/site"
VAULT_PASSWORD = "lectern-example"
HOST, WEB = "learn.example.org", "www.example.org"
# By the credentials of extensions/controller.
SECRETS = {"LECTERN_SMTP_PASSWORD": "0123456789", "LECTERN_REGISTRY_PASSWORD": "Kept-Secret-0123"}


def support(name: str) -> Any:
    """A module of tests/support."""
    spec = importlib.util.spec_from_file_location(name, CHECKOUT / f"tests/support/{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


beside, engine = support("beside"), support("engine")


def command(*arguments: str | Path, cwd: Path = CHECKOUT, **environ: str) -> str:
    """The output of a command of the controller's environment, which must succeed."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    done = subprocess.run(
        [BIN / arguments[0], *arguments[1:]],
        cwd=cwd,
        env={**own, **environ},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ansible-builder makes of the definition, with the collection as ansible-galaxy builds it."""
    folder = tmp_path_factory.mktemp("ee")
    command("ansible-galaxy", "collection", "build", "--output-path", folder)
    shutil.copy(CHECKOUT / "execution-environment.yml", folder)
    command("ansible-builder", "create", cwd=folder)
    return folder / "context"


@pytest.fixture(scope="module")
def collections(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collections as the build installs them."""
    folder = tmp_path_factory.mktemp("collections")
    (folder / "ansible_collections").mkdir()
    (folder / "ansible_collections/community").symlink_to(CHECKOUT / ".build/collections/ansible_collections/community")
    install = ("ansible-galaxy", "collection", "install", "-r", "requirements.yml", "--offline", "--collections-path", folder)
    command(*install, cwd=context / "_build")
    return folder


def test_requirements_of_the_collection_are_found(collections: Path) -> None:
    found = yaml.safe_load(command("ansible-builder", "introspect", collections))
    assert "jinja2>=3.1  # from collection lectern.tutor" in found["python"]
    assert "openssh-clients [platform:rpm]  # from collection lectern.tutor" in found["system"]


def test_definition_is_of_this_version(context: Path) -> None:
    version = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]
    assert [path.name for path in (context / "_build/archives").iterdir()] == [f"lectern-tutor-{version}.tar.gz"]


def test_context_installs_the_collection_on_its_base_image(context: Path) -> None:
    (file,) = [path for path in context.iterdir() if path.name in ("Containerfile", "Dockerfile")]
    definition = yaml.safe_load((CHECKOUT / "execution-environment.yml").read_text())
    assert definition["images"]["base_image"]["name"] in file.read_text()
    assert "ansible-galaxy collection install" in file.read_text()


def unsafe(answers: dict[str, Any]) -> str:
    """Answers to a survey as AWX writes them for ansible-playbook: every text is marked !unsafe."""

    class Dumper(yaml.SafeDumper):
        def represent_data(self, data: Any) -> yaml.Node:
            return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)

    return yaml.dump(answers, Dumper=Dumper)


class Jobs:
    """A folder as AWX makes one for a job."""

    def __init__(self, folder: Path, collections: Path) -> None:
        self.folder, self.root = folder, folder / "host/root"
        self.project = folder / "project"
        shutil.copytree(SITE, self.project)
        for name in ("env", "inventory"):
            (folder / name).mkdir()
        self.inventory()
        self.environ = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_PIPELINING": "1",
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }

    def inventory(self) -> None:
        """An inventory as AWX imports it from the project, and its variables, which reach this machine instead of the host."""
        found = json.loads(command("ansible-inventory", "-i", SITE / "inventory", "--list", "--export"))
        found["_meta"]["hostvars"].setdefault(HOST, {}).update(
            ansible_connection="local",
            ansible_become=False,
            tutor_root=str(self.root),
            tutor_plugins_root=str(self.folder / "host/plugins"),
            tutor_venv=str(TUTOR),
        )
        found["ungrouped"] = {"hosts": [WEB]}
        found["_meta"]["hostvars"][WEB] = {"ansible_connection": "local"}
        script = self.folder / "inventory/hosts"
        script.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(found)}\nEND\n")
        script.chmod(0o755)

    def run(self, playbook: str, arguments: str = "", answers: dict[str, Any] | None = None, **environ: str) -> ansible_runner.Runner:
        (self.folder / "env/extravars").write_text(unsafe(answers or {}))
        return ansible_runner.run(
            private_data_dir=str(self.folder),
            playbook=playbook,
            limit=HOST,
            cmdline=f"--ask-vault-pass {arguments}",
            passwords={"^Vault password:\\s*?$": VAULT_PASSWORD},
            envvars={**self.environ, **environ},
            suppress_env_files=True,
            quiet=True,
        )

    def config(self) -> dict[str, Any]:
        return yaml.safe_load((self.root / "config.yml").read_text())

    def events(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("artifacts/*/job_events/*.json"))


@pytest.fixture(scope="module")
def jobs(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    if not TUTOR.exists():
        pytest.skip("Tutor 22 is not set up: scripts/venv tutor-22")
    return Jobs(tmp_path_factory.mktemp("job"), collections)


def ok(job: ansible_runner.Runner) -> int:
    """How many tasks of a job that must succeed changed something."""
    assert job.rc == 0, job.stdout.read()
    return sum(job.stats["changed"].values())


ANSWERS = {"site_platform_name": "Learn at {{ LMS_HOST }}", "tutor_init_limit": "mysql, lms", "tutor_init_force": "true"}


def test_job_takes_settings_from_inventory_project_and_survey(jobs: Jobs) -> None:
    texts = ['CMS_HOST: "studio.{{ LMS_HOST }}"', "CONTACT_EMAIL: file@example.org", "SMTP_PORT: 25"]
    (jobs.project / "settings/hosts.settings.yml").write_text("\n".join(texts))
    assert ok(jobs.run("environment.yml", "--tags preflight,environment --diff", ANSWERS, **SECRETS)) == 1
    saved = jobs.config()
    assert saved["CMS_HOST"] == "studio.learn.example.org"  # a file of the project, with Tutor's braces
    assert saved["CONTACT_EMAIL"] == "help@example.org"  # inventory over file
    assert saved["SMTP_PORT"] == 587
    assert saved["OPENEDX_LMS_UWSGI_WORKERS"] == 4  # of the group in the inventory
    assert saved["PLATFORM_NAME"] == "Learn at learn.example.org"  # survey over the inventory's own, with Tutor's braces
    assert saved["SMTP_PASSWORD"] == SECRETS["LECTERN_SMTP_PASSWORD"]  # credential over vault, and still a text


def test_deploy_in_check_mode_tells_what_waits_for_an_engine(jobs: Jobs) -> None:
    """Of the deployment itself only the check is run here, as if the host had no Docker engine yet, without what the job above ran.
    tests/e2e deploys."""
    job = jobs.run(
        "deploy.yml", "--check --skip-tags plugins,environment", ANSWERS, DOCKER_HOST="unix:///var/run/no-engine.sock", **SECRETS
    )
    assert ok(job) > 0
    assert "Would run the init tasks of mysql, lms" in jobs.events()


def run_template(jobs: Jobs, folder: Path, name: str, answers: dict[str, str]) -> str:
    """The output of a job template in check mode. AWX passes the template's own extra variables as they are, unlike answers."""
    templates = yaml.safe_load((CHECKOUT / "extensions/controller/vars/job_templates.yml").read_text().replace("!unsafe ", ""))
    (template,) = [one for one in templates["lectern_job_templates"] if one["name"] == name]
    survey = json.loads((CHECKOUT / "extensions/controller/surveys" / template["survey"]).read_text())
    given = {question["variable"]: question["default"] for question in survey["spec"] if question["required"]}
    own = folder / "own.json"
    own.write_text(json.dumps(template["extra_vars"]))
    with engine.serving(folder, {}) as address:
        job = jobs.run(template["playbook"], f"--check --diff -v -e @{own}", {**given, **answers}, DOCKER_HOST=address, **SECRETS)
    assert ok(job) == 1
    return job.stdout.read()


def test_answers_become_a_user(jobs: Jobs, tmp_path: Path) -> None:
    answers = {"lectern_user_name": "anna", "lectern_user_email": "anna@example.org", "lectern_user_staff": "true"}
    output = run_template(jobs, tmp_path, "Lectern user", answers)
    assert "anna@example.org" in output and re.search(r"\+ *staff: true|'staff': True|\"staff\": true", output), output


@pytest.mark.parametrize(("name", "args"), [("importdemocourse", ""), ("print-edx-platform-setting", "--service cms LANGUAGE_CODE")])
def test_answers_become_a_job(jobs: Jobs, tmp_path: Path, name: str, args: str) -> None:
    """The job would refuse arguments that are other than these words."""
    answers = {"lectern_job_name": name, **({"lectern_job_args": args} if args else {})}
    assert f'"job": "{name}"' in run_template(jobs, tmp_path, "Lectern job", answers)


def test_answer_of_the_wrong_kind_is_refused(jobs: Jobs) -> None:
    job = jobs.run("init.yml", answers={"tutor_init_timeout": "soon"})
    assert job.rc != 0
    assert "argument 'tutor_init_timeout' is of type" in job.stdout.read()


def test_secrets_are_in_no_event(jobs: Jobs) -> None:
    events = jobs.events()
    assert "SMTP_PASSWORD" in events  # there was a difference to show
    assert [secret for secret in (VAULT_PASSWORD, *SECRETS.values()) if secret in events] == []


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beside.make(tmp_path_factory.mktemp("venv"), TUTOR)


@contextmanager
def controller(job: dict[str, Any]) -> Iterator[str]:
    """The address of an API that knows one job, number 42, and who may ask for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.path == "/api/v2/jobs/42/" and self.headers["Authorization"] == "Bearer Kept-Secret-0123"
            self.send_response(200 if allowed else 404)
            self.end_headers()
            self.wfile.write(json.dumps(job if allowed else {}).encode())

        def log_message(self, *_arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_lock_file_comes_out_as_an_artifact_and_counts_in_the_next_job(jobs: Jobs, venv: Path, tmp_path: Path) -> None:
    """Locked in a job, fetched as the documents say, put into the project, and obeyed by a deployment."""
    if not (shutil.which("jq") and shutil.which("curl")):
        pytest.skip("the command of the documents needs curl and jq")
    digest = "sha256:" + "a" * 64
    with engine.serving(tmp_path, {"docker.io/redis:7.4.10": digest}) as address:
        job = jobs.run("lock.yml", f"-e tutor_venv={venv}", DOCKER_HOST=address, **SECRETS)
    assert ok(job) == 1
    (artifacts,) = [event["event_data"]["artifact_data"] for event in job.events if event["event"] == "playbook_on_stats"]
    written = jobs.project / f"inventory/host_vars/{HOST}.lock.yml"
    text = written.read_text()
    assert artifacts == {"lectern_lock_files": {HOST: text}}
    lock = yaml.safe_load(text)
    assert [(package["name"], package["version"]) for package in lock["packages"]] == [beside.OWN]
    assert lock["images"] == {"redis": digest}

    written.unlink()  # with the job's copy of the project
    (command,) = re.findall(r"^ *curl .*\n.*$", (CHECKOUT / "docs/docsite/awx.md").read_text(), re.MULTILINE)
    with controller({"id": 42, "artifacts": artifacts}) as address:
        own = {**os.environ, "CONTROLLER_HOST": address, "CONTROLLER_OAUTH_TOKEN": "Kept-Secret-0123"}
        subprocess.run(["bash", "-c", command], cwd=jobs.project, env=own, check=True, capture_output=True)
    assert written.read_text() == text

    job = jobs.run("deploy.yml", "--tags preflight", **SECRETS)
    assert job.rc != 0
    assert f"{HOST} is locked to {written}, but package tutor==22.0.3 is required and not locked" in job.stdout.read()


def test_report_is_written_to_the_host_that_the_survey_names(jobs: Jobs, tmp_path: Path) -> None:
    """Of a site that is not there, to be quick; test_report.py and tests/documents look at what stands on the page."""
    page = tmp_path / "sites.html"
    answers = {"tutor_report_host": WEB, "tutor_report_file": str(page)}
    job = jobs.run("report.yml", "-e tutor_venv=/not-there", answers, **SECRETS)
    assert ok(job) == 1
    output = job.stdout.read()
    assert f"changed: [{HOST} -> {WEB}]" in output
    assert f"The page is {page} on {WEB}." in output
    assert HOST in page.read_text()
