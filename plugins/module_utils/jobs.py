# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Init tasks and single scripts: which of them have to run, and running them one after the other."""

from __future__ import annotations

import json
from typing import Any, Container, Dict, List, NamedTuple, Optional, Sequence

from . import compose, docker_engine, state, supervise
from .errors import LecternError
from .ledger import Fingerprint, Ledger
from .log import Logs, Write
from .platform import Platform
from .state import digest
from .supervise import Outcome


class Script(NamedTuple):
    """A script of the operator's own, in the shape of an init task; it has no owner."""

    owner: Optional[str]
    service: str
    script: str


class Planned(NamedTuple):
    """A task (owner, service, script), its key in the ledger, the Compose service that runs it, its image's tag, what it is made of
    now, and why it has to run (None: it has not)."""

    task: Any
    key: str
    compose_service: str
    image: str
    fingerprint: Fingerprint
    reason: Optional[str]


def carry_out(
    platform: Platform,
    client: Any,
    tasks: Sequence[Any],
    logs: Logs,
    force: bool = False,
    timeout: Optional[float] = None,
) -> Dict[str, Any]:
    """Runs the tasks that have to run, at most one call at a time; the result has ``changed``, ``tasks``, ``actions`` and ``diff``.

    Raises LecternError, with the same as its details, when a task can't be started, fails, or takes longer than ``timeout`` seconds.
    """
    planned = plan(platform, client, tasks, force)
    if not any(item.reason for item in planned):
        return run(platform, client, planned, logs, timeout)
    with state.locked(platform.places, "jobs"):
        return run(platform, client, plan(platform, client, tasks, force), logs, timeout)


def plan(platform: Platform, client: Any, tasks: Sequence[Any], force: bool = False, images_to_come: Container[str] = ()) -> List[Planned]:
    """What has to be done for each task, in the same order. An image with one of the tags ``images_to_come`` is not known yet.

    Raises LecternError when the compose files have no ``-job`` service for one of them.
    """
    definitions = compose.services(platform, jobs=True) if tasks else {}
    ledger = Ledger(platform.places)
    planned = []
    for task, key in zip(tasks, _keys(tasks)):
        service = _compose_service(platform, task, definitions)
        definition = definitions[service]
        image = compose.image_of(platform, service, definition)
        identity = None if image in images_to_come else docker_engine.id_of(docker_engine.inspect_image(client, image))
        fingerprint = Fingerprint(digest(task.script), identity, _digest_of_definition(platform, definition))
        reason = "forced" if force else ledger.reason_to_run(key, fingerprint)
        planned.append(Planned(task, key, service, image, fingerprint, reason))
    return planned


def _compose_service(platform: Platform, task: Any, definitions: Dict[str, Any]) -> str:
    """``SERVICE-job``; in releases that do without, the service itself where it has no such companion."""
    job = "%s-job" % task.service
    if job not in definitions and platform.release["plain_jobs"] and task.service in definitions:
        return str(task.service)
    if job not in definitions:
        known = ", ".join(sorted(name[:-4] for name in definitions if name.endswith("-job"))) or "none"
        raise LecternError(
            "%s runs in service '%s', but no compose file defines '%s' (services with a job: %s). Add it to '%s'; plugins do so "
            "by the patch local-docker-compose-jobs-services." % (title(task), task.service, job, known, compose.jobs_file(platform))
        )
    return job


def _digest_of_definition(platform: Platform, definition: Dict[str, Any]) -> str:
    """The same wherever the root lies: a moved root is no reason to run everything again."""
    return digest(json.dumps(definition, sort_keys=True).replace(platform.places.root, "ROOT"))


def _keys(tasks: Sequence[Any]) -> List[str]:
    """Init tasks are known by owner, service and their number there, so that a changed script is found; others by their script."""
    seen: Dict[str, int] = {}
    keys = []
    for task in tasks:
        name = "init %s %s" % (task.owner, task.service) if task.owner else "script %s %s" % (task.service, digest(task.script))
        seen[name] = seen.get(name, 0) + 1
        keys.append("%s %d" % (name, seen[name]))
    return keys


def title(task: Any) -> str:
    """How messages call a task."""
    return "Init task of '%s'" % task.owner if task.owner else "The script"


def describe(planned: Planned, ledger: Ledger) -> Dict[str, Any]:
    """A task as results show it before it ran."""
    reason = planned.reason or "unchanged since it succeeded at %s" % ledger.succeeded_at(planned.key)
    return {
        "owner": planned.task.owner,
        "service": planned.task.service,
        "changed": planned.reason is not None,
        "duration": 0.0,
        "output": "",
        "reason": reason,
        "succeeded": ledger.succeeded_at(planned.key),
    }


def run(
    platform: Platform, client: Any, planned: Sequence[Planned], logs: Logs, timeout: Optional[float], check: bool = False
) -> Dict[str, Any]:
    """Runs what has to run, one after the other."""
    ledger = Ledger(platform.places)
    tasks: List[Dict[str, Any]] = []
    for item in planned:
        tasks.append(describe(item, ledger))
        if item.reason is None or check:
            continue
        ledger.forget(item.key)
        try:
            with logs.of("job", _name(item)) as write:
                tasks[-1].update(_run_one(platform, client, item, timeout, ledger, write))
        except LecternError as error:
            raise LecternError("%s: %s" % (title(item.task), error), **_result(tasks)) from error
        if tasks[-1]["rc"] != 0:
            raise LecternError(_failure(item.task, tasks[-1], timeout), **_result(tasks))
    return _result(tasks, "Would run" if check else "Ran")


def _result(tasks: List[Dict[str, Any]], verb: str = "Ran") -> Dict[str, Any]:
    names = ["%s in service %s" % ("init task of %s" % task["owner"] if task["owner"] else "the script", task["service"]) for task in tasks]
    ran = [(name, task["reason"]) for name, task in zip(names, tasks) if task["changed"]]
    return {
        "changed": bool(ran),
        "tasks": tasks,
        "actions": ["%s %s: %s" % (verb, name, reason) for name, reason in ran],
        "diff": [{"before": "", "after": "".join("%s: %s\n" % pair for pair in ran)}] if ran else [],
    }


def _name(item: Planned) -> str:
    """How logs call a task: its owner, its service where that is another, and which one of several it is."""
    owner, service, number = item.task.owner or "script", item.task.service, item.key.rpartition(" ")[2]
    return " ".join([owner] + ([service] if service != owner else []) + ([number] if number != "1" else []))


def _run_one(platform: Platform, client: Any, item: Planned, timeout: Optional[float], ledger: Ledger, write: Write) -> Dict[str, Any]:
    write("started: %s" % item.reason)
    outcome: Outcome = supervise.run_script(platform, client, item.compose_service, item.task.script, timeout, write)
    write("%s after %.1f s" % ("stopped" if outcome.rc is None else "ended with exit code %d" % outcome.rc, outcome.duration))
    if outcome.rc == 0:
        # Compose may have pulled the image only when the task ran.
        ledger.record(item.key, item.fingerprint._replace(image=docker_engine.id_of(docker_engine.inspect_image(client, item.image))))
    succeeded = ledger.succeeded_at(item.key)
    return {"rc": outcome.rc, "output": outcome.output, "duration": round(outcome.duration, 1), "succeeded": succeeded}


def _failure(task: Any, result: Dict[str, Any], timeout: Optional[float]) -> str:
    if result["rc"] is None:
        what = "ran into the timeout of %g s and was stopped; raise 'timeout' if it was still at work" % (timeout or 0)
    else:
        what = "failed with exit code %s" % result["rc"]
    return "%s in service '%s' %s. Its last lines:\n%s\nRun again when the cause is gone: tasks that succeeded are not repeated." % (
        title(task),
        task.service,
        what,
        result["output"] or "(no output)",
    )
