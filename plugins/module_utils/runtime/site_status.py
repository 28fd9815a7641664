# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a whole site once: its services, hosts and certificates, and what the next deployment would do."""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..base import docker_engine, locks, masking
from ..base.errors import LecternError
from ..base.places import Places
from ..memory.store import RememberedRendering
from ..render.user_config import PLUGINS
from ..root import drift, manifest, results, transaction
from ..root.platform import Platform, load_core, load_platform
from . import jobs, last_run, smoke_verdict, verdict
from .compose import certificates, health, project, service_states
from .tasks import init_tasks

NOTHING_PENDING: Dict[str, List[str]] = dict(created=[], changed=[], removed=[], settings=[])

# The status of a site of which nothing is known.
UNKNOWN: Dict[str, Any] = dict(
    dict.fromkeys(("release", "plugins", "services", "hosts", "certificates", "pending", "drift", "due")),
    **dict.fromkeys(("last_run", "last_deployment", "smoke")),
    errors=[],
    problems=[],
    verdict=verdict.BROKEN,
)


class Site(NamedTuple):
    """A root as far as it can be loaded. Where a plugin is broken, ``platform`` is core's and ``pending`` None; where not even that can be
    read, there is no platform."""

    platform: Optional[Platform]
    plugins: Optional[List[str]]
    pending: Optional[Dict[str, List[str]]]


def find_status(places: Places) -> Tuple[Dict[str, Any], List[str]]:
    """Return the status of a site, as the module ``status_info`` documents it, and the secrets to mask in it. Write nothing.

    What can't be found out is None, and ``errors`` says why.
    """
    errors: List[str] = []
    site = load_site(places, errors)
    release = site.platform.release.version if site.platform else None
    status = dict(UNKNOWN, release=release, plugins=site.plugins, pending=site.pending, errors=errors)
    with noting(errors), locks.locked_for_reading(places):
        files = drift.report(places, manifest.load(places), [])
        status["drift"] = sorted(name for name, entry in files.items() if entry["drift"])
    with noting(errors):
        run = last_run.read_last_run(places)
        status["last_run"] = dict(finished=run.finished, result=run.result) if run else None
        status["last_deployment"] = run.succeeded if run else None
    with noting(errors):
        status["smoke"] = smoke_verdict.describe_last(places)
    if site.platform:
        status.update(look_at_containers(site.platform, site.pending is not None, errors))
    secrets = site.platform.secrets if site.platform else manifest.saved_secrets(places)
    status["errors"] = [masking.mask_text(error, secrets) for error in errors]
    problems = verdict.find_problems(status)
    status.update(problems=[problem._asdict() for problem in problems], verdict=verdict.verdict_of(problems))
    return status, secrets


@contextlib.contextmanager
def noting(errors: List[str]) -> Iterator[None]:
    """Add what fails in the block to the errors, each once."""
    try:
        yield
    except LecternError as error:
        if str(error) not in errors:
            errors.append(str(error))


def load_site(places: Places, errors: List[str]) -> Site:
    """Load a root once, with what rendering would change. Plugins can be loaded only once in a process: after a failure, core alone is."""
    with noting(errors):
        rendering = transaction.find_pending(places)
        if isinstance(rendering, RememberedRendering):
            return Site(load_platform(places), rendering.result["plugins"], NOTHING_PENDING)
        files = results.list_files(rendering)
        pending = {kind: files[kind] for kind in ("created", "changed", "removed")}
        return Site(rendering.platform, rendering.enabled, dict(pending, settings=results.changed_keys(rendering)))
    with noting(errors):
        platform = load_core(places)
        return Site(platform, platform.config.get(PLUGINS), None)
    return Site(None, None, None)


def look_at_containers(platform: Platform, is_complete: bool, errors: List[str]) -> Dict[str, Any]:
    """Return what the engine, Compose and the web proxy tell, as far as they answer.

    Unless the platform ``is_complete``, its plugins are not loaded, and nobody knows which init tasks are due.
    """
    found: Dict[str, Any] = {}
    with_jobs: Dict[str, Any] = {}
    definitions: Dict[str, Any] = {}
    hosts: Optional[List[str]] = None
    with noting(errors):
        with_jobs, definitions = (project.services_in(model) for model in project.read_both_models(platform))
    with noting(errors):
        hosts = health.hosts_of(platform)
    with noting(errors):
        client = docker_engine.connect()
        containers, proxy = project.containers(platform, client), health.proxy_of(platform, definitions)
        report = health.examine(containers, definitions, proxy, hosts or [])
        found["services"] = service_states.describe_services(platform, client, containers, definitions, report)
        if definitions and hosts is not None:
            found["hosts"] = [dict(host=finding.name, state=finding.state, problem=finding.problem) for finding in report.hosts]
            found["certificates"] = certificates.read_certificates(proxy, hosts) if _runs(proxy, containers) else []
        if definitions and is_complete:
            found["due"] = jobs.describe_due(platform, client, init_tasks(platform), with_jobs)
    return found


def _runs(proxy: Optional[health.Proxy], containers: Sequence[Any]) -> bool:
    return any(proxy and project.service_of(each) == proxy.service and each.status == "running" for each in containers)
