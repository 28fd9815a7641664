# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the LMS's container: programs run as they do there, in a shell and a ``manage.py``, but as processes of this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import containers, job_container, orphans, project
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.job_container import JobOutcome

# As Django's `shell -c` before release 3.1, which runs the text in a function, and everything that prints beside it.
MANAGE = """#!%s
import os, sys
def shell(command):
    exec(command)
os.write(2, b"WARNING something old\\r no end of line" + b"x" * 70000)
os.write(1, b"loading plugins ... LECTERN-ANSWER of somebody else" + b"x" * 90000)
assert sys.argv[1] in ("lms", "cms") and sys.argv[2:4] == ["shell", "-c"]
shell(sys.argv[4])
sys.stdout.write("bye")
"""


class LMS:
    """Runs programs in a folder that stands for the container; ``calls`` are the jobs so far, ``logged`` what their logs got."""

    def __init__(self, folder, python=sys.executable):
        self.folder = folder
        self.calls, self.logged = [], []
        self.services = {"lms-job": {"image": "openedx", "depends_on": {"mysql": {}}}, "mysql": {}, "mongodb": {}}
        self.services["cms-job"] = self.services["lms-job"]
        self.running = ["mysql", "mongodb"]
        self.images = {"openedx": {"Id": "1"}}
        self.variables = {}
        (folder / "manage.py").write_text(MANAGE % python)
        (folder / "manage.py").chmod(0o755)

    def install(self, monkeypatch):
        """Take the place of Compose and the engine."""
        monkeypatch.setattr(project, "services", lambda platform, jobs=False: self.services)
        monkeypatch.setattr(job_container, "container_name", lambda platform, service: "campus-" + service)
        monkeypatch.setattr(job_container, "run_script", self.run_script)
        monkeypatch.setattr(job_container.docker_engine, "inspect_image", lambda client, tag: self.images.get(tag))
        monkeypatch.setattr(orphans, "settle", lambda *arguments: None)
        monkeypatch.setattr(containers, "not_running", lambda platform, client, services: sorted(set(services) - set(self.running)))
        monkeypatch.setattr(job_container, "remove_ended", lambda platform, client, prefix: None)
        return self

    def run_script(self, platform, client, job, timeout, write, keep):
        self.calls.append(job)
        mounted = {"MOUNTED": json.dumps(job.folders)}
        environment = {**mounted, "PATH": os.environ["PATH"], job_container.SCRIPT: job.script, job_container.IDENTITY: job.identity}
        done = subprocess.run(
            job_container.SHELL, env={**environment, **job.environment, **self.variables}, cwd=self.folder, capture_output=True, check=False
        )
        self.logged += [done.stderr.decode(errors="replace")]
        if done.returncode == 0:
            keep(SimpleNamespace(name="campus-lms-job-lectern", logs=lambda **options: [done.stdout]))
        return JobOutcome(done.returncode, job_container.without_answers(done.stderr.decode(errors="replace")[-2000:]), 1.0)


def pythons():
    """The oldest Python of a release of Open edX that is on this machine, and this one."""
    old = shutil.which("python2.7")
    works = old and subprocess.run([old, "-c", ""], capture_output=True, check=False).returncode == 0
    return [sys.executable] + ([old] if works else [])
