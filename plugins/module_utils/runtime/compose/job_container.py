# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one task in one container of a ``-job`` service: started by Compose, watched through the SDK."""

from __future__ import annotations

import collections
import subprocess
import threading
import time
from typing import Any, Callable, Deque, Dict, Iterable, List, NamedTuple, Optional, TypeVar

from ...base import docker_engine, logs, moments
from ...base.docker_engine import engine_errors
from ...base.errors import LecternError
from ...base.logs import Write, ignore_text
from ...base.masking import mask_text, masker
from ...base.terminal import OVERLAP, clean, last_lines, lines_of, read_lines
from ...root import compose_files
from ...root.platform import Platform
from ..lms.frame import MARK
from . import project

T = TypeVar("T")

TAIL = 50  # lines of a container's output that are kept

GRACE = 10.0  # seconds of silence after which no more output of a container that ended is waited for

LATE = 600.0  # seconds that its output may take in all, when there is very much of it

POLL = 60.0  # seconds after which a silent engine is asked again

REMOVAL = 60.0  # seconds that a removal may take which somebody else began

PAUSE = 0.2  # seconds between two looks at it

ABANDONED = 60.0  # seconds after which nobody reads any more what a container printed before it ended

ATTEMPTS = 3  # how often a job is started when something else takes its container's name

CONFLICT = 409  # the engine's answer meanwhile

GONE = 137  # the exit code of what was killed: of a container that somebody removed

# Names of variables in a container: its script, and what tells a later call what it is.
SCRIPT, IDENTITY = "LECTERN_SCRIPT", "LECTERN_TASK"

# The same as `sh -e -c SCRIPT` without input, but no list of processes shows the script: it may hold passwords.
SHELL = ["sh", "-e", "-c", 'eval "unset LECTERN_SCRIPT LECTERN_TASK\n$LECTERN_SCRIPT" </dev/null']


LONGEST = 128 * 1024 - 1  # bytes of a variable with its name, as the kernel takes them


class Job(NamedTuple):
    """A shell script to run in a new container of a Compose service; ``identity`` is a text for whoever finds the container later."""

    service: str
    script: str
    identity: str
    environment: Dict[str, str] = {}  # more variables of the container
    dependencies: bool = True  # whether to start the services that it depends on
    suffix: str = ""  # of the container's name, where others may run at the same time
    folders: Dict[str, str] = {}  # of the host that it reads, by their paths in the container


class JobOutcome(NamedTuple):
    """``rc`` is None where the time was up; ``output`` are the last lines, secrets masked; ``duration`` in seconds."""

    rc: Optional[int]
    output: str
    duration: float


class NameTaken(Exception):
    """Another container has the name: Compose, started by a call that was killed, made it just now."""


def retry_if_name_taken(platform: Platform, service: str, start: Callable[[], T]) -> T:
    """Return what ``start`` returns, which runs a job in a service; it is called again where another container takes the name.

    Raises LecternError where that happens each time.
    """
    for _attempt in range(ATTEMPTS):
        try:
            return start()
        except NameTaken:
            continue
    raise LecternError("Another container '%s' is created again and again: find out what starts it." % container_name(platform, service))


def run_script(
    platform: Platform,
    client: Any,
    job: Job,
    timeout: Optional[float] = None,
    write: Write = ignore_text,
    keep: Callable[[Any], None] = lambda container: None,
) -> JobOutcome:
    """Run a job; ``write`` gets its output as it comes. When it succeeded, ``keep`` gets its container, which is removed after that.

    Raises LecternError when the container can't be started, NameTaken where there is another of that name. ``timeout`` is in seconds;
    the container is killed then.
    """
    started = time.monotonic()
    name = container_name(platform, job.service) + job.suffix
    try:
        outcome = JobOutcome(None, "", 0.0)
        if _start(platform, client, name, job, timeout):
            outcome = watch(platform, client, name, None if timeout is None else started + timeout, write)
        if outcome.rc == 0:
            keep(find(client, name))
        return outcome._replace(duration=time.monotonic() - started)
    finally:
        container = find(client, name)
        if container is not None and identity_of(container) == job.identity:
            remove(client, name)


def container_name(platform: Platform, service: str) -> str:
    """Return a name that is always the same for a service, so that what a killed run left behind is found."""
    return "%s-%s-lectern" % (compose_files.project_name(platform), service)


def folders_of(client: Any, name: str) -> List[str]:
    """Return the folders of the host that a container mounts; none where it is gone."""
    container = find(client, name)
    return [str(mount.get("Source")) for mount in container.attrs.get("Mounts") or []] if container else []


def find(client: Any, name: str) -> Any:
    """Return a container by name; None where there is none."""
    import docker

    with engine_errors("look for container '%s'" % name):
        try:
            return client.containers.get(name)
        except docker.errors.NotFound:
            return None


def identity_of(container: Any) -> str:
    """Return the identity of the job that a container was made for; empty where it was made for none."""
    prefix = IDENTITY + "="
    environment = (container.attrs.get("Config") or {}).get("Env") or []
    return next((entry[len(prefix) :] for entry in environment if entry.startswith(prefix)), "")


def _start(platform: Platform, client: Any, name: str, job: Job, timeout: Optional[float]) -> bool:
    """Start a container, and return whether that was before the time was up; as upstream, Compose starts what it depends on first."""
    _refuse_unfit(job.script)
    handed_over = {**job.environment, SCRIPT: job.script, IDENTITY: job.identity}
    named = [argument for variable in handed_over for argument in ("--env", variable)]
    options = ["run", "--detach", "--no-TTY", "--name", name] + ([] if job.dependencies else ["--no-deps"])
    options += ["--volume=%s:%s:ro,z" % (folder, path) for path, folder in job.folders.items()]
    arguments = options + named + [job.service] + SHELL
    try:
        answer = project.run(platform, arguments, jobs=True, env=handed_over, timeout=timeout)
    except subprocess.TimeoutExpired:
        return False
    if answer.returncode != 0:
        container = find(client, name)
        if container is not None and identity_of(container) != job.identity:
            raise NameTaken(name)
        words = mask_text(logs.last_lines(answer.stderr, 10), platform.secrets)
        raise LecternError("Compose could not start service '%s' (exit code %d): %s" % (job.service, answer.returncode, words))
    return True


def _refuse_unfit(script: str) -> None:
    """Raise LecternError for a script that no environment variable can hold."""
    size = len(("%s=%s" % (SCRIPT, script)).encode("utf-8", "surrogateescape"))
    if size > LONGEST:
        raise LecternError(
            "The script has %d bytes, and at most %d reach a container: have the image hold it, and call it there." % (size, LONGEST)
        )
    if "\0" in script:
        raise LecternError("The script holds a character with number 0, which no shell takes: remove it.")


def ask_running(platform: Platform, client: Any, service: str, script: str) -> Optional[int]:
    """Run a script in the container of a service that runs already, and return its exit code; None where none runs or answers.

    Starts no container, and no list of processes shows the script.
    """
    import docker
    import requests

    running = [item for item in project.containers(platform, client) if project.service_of(item) == service and item.status == "running"]
    if not running:
        return None
    with engine_errors("run a script in container '%s'" % running[0].name):
        try:
            code = running[0].exec_run(SHELL, environment={SCRIPT: script}).exit_code
        except (docker.errors.APIError, requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
            return None
    return None if code is None else int(code)


def watch(
    platform: Platform, client: Any, name: str, deadline: Optional[float], write: Write, waiting: Callable[[], None] = lambda: None
) -> JobOutcome:
    """Write the output of a container, all from its beginning, until the container ends or the deadline passes.

    ``waiting`` is called about once a minute.
    """
    started = time.monotonic()
    mask = masker(platform.secrets)
    follower = Follower(client, name, write, mask)
    follower.start()
    rc = _finish(client, name, deadline, waiting)
    if rc is not None and follower.is_complete():
        output = _shown("\n".join(follower.last), mask, TAIL)
    else:
        output = shown_output(client, name, platform)
        if rc is not None and output:
            write("(the engine did not pass on all of its output; it ended with:)\n" + output)
    return JobOutcome(rc, output, time.monotonic() - started)


class Follower(threading.Thread):
    """Passes on what a container says, line by line, and remembers the last lines. Answers of programs are left out."""

    def __init__(self, client: Any, name: str, write: Write, mask: Callable[[str], str]) -> None:
        super().__init__(daemon=True)
        self.last: Deque[str] = collections.deque(maxlen=TAIL)
        self._client, self._name, self._write, self._mask = client, name, write, mask
        self._count, self._failed = 0, False

    def run(self) -> None:
        try:
            container = find(self._client, self._name)
            for line in read_lines(container.logs(stream=True, follow=True) if container else (), self._mask):
                self._count += 1
                if MARK in line:
                    continue
                self.last.append(line)
                self._write(line)
        except Exception as error:  # the SDK passes on what its HTTP library raises; the task itself is not concerned
            self._failed = True
            self._write("(no more output: %s)" % docker_engine.words_of(error))

    def is_complete(self) -> bool:
        """Whether all was handed on; waits for what still comes, up to LATE seconds, and as long as anything comes within GRACE."""
        until, count = time.monotonic() + LATE, -1
        while self.is_alive() and count != self._count and time.monotonic() < until:
            count = self._count
            self.join(GRACE)
        return not self.is_alive() and not self._failed


def _finish(client: Any, name: str, deadline: Optional[float], waiting: Callable[[], None]) -> Optional[int]:
    """Return the exit code; None when the deadline passed, and the container still works."""
    import docker
    import requests

    container = find(client, name)
    while container is not None and (deadline is None or time.monotonic() < deadline):
        left = POLL if deadline is None else min(POLL, max(0.01, deadline - time.monotonic()))
        with engine_errors("wait for container '%s'" % name):
            try:
                return int(container.wait(timeout=left)["StatusCode"])
            except docker.errors.NotFound:
                return GONE
            except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
                waiting()
                container = find(client, name)  # raises where the engine itself is gone
    return GONE if container is None else None


def shown_output(client: Any, name: str, platform: Platform, count: int = TAIL) -> str:
    """Return the last lines of a container's output as results show them: secrets masked, very long lines cut."""
    return _shown(without_answers(output_of(client, name, count)), masker(platform.secrets), count)


def _shown(text: str, mask: Callable[[str], str], count: int) -> str:
    return last_lines(lines_of(mask(clean(text))), count)


def output_of(client: Any, name: str, lines: int = TAIL) -> str:
    """Return the last lines of a container's output; empty where there is no container, or its log driver keeps none."""
    import docker

    container = find(client, name)
    if container is None:
        return ""
    try:
        # The engine counts pieces of 16 KB of very long lines. One more is asked for, as the first one may begin in the midst of a line.
        pieces: List[bytes] = list(container.logs(tail=lines + 1, stream=True, follow=False))
    except docker.errors.APIError as error:
        return "(no output: %s)" % docker_engine.words_of(error)
    text = b"".join(pieces).decode("utf-8", "replace").rstrip("\n")
    if len(pieces) > lines:
        text = text.partition("\n")[2] or text[OVERLAP:]
    return "\n".join(lines_of(text))


def without_answers(text: str) -> str:
    """Return a text without the lines in which a program answered."""
    return "\n".join(line for line in text.split("\n") if MARK not in line)


def printed_by(container: Any) -> Iterable[str]:
    """Yield all lines of the standard output of a container that has ended. Raises LecternError where the engine keeps none."""
    with engine_errors("read the output of container '%s'" % container.name):
        yield from read_lines(container.logs(stdout=True, stderr=False, stream=True, follow=False))


def remove(client: Any, name: str) -> None:
    """Remove a container, whether it works or not, if it is there."""
    import docker

    until = time.monotonic() + REMOVAL
    container = find(client, name)
    while container is not None:
        with engine_errors("remove container '%s'" % name):
            try:
                container.remove(force=True, v=True)
            except docker.errors.NotFound:
                return
            except docker.errors.APIError as error:
                if error.status_code != CONFLICT or time.monotonic() > until:
                    raise
                time.sleep(PAUSE)  # the operator removes it just now
        container = find(client, name)


def remove_ended(platform: Platform, client: Any, prefix: str) -> None:
    """Remove the job containers whose names begin with ``prefix`` and that ended some time ago: killed calls left them."""
    labels = ["%s=%s" % (project.PROJECT, compose_files.project_name(platform)), "%s=True" % project.ONEOFF]
    with engine_errors("list the containers of project '%s'" % compose_files.project_name(platform)):
        found = client.containers.list(all=True, filters={"label": labels, "status": ["exited", "dead"]}, ignore_removed=True)
    for container in found:
        if container.name.startswith(prefix) and time.time() - moments.seconds_of(container.attrs["State"]["FinishedAt"]) > ABANDONED:
            remove(client, container.name)
