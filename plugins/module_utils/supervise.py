# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task in one container of a ``-job`` service: started by Compose, watched through the SDK."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import Any, Iterable, Iterator, List, NamedTuple, Optional

from . import compose, docker_engine
from .docker_engine import engine_errors
from .errors import LecternError
from .log import Write, nowhere
from .masking import mask_text
from .platform import Platform

TAIL = 50  # lines of a container's output that are kept
GRACE = 10.0  # seconds that the end of a container's output may take after the container's own
POLL = 60.0  # seconds after which a silent engine is asked again
# The same as `sh -e -c SCRIPT` without input, but no list of processes shows the script: it may hold passwords.
SHELL = ["sh", "-e", "-c", 'eval "unset LECTERN_SCRIPT\n$LECTERN_SCRIPT" </dev/null']


class Outcome(NamedTuple):
    """``rc`` is None where the time was up; ``output`` are the last lines, secrets masked; ``duration`` in seconds."""

    rc: Optional[int]
    output: str
    duration: float


def run_script(
    platform: Platform, client: Any, service: str, script: str, timeout: Optional[float] = None, write: Write = nowhere
) -> Outcome:
    """Runs a shell script in a new container of a Compose service and removes the container; ``write`` gets its output as it comes.

    Raises LecternError when the container can't be started. ``timeout`` is in seconds; the container is killed then.
    """
    started = time.monotonic()
    deadline = None if timeout is None else started + timeout
    name = container_name(platform, service)
    _wait_for_orphan(client, name, deadline)
    try:
        rc = _start(platform, service, name, script, timeout) and _watch(client, name, deadline, write)
        return Outcome(rc, mask_text(output_of(client, name), platform.secrets), time.monotonic() - started)
    finally:
        _remove(client, name)


def container_name(platform: Platform, service: str) -> str:
    """Always the same for a service, so that what a killed run left behind is found."""
    return "%s-%s-lectern" % (compose.project_name(platform), service)


def find(client: Any, name: str) -> Any:
    """A container by name, None where there is none."""
    import docker

    with engine_errors("look for container '%s'" % name):
        try:
            return client.containers.get(name)
        except docker.errors.NotFound:
            return None


def _wait_for_orphan(client: Any, name: str, deadline: Optional[float]) -> None:
    """A killed run leaves its container working: killing a migration half way would need repair by hand."""
    if find(client, name) is None:
        return
    if _finish(client, name, deadline) is None:
        raise LecternError(
            "Container '%s' of an earlier, interrupted run still works: wait until it ends, or remove it (docker rm -f %s)." % (name, name)
        )
    _remove(client, name)


def _start(platform: Platform, service: str, name: str, script: str, timeout: Optional[float]) -> Optional[bool]:
    """True when the container was started, None when the time was up before; as upstream, Compose starts what it depends on first."""
    arguments = ["run", "--detach", "--no-TTY", "--name", name, "--env", "LECTERN_SCRIPT", service] + SHELL
    try:
        answer = compose.run(platform, arguments, jobs=True, env={"LECTERN_SCRIPT": script}, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None
    if answer.returncode != 0:
        words = mask_text(docker_engine.last_lines(answer.stderr, 10), platform.secrets)
        raise LecternError("Compose could not start service '%s' (exit code %d): %s" % (service, answer.returncode, words))
    return True


def _watch(client: Any, name: str, deadline: Optional[float], write: Write) -> Optional[int]:
    """The exit code, as of _finish; meanwhile the output is written."""
    follower = threading.Thread(target=_follow, args=(client, name, write), daemon=True)
    follower.start()
    rc = _finish(client, name, deadline)
    follower.join(0 if rc is None else GRACE)
    return rc


def _follow(client: Any, name: str, write: Write) -> None:
    try:
        container = find(client, name)
        for line in lines(container.logs(stream=True, follow=True) if container else ()):
            write(line)
    except Exception as error:  # the SDK passes on what its HTTP library raises; the task itself is not concerned
        write("(no more output: %s)" % docker_engine.words_of(error))


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a stream that comes in pieces of any size."""
    held: List[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        held.append(first)
        for part in others:
            yield b"".join(held).decode("utf-8", "replace")
            held = [part]
    if any(held):
        yield b"".join(held).decode("utf-8", "replace")


def _finish(client: Any, name: str, deadline: Optional[float]) -> Optional[int]:
    """The exit code; None when the deadline passed, and the container still works."""
    import requests

    container = find(client, name)
    while deadline is None or time.monotonic() < deadline:
        left = POLL if deadline is None else min(POLL, max(0.01, deadline - time.monotonic()))
        with engine_errors("wait for container '%s'" % name):
            try:
                return int(container.wait(timeout=left)["StatusCode"])
            except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
                container.reload()  # raises where the engine itself is gone
    return None


def output_of(client: Any, name: str, lines: int = TAIL) -> str:
    """The last lines of a container's output; empty where there is no container, or its log driver keeps none."""
    import docker

    container = find(client, name)
    if container is None:
        return ""
    try:
        return container.logs(tail=lines).decode("utf-8", "replace").rstrip("\n")
    except docker.errors.APIError as error:
        return "(no output: %s)" % docker_engine.words_of(error)


def _remove(client: Any, name: str) -> None:
    import docker

    container = find(client, name)
    if container is None:
        return
    with engine_errors("remove container '%s'" % name):
        try:
            container.remove(force=True, v=True)
        except docker.errors.NotFound:
            return
