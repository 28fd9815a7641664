# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python that a role runs on the host by itself, and conditions that the oldest ansible-core understands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
ROLES = CHECKOUT / "roles"
CONDITIONS = ("when", "that", "until", "changed_when", "failed_when")
SCRIPT = yaml.safe_load((ROLES / "plugins/vars/main.yml").read_text())["_tutor_python_installed"]
PYTEST = metadata.version("pytest")


@pytest.mark.parametrize(
    ("requirements", "met"),
    [
        ([], True),
        (["pytest"], True),
        ([f"pytest=={PYTEST}", "PyYAML>=5", "jinja2"], True),
        (["pytest<1"], False),
        (["pytest", "no-such-package"], False),
        ([f"pytest[dev]=={PYTEST}"], False),
        ([f"pytest=={PYTEST}; python_version < '3'"], False),
        (["pytest @ https://example.com/pytest.whl"], False),
        (["git+https://example.com/tutor.git"], False),
        (["./wheels/tutor.whl"], False),
    ],
)
def test_packages_that_pip_need_not_look_at(requirements: list[str], met: bool) -> None:
    done = subprocess.run([sys.executable, "-I", "-c", SCRIPT, "[]", *requirements], capture_output=True, check=False)
    assert (done.returncode == 0) == met, done.stderr


def test_folders_that_are_there(tmp_path: Path) -> None:
    def told(*folders: Path) -> str:
        command = [sys.executable, "-I", "-c", SCRIPT, json.dumps([str(folder) for folder in folders])]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    (tmp_path / "file").write_text("")
    assert [told(), told(tmp_path), told(Path("~"), tmp_path)] == ["True\n"] * 3
    assert [told(tmp_path / "missing"), told(tmp_path, tmp_path / "file")] == ["False\n"] * 2


def found(value: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """The values of these keywords, wherever they stand, except among the options of this collection's modules."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if str(key).startswith("lectern.tutor."):
            continue
        if key in names:
            yield from inner if isinstance(inner, list) else [inner]
        yield from found(inner, names)


@pytest.mark.parametrize(
    "path", [*ROLES.glob("*/tasks/*.yml"), *ROLES.glob("*/handlers/*.yml"), *CHECKOUT.glob("playbooks/*.yml")], ids=str
)
def test_what_ansible_core_before_2_19_can_not_template(path: Path) -> None:
    """It takes a condition for what follows an if, and templates the environment of a task twice."""
    content = yaml.safe_load(path.read_text())
    for condition in found(content, CONDITIONS):
        jinja2.Environment().parse("{%% if %s %%}{%% endif %%}" % condition)
    for environment in found(content, ("environment",)):
        assert "{{ '{{" not in json.dumps(environment)


PATHS = {
    "absolute": ({"tutor_root": "/srv/tutor", "tutor_plugins_root": "~/plugins", "tutor_venv": "/opt/$tutor"}, ""),
    "relative": ({"tutor_root": "srv/tutor"}, "tutor_root of localhost is 'srv/tutor': give it from the root"),
    "here": ({"tutor_plugins_root": "./plugins"}, "tutor_plugins_root of localhost is './plugins': give it from the root"),
    "variable": ({"tutor_venv": "$HOME/tutor"}, "tutor_venv of localhost is '$HOME/tutor': give it from the root"),
    "variable inside": ({"tutor_root": "/srv/${SITE}"}, "tutor_root of localhost is '/srv/${SITE}': give it from the root"),
    "drive": ({"tutor_templates": "C:\\tutor"}, "tutor_templates of localhost is 'C:\\\\tutor': give it from the root"),
    "packages": (
        {"tutor_packages": ["tutor[full]==22.0.3", "/srv/a.whl", "x @ file:///srv/x", "-e /srv/x", "git+https://a.b/c.git@x", "a~=1/"]},
        "",
    ),
    "relative packages": (
        {"tutor_packages": ["./a.whl", "wheels/b.whl", "~/c", "-e ./d", "-e e/f", "$HOME/g", "C:\\h", "tutor"]},
        "tutor_packages of localhost has ./a.whl, wheels/b.whl, ~/c, -e ./d, -e e/f, $HOME/g, C:\\\\h: give the path",
    ),
}


@pytest.mark.parametrize(("variables", "message"), PATHS.values(), ids=PATHS)
def test_paths_that_depend_on_the_folder_that_ansible_works_in(tmp_path: Path, variables: dict, message: str) -> None:
    done = include(tmp_path, tmp_path, "plugins", "paths.yml", variables)
    assert (done.returncode == 0) == (message == ""), done.stdout
    assert message in done.stdout


@pytest.mark.parametrize(("path", "is_found"), [("files-of-site/mine.yml", True), ("../mine.yml", False), ("~/mine.yml", False)])
def test_relative_files_of_the_controller_lie_below_the_folder_of_the_playbook(tmp_path: Path, path: str, is_found: bool) -> None:
    (tmp_path / "files-of-site").mkdir()
    (tmp_path / "files-of-site/mine.yml").write_text("A: 1\n")
    (tmp_path / "elsewhere/below").mkdir(parents=True)
    (tmp_path / "elsewhere/mine.yml").write_text("A: 1\n")
    done = include(tmp_path, tmp_path / "elsewhere/below", "environment", "files.yml", {"tutor_settings_files": [path]})
    assert (done.returncode == 0) == is_found, done.stdout
    assert is_found or path in done.stdout


def test_settings_file_that_multiplies(tmp_path: Path) -> None:
    """It ends in an error that names the file, before anything is handed to a host."""
    lines = ["a0: &a0 [x]"] + ["a%d: &a%d [%s]" % (n, n, ", ".join(["*a%d" % (n - 1)] * 9)) for n in range(1, 10)]
    (tmp_path / "mine.yml").write_text("\n".join(lines))
    done = include(tmp_path, tmp_path, "environment", "files.yml", {"tutor_settings_files": ["mine.yml"]})
    assert done.returncode != 0
    assert "'mine.yml' holds more than 100000 values or 4 MiB of text" in done.stdout, done.stdout


def test_inventory_without_a_file_has_no_lock_file(tmp_path: Path) -> None:
    """With -i HOST, ansible-core says of the folder of the inventory that it is 'None'."""
    done = include(tmp_path, tmp_path, "lock", "check.yml", {})
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("is_on", [True, False])
def test_memory_in_the_root(tmp_path: Path, is_on: bool) -> None:
    """With tutor_memory false, nothing of it is written: neither the rendering nor compiled templates."""
    venv = CHECKOUT / ".build/tutor-22"
    if not venv.exists():
        pytest.skip("Tutor 22 is not set up: scripts/venv tutor-22")
    paths = {"tutor_root": str(tmp_path / "root"), "tutor_plugins_root": str(tmp_path / "plugins"), "tutor_venv": str(venv)}
    done = include(tmp_path, tmp_path, "environment", "main.yml", {**paths, "tutor_plugins": [], "tutor_memory": is_on})
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "root/env/local/docker-compose.yml").exists()
    assert [(tmp_path / "root/.lectern" / name).exists() for name in ("memory.json", "compiled")] == [is_on] * 2


WANTED = [{"name": "settheme", "args": ["Kept-Secret-0123"]}, {"service": "lms", "script": "echo Kept-Secret-0123"}]


@pytest.mark.parametrize(
    ("variables", "shown", "absent"),
    [
        ({"tutor_jobs": WANTED, "_tutor_engine_pending": True}, "Would run the jobs settheme, a script", "Run a job"),
        ({"tutor_jobs": WANTED, "_tutor_no_job_is_due": True}, "skipping", "Run the jobs one"),
        ({"tutor_jobs": []}, "skipping", "Run the jobs one"),
    ],
    ids=["engine to come", "none is due", "none is wanted"],
)
def test_jobs_that_do_not_run(tmp_path: Path, variables: dict, shown: str, absent: str) -> None:
    """They are named without their arguments, and cost nothing where there is nothing to do."""
    done = include(tmp_path, tmp_path, "jobs", "main.yml", {"_tutor_interpreter": {"/opt/tutor": sys.executable}, **variables})
    assert done.returncode == 0, done.stdout
    assert shown in done.stdout and absent not in done.stdout and "Kept-Secret" not in done.stdout


def test_job_that_fails_ends_the_jobs_and_shows_no_arguments(tmp_path: Path) -> None:
    variables = {"tutor_jobs": WANTED, "tutor_root": str(tmp_path / "none"), "_tutor_interpreter": {"/opt/tutor": sys.executable}}
    done = include(tmp_path, tmp_path, "jobs", "main.yml", variables)
    assert "config.yml' does not exist" in done.stdout and done.stdout.count(": Run a job: ") == 1
    assert "Run a job: settheme" in done.stdout and "Kept-Secret" not in done.stdout


@pytest.mark.parametrize(("role", "tasks"), [("content", "theme.yml"), ("maintenance", "begin.yml"), ("maintenance", "check.yml")])
def test_variable_without_a_value_is_one_that_is_not_set(tmp_path: Path, role: str, tasks: str) -> None:
    """As ``tutor_theme:`` in an inventory."""
    done = include(tmp_path, tmp_path, role, tasks, {"tutor_theme": None, "tutor_maintenance": None})
    assert done.returncode == 0 and "skipped=1" in done.stdout, done.stdout


@pytest.mark.parametrize("began", [True, False])
def test_maintenance_that_began_since_the_environment_was_rendered_ends(tmp_path: Path, began: bool) -> None:
    """As in a run of two playbooks: one that deploys in maintenance, and one that ends it."""
    variables = {
        "tutor_maintenance": False,
        "tutor_root": str(tmp_path / "none"),
        "_tutor_interpreter": {"/opt/tutor": sys.executable},
        "_tutor_environment": {"changed": False, "maintenance": False},
        **({"_tutor_begun": {"changed": True}} if began else {}),
    }
    done = include(tmp_path, tmp_path, "maintenance", "end.yml", variables)
    assert ("config.yml' does not exist" in done.stdout) == began, done.stdout


def test_git_is_installed_in_a_play_that_gathers_no_facts(tmp_path: Path) -> None:
    done = include(tmp_path, tmp_path, "content", "import_with_git.yml", {}, "--check")
    words = "Would install git" if Path("/etc/debian_version").exists() else "localhost has no Git"
    assert words in done.stdout and "ansible_facts" not in done.stdout, done.stdout


def test_timer_with_a_number_for_a_name(tmp_path: Path) -> None:
    """A name such as 2026 is a number in YAML."""
    root = tmp_path / "none"
    variables = {
        "tutor_timers": [{"name": 2026, "calendar": "daily", "job": "our-job"}],
        "_tutor_timers_left": {"timers": [{"name": "2026", "changed": True}]},
        "tutor_root": str(root),
        "_tutor_interpreter": {"/opt/tutor": sys.executable},
    }
    done = include(tmp_path, tmp_path, "timers", "change.yml", variables)
    assert f"'{root}/config.yml' does not exist" in done.stdout, done.stdout


def include(folder: Path, working: Path, role: str, tasks: str, variables: dict, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs tasks of a role by a playbook in a folder, with another one as working directory."""
    included = {"ansible.builtin.include_role": {"name": f"lectern.tutor.{role}", "tasks_from": tasks}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [included], "vars": {"ansible_python_interpreter": sys.executable}}
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local", "-e", json.dumps(variables)]
    environ = dict(
        os.environ, ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"), ANSIBLE_STDOUT_CALLBACK="default", LECTERN_MEMORY="1"
    )
    return subprocess.run(
        [*command, *options, str(folder / "play.yml")], capture_output=True, text=True, cwd=working, env=environ, check=False
    )
