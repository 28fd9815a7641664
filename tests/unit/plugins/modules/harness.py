# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small platforms in temporary folders, and the modules run on them as Ansible runs them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Union

import ansible
import pytest

CHECKOUT = Path(__file__).resolve().parents[4]
# What core contributes on these platforms: settings of every layer, patch points, an image, init tasks.
CORE = {
    "config/base.yml": """
        ID: "{{ 24|random_string }}"
        MYSQL_ROOT_PASSWORD: "{{ 8|random_string }}"
        OPENEDX_SECRET_KEY: "{{ 20|random_string }}"
    """,
    "config/defaults.yml": """
        DOCKER_IMAGE_OPENEDX: "docker.io/overhangio/openedx:1"
        LMS_HOST: www.myopenedx.com
        CMS_HOST: "studio.{{ LMS_HOST }}"
        LOCAL_PROJECT_NAME: "{{ TUTOR_APP }}_local"
        MOUNTS: []
        PLATFORM_NAME: My Open edX
        RUN_MYSQL: true
    """,
    "apps/lms.yml": """
        host: {{ LMS_HOST }}
        secret: {{ OPENEDX_SECRET_KEY }}
        {{ patch("lms-env") }}
    """,
    "apps/cms.txt": "{{ CMS_HOST }} {{ PLATFORM_NAME }}\n",
    "build/openedx/Dockerfile": "FROM scratch\n",
    "local/docker-compose.yml": 'services: {}\n{{ patch("local-docker-compose-services") }}\n',
    "jobs/init/mysql.sh": "echo {{ MYSQL_ROOT_PASSWORD }}\n",
    "jobs/init/lms.sh": "echo lms\n",
}


def unindented(text: str) -> str:
    """A text of a test, without the indentation that it has there."""
    return textwrap.dedent(text).lstrip("\n") if "\n" in text else text


def write(folder: Path, files: Dict[str, Union[str, bytes]]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else unindented(content).encode())


def snapshot(*folders: Path) -> Dict[str, Any]:
    """Everything below the folders: kind, permissions, owner, modification time and content."""
    found = {}
    for folder in folders:
        for path in [folder, *sorted(folder.rglob("*"))] if os.path.lexists(folder) else []:
            status = path.lstat()
            content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
            found[str(path)] = (stat.filemode(status.st_mode), status.st_uid, status.st_mtime_ns, content)
    return found


class Result(Dict[str, Any]):
    """What a module returned, with all that it printed."""

    printed = ""

    @property
    def failed(self) -> bool:
        return bool(self.get("failed"))

    @property
    def msg(self) -> str:
        assert self.failed, self
        return str(self["msg"])


def copy_collection(folder: Path) -> Path:
    """Copies this collection into a folder that every user of the machine can read, and returns the path in which Python finds it.

    The checkout itself may lie where only its owner comes, such as root's home folder.
    """
    copied = folder / "ansible_collections/lectern/tutor"
    shutil.copytree(CHECKOUT / "plugins", copied / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def readable_venv(venv: Path, folder: Path) -> Path:
    """Returns the virtual environment, or a copy below the folder where it lies in one that only its owner can enter."""
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in venv.parents):
        return venv
    copied = folder / venv.name
    if not copied.exists():
        shutil.copytree(venv, copied, symlinks=True)  # links would change the files' time of change, which other tests look at
        for path in (folder, copied):
            path.chmod(0o755)
    return copied


class Server:
    """A running runner.py; ``python`` holds what the modules see, ``collections`` the collection that they are of."""

    def __init__(self, python: str, folder: Path, collections: Path) -> None:
        links = folder / "ansible-core"
        links.mkdir(exist_ok=True)
        if not (links / "ansible").exists():
            (links / "ansible").symlink_to(Path(ansible.__file__).parent)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUTOR_", "ANSIBLE_", "PYTHON", "XDG_"))}
        environ = dict(kept, PYTHONPATH=os.pathsep.join([str(collections), str(links)]), PYTHONDONTWRITEBYTECODE="1")
        self.python = python
        command = [python, str(Path(__file__).with_name("runner.py"))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)

    def ask(self, request: Dict[str, Any]) -> Dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "runner.py ended"
        return dict(json.loads(answer))

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)


@contextlib.contextmanager
def starting_servers(
    make_folder: Callable[[str], Path], collections: Path, first: Optional[Dict[str, Any]] = None
) -> Iterator[Callable[[str], Server]]:
    """Gives what starts a server under one of the interpreters, by its name and once; ``first`` is what each is asked then."""
    started: Dict[str, Server] = {}

    def server(name: str) -> Server:
        python = dict(pythons())[name]
        if not os.path.exists(python):
            pytest.skip("Tutor 22 is not set up: scripts/venv tutor-22")
        if name not in started:
            python = str(readable_venv(Path(python).parents[1], collections / "venvs") / "bin/python")
            started[name] = Server(python, make_folder(name), collections)
            if first:
                started[name].ask(first)
        return started[name]

    try:
        yield server
    finally:
        for running in started.values():
            running.stop()


class Running:
    """A module's process."""

    def __init__(self, server: Server, pid: int, output: str) -> None:
        self.server, self.pid, self.output = server, pid, output
        self.status: Optional[int] = None

    def wait(self) -> int:
        """Its status, as os.waitpid gives it."""
        if self.status is None:
            self.status = int(self.server.ask({"wait": self.pid})["status"])
        return self.status

    def result(self) -> Result:
        status = self.wait()
        printed, errors = Path(self.output).read_text(), Path(self.output + ".err").read_text()
        assert errors == "", errors
        try:
            result = Result(json.loads(printed))
        except ValueError:
            raise AssertionError("not a result: status %s, %r" % (status, printed)) from None
        assert os.WEXITSTATUS(status) == (1 if result.failed else 0), (status, printed)
        result.printed = printed
        return result


class Site:
    """One platform: root, plugins root, templates, packages that hold plugins."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.root, self.plugins_root, self.templates = folder / "root", folder / "plugins", folder / "templates"
        self.packages = folder / "packages"
        self.env, self.config = self.root / "env", self.root / "config.yml"
        self.options: Dict[str, Any] = dict(root=str(self.root), plugins_root=str(self.plugins_root), templates=str(self.templates))
        self.environ: Dict[str, str] = {"HOME": str(folder), "TMPDIR": str(folder)}
        self.umask = 0o022
        self.uid = 0
        self.preload: List[str] = []  # modules that are imported as Python starts
        self.number = 0
        self.plugins_root.mkdir()
        write(self.templates, CORE)  # type: ignore[arg-type]

    def plugin(self, name: str, text: Union[str, bytes, Dict[str, Any]]) -> Path:
        """Puts a single-file plugin into the plugins root; a mapping is written as YAML."""
        write(self.plugins_root, {name: json.dumps(text) if isinstance(text, dict) else text})
        return self.plugins_root / name

    def package(self, name: str, text: str, api: str = "v0", files: Optional[Dict[str, Union[str, bytes]]] = None) -> Path:
        """Installs a package ``tutor-NAME`` 1.0 with one entry point for the plugin NAME."""
        module = "tutor" + name.replace("-", "_")
        write(self.packages, {"%s/__init__.py" % module: "", "%s/plugin.py" % module: text})
        write(
            self.packages / ("tutor_%s-1.0.dist-info" % name),
            {
                "METADATA": "Metadata-Version: 2.1\nName: tutor-%s\nVersion: 1.0\n" % name,
                "entry_points.txt": "[tutor.plugin.%s]\n%s = %s.plugin\n" % (api, name, module),
            },
        )
        write(self.packages / module, files or {})
        return self.packages / module

    def start(self, module: str, check: bool = False, diff: bool = False, **options: Any) -> Running:
        self.number += 1
        output = str(self.folder / ("output-%d" % self.number))
        given = {key: value for key, value in dict(self.options, **options).items() if value is not None}
        args = dict(
            given, _ansible_check_mode=check, _ansible_diff=diff, _ansible_remote_tmp=str(self.folder), _ansible_keep_remote_files=False
        )
        request = dict(
            module=module,
            args=args,
            output=output,
            environ=self.environ,
            sys_path=[str(self.packages)],
            cwd=str(self.folder),
            umask=self.umask,
            uid=self.uid,
            preload=self.preload,
        )
        return Running(self.server, self.server.ask({"start": request})["pid"], output)

    def run(self, module: str, check: bool = False, diff: bool = False, **options: Any) -> Result:
        return self.start(module, check, diff, **options).result()

    def ok(self, module: str, check: bool = False, diff: bool = False, **options: Any) -> Result:
        """Runs a module that must succeed."""
        result = self.run(module, check, diff, **options)
        assert not result.failed, result["msg"]
        return result

    def render(self, **options: Any) -> Result:
        return self.ok("environment", **options)

    def snapshot(self) -> Dict[str, Any]:
        return snapshot(self.root, self.plugins_root)

    def refused(self, module: str = "environment", check: bool = False, **options: Any) -> str:
        """The message of a call that must fail in check mode and for real, and leave every byte and time as it was."""
        before = self.snapshot()
        checked = self.run(module, True, **options)
        assert self.snapshot() == before, "check mode wrote"
        result = self.run(module, **options)
        assert self.snapshot() == before, "a failed call wrote"
        for one in (checked, result):
            assert (one.failed, one["changed"], one["actions"], one["diff"]) == (True, False, [], []), one
            assert "Traceback" not in one.printed and "exception" not in one, one.printed
            assert "This is a bug" not in one.msg, one.msg
        assert checked.msg == result.msg
        return result.msg

    def text(self, name: str) -> str:
        """A file of the environment."""
        return (self.env / name).read_text()

    def settings(self) -> Dict[str, Any]:
        """What config.yml holds."""
        import yaml

        return dict(yaml.safe_load(self.config.read_text()))

    def edit(self, **settings: Any) -> None:
        """Writes config.yml by hand."""
        self.root.mkdir(mode=0o700, exist_ok=True)
        self.config.write_text(json.dumps(settings))


def pythons() -> List[Any]:
    """(name, interpreter) to run modules with: this one, which has no Tutor, and Tutor 22's where it is set up."""
    return [("without-tutor", sys.executable), ("tutor-22", str(CHECKOUT / ".build/tutor-22/bin/python"))]


def until(condition: Any, seconds: float = 10) -> None:
    """Waits for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
