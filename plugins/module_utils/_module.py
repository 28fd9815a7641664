# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame that every module shares: options, errors and results. Beside _report.py the only file of the engine that knows Ansible."""

from __future__ import annotations

import contextlib
import os
import traceback
from typing import Any, Callable, Dict, Iterable, List, NoReturn, Optional, Tuple

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.warnings import get_warning_messages

from .base import delegate, isolation, masking, owner_access, ownership, plain, scratch, serialize
from .base.errors import LecternError
from .base.failures import LONGEST_MESSAGE, describe_exception, log_message, shorten
from .base.logs import LIVE, UNSEEN, Logs
from .base.ownership import User
from .base.places import Places, requested_places, resolve_places
from .base.terminal import clean
from .root import manifest

ROOT_MODE: Dict[str, Any] = dict(type="raw", default="0700")

COMMON: Dict[str, Any] = dict(root=dict(type="path"), plugins_root=dict(type="path"), templates=dict(type="path"))

Verb = Callable[[AnsibleModule, Places], Dict[str, Any]]

Finish = Callable[[AnsibleModule, Dict[str, Any]], Dict[str, Any]]

Before = Callable[[AnsibleModule, Places, Optional[User]], Dict[str, Any]]


class Module(AnsibleModule):  # type: ignore[misc]
    """An Ansible module whose failures carry the results that all have, even those that Ansible itself finds in the options."""

    def __init__(self, empty: Dict[str, Any], **options: Any) -> None:
        self.empty = empty
        super().__init__(**options)

    def shown_options(self) -> Dict[str, Any]:
        """Return the options, those that may hold secrets masked."""
        secret = [name for name, option in self.argument_spec.items() if option.get("no_log")]
        return dict(self.params, **{name: masking.MASK for name in secret if self.params.get(name) is not None})

    def _log_invocation(self) -> None:
        """Log as Ansible does, but not options that are not UTF-8: these are refused by name later."""
        with contextlib.suppress(UnicodeEncodeError):
            super()._log_invocation()

    def exit_json(self, **results: Any) -> NoReturn:
        results = plain.plain(results)
        super().exit_json(**results if self.params.get("reveal") else masking.mask_value(results, []))
        raise SystemExit(0)  # never reached

    def fail_json(self, msg: str, **results: Any) -> NoReturn:
        if "invocation" not in results:  # Ansible itself refuses an option
            protect(self, [])
            results = dict(self.empty, invocation=dict(module_args=self.shown_options()), **results)
        super().fail_json(**masking.mask_value(plain.plain(dict(results, msg=msg)), []))
        raise SystemExit(1)  # never reached


def run(
    verb: Verb,
    argument_spec: Optional[Dict[str, Any]] = None,
    empty: Optional[Dict[str, Any]] = None,
    needs_engine: bool = False,
    before: Optional[Before] = None,
    finish: Optional[Finish] = None,
    lent: Optional[str] = None,
    **options: Any,
) -> None:
    """Run ``verb`` as an Ansible module and end the process with its result.

    ``empty`` are the results of a failure that has nothing else to report. Where root works on another user's root, that user does the
    work, with access to the Docker engine if the verb ``needs_engine``, and to the files that the option ``lent`` names. ``finish`` gets
    the results of a verb that succeeded and returns those to change. It always runs as the user of the module, and must not trust the
    results: the owner of the root may have made them up. A LecternError becomes the failure's ``msg``, its details become results; any
    other exception is reported as a defect.

    ``before`` is called first, by this process itself whoever does the work (None: this process), so what it returns can be trusted. It
    may read nothing below the root.
    """
    empty = dict(changed=False, actions=[], diff=[], **(empty or {}))
    module = Module(empty, argument_spec=dict(COMMON, **(argument_spec or {})), supports_check_mode=True, **options)
    _refuse_overgrown(module, empty)
    result: Dict[str, Any] = dict(empty, invocation=dict(module_args=module.shown_options()))
    protect(module, [])
    _require_libraries(module, result)
    try:
        places, user = _choose_places(module)
        result.update(before(module, places, user) if before else {})
        outcome = _outcome_of_user(module, verb, places, user, needs_engine, lent) if user else _outcome(module, verb, places)
        if finish and "msg" not in outcome:
            outcome = dict(outcome, **finish(module, outcome))
    except LecternError as error:
        outcome = dict(msg=str(error))
    except Exception as error:
        outcome = describe_exception(error)
    if "msg" in outcome:
        _end(module.fail_json, dict(result, **outcome))
    _end(module.exit_json, dict(result, **outcome))


def _refuse_overgrown(module: Module, empty: Dict[str, Any]) -> None:
    """Fail with the name of an option that is nested too deep, or holds too many values, to be processed."""
    for name, value in module.params.items():
        try:
            serialize.refuse_overgrown(value, "The option %s" % name)
        except LecternError as error:
            module.params[name] = None
            module.no_log_values = set()  # the result shows no option, and Ansible would mask parts of plugin names
            module.fail_json(**dict(empty, msg=str(error), invocation=dict(module_args=module.shown_options())))


def _require_libraries(module: Module, result: Dict[str, Any]) -> None:
    for name, package in (("yaml", "PyYAML"), ("jinja2", "Jinja2")):
        try:
            __import__(name)
        except ImportError:
            module.fail_json(**dict(result, msg=missing_required_lib(package), exception=traceback.format_exc()))


def _choose_places(module: Module) -> Tuple[Places, Optional[User]]:
    """Return where to work, and as whom: None for the user of this process."""
    ownership.refuse_python()
    given = [module.params[option] for option in COMMON]
    places = resolve_places(*given)
    return places, ownership.find_worker(places, requested_places(*given))


def _outcome(module: Module, verb: Verb, places: Places) -> Dict[str, Any]:
    """Return the results of a verb; with ``msg`` where it failed."""
    outcome: Dict[str, Any] = {}
    if not module.check_mode:
        scratch.remove_leftovers()
    try:
        with isolation.contained():
            outcome = verb(module, places)
    except LecternError as error:
        _protect_saved(module, places)
        outcome = dict(msg=str(error), **error.details)
    except Exception as error:
        _protect_saved(module, places)
        outcome = describe_exception(error)
    if len(outcome.get("msg", "")) > LONGEST_MESSAGE:
        message = masking.mask_text(outcome["msg"], module.no_log_values)  # before a secret in it is cut in two
        log = "" if module.check_mode else log_message(places, verb.__name__, message)
        outcome["msg"] = shorten(message, log)
    last_lines = module.lectern_logs.end() if hasattr(module, "lectern_logs") else []
    if last_lines:
        outcome = dict(outcome, **{UNSEEN: last_lines})
    return outcome


def _outcome_of_user(module: Module, verb: Verb, places: Places, user: User, needs_engine: bool, lent: Optional[str]) -> Dict[str, Any]:
    """Have the owner of the root do the work and return the results.

    Code of that owner may have made up what comes back, so only results that the module has are taken.
    """
    groups = ownership.engine_groups(user) if needs_engine else ()
    ownership.refuse_closed(user, owner_access.paths_to_read(places))
    delegate.import_for(user)

    def work() -> Dict[str, Any]:
        with owner_access.builder_folder(user) if needs_engine else contextlib.nullcontext():
            outcome = _outcome(module, verb, places)
        if "msg" in outcome:
            outcome["msg"] += owner_access.advise_on_imports(user, outcome["msg"])
        warnings = [str(sentence) for sentence in get_warning_messages()]
        return dict(remove_values(plain.plain(dict(outcome, warnings=warnings)), module.no_log_values))

    with owner_access.lend_files(user, module.params[lent] if lent else {}):
        answer = delegate.run_as(user, groups, work)
    results = {name: answer[name] for name in (*module.empty, "msg", "exception", UNSEEN) if name in answer}
    for sentence in answer.get("warnings") or ():
        module.warn(clean(str(sentence)))
    if "msg" in results:
        results["msg"] = str(results["msg"])
    return results


def _end(end: Callable[..., NoReturn], result: Dict[str, Any]) -> NoReturn:
    """End the process. Words of plugins, containers and registries are cleaned of what would drive the terminal that shows them."""
    words = {key: _clean_words(result[key]) for key in ("msg", "exception", "actions") if key in result}
    try:
        end(**dict(result, **words))
    finally:
        isolation.silence_output()


def _clean_words(words: Any) -> Any:
    return [clean(str(sentence)) for sentence in words] if isinstance(words, list) else clean(str(words))


def protect(module: AnsibleModule, secrets: Iterable[str]) -> None:
    """Make Ansible mask these texts, and those of the module's own options, wherever they occur in the result.

    Plain words are left to the engine's own masking: Ansible would mask them inside of paths and names too.
    """
    module.no_log_values = {text for text in [*option_secrets(module), *secrets] if masking.is_no_word(text)}


def option_secrets(module: AnsibleModule) -> List[str]:
    """Return the secrets in the module's options."""
    return masking.secrets_in_options(module.params)


def _protect_saved(module: AnsibleModule, places: Places) -> None:
    """Mask the secrets that config.yml holds, too: an error may quote the output of a plugin."""
    protect(module, [*module.no_log_values, *manifest.saved_secrets(places)])


def logs(module: AnsibleModule, places: Places, secrets: Iterable[str]) -> Logs:
    """Return the logs of this call, which are also shown live if the controller follows. They mask these texts and secret options."""
    module.lectern_logs = Logs(places, [*secrets, *option_secrets(module)], os.environ.pop(LIVE, None))
    return module.lectern_logs


def warn(module: AnsibleModule, warnings: Iterable[str]) -> None:
    """Make Ansible show these warnings, logins in addresses masked."""
    for text in warnings:
        module.warn(masking.mask_text(clean(plain.text(text)), []))
