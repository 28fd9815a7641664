# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the job of a timer on the host, without Ansible: what the units of systemd start, as the owner of the root.

``python ROOT/.lectern/timers.pyz NAME`` runs what ``timers.json`` beside it says of NAME. Its exit code is that of the job.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any, Dict, Generator, List, NamedTuple, Optional

from ..base import docker_engine, files, isolation, locks, masking
from ..base.errors import LecternError
from ..base.failures import describe_exception
from ..base.logs import Logs
from ..base.places import Places, resolve_places
from ..base.terminal import clean
from ..root import manifest
from ..root.compose_files import project_name
from ..root.platform import load_platform
from . import one_job
from .compose import project
from .one_job import Work
from .tasks import Task

TABLE, PROGRAM = "timers.json", "timers.pyz"

WAIT = 3600.0  # seconds that a timer waits for other jobs of the root to end

RUNNING = ("running", "restarting")


class Stop:
    """Has the job end as ``systemctl stop`` asks for: by an error, on which its container is removed."""

    def __init__(self) -> None:
        self.number = 0  # of the signal that came

    def __call__(self, number: int, _frame: Any) -> None:
        if not self.number:
            self.number = number
            raise LecternError("Stopped by signal %d, as 'systemctl stop' sends it." % number)


class Outcome(NamedTuple):
    """An exit code, and a sentence for the journal."""

    rc: int
    sentence: str


def main(arguments: List[str]) -> int:
    """Run a timer, print what came of it, and return its exit code. It shows no secret: others may read the journal."""
    program, name = arguments
    root = os.path.dirname(os.path.dirname(os.path.abspath(program)))
    stop = Stop()
    signal.signal(signal.SIGTERM, stop)
    locks.LOCK_WAIT = WAIT
    try:
        with isolation.contained():
            outcome = run_timer(root, name)
    except LecternError as error:
        outcome = Outcome(_exit_code(error), masking.mask_text(str(error), manifest.saved_secrets(Places(root, ""))))
    except Exception as error:
        outcome = Outcome(1, masking.mask_text("\n".join(describe_exception(error).values()), manifest.saved_secrets(Places(root, ""))))
    sys.stdout.write(clean(outcome.sentence) + "\n")
    sys.stdout.flush()
    if stop.number:  # the units take that for a clean end
        signal.signal(stop.number, signal.SIG_DFL)
        os.kill(os.getpid(), stop.number)
    return outcome.rc


def run_timer(root: str, name: str) -> Outcome:
    """Run the job of a timer, after all other jobs of the root. Raises LecternError where it fails."""
    table = files.read_json(files.own_path(Places(root, ""), TABLE), {})
    timer = table.get("timers", {}).get(name)
    if timer is None:
        raise LecternError(
            "'%s' has no timer '%s': deploy again, which removes its units." % (files.own_path(Places(root, ""), TABLE), name)
        )
    os.environ.update(table["environment"])
    places = resolve_places(root, table["plugins_root"], table["templates"])
    client = docker_engine.connect()
    with locks.locked(places, "jobs"):  # what runs now may change what is read next
        pass
    return _run_job(places, client, name, timer)


def _run_job(places: Places, client: Any, name: str, timer: Dict[str, Any]) -> Outcome:
    with locks.locked_for_reading(places):
        platform = load_platform(places)
    if not any(container.status in RUNNING for container in project.containers(platform, client)):
        return Outcome(0, "Skipped: no service of project '%s' runs, and a timer does not start a platform." % project_name(platform))
    work = one_job.work_of(platform, dict(timer, name=timer["job"]))
    logs = Logs(places, platform.secrets)
    results = one_job.carry_out(platform, client, _under_name(work, name), logs, True, timer["timeout"])
    return Outcome(0, "%s. Its output is in '%s'." % (". ".join(results["actions"]), files.own_path(places, "logs")))


def _under_name(work: Work, name: str) -> Work:
    """Return the same work under the timer's name: in logs and in the ledger, its tasks are no init tasks, and no jobs of playbooks."""
    title = "timer %s" % name

    def scripts(*arguments: Any) -> Generator[Task, None, None]:
        with contextlib.closing(work.scripts(*arguments)) as tasks:
            for task in tasks:
                yield task._replace(job=title)

    return work._replace(name=title, scripts=scripts)


def _exit_code(error: LecternError) -> int:
    """Return the exit code of the job that failed; 1 where it failed in another way."""
    tasks = error.details.get("tasks") or [{}]
    rc: Optional[int] = tasks[-1].get("rc")
    return rc or 1
