# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of the end-to-end test, seen from outside: playbooks against it, commands on it, requests to it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .kit import HERE, PROJECT, STATE, docker

ROOT = "/srv/tutor"


@dataclass(frozen=True)
class Run:
    """One run of a playbook."""

    code: int
    output: str
    results: Sequence[dict[str, Any]] = field(repr=False)
    """What each task returned, with its name as `task`; skipped tasks are not among them."""

    @property
    def changed(self) -> list[str]:
        """Names of the tasks that changed something."""
        return [result["task"] for result in self.results if result.get("changed")]

    def result(self, key: str) -> dict[str, Any]:
        """The result of the first task that returned this key."""
        return next(result for result in self.results if key in result)


@dataclass(frozen=True)
class Server:
    """Where it is and how to get in."""

    name: str
    address: str
    key: str
    sockets: str
    """A folder for connections that are kept open, of this server's own: the next one may have the same address."""
    loudness: Sequence[str] = ("-vvv", "--diff")
    inventory: Path = HERE / "inventory"

    def playbook(self, name: str, *options: str) -> Run:
        """Runs a playbook of the collection, as loudly as can be unless told otherwise. Its output stays in .build/e2e/."""
        results = STATE / "results"
        results.write_text("")
        command = ["ansible-playbook", *self.loudness, "--inventory", self.inventory, f"lectern.tutor.{name}", *options]
        start = time.monotonic()
        done = subprocess.run(command, env=self._environ(results), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        output = done.stdout + done.stderr
        (STATE / f"{name}-{time.strftime('%H%M%S')}.log").write_text(output)
        lines = results.read_text().splitlines()
        print(f"{name} {' '.join(options)}: {time.monotonic() - start:.0f} s, return code {done.returncode}")
        return Run(done.returncode, output, [json.loads(line) for line in lines])

    def _environ(self, results: Path) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TUTOR_"))}
        return {
            **own,
            "PATH": f"{PROJECT / '.build' / 'controller' / 'bin'}:{own['PATH']}",
            "ANSIBLE_CALLBACK_PLUGINS": str(PROJECT / "tests" / "support" / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_COLLECTIONS_PATH": str(PROJECT / ".build" / "collections"),
            "ANSIBLE_HOME": str(STATE / "ansible"),
            "ANSIBLE_HOST_KEY_CHECKING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": self.sockets,
            "LECTERN_E2E_ADDRESS": self.address,
            "LECTERN_E2E_KEY": self.key,
            "LECTERN_TEST_RESULTS": str(results),
        }

    def log_in(self, host: str, email: str, password: str) -> tuple[int, dict[str, str]]:
        """Logs in as the login page does: (status, cookies of the session)."""
        cookies = {}
        path = "/api/user/v1/account/login_session/"
        for method, fields in (("GET", None), ("POST", {"email": email, "password": password})):
            headers = {"X-CSRFToken": cookies.get("csrftoken", ""), "Content-Type": "application/x-www-form-urlencoded"}
            response = self.request(method, host, path, headers, cookies, urlencode(fields) if fields else None)
            for cookie in response.headers.get_all("Set-Cookie") or ():
                cookies.update({name: morsel.value for name, morsel in SimpleCookie(cookie).items()})
        return response.status, cookies

    def request(
        self, method: str, host: str, path: str, headers: dict[str, str], cookies: dict[str, str], body: str | None = None
    ) -> HTTPResponse:
        connection = HTTPConnection(self.address, 80, timeout=30)
        sent = {"Host": host, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), **headers}
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        response.read()
        return response

    def get(self, host: str, path: str) -> tuple[int, str]:
        """Asks the server's port 80 for a page of that site: (status, body)."""
        connection = HTTPConnection(self.address, 80, timeout=30)
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read().decode()

    def run(self, *command: str) -> str:
        """What a command on the server prints. RuntimeError where it fails."""
        return docker("exec", self.name, *command)

    def containers(self) -> dict[str, str]:
        """When each container that is meant to stay up was started."""
        services = self.run("docker", "ps", "--format", "{{.Names}}").split()
        return dict(self.run("docker", "inspect", "--format", "{{.Name}} {{.State.StartedAt}}", name).split() for name in services)

    def digests(self) -> str:
        """Checksums of config.yml and every file in env/ but those that Python in the containers compiles."""
        return self.run(
            "sh",
            "-c",
            f"cd {ROOT} && find config.yml env -name __pycache__ -prune -o -type f -print | LC_ALL=C sort | xargs -d '\\n' sha256sum",
        )
