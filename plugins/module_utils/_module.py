# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front that every module shares. The only file of the engine that knows Ansible."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import traceback
from typing import Any, Callable, Dict, Iterable, Iterator, List, NoReturn, Optional, Tuple

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.warnings import get_warning_messages

from .base import files, isolation, masking, ownership, plain, scratch, serialize
from .base.errors import LecternError, explain_refusal
from .base.logs import LIVE, UNSEEN, Logs
from .base.masking import secrets_in, secrets_of
from .base.ownership import User
from .base.places import Places, chosen, nearest_existing, places
from .base.terminal import clean
from .memory import dependencies, untraceable
from .root import manifest
from .root.prepare import Prepared
from .root.results import known_secrets, outcome_of

ROOT_MODE: Dict[str, Any] = dict(type="raw", default="0700")

COMMON: Dict[str, Any] = dict(root=dict(type="path"), plugins_root=dict(type="path"), templates=dict(type="path"))

LONGEST_MESSAGE = 8000  # characters of an error that are shown

UNREADABLE = re.compile("ImportError|ModuleNotFoundError|can't be imported|not installed|Permission denied")

Verb = Callable[[AnsibleModule, Places], Dict[str, Any]]


class Module(AnsibleModule):  # type: ignore[misc]
    """An Ansible module whose failures carry the results that all have, those included that Ansible finds in the options itself."""

    def __init__(self, empty: Dict[str, Any], **options: Any) -> None:
        self.empty = empty
        super().__init__(**options)

    def shown(self) -> Dict[str, Any]:
        """The options, without those that may hold secrets."""
        secret = [name for name, option in self.argument_spec.items() if option.get("no_log")]
        return dict(self.params, **{name: masking.MASK for name in secret if self.params.get(name) is not None})

    def _log_invocation(self) -> None:
        """As Ansible does; an option that is not UTF-8 can't be logged, and is refused by name later."""
        with contextlib.suppress(UnicodeEncodeError):
            super()._log_invocation()

    def exit_json(self, **results: Any) -> NoReturn:
        results = plain.plain(results)
        super().exit_json(**results if self.params.get("reveal") else masking.mask_value(results, []))
        raise SystemExit(0)  # never reached

    def fail_json(self, msg: str, **results: Any) -> NoReturn:
        if "invocation" not in results:  # by Ansible itself, before anything else could be done
            protect(self, [])
            results = dict(self.empty, invocation=dict(module_args=self.shown()), **results)
        super().fail_json(**masking.mask_value(plain.plain(dict(results, msg=msg)), []))
        raise SystemExit(1)  # never reached


def run(
    verb: Verb,
    argument_spec: Optional[Dict[str, Any]] = None,
    empty: Optional[Dict[str, Any]] = None,
    needs_engine: bool = False,
    **options: Any,
) -> None:
    """Runs ``verb`` as an Ansible module and ends the process with its result.

    ``empty`` are the results that a failure has too, where there is nothing to tell yet. Where root works on somebody else's root, that
    user does it, with the Docker engine if the verb ``needs_engine``. A LecternError becomes the failure's ``msg``, its details results;
    every other exception is reported as a defect.
    """
    empty = dict(changed=False, actions=[], diff=[], **(empty or {}))
    module = Module(empty, argument_spec=dict(COMMON, **(argument_spec or {})), supports_check_mode=True, **options)
    _refuse_overgrown(module, empty)
    result: Dict[str, Any] = dict(empty, invocation=dict(module_args=module.shown()))
    protect(module, [])
    _need_libraries(module, result)
    try:
        places, user = _places(module)
        outcome = _outcome_of_user(module, verb, places, user, needs_engine) if user else _outcome(module, verb, places)
    except LecternError as error:
        outcome = dict(msg=str(error))
    except Exception as error:
        outcome = _unexpected(error)
    if "msg" in outcome:
        _end(module.fail_json, dict(result, **outcome))
    _end(module.exit_json, dict(result, **outcome))


def _refuse_overgrown(module: Module, empty: Dict[str, Any]) -> None:
    """Ends the process with an error that names the option which is nested deeper, or holds more values, than anything here could walk."""
    for name, value in module.params.items():
        try:
            serialize.refuse_overgrown(value, "The option %s" % name)
        except LecternError as error:
            module.params[name] = None
            module.no_log_values = set()  # nothing of them is shown, and Ansible would look for the letters of a plugin's name
            module.fail_json(**dict(empty, msg=str(error), invocation=dict(module_args=module.shown())))


def _places(module: AnsibleModule) -> Tuple[Places, Optional[User]]:
    """Where to work, and as whom; None for the user of this process."""
    ownership.refuse_python()
    given = [module.params[option] for option in COMMON]
    found = places(*given)
    return found, ownership.worker(found, chosen(*given))


def _outcome(module: AnsibleModule, verb: Verb, places: Places) -> Dict[str, Any]:
    """The results of a verb; with ``msg`` where it failed."""
    outcome: Dict[str, Any] = {}
    if not module.check_mode:
        scratch.sweep()
    try:
        with isolation.contained():
            outcome = verb(module, places)
    except LecternError as error:
        _protect_saved(module, places)
        outcome = dict(msg=str(error), **error.details)
    except Exception as error:
        _protect_saved(module, places)
        outcome = _unexpected(error)
    last_lines = module.lectern_logs.end() if hasattr(module, "lectern_logs") else []
    if "msg" in outcome:
        outcome["msg"] = _bounded(module, places, verb.__name__, outcome["msg"])
    return dict(outcome, **({UNSEEN: last_lines} if last_lines else {}))


def _bounded(module: AnsibleModule, places: Places, verb: str, message: str) -> str:
    """The message of an error, cut where it is too long to be shown; the whole of it is kept in a log, if there is a root for one."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    message = masking.mask_text(message, module.no_log_values)  # before a secret in it is cut in two
    return cut(message, _keep(module, places, verb, message))


def cut(message: str, log: str = "") -> str:
    """The beginning and the end of a message that is longer than LONGEST_MESSAGE; ``log`` is the path of what has the rest."""
    left_out = len(message) - LONGEST_MESSAGE
    if left_out <= 0:
        return message
    note = "(… %d characters were left out here%s …)" % (left_out, ", all of it is in '%s'" % log if log else "")
    return "%s\n%s\n%s" % (message[: LONGEST_MESSAGE // 2], note, message[-LONGEST_MESSAGE // 2 :])


def _keep(module: AnsibleModule, places: Places, verb: str, message: str) -> str:
    """The path of a log with the whole message; empty where nothing may be written, or there is no root yet."""
    if module.check_mode or not files.has_own_folder(places):
        return ""
    with contextlib.suppress(LecternError, OSError), Logs(places, []).of("error", verb) as log:
        log(message)
        return log.file().path
    return ""


def _outcome_of_user(module: AnsibleModule, verb: Verb, places: Places, user: User, needs_engine: bool) -> Dict[str, Any]:
    """The same where the owner of the root does the work. What comes back may have been made up by code of that owner, so nothing is
    taken of it but results that the module has."""
    from .base import delegate  # here, as most calls need it not

    groups = ownership.engine_groups(user) if needs_engine else ()
    ownership.refuse_closed(user, _needed(places))
    delegate.import_ahead(user)
    dependencies.digest_engine()
    untraceable.read_loaded()

    def work() -> Dict[str, Any]:
        with _builder_folder(user) if needs_engine else contextlib.nullcontext():
            outcome = _outcome(module, verb, places)
        if "msg" in outcome:
            outcome["msg"] += _hint(user, outcome["msg"])
        warnings = [str(sentence) for sentence in get_warning_messages()]
        return dict(remove_values(plain.plain(dict(outcome, warnings=warnings)), module.no_log_values))

    answer = delegate.answer_of(user, groups, work)
    found = {name: answer[name] for name in (*module.empty, "msg", "exception", UNSEEN) if name in answer}
    for sentence in answer.get("warnings") or ():
        module.warn(clean(str(sentence)))
    return dict(found, msg=str(found["msg"])) if "msg" in found else found


@contextlib.contextmanager
def _builder_folder(user: User) -> Iterator[None]:
    """A folder for what the docker command notes of its builds, where the user has no home folder for that."""
    if "BUILDX_CONFIG" in os.environ or os.access(user.home, os.W_OK):
        yield
        return
    with scratch.folder() as folder:
        os.environ["BUILDX_CONFIG"] = folder
        yield


def _needed(places: Places) -> Dict[str, str]:
    """What whoever works on a platform has to read, beside the interpreter: paths by what they are."""
    needed = {"root": nearest_existing(places.root), "plugins_root": places.plugins_root}
    if places.templates:
        needed["templates"] = places.templates
    spec = importlib.util.find_spec("tutor")
    if spec and spec.submodule_search_locations:
        needed["the package tutor"] = spec.submodule_search_locations[0]
    return needed


def _hint(user: User, message: str) -> str:
    """What to do where something can't be imported because the user can't enter the folder that it lies in; empty where that is not why."""
    closed = ownership.closed_to_self(isolation.STANDARD_LIBRARY) if UNREADABLE.search(message) else None
    if not closed:
        return ""
    return (
        " This was done as %s, who owns the root and can't enter '%s', where the Python of this task lies: let that user in "
        "(chmod o+rx '%s'), or make the virtual environment with a Python that all can read." % (user, closed, closed)
    )


def _unexpected(error: Exception) -> Dict[str, str]:
    """The system's refusal of a file is told as such; everything else is a defect of the collection, not of the input."""
    if isinstance(error, (OSError, MemoryError, UnicodeEncodeError)):
        refused = explain_refusal(error)
        if refused:
            return dict(msg=refused)
    place = traceback.extract_tb(error.__traceback__)[-1]
    found = (type(error).__name__, error, os.path.basename(place.filename), place.lineno)
    message = "This is a bug in lectern.tutor, please report it: %s: %s (%s line %s)" % found
    return dict(msg=message, exception=traceback.format_exc())


def _protect_saved(module: AnsibleModule, places: Places) -> None:
    """An error may quote what a plugin said: secrets that config.yml holds are masked in it."""
    with contextlib.suppress(LecternError, OSError):
        protect(module, secrets_of(serialize.load_mapping(places.config), manifest.load(places)["generated"]))


def logs(module: AnsibleModule, places: Places, secrets: Iterable[str]) -> Logs:
    """Where this call keeps what its tasks say, and shows it if the controller follows. Beside these texts those of secret options are
    masked."""
    module.lectern_logs = Logs(places, [*secrets, *_given(module)], os.environ.pop(LIVE, None))
    return module.lectern_logs


def _end(answer: Callable[..., NoReturn], result: Dict[str, Any]) -> NoReturn:
    """Ends the process; what is made of words of plugins, containers and registries can't drive the terminal on which it is shown."""
    words = {key: _cleaned(result[key]) for key in ("msg", "exception", "actions") if key in result}
    try:
        answer(**dict(result, **words))
    finally:
        isolation.mute()


def _cleaned(words: Any) -> Any:
    return [clean(str(sentence)) for sentence in words] if isinstance(words, list) else clean(str(words))


def _need_libraries(module: AnsibleModule, result: Dict[str, Any]) -> None:
    for name, package in (("yaml", "PyYAML"), ("jinja2", "Jinja2")):
        try:
            __import__(name)
        except ImportError:
            module.fail_json(**dict(result, msg=missing_required_lib(package), exception=traceback.format_exc()))


def protect(module: AnsibleModule, secrets: Iterable[str]) -> None:
    """Has Ansible mask these texts, beside those of the module's own options, wherever they occur in the result.

    Plain words are left to the engine's own masking: Ansible would hide them inside of paths and names too.
    """
    module.no_log_values = {text for text in [*_given(module), *secrets] if masking.is_no_word(text)}


def _given(module: AnsibleModule) -> List[str]:
    """The secrets in a module's options, plugins given as YAML text included."""
    params = {name: value for name, value in module.params.items() if name != "accept_new_secrets"}  # these are names of settings
    texts = [params.get(name) for name in ("definitions", "definition", "plugin_files", "settings_files")]
    found = masking.secret_texts(params) + [secret for text in masking.strings(texts) for secret in secrets_in(text)]
    return found + masking.login_texts(params, found)


def report(module: AnsibleModule, prepared: Prepared) -> Dict[str, Any]:
    """``changed``, ``actions`` and ``diff`` of a transaction, secrets masked; ``diff`` only where it is asked for."""
    protect(module, prepared.platform.secrets)
    warn(module, prepared.warnings)
    return outcome_of(prepared, known_secrets(prepared, _given(module)) if module._diff else None)


def warn(module: AnsibleModule, warnings: Iterable[str]) -> None:
    """Has Ansible show these warnings, logins in addresses masked."""
    for text in warnings:
        module.warn(masking.mask_text(clean(plain.text(text)), []))
