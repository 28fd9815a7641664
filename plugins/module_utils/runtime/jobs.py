# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides which init tasks and scripts have to run, and runs them one after another."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Callable, Container, Dict, List, NamedTuple, Optional, Sequence

from ..base import docker_engine, locks
from ..base.content import digest
from ..base.errors import LecternError
from ..base.logs import Log, Logs
from ..root import compose_files
from ..root.platform import Platform
from .compose import job_container, orphans, project, starting
from .compose.job_container import Job
from .compose.orphans import Identity, Orphan
from .ledger import Fingerprint, Ledger
from .tasks import Task

FORCED = "forced"  # the reason of a task that runs in any case


class PlannedTask(NamedTuple):
    """A task, and why it has to run."""

    task: Task
    key: str  # in the ledger
    compose_service: str  # that runs it
    image: str  # tag of that service's image
    fingerprint: Fingerprint
    reason: Optional[str]  # None where it doesn't have to run


def carry_out(
    platform: Platform,
    client: Any,
    tasks: Sequence[Task],
    logs: Logs,
    force: bool = False,
    timeout: Optional[float] = None,
    limits: Sequence[Optional[str]] = (),
) -> Dict[str, Any]:
    """Run the tasks that have to run, in one call at a time; the result has ``changed``, ``tasks``, ``actions`` and ``diff``.

    ``limits`` are the ``--limit`` values of upstream's init commands that would run the same tasks (None: without), empty for a script.
    Raises LecternError, with the same as its details, when a task can't be started, fails, or takes longer than ``timeout`` seconds.
    """
    planned = plan_tasks(platform, client, tasks, force)
    if not any(item.reason for item in planned) and not orphans.ended_in(platform, client):
        return run(platform, client, planned, logs, timeout, limits)
    with locks.locked(platform.places, "jobs"):
        planned, left = plan_tasks(platform, client, tasks, force), orphans.ended_in(platform, client)
        return run(platform, client, planned, logs, timeout, limits, left=left)


def describe_due(platform: Platform, client: Any, tasks: Sequence[Task], definitions: Dict[str, Any]) -> List[str]:
    """Return sentences on what ``carry_out`` would do for these tasks. Write nothing."""
    planned = plan_tasks(platform, client, tasks, definitions=definitions)
    left = ["A killed run left a container of service '%s'" % service for service in orphans.ended_in(platform, client)]
    return ["%s: %s" % (title(item.task), item.reason) for item in planned if item.reason] + left


def plan_tasks(
    platform: Platform,
    client: Any,
    tasks: Sequence[Task],
    force: bool = False,
    images_to_come: Container[str] = (),
    definitions: Optional[Dict[str, Any]] = None,
) -> List[PlannedTask]:
    """Decide for each task, in the same order, whether it has to run. Images with the tags ``images_to_come`` don't exist yet.

    ``definitions`` are those of all services, jobs included; without them, Compose is queried.
    Raises LecternError where the compose files have no ``-job`` service for a task.
    """
    if definitions is None:
        definitions = project.services(platform, jobs=True) if tasks else {}
    ledger = Ledger(platform.places)
    planned = []
    for task, key in zip(tasks, _keys(tasks)):
        service = _compose_service(platform, task, definitions)
        definition = definitions[service]
        image = project.image_of(platform, service, definition)
        identity = None if image in images_to_come else docker_engine.image_id(docker_engine.inspect_image(client, image))
        fingerprint = Fingerprint(digest(task.script), identity, _digest_of_definition(platform, definition))
        reason = FORCED if force else ledger.reason_to_run(key, fingerprint)
        planned.append(PlannedTask(task, key, service, image, fingerprint, reason))
    return planned


def _compose_service(platform: Platform, task: Task, definitions: Dict[str, Any]) -> str:
    """Return ``SERVICE-job``, or, in releases that permit that, the service itself where it has no such companion."""
    job = "%s-job" % task.service
    if job not in definitions and platform.release.plain_jobs and task.service in definitions:
        return str(task.service)
    if job not in definitions:
        known = ", ".join(sorted(name[:-4] for name in definitions if name.endswith("-job"))) or "none"
        raise LecternError(
            "%s runs in service '%s', but no compose file defines '%s' (services with a job: %s). Add it to '%s'; plugins do so "
            "by the patch local-docker-compose-jobs-services." % (title(task), task.service, job, known, compose_files.jobs_file(platform))
        )
    return job


def _digest_of_definition(platform: Platform, definition: Dict[str, Any]) -> str:
    """Digest the definition of a service without the path of the root: moving a root is no reason to run everything again."""
    return digest(json.dumps(definition, sort_keys=True).replace(platform.places.root, "ROOT"))


def _keys(tasks: Sequence[Task]) -> List[str]:
    """Return the keys of tasks in the ledger.

    Init tasks are identified by owner, service and their number there, so that a changed script is noticed, and those of other jobs by
    job, arguments, service and number; others by their script.
    """
    seen: Dict[str, int] = {}
    keys = []
    for task in tasks:
        name = _key_of(task)
        seen[name] = seen.get(name, 0) + 1
        keys.append("%s %d" % (name, seen[name]))
    return keys


def _key_of(task: Task) -> str:
    if task.job:
        return "job %s %s %s" % (task.job, task.arguments, task.service)
    return "init %s %s" % (task.owner, task.service) if task.owner else "script %s %s" % (task.service, digest(task.script))


def title(task: Task) -> str:
    """Return what messages call a task."""
    if task.job:
        return "Job '%s'" % task.job
    return "Init task of '%s'" % task.owner if task.owner else "The script"


def describe(planned: PlannedTask, ledger: Ledger) -> Dict[str, Any]:
    """Return the result of a task that has not run (yet)."""
    reason = planned.reason or "unchanged since it succeeded at %s" % ledger.succeeded_at(planned.key)
    return {
        "job": planned.task.job or ("init" if planned.task.owner else None),
        "owner": planned.task.owner,
        "service": planned.task.service,
        "changed": planned.reason is not None,
        "duration": 0.0,
        "output": "",
        "reason": reason,
        "succeeded": ledger.succeeded_at(planned.key),
    }


def run(
    platform: Platform,
    client: Any,
    planned: Sequence[PlannedTask],
    logs: Logs,
    timeout: Optional[float],
    limits: Sequence[Optional[str]] = (),
    check: bool = False,
    left: Sequence[str] = (),
) -> Dict[str, Any]:
    """Run the planned tasks that have a reason, one after another, after the steps that upstream takes before.

    ``left`` are the services in which killed runs left containers that have ended. With ``check``, only describe what would be done.
    Raises LecternError, with the result as its details, when a task can't be started or fails.
    """
    call = Call(platform, client, Ledger(platform.places), logs, timeout, [], {})
    for service in left:
        settle(call, service, timeout)
    if any(item.reason for item in planned):
        prepare(call, lambda: starting.announce_init(platform, limits), check)
    tasks: List[Dict[str, Any]] = []
    for item in planned:
        tasks.append(describe(item, call.ledger))
        if item.reason is None:
            continue
        if check:
            sentence = orphans.describe(platform, client, item.compose_service)
            if sentence and sentence not in call.notes:
                call.notes.append(sentence)
            continue
        run_last(call, item, tasks)
    return result_of(tasks, call.notes, "Would run" if check else "Ran")


def run_last(call: Call, item: PlannedTask, tasks: List[Dict[str, Any]]) -> None:
    """Run a task whose result, so far, is the last of ``tasks``, and complete that.

    Raises LecternError, with all results as its details, when the task can't be started or fails.
    """
    try:
        tasks[-1].update(carry_out_one(call, item))
    except LecternError as error:
        raise LecternError("%s: %s" % (title(item.task), error), **result_of(tasks, call.notes)) from error
    if tasks[-1]["rc"] != 0:
        raise LecternError(_describe_failure(item.task, tasks[-1], call.timeout), **result_of(tasks, call.notes))


class Call(NamedTuple):
    """What all tasks of one call share."""

    platform: Platform
    client: Any
    ledger: Ledger
    logs: Logs
    timeout: Optional[float]
    notes: List[str]  # sentences for the operator
    succeeded: Dict[str, Orphan]  # containers of killed runs that succeeded, by key in the ledger


def prepare(call: Call, announce: Callable[[], None], check: bool) -> None:
    """Do what upstream does before it runs tasks: call plugins that listen, stop the development platform."""
    if not check:
        announce()
    call.notes.extend(starting.stop_development(call.platform.places, call.client, check))
    if not check and call.platform.release.run_starts_project:
        starting.announce_start(call.platform)


def carry_out_one(call: Call, item: PlannedTask) -> Dict[str, Any]:
    """Run a task, unless a killed run left a container in which it succeeded. Waiting for containers counts towards the timeout."""
    started = time.monotonic()

    def start() -> Dict[str, Any]:
        settle(call, item.compose_service, _remaining_time(call.timeout, started))
        if item.reason != FORCED and call.ledger.reason_to_run(item.key, item.fingerprint) is None and item.key in call.succeeded:
            return _credit(call, item, call.succeeded[item.key])
        call.ledger.forget(item.key)
        with call.logs.of("job", _log_name(item)) as log:
            return _run_one(call, item, _remaining_time(call.timeout, started), log)

    return job_container.retry_if_name_taken(call.platform, item.compose_service, start)


def _remaining_time(timeout: Optional[float], started: float) -> Optional[float]:
    """Return the remaining seconds of a task's timeout, at least a tenth."""
    return None if timeout is None else max(0.1, timeout - (time.monotonic() - started))


def settle(call: Call, service: str, timeout: Optional[float]) -> None:
    """Wait for the container that a killed run left in a service, if any, and note what came of it."""
    orphan = orphans.settle(call.platform, call.client, service, timeout, call.ledger, call.logs)
    if orphan:
        call.notes.append(orphan.sentence())
        if orphan.identity and orphan.outcome.rc == 0:
            call.succeeded[orphan.identity.key] = orphan


def _credit(call: Call, item: PlannedTask, orphan: Orphan) -> Dict[str, Any]:
    """Return the result of a task that succeeded in the container of a killed run."""
    return {
        "rc": 0,
        "output": orphan.outcome.output,
        "duration": round(orphan.outcome.duration, 1),
        "reason": "an interrupted run began it in container '%s', where it succeeded" % orphan.container,
        "succeeded": call.ledger.succeeded_at(item.key),
    }


def result_of(tasks: List[Dict[str, Any]], notes: Sequence[str], verb: str = "Ran") -> Dict[str, Any]:
    """Return the result of a call: its tasks, and a sentence for each note and each task that ran."""
    names = ["%s in service %s" % (_noun(task["job"], task["owner"]), task["service"]) for task in tasks]
    ran = [(name, task["reason"]) for name, task in zip(names, tasks) if task["changed"]]
    return {
        "changed": bool(ran or notes),
        "tasks": tasks,
        "actions": [*notes, *("%s %s: %s" % (verb, name, reason) for name, reason in ran)],
        "diff": [{"before": "", "after": "".join("%s: %s\n" % pair for pair in ran)}] if ran else [],
    }


def _noun(job: Optional[str], owner: Optional[str]) -> str:
    """Return what sentences call a task."""
    return "the script" if not job else "init task of %s" % owner if job == "init" else "job %s" % job


def _log_name(item: PlannedTask) -> str:
    """Return the name of a task in logs: its job or owner, its service if that is another name, and its number if that is not 1."""
    owner, service, number = item.task.job or item.task.owner or "script", item.task.service, item.key.rpartition(" ")[2]
    words = [owner]
    if service != owner:
        words.append(service)
    if number != "1":
        words.append(number)
    return " ".join(words)


def _run_one(call: Call, item: PlannedTask, timeout: Optional[float], log: Log) -> Dict[str, Any]:
    def record(container: Any) -> None:
        # Compose may have pulled the image only now.
        image = container.attrs["Image"] if container else docker_engine.image_id(docker_engine.inspect_image(call.client, item.image))
        call.ledger.record(item.key, item.fingerprint._replace(image=image))

    log("started: %s" % item.reason)
    job = Job(item.compose_service, item.task.script, orphans.write_identity(_identity(call.platform, item)))
    outcome = job_container.run_script(call.platform, call.client, job, timeout, log, record)
    log("%s after %.1f s" % ("stopped" if outcome.rc is None else "ended with exit code %d" % outcome.rc, outcome.duration))
    output, succeeded = log.note(outcome.output), call.ledger.succeeded_at(item.key)
    return {"rc": outcome.rc, "output": output, "duration": round(outcome.duration, 1), "succeeded": succeeded}


def _identity(platform: Platform, item: PlannedTask) -> Identity:
    fingerprint = item.fingerprint
    return Identity(platform.places.root, item.key, _log_name(item), fingerprint.script, fingerprint.definition, os.urandom(8).hex())


def _describe_failure(task: Task, result: Dict[str, Any], timeout: Optional[float]) -> str:
    if result["rc"] is None:
        what = "exceeded its timeout of %g s and was stopped; raise 'timeout' if it was still working" % (timeout or 0)
    else:
        what = "failed with exit code %s" % result["rc"]
    return "%s in service '%s' %s. Its last lines:\n%s\nFix the cause and run again: tasks that succeeded are not repeated." % (
        title(task),
        task.service,
        what,
        result["output"] or "(no output)",
    )
