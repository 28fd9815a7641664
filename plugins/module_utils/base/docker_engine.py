# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Docker engine of this host: through the SDK, and through the ``docker`` command where the SDK has no equal."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from .errors import LecternError
from .logs import last_lines
from .terminal import clean

TIMEOUT = 600  # seconds for an answer of the engine

SERVER_MISSING = "start it (systemctl start docker), or set DOCKER_HOST to the address of the one to use"


def connect() -> Any:
    """Return a ``docker.DockerClient`` of the engine that the command ``docker`` uses.

    Raises LecternError when the SDK is missing or no engine answers.
    """
    docker = _sdk()
    address = _address(docker)
    try:
        client = docker.DockerClient(timeout=TIMEOUT, **address)
        client.ping()
    except Exception as error:  # the SDK passes on what its HTTP library raises
        raise LecternError("No Docker engine answers at '%s' (%s): %s." % (engine_address(), words_of(error), SERVER_MISSING)) from error
    return client


def _sdk() -> Any:
    try:
        import docker
    except ImportError as error:
        raise LecternError(
            "The Python package 'docker' can't be imported by %s (%s): install it there (pip install docker)." % (sys.executable, error)
        ) from error
    return docker


def _address(docker: Any) -> Dict[str, Any]:
    """Return the address from DOCKER_HOST and its companions, else from the current context of the command ``docker``."""
    if os.environ.get("DOCKER_HOST"):
        try:
            return docker.utils.kwargs_from_env()
        except docker.errors.DockerException as error:
            raise LecternError("The environment variables of docker can't be used together: %s." % words_of(error)) from error
    context = docker.ContextAPI.get_context(os.environ.get("DOCKER_CONTEXT") or None)
    if context is None:
        raise LecternError("There is no docker context '%s': 'docker context ls' lists them." % os.environ.get("DOCKER_CONTEXT"))
    address = {"base_url": context.Host}
    return dict(address, tls=context.TLSConfig) if context.TLSConfig else address


def engine_address() -> str:
    """Return, for messages, the engine's address."""
    return os.environ.get("DOCKER_HOST") or "the current docker context"


def words_of(error: BaseException) -> str:
    """Return the engine's or a registry's own words in an exception of the SDK."""
    explanation = getattr(error, "explanation", None)
    if isinstance(explanation, bytes):
        explanation = explanation.decode("utf-8", "replace")
    return clean(str(explanation or error)).strip().rstrip(".")


@contextlib.contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Turn what the SDK raises in the block into a LecternError that says what was being done."""
    import docker
    import requests

    try:
        yield
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise LecternError("The Docker engine could not %s: %s." % (doing, words_of(error))) from error


def iterate_in_time(begin: Callable[[], Iterable[Any]], seconds: float) -> Iterator[Any]:
    """Yield the items of what ``begin`` returns. Raises TimeoutError when none comes for so many seconds.

    The engine waits for a silent registry without end, and so does the SDK. The waiting thread ends with the process.
    """
    items: queue.Queue[Tuple[bool, Any]] = queue.Queue()

    def read() -> None:
        try:
            for item in begin():
                items.put((True, item))
            items.put((False, None))
        except Exception as error:  # raised again below
            items.put((False, error))

    threading.Thread(target=read, daemon=True).start()
    try:
        more, item = items.get(timeout=seconds)
        while more:
            yield item
            more, item = items.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("nothing came for %g s" % seconds) from None
    if item:
        raise item


def inspect_image(client: Any, tag: str) -> Optional[Dict[str, Any]]:
    """Return what the engine knows of a local image; None where it has none of that tag."""
    import docker

    with engine_errors("look at image '%s'" % tag):
        try:
            return client.api.inspect_image(tag)
        except docker.errors.NotFound:
            return None


def image_id(image: Optional[Dict[str, Any]]) -> Optional[str]:
    """Return the id in what ``inspect_image`` returned."""
    return str(image["Id"]) if image else None


def run(
    arguments: List[str], env: Optional[Dict[str, str]] = None, timeout: Optional[float] = None, text: Optional[str] = None
) -> subprocess.CompletedProcess[str]:
    """Run ``docker ARGUMENTS`` without a shell; ``env`` is added to the environment, ``text`` is its input (None: it has none).

    Raises LecternError when the command is missing, subprocess.TimeoutExpired after ``timeout`` seconds.
    """
    command = ["docker"] + arguments
    environment = dict(os.environ, **(env or {}))
    source = subprocess.DEVNULL if text is None else subprocess.PIPE
    pipes: Dict[str, Any] = dict(stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        # In a group of its own: the command runs its plugins as children, which must end with it.
        process = subprocess.Popen(
            command, env=environment, encoding="utf-8", errors="replace", start_new_session=timeout is not None, **pipes
        )
    except FileNotFoundError as error:
        raise LecternError("The command 'docker' is not on this host (PATH is '%s'): install Docker." % os.environ.get("PATH")) from error
    with process:
        try:
            output, errors = process.communicate(text, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def has_buildx() -> bool:
    """Whether ``docker buildx`` works here."""
    try:
        return run(["buildx", "version"]).returncode == 0
    except LecternError:
        return False


def require_compose() -> None:
    """Raise LecternError where ``docker compose`` is missing."""
    answer = run(["compose", "version"])
    if answer.returncode != 0:
        raise LecternError(
            "'docker compose' does not work on this host (%s): install the Compose plugin, version 2 or newer "
            "(package docker-compose-plugin or docker-compose-v2)." % last_lines(answer.stderr or answer.stdout, 1)
        )
