# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands behind jobs: ``tutor local do JOB``, or ``tutor local JOB`` before 15. They are called as upstream calls them.

From 15 on a job's function yields (service, template) pairs (commands/jobs.py ``do_callback``). Before, it has a runner run its scripts
(commands/compose.py); here the runner only notes them.
"""

from __future__ import annotations

import importlib
import json
import os
from typing import Any, Callable, Dict, Generator, List, Sequence, Tuple

from ..base.errors import LecternError, quoted
from ..base.isolation import calling, contained
from ..base.masking import is_secret, mask_text, texts_in
from ..base.places import Places
from ..base.plain import plain
from ..base.releases import Release
from .contributions import CORE, Job, JobParameter, JobScript, StartedJob

FILTER = "CLI_DO_COMMANDS"

Scripts = Callable[[Any], Generator[JobScript, None, None]]  # from the context of a command, which holds what it parsed


def of_filter(items: Callable[[], List[Tuple[Any, str]]], places: Places) -> Callable[[], List[Job]]:
    """Return a function that lists the jobs in CLI_DO_COMMANDS, which ``items`` returns with their owners."""

    def list_jobs() -> List[Job]:
        click = importlib.import_module("click")
        jobs: Dict[str, Job] = {}
        for command, owner in items():
            if not isinstance(command, click.Command) or not command.name or command.callback is None:
                raise LecternError("Plugin '%s' adds %s to %s: expected a click.Command with a name." % (owner, quoted(command), FILTER))
            jobs[command.name] = _job(
                command, owner, ("local", "do"), places, _scripts_of_filter(command, owner)
            )  # the last of a name wins
        return list(jobs.values())

    return list_jobs


def of_release(places: Places, release: Release) -> List[Job]:
    """Return the jobs of a release whose jobs are commands of ``tutor local``.

    Raises LecternError where there is no package ``tutor`` to call.
    """
    os.environ.update(TUTOR_ROOT=places.root, TUTOR_PLUGINS_ROOT=places.plugins_root)
    names = release.job_commands
    if not names:
        raise LecternError("Jobs are commands of Tutor: they need the package tutor in the same interpreter. Add it to tutor_packages.")
    with contained(), calling("The commands of the installed package tutor %s can't be imported" % release.version):
        compose: Any = importlib.import_module("tutor.commands.compose")
        local: Any = importlib.import_module("tutor.commands.local").local
        runner = next(kind for kind in vars(compose).values() if isinstance(kind, type) and "run_job" in vars(kind))
        commands = [local.commands[name] for name in names if name in local.commands]
    return [_job(command, CORE, ("local",), places, _scripts_of_release(command, runner)) for command in commands]


def _job(command: Any, owner: str, group: Sequence[str], places: Places, scripts: Scripts) -> Job:
    def start(args: List[str]) -> StartedJob:
        return _start(command, owner, group, places, args, scripts)

    return Job(
        command.name, owner, (command.help or command.short_help or "").strip(), [_parameter(item) for item in command.params], start
    )


def _parameter(item: Any) -> JobParameter:
    is_option = item.param_type_name == "option"
    is_hidden = bool(getattr(item, "hide_input", False)) or is_secret(item.name or "")
    default = None if callable(item.default) or repr(item.default).startswith("Sentinel") else plain(item.default)
    return JobParameter(
        name=item.name,
        flags=(*item.opts, *item.secondary_opts) if is_option else (),
        required=bool(item.required),
        default=None if is_hidden else default,
        multiple=bool(item.multiple) if is_option else item.nargs != 1,
        asked=bool(getattr(item, "prompt", None)),
        secret=is_hidden and not getattr(item, "is_flag", False),
        help=(getattr(item, "help", None) or "").strip(),
    )


def _start(command: Any, owner: str, group: Sequence[str], places: Places, args: List[str], scripts: Scripts) -> StartedJob:
    """Parse arguments in the context of the command ``tutor``, which has the root."""
    click: Any = importlib.import_module("click")
    context = _context_of_group(click, group, places)
    secrets = _secret_words(command, args)
    try:
        with calling("The arguments of job '%s' can't be parsed" % command.name):
            try:
                own = command.make_context(command.name, list(args), parent=context)
            except click.exceptions.UsageError as error:
                raise _usage_error(click, command, context, error, secrets) from None
            except click.exceptions.Exit:
                raise LecternError(
                    "With args %s, job '%s' only prints something, such as its help, and ends. plugin_info lists its options."
                    % (mask_text(json.dumps(args), secrets), command.name)
                ) from None
    except LecternError as error:
        raise LecternError(mask_text(str(error), secrets), **error.details) from None
    values = [own.params.get(item.name) for item in command.params if _parameter(item).secret]
    return StartedJob(own.params, sorted({*texts_in(secrets), *texts_in(values)}), lambda: scripts(own))


def _context_of_group(click: Any, group: Sequence[str], places: Places) -> Any:
    """Return the context of the group that a job belongs to, as upstream's groups make it."""
    local: Any = importlib.import_module("tutor.commands.local").local
    root: Any = importlib.import_module("tutor.commands.context").Context(places.root)
    context = click.Context(click.Command("tutor"), info_name="tutor", obj=root)
    context.params["root"] = places.root
    for name in group:
        context = click.Context(local if name == local.name else click.Group(name), info_name=name, parent=context)
        if context.command.callback is not None:
            with context.scope(cleanup=False):
                context.invoke(context.command.callback)
    return context


def _usage_error(click: Any, command: Any, context: Any, error: Any, secrets: Sequence[str]) -> LecternError:
    usage = command.get_usage(click.Context(command, info_name=command.name, parent=context))
    options = [" or ".join(item.flags) for item in map(_parameter, command.params) if item.flags]
    reason = error.format_message().rstrip(".") + "."
    return LecternError(
        "Job '%s' refuses its args: %s %s. Its options: %s."
        % (command.name, reason.replace("?.", "?"), " ".join(usage.split()), ", ".join(options) or "none")
    )


def _secret_words(command: Any, args: Sequence[str]) -> List[str]:
    """Return the arguments, or their parts, that are secret by the option that they belong to."""
    flags = {flag for item in map(_parameter, command.params) if item.secret for flag in item.flags}
    found = []
    for word, following in zip(args, [*args[1:], ""]):
        name, equals, value = word.partition("=")
        if equals and (name in flags or is_secret(name)):
            found.append(value)
        elif word in flags or word.startswith("--") and is_secret(word):
            found.append(following)
        elif not word.startswith("--") and word[:2] in flags:
            found.append(word[2:])
    return [word for word in found if word]


def _scripts_of_filter(command: Any, owner: str) -> Scripts:
    """Return how the scripts come of a job whose function yields them."""

    def scripts(context: Any) -> Generator[JobScript, None, None]:
        with context.scope(cleanup=False):
            items = _checked(command.name, owner, _until_exit(lambda: context.invoke(_own_function(command), **context.params), ()))
        try:
            while True:
                with context.scope(cleanup=False):
                    script = _until_exit(lambda: next(items, None), None)
                if script is None:
                    return
                yield script
        finally:
            with context.scope(cleanup=False):
                items.close()
            context.close()

    return scripts


def _until_exit(step: Callable[[], Any], ended: Any) -> Any:
    """Return what a step of a job returns; ``ended`` where it ends the command with success, as ``ctx.exit()`` and ``sys.exit()`` do."""
    click: Any = importlib.import_module("click")
    try:
        return step()
    except (click.exceptions.Exit, SystemExit) as error:
        if error.exit_code if isinstance(error, click.exceptions.Exit) else error.code:
            raise
        return ended


def _own_function(command: Any) -> Callable[..., Any]:
    """Return the function of a job, without upstream's own around it, which runs the scripts (commands/jobs.py ``_patch_callback``)."""
    code = getattr(command.callback, "__code__", None)
    is_replaced = code is not None and code.co_name == "new_callback" and hasattr(command.callback, "__wrapped__")
    return command.callback.__wrapped__ if is_replaced else command.callback


def _checked(name: str, owner: str, scripts: Any) -> Generator[JobScript, None, None]:
    """Check what a job's function returns, item by item."""
    if not hasattr(scripts, "__iter__") or isinstance(scripts, (str, bytes, dict)):
        raise LecternError("Job '%s' of '%s' returns %s: expected pairs of service and script." % (name, owner, quoted(scripts)))
    for item in scripts:
        if not isinstance(item, (tuple, list)) or len(item) != 2 or not all(isinstance(part, str) for part in item):
            raise LecternError("Job '%s' of '%s' yields %s: expected a pair of service and script." % (name, owner, quoted(item)))
        yield JobScript(item[0], item[1], True)


def _scripts_of_release(command: Any, runner: Any) -> Scripts:
    """Return how the scripts come of a job that passes them, rendered, to a runner."""

    def scripts(context: Any) -> Generator[JobScript, None, None]:
        noted: List[JobScript] = []
        usual = runner.run_job

        def note(_runner: Any, service: str, script: str) -> int:
            noted.append(JobScript(service, script, False))
            return 0

        runner.run_job = note
        try:
            with context:
                context.invoke(command.callback, **context.params)
        finally:
            runner.run_job = usual
        yield from noted

    return scripts
