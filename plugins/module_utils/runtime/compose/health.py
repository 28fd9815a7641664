# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks whether a platform is healthy: the containers of its services, and its public hosts behind the proxy."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ...base import moments
from ...base.masking import mask_text
from ...render.maintenance_page import PASS
from ...root import maintenance
from ...root.platform import Platform, public_hosts
from . import job_container, project

PAUSE = 1.0  # seconds between two looks

LOGS, LOG_LINES = 3, 20  # how many logs an error shows, and how much of each

SETTLED = 5.0  # seconds that a container must stay up: one that crashes at its start is up for a moment too

ANSWER = 10.0  # seconds that a host may take to answer

ONE_SHOT = ("", "no", "on-failure")  # restart policies of services that may end well

HTTP_PORTS = ("CADDY_HTTP_PORT", "NGINX_HTTP_PORT")  # settings, by release


class Proxy(NamedTuple):
    """Where the platform's web proxy listens on this host. With the ``headers``, it serves the site even where that is in maintenance."""

    service: str
    address: str
    port: int
    https: bool
    headers: Dict[str, str] = {}


class Finding(NamedTuple):
    """A service or host, its state in a word, what is wrong with it (None: nothing), and the containers whose logs may tell why."""

    name: str
    state: str
    problem: Optional[str]
    containers: List[str]


class HealthReport(NamedTuple):
    """The health of a platform; ``notes`` are sentences on what was not examined."""

    services: List[Finding]
    hosts: List[Finding]
    notes: List[str]


def wait_until_healthy(platform: Platform, client: Any, timeout: float, once: bool = False) -> HealthReport:
    """Examine the platform until it is healthy, or ``timeout`` seconds have passed, or only ``once``, and return the last report."""
    definitions = project.services(platform)
    proxy, hosts = proxy_of(platform, definitions), hosts_of(platform)
    deadline = time.monotonic() + timeout
    while True:
        report = examine(project.containers(platform, client), definitions, proxy, hosts)
        if once or not problems(report) or time.monotonic() > deadline:
            return report
        time.sleep(PAUSE)


def examine(containers: Sequence[Any], definitions: Dict[str, Any], proxy: Optional[Proxy], hosts: Sequence[str]) -> HealthReport:
    """Report the state of every service and, if these are healthy and there is a proxy, of every host."""
    services = [finding for name, definition in sorted(definitions.items()) for finding in _examine_service(name, definition, containers)]
    if proxy is None:
        return HealthReport(services, [], ["Asked no host: no service publishes the platform's web port on this host"])
    if any(finding.problem for finding in services):
        return HealthReport(services, [], ["Asked no host, because a service is not well"])
    logs = [container.name for container in containers if project.service_of(container) == proxy.service]
    with ThreadPoolExecutor(max_workers=8) as pool:
        return HealthReport(services, list(pool.map(lambda host: _host(proxy, host, logs), hosts)), [])


def hosts_of(platform: Platform) -> List[str]:
    """Return the public hosts, each once."""
    return list(dict.fromkeys(public_hosts(platform)))


def problems(report: HealthReport) -> List[str]:
    """Return a sentence for each service and host that is not healthy."""
    findings = [("Service", finding) for finding in report.services] + [("Host", finding) for finding in report.hosts]
    return ["%s '%s' %s" % (word, finding.name, finding.problem) for word, finding in findings if finding.problem]


def explain(platform: Platform, client: Any, report: HealthReport) -> str:
    """Return the problems and the last lines of the logs that may explain them, secrets masked."""
    faulty = list(dict.fromkeys(name for finding in report.services + report.hosts if finding.problem for name in finding.containers))
    said = [(name, job_container.shown_output(client, name, platform, LOG_LINES)) for name in faulty[:LOGS]]
    logs = ["Last lines of %s:\n%s" % (name, lines or "(none)") for name, lines in said]
    return mask_text("\n".join([sentence + "." for sentence in problems(report)] + logs), platform.secrets)


def _examine_service(name: str, definition: Dict[str, Any], containers: Sequence[Any]) -> List[Finding]:
    mine = [container for container in containers if project.service_of(container) == name]
    if not mine and project.replicas_of(definition) != 0:
        return [Finding(name, "missing", "has no container: start the platform first", [])]
    return [Finding(name, container.status, problem_of(container.attrs), [container.name]) for container in mine]


def problem_of(attrs: Dict[str, Any]) -> Optional[str]:
    """Return what is wrong with a container; None for nothing. One that has just started may crash at each start, so it counts."""
    problem = state_problem(attrs)
    if problem or attrs["State"]["Status"] != "running":
        return problem
    up = time.time() - moments.seconds_of(attrs["State"]["StartedAt"])
    return "started only %.0f s ago (restarted %s times)" % (up, attrs.get("RestartCount", 0)) if 0 <= up < SETTLED else None


def state_problem(attrs: Dict[str, Any]) -> Optional[str]:
    """Return what the engine's state of a container shows to be wrong; None where it runs, or ended well and is meant to end."""
    now = attrs["State"]
    if now["Status"] == "exited":
        ended_well = now["ExitCode"] == 0 and (attrs["HostConfig"].get("RestartPolicy") or {}).get("Name", "") in ONE_SHOT
        return None if ended_well else "exited with code %s" % now["ExitCode"]
    if now["Status"] != "running":
        return "is %s (last exit code %s, restarted %s times)" % (now["Status"], now.get("ExitCode"), attrs.get("RestartCount", 0))
    health = (now.get("Health") or {}).get("Status", "none")
    return None if health in ("none", "healthy") else "runs, but its health check says '%s'" % health


def proxy_of(platform: Platform, definitions: Dict[str, Any]) -> Optional[Proxy]:
    """Return the service that publishes the platform's web port on this host; None where none does."""
    config = platform.config
    https = bool(config.get("ENABLE_HTTPS")) and bool(config.get("ENABLE_WEB_PROXY", True))
    setting = next((config[name] for name in HTTP_PORTS if config.get(name)), 80)
    wanted = "443" if https else str(setting).rpartition(":")[2]
    in_maintenance = maintenance.read(platform.places)
    headers = {PASS: in_maintenance.page.token} if in_maintenance else {}
    for name, definition in sorted(definitions.items()):
        for port in definition.get("ports") or ():
            if str(port.get("published")) == wanted and port.get("protocol", "tcp") == "tcp":
                address = port.get("host_ip") or "127.0.0.1"
                address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
                return Proxy(name, address, int(wanted), https, headers)
    return None


def _host(proxy: Proxy, host: str, logs: List[str]) -> Finding:
    try:
        status = status_of(proxy, host.partition("/")[0])
    except (OSError, http.client.HTTPException, ValueError) as error:  # the latter for what can be no host
        return Finding(host, "no answer", "does not answer through '%s': %s" % (proxy.service, error or type(error).__name__), logs)
    return Finding(host, str(status), "answers with status %d" % status if status >= 500 else None, logs)


def status_of(proxy: Proxy, host: str) -> int:
    """Return the HTTP status of a host's first page. Redirections are not followed, certificates not checked: both may lead elsewhere."""
    connection = connect_to(proxy, host, ANSWER)
    try:
        connection.request("GET", "/", headers={"Host": host, "User-Agent": "lectern.tutor health", **proxy.headers})
        return connection.getresponse().status
    finally:
        connection.close()


def connect_to(proxy: Proxy, host: str, timeout: float) -> http.client.HTTPConnection:
    """Return an open connection to a host, by way of its proxy on this host. ``timeout`` is in seconds, for each answer."""
    name = host.partition(":")[0]
    connection = http.client.HTTPConnection(name, timeout=timeout)
    connection.sock = socket.create_connection((proxy.address, proxy.port), timeout=timeout)
    if proxy.https:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            connection.sock = context.wrap_socket(connection.sock, server_hostname=name)
        except BaseException:
            connection.close()
            raise
    return connection
