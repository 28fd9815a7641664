# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restart and recreate services in the order of their dependencies, each waited for, so that none is away longer than its own start takes.

Services that do not depend on each other go side by side, as many as the host has processors.
"""

from __future__ import annotations

import os
import select
import socket
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set

from ...base.errors import LecternError
from ...root.platform import Platform
from . import health, job_container, mounts, project
from .mounts import Watched

START = 300.0  # seconds that a service may take to start: the LMS of a large site takes one or two minutes on a busy host

ANSWER = 2.0  # seconds that a port may take to answer

PAUSE = 0.2  # seconds between two looks

SIDE_BY_SIDE = max(2, os.cpu_count() or 2)  # services that are restarted at a time

Definitions = Dict[str, Dict[str, Any]]  # of the project's services by name


class Step(NamedTuple):
    """One service to restart or recreate, once those in ``after`` are back. One that ``answered`` before has to answer again."""

    name: str
    replaced: bool
    answered: bool
    after: Set[str]


def all_running(containers: Sequence[Any], watched: Sequence[Watched]) -> List[Watched]:
    """Return ``watched`` with a reason for every container, those included that mount nothing of the environment.

    Containers that ended, and are meant to, are left out.
    """
    known = {one.container.id: one for one in watched}
    wanted = [container for container in containers if container.status == "running" or health.state_problem(container.attrs)]
    found = [known.pop(container.id, Watched(container, "", None)) for container in wanted]
    return [one if one.reason else one._replace(reason="a restart was asked for") for one in found] + list(known.values())


def without_orphans(platform: Platform, watched: Sequence[Watched], definitions: Definitions) -> List[Watched]:
    """Return those whose services the project has. Containers of disabled plugins stay as they are until the project is brought up."""
    orphans = {each.id for each in project.without_service(platform, [one.container for one in watched], definitions)}
    return [one for one in watched if one.container.id not in orphans]


def restart_services(platform: Platform, client: Any, watched: Sequence[Watched], definitions: Definitions) -> List[str]:
    """Restart or recreate the services that have to be, record what every container sees now, and return their names in order.

    Raises LecternError if one fails or is not back after ``START`` seconds. No other is begun then, and those that were not stay as they
    are.
    """
    waiting = {project.service_of(one.container) for one in watched if one.reason}
    steps = plan_steps(platform, watched, definitions) if waiting else []
    try:
        _take(platform, client, steps, waiting)
    finally:
        mounts.record(platform, project.containers(platform, client) if steps else [one.container for one in watched], watched, waiting)
    return [step.name for step in steps]


def plan_steps(platform: Platform, watched: Sequence[Watched], definitions: Definitions) -> List[Step]:
    """Return the services that have to be restarted: those that others depend on first, and the proxy last.

    A service waits for those that it depends on, and the proxy for all that answer, so that nothing behind it keeps it from stopping.
    Others go side by side. If no service answers, containers may be out of reach from here: each then waits for the one before it.
    """
    due = [one for one in watched if one.reason]
    replaced = {project.service_of(one.container) for one in due if one.replaced}
    answering = _answering([one.container for one in due])
    proxy = health.proxy_of(platform, definitions)
    last = proxy.service if proxy else None
    names = {project.service_of(one.container) for one in due}
    order = sorted(names, key=lambda name: (name == last, _depth(name, definitions), name))
    steps: List[Step] = []
    for position, name in enumerate(order):
        if not answering:
            after = set(order[:position])
        elif name == last:
            after = (answering | _needs(name, definitions)) & names - {name}
        else:
            after = _needs(name, definitions) & names - {name, last}
        steps.append(Step(name, name in replaced, name in answering, after))
    return steps


def _depth(name: str, definitions: Dict[str, Any]) -> int:
    return 1 + max((_depth(each, definitions) for each in _depends_on(name, definitions)), default=0)


def _needs(name: str, definitions: Dict[str, Any]) -> Set[str]:
    """Return the services that one depends on, and those that these depend on."""
    direct = set(_depends_on(name, definitions))
    return direct.union(*(_needs(each, definitions) for each in direct))


def _depends_on(name: str, definitions: Dict[str, Any]) -> Iterable[str]:
    return (definitions.get(name) or {}).get("depends_on") or {}


def _answering(containers: Sequence[Any]) -> Set[str]:
    """Return the services whose containers answer, all asked at once: one that does not takes seconds to tell."""
    with ThreadPoolExecutor(max(1, len(containers))) as pool:
        answers = pool.map(_answers, containers)
        return {project.service_of(container) for container, answer in zip(containers, answers) if answer}


def _take(platform: Platform, client: Any, steps: Sequence[Step], waiting: Set[str]) -> None:
    """Take each step as soon as those that it comes after are done, and remove it from ``waiting`` when it is.

    At most ``SIDE_BY_SIDE`` are under way: more would slow each other down, and be away longer than their own start takes.
    """
    left = list(steps)
    running: Dict[Future[None], Step] = {}
    failed: Optional[LecternError] = None
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        while running or (left and not failed):
            ready = [step for step in left if not step.after & waiting] if not failed else []
            for step in ready[: SIDE_BY_SIDE - len(running)]:
                left.remove(step)
                running[pool.submit(_take_one, platform, client, step)] = step
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                try:
                    future.result()
                    waiting.discard(step.name)
                except LecternError as error:
                    failed = failed or error
    if failed:
        raise failed


def _take_one(platform: Platform, client: Any, step: Step) -> None:
    # With --no-deps, Compose 2.26 keeps another hash of the definition with the container, without depends_on, and recreates it next time.
    project.checked(platform, [*(["up", "--detach"] if step.replaced else ["restart"]), step.name])
    deadline = time.monotonic() + START
    while (missing := _missing(project.containers(platform, client, step.name), step.answered)) and time.monotonic() < deadline:
        time.sleep(PAUSE)
    if missing:
        raise _not_back(platform, client, step.name, step.replaced, missing)


def _not_back(platform: Platform, client: Any, name: str, replaced: bool, missing: str) -> LecternError:
    containers = project.containers(platform, client, name)
    logs = job_container.shown_output(client, containers[0].name, platform, health.LOG_LINES) if containers else ""
    return LecternError(
        "Service '%s' was %s, and %.0f s later it %s. The services that were to follow were left as they are. Its last lines:\n%s"
        % (name, "replaced" if replaced else "restarted", START, missing, logs or "(none)")
    )


def _missing(containers: Sequence[Any], answered: bool) -> str:
    """Return what keeps a service from being back, in words; nothing where it is. Only one that answered before has to answer again."""
    if not containers:
        return "has no container"
    problem = next((found for found in (health.state_problem(container.attrs) for container in containers) if found), None)
    return problem or ("" if not answered or all(map(_answers, containers)) else "runs, but answers at none of its ports")


def _answers(container: Any) -> bool:
    """Whether a running container answers at one of the TCP ports that its image or definition exposes."""
    config, networks = container.attrs["Config"], container.attrs["NetworkSettings"]["Networks"]
    ports = [int(port.partition("/")[0]) for port in config.get("ExposedPorts") or {} if port.endswith("/tcp")]
    addresses = [network["IPAddress"] for network in networks.values() if network["IPAddress"]]
    return any(_says_something(addresses[0], port, project.service_of(container)) for port in ports if addresses)


def _says_something(address: str, port: int, name: str) -> bool:
    """Whether a server says anything when it is asked for a page. One that still loads may take connections, but says nothing.

    Servers that speak no HTTP greet, or complain of the first line. The rest of the request is sent only
    if the first line gets no answer: Redis treats a line ``Host:`` as an attack.
    """
    try:
        with socket.create_connection((address, port), ANSWER) as connection:
            connection.sendall(b"HEAD / HTTP/1.0\r\n")
            if select.select([connection], [], [], PAUSE)[0]:
                return connection.recv(1) != b""
            connection.sendall(b"Host: %s\r\nUser-Agent: lectern.tutor restart\r\n\r\n" % name.encode())
            return connection.recv(1) != b""
    except OSError:
        return False
