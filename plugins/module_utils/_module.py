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

from . import access, guard, journal, manifest, masking, memory, ownership, plain, scratch, serialize, state, unseen
from .errors import LecternError, explain_refusal
from .given import Changes
from .log import LIVE, UNSEEN, Logs
from .ownership import User
from .places import Places, chosen, nearest, places
from .plan import Change
from .platform import Platform
from .settings import PLUGINS
from .terminal import clean
from .transaction import Prepared

ROOT_MODE: Dict[str, Any] = dict(type="raw", default="0700")
COMMON: Dict[str, Any] = dict(root=dict(type="path"), plugins_root=dict(type="path"), templates=dict(type="path"))
LONGEST_MESSAGE = 8000  # characters of an error that are shown
SHOWN_BYTES = 2**20  # of a file that a difference shows, and sixteen times as many of all of them
KEY = re.compile(r"[A-Za-z0-9_-]+")
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
        with guard.contained():
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
    if module.check_mode or not state.is_there(places):
        return ""
    with contextlib.suppress(LecternError, OSError), Logs(places, []).of("error", verb) as log:
        log(message)
        return log.file().path
    return ""


def _outcome_of_user(module: AnsibleModule, verb: Verb, places: Places, user: User, needs_engine: bool) -> Dict[str, Any]:
    """The same where the owner of the root does the work. What comes back may have been made up by code of that owner, so nothing is
    taken of it but results that the module has."""
    from . import delegate  # here, as most calls need it not

    groups = ownership.engine_groups(user) if needs_engine else ()
    ownership.refuse_closed(user, _needed(places))
    delegate.import_ahead(user)
    memory.digest_engine()
    unseen.read_loaded()

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
    needed = {"root": nearest(places.root), "plugins_root": places.plugins_root}
    if places.templates:
        needed["templates"] = places.templates
    spec = importlib.util.find_spec("tutor")
    if spec and spec.submodule_search_locations:
        needed["the package tutor"] = spec.submodule_search_locations[0]
    return needed


def _hint(user: User, message: str) -> str:
    """What to do where something can't be imported because the user can't enter the folder that it lies in; empty where that is not why."""
    closed = ownership.closed_to_self(guard.STANDARD_LIBRARY) if UNREADABLE.search(message) else None
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
        protect(module, _secrets_of(serialize.load_mapping(places.config), manifest.load(places)["generated"]))


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
        guard.mute()


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
    found = masking.secret_texts(params) + [secret for text in masking.strings(texts) for secret in _secrets_in(text)]
    return found + masking.login_texts(params, found)


def _secrets_in(text: str, generated: Iterable[str] = ()) -> List[str]:
    """The secrets in a text that is YAML; none where it is something else."""
    try:
        return _secrets_of(serialize.load(text, ""), generated)
    except LecternError:
        return []


def _secrets_of(settings: Any, generated: Iterable[str]) -> List[str]:
    """The secrets in settings: those below secret names, and those of the keys that were generated."""
    made = [text for key in generated for text in masking.setting_texts(key, settings.get(key))] if isinstance(settings, dict) else []
    known = masking.secret_texts(settings) + made
    return known + masking.login_texts(settings, known)


def known_secrets(prepared: Prepared, given: List[str]) -> List[str]:
    """The secrets that a difference may show: those of now, those ``given`` in options, and those of what was there before."""
    places, generated = prepared.platform.places, prepared.platform.settings.generated
    before = [change.before for change in prepared.changes if os.path.dirname(change.path) == places.plugins_root and change.before]
    with contextlib.suppress(OSError, LecternError):
        before += [state.read_own(path) for path in journal.generations(places)]
    old = [text for content in before for text in _secrets_in(content.decode("utf-8", "replace"), generated)]
    return sorted({*prepared.platform.secrets, *_secrets_of(prepared.user, generated), *given, *old})


def changes_of(params: Dict[str, Any]) -> Changes:
    """The options ``settings``, with ``settings_files`` below them, ``append``, ``remove`` and ``unset``, checked.

    Raises LecternError for a key that Tutor can't have, and for a value of the wrong type.
    """
    lists = [params.get(option) or [] for option in ("unset", "accept_new_secrets")]
    found = Changes(params.get("settings") or {}, params.get("append") or {}, params.get("remove") or {}, *lists)
    for option, keys in zip(Changes._fields, found):
        for key in keys:
            _check_key(option, key)
            if isinstance(keys, dict) and not all(map(plain.is_text, masking.strings(keys[key]))):
                raise LecternError("%s.%s holds half of a surrogate pair: no file of UTF-8 text can hold that." % (option, key))
    settings: Dict[str, Any] = {}
    for file in params.get("settings_files") or []:
        given = serialize.mapping(file["text"], file["name"])
        for key in given:
            _check_key("'%s'" % file["name"], key)
        settings.update(given)
    found = found._replace(settings={**settings, **found.settings})
    for option in ("append", "remove"):
        for key, values in getattr(found, option).items():
            if not isinstance(values, list):
                raise LecternError("%s.%s is a %s: expected a list of values." % (option, key, type(values).__name__))
    return found


def _check_key(option: str, key: Any) -> None:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise LecternError("%s has the key %r: a setting's name is made of letters, digits, '_' and '-'." % (option, key))
    if key == PLUGINS:
        raise LecternError("%s has the key PLUGINS: use the option plugins, or the module lectern.tutor.plugin." % option)


def report(module: AnsibleModule, prepared: Prepared) -> Dict[str, Any]:
    """``changed``, ``actions`` and ``diff`` of a transaction, secrets masked; ``diff`` only where it is asked for."""
    protect(module, prepared.platform.secrets)
    warn(module, prepared.warnings)
    return outcome_of(prepared, known_secrets(prepared, _given(module)) if module._diff else None)


def outcome_of(prepared: Prepared, secrets: Optional[List[str]]) -> Dict[str, Any]:
    """``changed``, ``actions`` and ``diff`` of a transaction; no ``diff`` without the secrets that it may show, which are masked."""
    platform, places = prepared.platform, prepared.platform.places
    actions = prepared.recovered + ["%s %s" % (change.kind.capitalize(), change.path) for change in prepared.changes]
    actions += ["Created folder %s" % folder for folder in prepared.folders]
    for folder, wanted in prepared.opened.items():
        sentence = "Made %s accessible to its owner alone (mode %04o)" if wanted.mode == access.DEFAULT else "Gave %s the mode %04o"
        actions.append(sentence % (folder, wanted.mode))
    shown = [change for change in prepared.changes if os.path.dirname(change.path) != os.path.dirname(manifest.path(places))]
    diff = _differences(shown, platform, secrets) if secrets is not None else []
    return dict(changed=bool(actions), actions=actions, diff=diff)


def warn(module: AnsibleModule, warnings: Iterable[str]) -> None:
    """Has Ansible show these warnings, logins in addresses masked."""
    for text in warnings:
        module.warn(masking.mask_text(clean(plain.text(text)), []))


def _differences(changes: List[Change], platform: Platform, secrets: List[str]) -> List[Dict[str, str]]:
    """What changes in each file; where that is long, or all that came before it, only how long the file is."""
    found, size = [], 0
    for change in changes:
        contents = [content for content in (change.before, change.after) if content is not None]
        sizes = [len(bytes(content)) for content in contents]
        is_long = max(sizes) > SHOWN_BYTES or size > 16 * SHOWN_BYTES
        size += 0 if is_long else sum(sizes)
        found.append(_difference(change, platform, secrets, is_long))
    return found


def _difference(change: Change, platform: Platform, secrets: List[str], is_long: bool) -> Dict[str, str]:
    def shown(content: Optional[state.Content], mode: int) -> str:
        if is_long and content is not None:
            return "(%d bytes, too long to be shown, mode %04o, sha256:%s)\n" % (len(bytes(content)), mode, state.digest(content))
        return _shown(content, mode, change, platform, secrets)

    return dict(
        before_header=change.path if change.before is not None else "/dev/null",
        after_header=change.path if change.after is not None else "/dev/null",
        before=shown(change.before, change.mode_before),
        after=shown(change.after, change.mode),
    )


def _shown(content: Optional[state.Content], mode: int, change: Change, platform: Platform, secrets: List[str]) -> str:
    if content is None:
        return ""
    try:
        text = bytes(content).decode("utf-8")
    except UnicodeDecodeError:
        return "(%d bytes that are not text, mode %04o)\n" % (len(bytes(content)), mode)
    if change.path == platform.places.config_file:
        settings = serialize.load(text, change.path) or {}
        hidden = {*platform.settings.secret_keys, *platform.settings.generated, *filter(masking.is_secret, settings)}
        text = serialize.dump(masking.mask_settings(settings, hidden, secrets), True)
    text = masking.mask_text(text, secrets)
    return "mode: %04o\n%s" % (mode, text) if change.kind == "changed" and change.mode != change.mode_before else text


def shown_settings(platform: Platform) -> Dict[str, Any]:
    """The effective settings, secret values masked."""
    return masking.mask_settings(platform.config, platform.settings.secret_keys, platform.secrets)


def changed_keys(prepared: Prepared) -> List[str]:
    """The keys of config.yml that this transaction adds, changes or drops."""
    before, after = prepared.user, prepared.platform.settings.saved
    changed = {key for key in before.keys() & after.keys() if not serialize.same(before[key], after[key])}
    return sorted(changed | (before.keys() ^ after.keys()))
