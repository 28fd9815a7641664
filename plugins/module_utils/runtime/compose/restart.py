# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts and replaces services one after another, each waited for, so that none is away longer than its own start takes.

Those that nobody talks to, workers for instance, go together: they miss nobody, and take long to end what they are at.
"""

from __future__ import annotations

import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, NamedTuple, Sequence, Set

from ...base.errors import LecternError
from ...root.platform import Platform
from . import health, job_container, mounts, project
from .mounts import Watched

START = 300.0  # seconds that a service may take to start: the LMS of a large site takes one or two minutes on a busy host

ANSWER = 2.0  # seconds that a port may take to answer

PAUSE = 0.2  # seconds between two looks


class Group(NamedTuple):
    """Services that are restarted or ``replaced`` at once. One that ``answered`` before is alone, and has to answer again."""

    names: List[str]
    replaced: bool
    answered: bool


def renew(platform: Platform, client: Any, watched: Sequence[Watched]) -> List[str]:
    """Restarts or replaces the services that have to be, records what every container sees now, and returns their names in order.

    Raises LecternError where one fails or is not back after ``START`` seconds. Those that come after it are left as they are.
    """
    waiting = {project.service_of(one.container) for one in watched if one.reason}
    names = in_order(waiting, project.services(platform), platform) if waiting else []
    try:
        for group in _groups(names, watched):
            _renew_group(platform, client, group)
            waiting.difference_update(group.names)
    finally:
        mounts.record(platform, project.containers(platform, client) if names else [one.container for one in watched], watched, waiting)
    return names


def _groups(names: Sequence[str], watched: Sequence[Watched]) -> List[Group]:
    """The services in their order: those that follow each other and answer nobody together, each other one alone.

    Where none answers, it may be that containers can't be reached from here: each is alone then.
    """
    replaced = {project.service_of(one.container) for one in watched if one.replaced}
    answering = _answering([one.container for one in watched if one.reason])
    found: List[Group] = []
    for name in names:
        group = Group([name], name in replaced, name in answering)
        if found and answering and not group.answered and group[1:] == found[-1][1:]:
            found[-1].names.append(name)
        else:
            found.append(group)
    return found


def _answering(containers: Sequence[Any]) -> Set[str]:
    """The services whose containers answer, all asked at once: one that does not takes seconds to tell."""
    with ThreadPoolExecutor(max(1, len(containers))) as pool:
        answers = pool.map(_answers, containers)
        return {project.service_of(container) for container, answer in zip(containers, answers) if answer}


def in_order(names: Set[str], definitions: Dict[str, Any], platform: Platform) -> List[str]:
    """What others depend on first; last the proxy, so that nothing behind it keeps it from stopping, and it finds everything there."""
    proxy = health.proxy_of(platform, definitions)
    last = proxy.service if proxy else None

    def depth(name: str) -> int:
        needed = (definitions.get(name) or {}).get("depends_on") or {}
        return 1 + max((depth(each) for each in needed), default=0)

    return sorted(names, key=lambda name: (name == last, depth(name), name))


def _renew_group(platform: Platform, client: Any, group: Group) -> None:
    # With --no-deps, Compose 2.26 keeps another hash of the definition with the container, without depends_on, and makes it anew next time.
    project.checked(platform, (["up", "--detach"] if group.replaced else ["restart"]) + group.names)
    deadline = time.monotonic() + START
    for name in group.names:
        while (missing := _missing(project.containers(platform, client, name), group.answered)) and time.monotonic() < deadline:
            time.sleep(PAUSE)
        if missing:
            raise _not_back(platform, client, name, group.replaced, missing)


def _not_back(platform: Platform, client: Any, name: str, replaced: bool, missing: str) -> LecternError:
    containers = project.containers(platform, client, name)
    logs = job_container.shown_output(client, containers[0].name, platform, health.LOG_LINES) if containers else ""
    return LecternError(
        "Service '%s' was %s, and %.0f s later it %s. The services that were to follow were left as they are. Its last lines:\n%s"
        % (name, "replaced" if replaced else "restarted", START, missing, logs or "(none)")
    )


def _missing(containers: Sequence[Any], answered: bool) -> str:
    """What keeps a service from being back, in words; nothing where it is. Only one that answered before has to answer again."""
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

    Servers that speak no HTTP greet, or complain of the first line. To get the second one, Redis would take for an attack.
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
