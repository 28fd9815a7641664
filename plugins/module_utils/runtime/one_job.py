# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one job of ``tutor local do``, or a script that comes with a condition.

A job's own code runs on the host, up to each of its scripts, and expects that the one before has run. So which scripts it has is only known
one after the other. ``preview`` goes through them as long as they have succeeded before, and stops at the first that has to run.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from typing import Any, Callable, Container, Dict, Generator, Iterator, List, NamedTuple, Optional

from ..base import locks
from ..base.content import digest
from ..base.errors import LecternError
from ..base.isolation import calling, contained
from ..base.limits import TooLong, within
from ..base.logs import Logs
from ..base.masking import mask_text, texts_in
from ..base.observation import unnoticed
from ..base.unattended import Acted, Asked, Watch, unattended
from ..plugins.contributions import Job, JobScript, StartedJob
from ..render import effects
from ..root import plugin_list
from ..root.platform import Platform
from . import jobs
from .compose import job_container, orphans, project, starting
from .jobs import FORCED, Call, PlannedTask
from .ledger import Ledger
from .tasks import Task

MOST_SCRIPTS = 1000  # of one job

UNFIT = re.compile("[\x00\ud800-\udfff]")  # what neither an environment variable nor an argument can hold

FOLLOWS = "a script of the same job ran before it"  # the reason of what succeeded before, but comes after something that had to run

# What Tutor's job `tests` prints of passwords that it makes.
PRINTED_SECRET = re.compile(r"^\s*\w*(?:PASSWORD|SECRET|TOKEN)\w*\s*[:=]\s*(\S.*?)\s*$", re.MULTILINE | re.IGNORECASE)

Scripts = Callable[[Watch, Optional[float], Callable[[str], None]], Generator[Task, None, None]]


class Work(NamedTuple):
    """One job, or one script: ``name`` is that of the job, and ``scripts`` runs its code up to each script."""

    name: str
    title: str
    scripts: Scripts
    announce: Callable[[], None]
    unless: Optional[str] = None
    unless_service: Optional[str] = None


class Preview(NamedTuple):
    """What a job would do: its scripts up to the first that has to run, or ``act``, what its code would do on the host before that."""

    planned: List[PlannedTask]
    act: str

    def is_due(self) -> bool:
        """Whether anything would run."""
        return bool(self.act or any(item.reason for item in self.planned))


def ignore(_text: str) -> None:
    """Ignore what a job prints."""


def work_of(platform: Platform, options: Dict[str, Any]) -> Work:
    """Return what the options of the module job ask for, other than init. Raises LecternError as ``_of_job``."""
    for name in ("args", "script", "unless"):
        unfit = UNFIT.search("".join(options.get(name) or ()))
        if unfit:
            raise LecternError("%s holds a character that no shell takes (number %d): remove it." % (name, ord(unfit[0])))
    if options.get("name"):
        return _of_job(platform, options["name"], options.get("args") or [], options.get("unless"), options.get("service"))
    return _of_script(options["service"], options["script"], options.get("unless"))


def _of_script(service: str, script: str, unless: Optional[str]) -> Work:
    """Return an operator's script as a work."""

    def scripts(_watch: Watch, _timeout: Optional[float], _write: Callable[[str], None]) -> Generator[Task, None, None]:
        yield Task(None, service, script.strip())

    return Work("", "The script", scripts, lambda: None, unless, service)


def _of_job(platform: Platform, name: str, args: List[str], unless: Optional[str], unless_service: Optional[str]) -> Work:
    """Return a job of core or of an enabled plugin as a work; texts in ``args`` that are secret count as such from here on.

    Raises LecternError for an unknown job, for wrong arguments, and for a job that asks a question which they do not answer.
    """
    job = find_job(platform, name)
    started = _start(platform, job, args)
    platform.hide(started.secrets)
    for of_job_name, option in platform.release.job_questions:
        if name == of_job_name and not started.options.get(option):
            raise _asked(job, Asked(["--" + option], ""))
    arguments = digest(json.dumps(args))

    def scripts(watch: Watch, timeout: Optional[float], write: Callable[[str], None]) -> Generator[Task, None, None]:
        for script in _run_code(platform, job, started, watch, timeout, write):
            where = "script of job '%s'" % name
            text = platform.render(script.text, where).strip() if script.is_template else script.text
            yield Task(job.owner, script.service, text, name, arguments)

    options = dict(started.options)
    return Work(name, "Job '%s'" % name, scripts, lambda: starting.announce_job(platform, name, options), unless, unless_service)


def find_job(platform: Platform, name: str) -> Job:
    """Return a job by name. Raises LecternError, with the names that there are, for any other and for an interactive one."""
    with contained():
        known = {job.name: job for job in platform.contributions.jobs() if job.name != "init"}
    names = sorted(set(known) - set(platform.release.interactive_jobs))
    if name in platform.release.interactive_jobs:
        raise LecternError("Job '%s' is interactive: run 'tutor local do %s' in a terminal on the host." % (name, name))
    if name in known:
        return known[name]
    disabled = plugin_list.disabled_with_job(platform.places, name)
    if disabled:
        raise LecternError("Job '%s' comes with plugin '%s', which is not enabled: add it to tutor_plugins." % (name, disabled[0]))
    close = difflib.get_close_matches(name, names, 1)
    advice = " Did you mean '%s'?" % close[0] if close else ""
    raise LecternError("There is no job '%s'.%s Jobs of this platform: init, %s." % (name, advice, ", ".join(names)))


def _start(platform: Platform, job: Job, args: List[str]) -> StartedJob:
    try:
        with contained(), unattended(Watch(may_act=False)):
            return job.start(args)
    except Asked as question:
        raise _asked(job, question) from None


def _asked(job: Job, question: Asked) -> LecternError:
    if question.options:
        flags = next((item.flags for item in job.parameters if set(question.options) & set(item.flags)), question.options)
        return LecternError("Job '%s' asks for its option %s, and nobody can answer: add it to args." % (job.name, " or ".join(flags)))
    options = ", ".join(" or ".join(item.flags) for item in job.parameters if item.flags)
    return LecternError(
        "Job '%s' asks '%s', and nobody can answer: add an option to args that spares the question. Its options: %s."
        % (job.name, question.text, options or "none")
    )


def _run_code(
    platform: Platform, job: Job, started: StartedJob, watch: Watch, timeout: Optional[float], write: Callable[[str], None]
) -> Iterator[JobScript]:
    """Run a job's own code, and yield its scripts; ``write`` gets what it prints, secrets masked.

    Raises Acted where it would act and may not, LecternError where it fails, asks a question or takes longer than ``timeout`` seconds.
    """
    scripts = started.scripts()

    def printed(text: str) -> None:
        platform.hide(texts_in(PRINTED_SECRET.findall(text)))
        if text.strip():
            write(mask_text(text, platform.secrets))

    def run(step: Callable[[], Any]) -> Any:
        try:
            with contained(printed), within(timeout), unattended(watch), calling("Job '%s' of '%s' failed" % (job.name, job.owner)):
                return step()
        except Asked as question:
            raise _asked(job, question) from None
        except TooLong:
            raise LecternError(
                "Job '%s' exceeded its timeout of %g s on the host and was stopped; raise 'timeout' if it was still working."
                % (job.name, timeout or 0)
            ) from None
        except LecternError as error:
            raise LecternError(mask_text(str(error), platform.secrets), **error.details) from error.__cause__

    try:
        for _number in range(MOST_SCRIPTS):
            script = run(lambda: next(scripts, None))
            if script is None:
                return
            yield script
        raise LecternError("Job '%s' has more than %d scripts." % (job.name, MOST_SCRIPTS))
    finally:
        with contextlib.suppress(LecternError, Acted):
            run(scripts.close)


def preview(
    platform: Platform,
    client: Any,
    work: Work,
    definitions: Dict[str, Any],
    force: bool = False,
    images_to_come: Container[str] = (),
) -> Preview:
    """Go through a job up to the first thing that it would run. Its code works on a copy of the root, and runs no programs."""
    planned: List[PlannedTask] = []
    with effects.on_a_copy(platform.places, [], {}), contextlib.closing(work.scripts(Watch(may_act=False), None, ignore)) as scripts:
        try:
            for task in scripts:
                with unnoticed():
                    tasks = [item.task for item in planned] + [task]
                    planned.append(jobs.plan_tasks(platform, client, tasks, force, images_to_come, definitions)[-1])
                if planned[-1].reason:
                    break
        except Acted as act:
            return Preview(planned, str(act))
    return Preview(planned, "")


def check(platform: Platform, client: Any, work: Work, force: bool = False, images_to_come: Container[str] = ()) -> Dict[str, Any]:
    """Return the result of check mode: nothing is started. The script ``unless`` is only run where its service runs already."""
    definitions = project.services(platform, jobs=True)
    seen = preview(platform, client, work, definitions, force, images_to_come)
    if not seen.is_due():
        return _unchanged(platform, seen)
    ledger = Ledger(platform.places)
    tasks = [jobs.describe(item, ledger) for item in seen.planned]
    if work.unless is not None:
        condition = _plan_condition(platform, client, work, seen, definitions, force)
        if condition.reason is None:
            return _unchanged(platform, seen, _nothing_to_do(ledger, condition))
        rc = job_container.ask_running(platform, client, condition.task.service, condition.task.script)
        if rc == 0:
            return _unchanged(platform, seen, "'unless' finds nothing to do")
        why = "service '%s' does not run" % condition.task.service
        answer = "'unless' did not run, as %s" % why if rc is None else "'unless' ends with exit code %d" % rc
        if tasks:
            tasks[-1]["reason"] += "; " + answer
    return jobs.result_of(tasks, _notes_of_check(platform, client, work, seen), "Would run")


def _notes_of_check(platform: Platform, client: Any, work: Work, seen: Preview) -> List[str]:
    """Return sentences on what comes before and after the tasks of a check."""
    notes = starting.stop_development(platform.places, client, check=True)
    if seen.act:
        act = mask_text(seen.act, platform.secrets)
        return [*notes, "Would let job %s act on the host: it %s. What follows is known only then" % (work.name, act)]
    sentence = orphans.describe(platform, client, seen.planned[-1].compose_service)
    notes += [sentence] if sentence else []
    if work.name:
        notes.append("What job %s does after its script in service %s is known only then" % (work.name, seen.planned[-1].task.service))
    return notes


def _unchanged(platform: Platform, seen: Preview, reason: str = "") -> Dict[str, Any]:
    """Return the result of a job that has nothing to do; ``reason`` is that of its last script, if not what the ledger says."""
    ledger = Ledger(platform.places)
    tasks = [jobs.describe(item, ledger) for item in seen.planned]
    if reason and tasks:
        tasks[-1].update(changed=False, reason=reason)
    return jobs.result_of(tasks, [])


def describe_due(platform: Platform, client: Any, work: Work, definitions: Dict[str, Any], force: bool = False) -> Optional[str]:
    """Return a sentence on what a run would do; None where that is nothing. Start nothing."""
    seen = preview(platform, client, work, definitions, force)
    if not seen.is_due():
        return None
    if work.unless is not None and _plan_condition(platform, client, work, seen, definitions, force).reason is None:
        return None
    act = "it %s on the host" % mask_text(seen.act, platform.secrets)
    return "%s: %s" % (work.title, act if seen.act else seen.planned[-1].reason)


def _plan_condition(platform: Platform, client: Any, work: Work, seen: Preview, definitions: Dict[str, Any], force: bool) -> PlannedTask:
    """Plan the script ``unless``: it need not run again if it found nothing to do for the same script, with the same image."""
    due = seen.planned[-1] if seen.planned and seen.planned[-1].reason else None
    service = work.unless_service or (due.task.service if due else None)
    if service is None:
        raise LecternError("'unless' of job '%s' needs a service to run in, as the job starts on the host: add 'service'." % work.name)
    name = "unless of %s" % work.name if work.name else "unless"
    task = Task(due.task.owner if due else None, service, (work.unless or "").strip(), name, due.task.arguments if due else "")
    planned = jobs.plan_tasks(platform, client, [task], definitions=definitions)[0]
    key = "unless %s %s" % (digest((due.fingerprint.script + due.key) if due else work.name), planned.key)
    reason = FORCED if force else Ledger(platform.places).reason_to_run(key, planned.fingerprint)
    return planned._replace(key=key, reason=reason)


def _nothing_to_do(ledger: Ledger, condition: PlannedTask) -> str:
    return "'unless' found nothing to do at %s" % ledger.succeeded_at(condition.key)


def carry_out(
    platform: Platform, client: Any, work: Work, logs: Logs, force: bool = False, timeout: Optional[float] = None
) -> Dict[str, Any]:
    """Run a job where it has anything to do, one call at a time; the result is as that of ``jobs.carry_out``.

    From the first thing that has to run on, all that follows runs. Raises LecternError, with the result as its details, when a script can't
    be started, fails, or takes longer than ``timeout`` seconds, and when the job's own code fails.
    """
    definitions = project.services(platform, jobs=True)
    seen = preview(platform, client, work, definitions, force)
    if not seen.is_due() and not orphans.ended_in(platform, client):
        return _unchanged(platform, seen)
    with locks.locked(platform.places, "jobs"):
        call = Call(platform, client, Ledger(platform.places), logs, timeout, [], {})
        for service in orphans.ended_in(platform, client):
            jobs.settle(call, service, timeout)
        call = call._replace(ledger=Ledger(platform.places))
        seen = preview(platform, client, work, definitions, force)
        if not seen.is_due():
            return dict(_unchanged(platform, seen), **_noted(call))
        if work.unless is not None:
            reason = _ask(call, work, _plan_condition(platform, client, work, seen, definitions, force))
            if reason:
                return dict(_unchanged(platform, seen, reason), **_noted(call))
        return _run(call, work, definitions, force)


def _noted(call: Call) -> Dict[str, Any]:
    return {"changed": True, "actions": list(call.notes)} if call.notes else {}


def _ask(call: Call, work: Work, condition: PlannedTask) -> str:
    """Run the script ``unless``. Returns why there is nothing to do; empty where there is."""
    if condition.reason is None:
        return _nothing_to_do(call.ledger, condition)
    try:
        answer = jobs.carry_out_one(call, condition)
    except LecternError as error:
        raise LecternError("'unless' in service '%s': %s" % (condition.task.service, error), **jobs.result_of([], call.notes)) from error
    if answer["rc"] is None:
        raise LecternError(
            "'unless' in service '%s' exceeded its timeout of %g s and was stopped." % (condition.task.service, call.timeout or 0),
            **jobs.result_of([], call.notes),
        )
    return "'unless' found nothing to do" if answer["rc"] == 0 else ""


def _run(call: Call, work: Work, definitions: Dict[str, Any], force: bool) -> Dict[str, Any]:
    """Run a job that has something to do."""
    watch, planned, results = Watch(may_act=True), [], []  # type: Watch, List[PlannedTask], List[Dict[str, Any]]
    has_run = is_prepared = False
    with call.logs.of("job", work.name or "script") as log:
        work.announce()
        with contextlib.closing(work.scripts(watch, call.timeout, log)) as scripts:
            try:
                for task in scripts:
                    has_run = has_run or bool(watch.acts)
                    tasks = [item.task for item in planned] + [task]
                    item = jobs.plan_tasks(call.platform, call.client, tasks, force, definitions=definitions)[-1]
                    if item.reason is None and has_run:
                        item = item._replace(reason=FOLLOWS)
                    planned.append(item)
                    results.append(jobs.describe(item, call.ledger))
                    if item.reason is None:
                        continue
                    if not is_prepared:
                        jobs.prepare(call, lambda: None, check=False)
                    has_run = is_prepared = True
                    jobs.run_last(call, item, results)
            except LecternError as error:
                notes = call.notes + _acts(work, watch, call.platform)
                raise LecternError(str(error), **jobs.result_of(results, notes)) from error
    return jobs.result_of(results, call.notes + _acts(work, watch, call.platform))


def _acts(work: Work, watch: Watch, platform: Platform) -> List[str]:
    return ["Job %s %s on the host" % (work.name, mask_text(act, platform.secrets)) for act in watch.acts]
