# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job containers left by killed calls: waited for, and their success recorded."""

from __future__ import annotations

import json
import time
from typing import Any, Dict, List, NamedTuple, Optional

from ...base.docker_engine import engine_errors
from ...base.errors import LecternError
from ...base.logs import Logs, Write
from ...root import compose_files
from ...root.platform import Platform
from ..ledger import Fingerprint, Ledger
from . import job_container, project
from .job_container import JobOutcome

NEVER = "0001-"  # how the engine begins the time of what has not been


class Identity(NamedTuple):
    """What a container runs: for which root, the task's key in the ledger (empty for a program, which is not recorded), what logs call
    it, digests of script and service definition, and something random that no other run has."""

    root: str
    key: str
    name: str
    script: str
    definition: str
    run: str


class Orphan(NamedTuple):
    """A container that is no more: its name, what it ran (None where that is not known), and what came of it."""

    container: str
    identity: Optional[Identity]
    outcome: JobOutcome

    def sentence(self) -> str:
        """Return a sentence for the operator."""
        what = "Container '%s' of an interrupted run, %s, ended with exit code %s"
        return what % (self.container, _title(self.identity), self.outcome.rc)


def write_identity(identity: Identity) -> str:
    """Return an identity as a container keeps it."""
    return json.dumps(identity._asdict(), sort_keys=True)


def read_identity(platform: Platform, container: Any) -> Optional[Identity]:
    """Return what a container runs, if it is a job of this root; else None."""
    try:
        found: Dict[str, Any] = json.loads(job_container.identity_of(container))
        identity = Identity(**found)
    except (ValueError, TypeError):
        return None
    return identity if identity.root == platform.places.root and all(isinstance(text, str) for text in identity) else None


def describe(platform: Platform, client: Any, service: str) -> Optional[str]:
    """Return a sentence on the container that a killed run left in a service; None where there is none."""
    container = job_container.find(client, job_container.container_name(platform, service))
    if container is None or _has_never_run(container):
        return None
    title = _title(read_identity(platform, container))
    return "Would wait for container '%s' of an interrupted run, %s, unless it has ended" % (container.name, title)


def ended_in(platform: Platform, client: Any) -> List[str]:
    """Return the Compose services in which killed runs left containers that have ended."""
    labels = ["%s=%s" % (project.PROJECT, compose_files.project_name(platform)), "%s=True" % project.ONEOFF]
    with engine_errors("list the containers of project '%s'" % compose_files.project_name(platform)):
        found = client.containers.list(all=True, filters={"label": labels, "status": ["created", "exited", "dead"]}, ignore_removed=True)
    services = {project.service_of(container): container.name for container in found}
    return sorted(service for service, name in services.items() if name == job_container.container_name(platform, service))


def settle(platform: Platform, client: Any, service: str, timeout: Optional[float], ledger: Ledger, logs: Logs) -> Optional[Orphan]:
    """Wait for the container that a killed run left in a service: killing a migration half way would need repair by hand.

    Its output is logged, its success recorded, and it is removed. Returns None where there is no such container. Raises LecternError
    when it still works after ``timeout`` seconds; it is left alone then.
    """
    name = job_container.container_name(platform, service)
    container = job_container.find(client, name)
    if container is None or _has_never_run(container):
        job_container.remove(client, name)
        return None
    identity = read_identity(platform, container)
    with logs.of("job", identity.name if identity else service) as log:
        outcome = _await(platform, client, container, identity, timeout, log)
    if outcome.rc == 0 and identity and identity.key and not ledger.succeeded_at(identity.key):
        ledger.record(identity.key, Fingerprint(identity.script, str(container.attrs["Image"]), identity.definition))
    job_container.remove(client, name)
    return Orphan(name, identity, outcome._replace(output=log.note(outcome.output)))


def _await(
    platform: Platform, client: Any, container: Any, identity: Optional[Identity], timeout: Optional[float], write: Write
) -> JobOutcome:
    name, begun, started = container.name, _began(container), time.monotonic()

    def tell() -> None:
        passed = time.monotonic() - started
        write("waiting for container '%s' since %.0f s; 'docker rm -f %s' ends it, and what it runs is run again" % (name, passed, name))

    write("container '%s' of an interrupted run, %s, was started at %s" % (name, _title(identity), begun))
    if container.attrs["State"].get("Running"):
        tell()
    outcome = job_container.watch(platform, client, name, None if timeout is None else started + timeout, write, tell)
    if outcome.rc is None:
        raise LecternError(
            "Container '%s' of an earlier, interrupted run, %s, was started at %s and still works after %.0f s of waiting: raise 'timeout' "
            "to wait longer, or end it (docker rm -f %s), and what it runs is run again."
            % (name, _title(identity), begun, outcome.duration, name)
        )
    write("container '%s' ended with exit code %d after %.1f s of waiting" % (name, outcome.rc, outcome.duration))
    return outcome


def _title(identity: Optional[Identity]) -> str:
    return "which runs '%s'" % identity.name if identity else "which runs something unknown"


def _began(container: Any) -> str:
    """Return when a container was started, as ``2026-01-31T08:00:00Z``."""
    return str(container.attrs["State"].get("StartedAt") or "an unknown time")[:19] + "Z"


def _has_never_run(container: Any) -> bool:
    """Whether a container was made, but not started: the engine would say that it ended with 0."""
    state = container.attrs["State"]
    return not state.get("Running") and str(state.get("StartedAt") or NEVER).startswith(NEVER)
