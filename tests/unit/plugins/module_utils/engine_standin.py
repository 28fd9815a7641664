# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the engine and Compose: containers are files of a folder, so that they outlive the process that started them."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

NEVER = "0001-01-01T00:00:00Z"


def write(path, attrs):
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(attrs))
    beside.rename(path)


class Container:
    """One container. Its work is done when it is started, or, where the engine is ``slow``, when somebody waits for it,
    and never where it is ``endless``."""

    def __init__(self, engine, path):
        self.engine, self.path = engine, path
        self.attrs = json.loads(path.read_text())
        self.name, self.labels = self.attrs["Name"], self.attrs["Labels"]

    @property
    def script(self):
        return dict(entry.split("=", 1) for entry in self.attrs["Config"]["Env"])["LECTERN_SCRIPT"]

    def save(self):
        write(self.path, self.attrs)

    def start(self):
        self.engine.say("begin %s" % self.script)
        self.attrs["State"] = {"Status": "running", "Running": True, "StartedAt": "2026-01-31T08:00:00.123Z"}
        self.save()
        if not self.engine.slow:
            self.work()

    def work(self):
        self.engine.say("end %s" % self.script)
        code = self.engine.codes.get(self.script, 0)
        self.attrs["State"].update(Status="exited", Running=False, ExitCode=code)
        self.attrs["Output"] = "output of %s\n" % self.script
        self.save()

    def wait(self, timeout):
        if not self.attrs["State"]["Running"]:
            return {"StatusCode": self.attrs["State"].get("ExitCode", 0)}
        if self.engine.endless:
            time.sleep(min(timeout, 0.05))
            raise self.engine.no_answer
        self.work()
        return {"StatusCode": self.attrs["State"]["ExitCode"]}

    def logs(self, follow=False, **_options):
        for _moment in range(200):
            attrs = json.loads(self.path.read_text()) if self.path.exists() else {"Output": "", "State": {}}
            if not follow or not attrs["State"].get("Running"):
                yield attrs["Output"].encode()
                return
            time.sleep(0.01)

    def remove(self, force, v):
        self.path.unlink()


class Engine:
    """The client of the SDK, and what stands in for ``compose.run``. Exit codes of scripts are in ``codes``."""

    def __init__(self, folder: Path, slow=False):
        self.folder, self.slow, self.endless, self.codes = folder, slow, False, {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.containers = SimpleNamespace(get=self.get, list=self.list)
        self.before_start = lambda: None

    @property
    def no_answer(self):
        import requests

        return requests.exceptions.ReadTimeout("nothing yet")

    def get(self, name):
        import docker

        path = self.folder / (name + ".json")
        if not path.exists():
            raise docker.errors.NotFound("No such container: " + name)
        return Container(self, path)

    def list(self, filters, **_options):
        found = [Container(self, path) for path in sorted(self.folder.glob("*.json"))]
        return [container for container in found if container.attrs["State"]["Status"] in filters["status"]]

    def make(self, name, service, env):
        attrs = {
            "Name": name,
            "Labels": {"com.docker.compose.service": service},
            "Image": "sha256:l",
            "Config": {"Env": ["%s=%s" % pair for pair in env.items()]},
            "State": {"Status": "created", "Running": False, "StartedAt": NEVER},
            "Output": "",
        }
        path = self.folder / (name + ".json")
        write(path, attrs)
        return Container(self, path)

    def compose_run(self, _platform, arguments, jobs=False, env=None, timeout=None):
        """``docker compose run --detach --name NAME … SERVICE sh …``."""
        self.before_start()
        name, service = arguments[arguments.index("--name") + 1], arguments[arguments.index("sh") - 1]
        if (self.folder / (name + ".json")).exists():
            return subprocess.CompletedProcess([], 1, "", "Conflict. The container name is already in use\n")
        self.make(name, service, env).start()
        return subprocess.CompletedProcess([], 0, "", "")

    def say(self, line):
        with (self.folder / "done").open("a", encoding="ascii") as done:
            done.write(line + "\n")

    def lines(self):
        path = self.folder / "done"
        return path.read_text().splitlines() if path.exists() else []
