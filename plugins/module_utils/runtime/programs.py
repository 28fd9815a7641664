# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program of ``lms/`` in one container of the LMS or of Studio, and returns its answer.

Text and data of the program travel in the container's environment, which no process list shows, and the container is removed afterwards.
The answer comes in marked lines of its output, so that nothing else that Django and plugins print is taken for it.
"""

from __future__ import annotations

import inspect
import os
import re
from types import ModuleType
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

from ..base import docker_engine, locks, serialize
from ..base.content import digest
from ..base.errors import LecternError
from ..base.logs import Logs, Write, ignore_text
from ..base.masking import mask_text
from ..base.places import Places
from ..root.platform import Platform
from .compose import containers, job_container, orphans, project, starting
from .compose.job_container import Job, JobOutcome
from .compose.orphans import Identity
from .ledger import Ledger
from .lms import frame

STORES = ("mysql", "mongodb")  # what both need, also in releases whose job names no dependencies

SCRIPT = """./manage.py %%s shell -c 'import os; exec(os.environ.pop("%s"), {"__name__": "lectern"})'""" % frame.PROGRAM

VARIABLE = 100 * 1000  # characters of one variable; the kernel takes 128 KiB

LARGEST = 1000 * 1000  # characters of all of them; the kernel takes about 2 MiB

LOOKING = "-look-"  # in the name of a container that only looks, before something random


class Program(NamedTuple):
    """The text of a program, and what messages and logs call it."""

    name: str
    text: str


class Call(NamedTuple):
    """A program and its data. ``secrets`` are the texts in these that no output may show; ``timeout`` is in seconds.

    ``service`` is ``lms`` or ``cms``; ``folders`` are those of the host that the program reads, by their paths in the container.
    """

    program: Program
    data: Any
    secrets: Iterable[str] = ()
    timeout: Optional[float] = None
    service: str = "lms"
    folders: Dict[str, str] = {}

    @property
    def job_service(self) -> str:
        return "%s-job" % self.service


class Answer(NamedTuple):
    """What a program answered, which is None where it could not run in check mode, for the reason ``unknown``. ``notes`` are sentences
    for the operator on what had to be done before."""

    result: Any
    unknown: str = ""
    notes: List[str] = []


def program_of(name: str, module: ModuleType) -> Program:
    """Return the program in a file of ``lms/``, which may lie in a zip file."""
    return Program(name, "\n".join([inspect.getsource(frame), inspect.getsource(module), "run_main(main)\n"]))


def why_no_platform(places: Places) -> str:
    """Return why nothing can run in a root: it holds no platform yet; empty where it holds one."""
    parts = (places.config, os.path.join(places.env, "local"))
    return next(("'%s' does not exist yet" % path for path in parts if not serialize.exists(path)), "")


def look(platform: Platform, client: Any, call: Call) -> Answer:
    """Run a program that only looks, as check mode does: start no other service, and leave nothing behind.

    The answer is unknown where the platform does not run. Raises LecternError where the program fails.
    """
    definitions = _definitions(platform, call.job_service)
    unknown = _why_unknown(platform, client, call.job_service, definitions)
    if unknown:
        return Answer(None, unknown)
    job_container.remove_ended(platform, client, job_container.container_name(platform, call.job_service) + LOOKING)
    run = os.urandom(8).hex()
    job = _job(platform, call, run)._replace(dependencies=False, suffix=LOOKING + run)
    return Answer(_run(platform, client, call, job, run, ignore_text))


def carry_out(platform: Platform, client: Any, call: Call, logs: Logs, watch: Write = ignore_text) -> Answer:
    """Run a program, in one call at a time. Services that it needs and that don't run are started first. ``watch`` gets its output, too.

    Raises LecternError where it can't be started, fails, or exceeds its timeout.
    """
    notes: List[str] = []
    with locks.locked(platform.places, "jobs"):
        definitions = _definitions(platform, call.job_service)
        missing = containers.not_running(platform, client, _needed_services(definitions, call.job_service))
        if missing:
            notes += starting.stop_development(platform.places, client)
            if platform.release.run_starts_project:
                starting.announce_start(platform)

        def start() -> Answer:
            orphan = orphans.settle(platform, client, call.job_service, call.timeout, Ledger(platform.places), logs)
            notes.extend([orphan.sentence()] if orphan else [])
            run = os.urandom(8).hex()
            job = _job(platform, call, run)._replace(dependencies=bool(missing))
            with logs.of("job", call.program.name) as log:
                return Answer(_run(platform, client, call, job, run, _both(log, watch)), notes=notes)

        return job_container.retry_if_name_taken(platform, call.job_service, start)


def _both(log: Write, watch: Write) -> Write:
    def write(line: str) -> None:
        log(line)
        watch(line)

    return write


def _definitions(platform: Platform, service: str) -> Dict[str, Any]:
    definitions = project.services(platform, jobs=True)
    if service not in definitions:
        raise LecternError("No compose file defines '%s', in which programs of Open edX run: render the environment again." % service)
    return definitions


def _needed_services(definitions: Dict[str, Any], service: str) -> List[str]:
    return sorted({*(definitions[service].get("depends_on") or {}), *(name for name in STORES if name in definitions)})


def _why_unknown(platform: Platform, client: Any, service: str, definitions: Dict[str, Any]) -> str:
    """Return why a program can't look without changing anything on the host; empty where it can."""
    stopped = containers.not_running(platform, client, _needed_services(definitions, service))
    if stopped:
        return "these services do not run: %s" % ", ".join(stopped)
    image = project.image_of(platform, service, definitions[service])
    if docker_engine.inspect_image(client, image) is None:
        return "image '%s' is not on the host yet" % image
    # The engine makes folders that a container mounts and that are missing.
    mounts = [mount["source"] for mount in definitions[service].get("volumes") or [] if mount.get("type") == "bind"]
    return next(("'%s' does not exist yet" % source for source in mounts if not os.path.exists(source)), "")


def _job(platform: Platform, call: Call, run: str) -> Job:
    """Return the job that runs a program; its answer names ``run``. Raises LecternError where the data are too large."""
    pieces = frame.cut(frame.pack({"run": run, "data": call.data}), VARIABLE)
    if sum(map(len, pieces)) > LARGEST:
        raise LecternError(
            "The data of program '%s' are too large for one container (%d kB packed, at most %d kB): pass them in several calls."
            % (call.program.name, sum(map(len, pieces)) // 1000, LARGEST // 1000)
        )
    environment = {"%s_%d" % (frame.DATA, number): piece for number, piece in enumerate(pieces)}
    environment.update({frame.DATA: str(len(pieces)), frame.PROGRAM: call.program.text})
    identity = Identity(platform.places.root, "", call.program.name, digest(call.program.text), "", run)
    return Job(call.job_service, SCRIPT % call.service, orphans.write_identity(identity), environment, folders=call.folders)


def _run(platform: Platform, client: Any, call: Call, job: Job, run: str, write: Write) -> Any:
    """Run a program in its container and return its answer. Raises LecternError where it gives none."""
    lines: List[str] = []

    def keep(container: Any) -> None:
        lines.extend(job_container.printed_by(container) if container else ())

    outcome = job_container.run_script(platform, client, job, call.timeout, write, keep)
    write("%s after %.1f s" % ("stopped" if outcome.rc is None else "ended with exit code %d" % outcome.rc, outcome.duration))
    answer = read_answer(lines, run)
    if answer is None:
        raise LecternError(mask_text(_describe_failure(call, outcome), call.secrets))
    if "error" in answer:
        words = "Program '%s' failed in service '%s': %s (%s)" % (
            call.program.name,
            call.service,
            answer["error"],
            "; ".join(answer["trace"]),
        )
        raise LecternError(mask_text(words, call.secrets))
    return answer["result"]


def read_answer(lines: Iterable[str], run: str) -> Optional[Dict[str, Any]]:
    """Return the answer in the output of a run; None where it is not whole."""
    pattern = re.compile(r"%s %s (\d+) (\d+) ([A-Za-z0-9+/=]*);" % (frame.MARK, run))
    found = [match.groups() for match in map(pattern.search, lines) if match]
    pieces = {int(number): piece for number, _count, piece in found}
    if not found or sorted(pieces) != list(range(int(found[0][1]))):
        return None
    answer: Dict[str, Any] = frame.unpack("".join(pieces[number] for number in sorted(pieces)))
    return answer


def _describe_failure(call: Call, outcome: JobOutcome) -> str:
    if outcome.rc is None:
        what = "exceeded its timeout of %g s and was stopped; raise 'timeout' if it was still working" % (call.timeout or 0)
    elif outcome.rc == 0:
        what = "ended without an answer; the log driver of the engine must keep what containers print"
    else:
        what = "ended with exit code %d before it could begin; have all init tasks succeeded" % outcome.rc
    words = (call.program.name, call.service, what, outcome.output or "(no output)")
    return "Program '%s', in service '%s', %s. Its last lines:\n%s" % words
