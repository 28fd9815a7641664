# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last rendering of a root depended on and came to. While none of it changed, there is no need to load a plugin.

Everything is compared by content. What can't be told of is left to be rendered each time.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import stat
import sys
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from . import access, plan, state, unseen
from .errors import LecternError
from .guard import is_of_python
from .jinja import LARGEST
from .places import ENGINE, Places
from .plan import Change
from .questions import Answers, answers, ask, is_question, unnoticed
from .render import File
from .scratch import IN_MEMORY
from .state import digest
from .unseen import ORIGIN, ZIP
from .witness import EVERYTHING, Witness

SYSTEM = ("/dev/", "/proc/", "/sys/")  # no files: what is read there can't be read again and compared
HARMLESS = ("/dev/null", "/dev/urandom", "/dev/tty")  # Python and libraries open these
OWN = ("env", state.OWN, "config.yml")  # what the engine writes in a root
PYTHONS = ("__pycache__",)
CLOCK = 0.005  # seconds that the clock of a file system may be behind


FORM = b'{"digest": "%s", "memory": %s}'  # of the file
DAMAGED = (LecternError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Past(NamedTuple):
    """``request``, ``plugins`` (those enabled and given), ``settings`` (by key) and ``outputs`` (by path: content and mode) are digests,
    ``uses`` the settings that decide about a file of the environment, ``result`` is what the call returned beside its changes,
    ``packages`` are the installed plugins (discover.Plugin)."""

    inputs: Dict[str, Any]
    request: str
    plugins: str
    outputs: Dict[str, List[Any]]
    settings: Dict[str, str]
    uses: Dict[str, List[str]]
    packages: List[Dict[str, Any]]
    result: Dict[str, Any]


class Look(NamedTuple):
    """What is known of the last rendering, if anything, and the programs that are asked whether it still holds."""

    past: Optional[Past]
    asked: Answers


class Made(NamedTuple):
    """What a call makes: ``given`` are files of the plugins root that it writes, ``tree`` those below ``env/``."""

    given: Iterable[str]
    tree: Iterable[str]


NOTHING = Look(None, {})


def path(places: Places) -> str:
    """Where the memory is kept."""
    return os.path.join(state.own(places), "memory.json")


def look(places: Places) -> Look:
    """What is known of the last rendering; nothing where what it depended on is no longer the same.

    Programs that it depended on are asked meanwhile: ``answered`` waits for them.
    """
    asked: Answers = {}
    with contextlib.suppress(*DAMAGED):
        past = Past(**_read(places))
        past.inputs["compared"] = time.time()
        asked.update(ask(_questions_of(past)))
        return Look(past if _same(past.inputs, places) else None, asked)
    return Look(None, asked)


def _questions_of(past: Past) -> List[Tuple[str, ...]]:
    """The programs to ask. Raises ValueError for one that does more than answer: nothing else is run because a file says so."""
    commands = [tuple(command) for command, _answer in past.inputs["programs"]]
    if not all(is_question(command) for command in commands):
        raise ValueError("not a question")
    return commands


def answered(look: Look) -> Optional[Past]:
    """What is known, if programs still answer the same."""
    past, asked = look
    return past if past and list(answers(asked).values()) == [answer for _command, answer in past.inputs["programs"]] else None


def holds(places: Places, past: Past, request: Any) -> bool:
    """Whether the same is asked for, and all that was written is still there."""
    return (
        past.request == digest(repr(request))
        and not access.to_change(places, past.result["files"], request.root_mode)
        and not any(os.path.islink(folder) for folder in _leading(past.outputs, places.root))
        and all(_output(name) == value for name, value in past.outputs.items())
    )


def is_of(past: Past, plugins: Any) -> bool:
    """Whether the same plugins would add the same, whatever the settings are."""
    return past.plugins == digest(repr(plugins)) and not past.inputs["settings"]


def reusable(places: Places, past: Past, manifest: Dict[str, Any], settings: Dict[str, Any]) -> Dict[str, File]:
    """The files of the environment that would be rendered to what is on disk: by path below ``env/``."""
    now = _of_settings(settings)
    changed = {key for key in {*now, *past.settings} if now.get(key) != past.settings.get(key)}
    found = {}
    for name, used in past.uses.items():
        file = os.path.join(places.env, name)
        if changed.isdisjoint(used) and name in manifest:
            with unnoticed():
                held = _held(file)
            if held and _output_of(held) == past.outputs.get(file):
                known = manifest[name]
                found[name] = File(*held, known["template"], known["owner"], known["patches"], used)
    return found


def make(
    inputs: Dict[str, Any], request: Any, plugins: Any, written: Dict[str, Any], settings: Dict[str, Any], tree: Dict[str, File]
) -> Past:
    """What to remember of a call. ``written`` are (content, mode) by path of all that it wrote or found as it should be."""
    outputs = {name: [digest(content), mode] for name, (content, mode) in written.items()}
    uses = {name: file.settings for name, file in tree.items() if file.settings is not None}
    return Past(inputs, digest(repr(request)), digest(repr(plugins)), outputs, _of_settings(settings), uses, [], {})


def _of_settings(settings: Dict[str, Any]) -> Dict[str, str]:
    """The digest of each setting's value."""
    return {key: digest(repr(value)) for key, value in settings.items()}


def changes(places: Places, past: Optional[Past], changed: bool) -> List[Change]:
    """What has to be written to remember a call, or to forget all where it can't be told.

    A call that changes nothing else writes only what was not known at all.
    """
    if past is None:
        return plan.removal(path(places))
    content = json.dumps(past._asdict(), sort_keys=True).encode()
    content = FORM % (digest(content).encode(), content)
    return plan.file(path(places), content, 0o600) if changed or not is_known(places) else []


def is_known(places: Places) -> bool:
    """Whether what this process would find is kept already."""
    with contextlib.suppress(*DAMAGED):
        return bool(_read(places)["inputs"]["process"] == _process(places))
    return False


def _read(places: Places) -> Dict[str, Any]:
    """What is kept. Raises one of DAMAGED where that is not as it was written."""
    content = state.read_own(path(places), trusted=True)
    text = content[len(FORM % (digest("").encode(), b"")) - 1 : -1]
    if content != FORM % (digest(text).encode(), text):
        raise ValueError("not as it was written")
    return dict(json.loads(text))


def _output(name: str) -> Optional[List[Any]]:
    held = _held(name)
    return _output_of(held) if held else None


def _output_of(held: Tuple[bytes, int]) -> List[Any]:
    content, mode = held
    return [digest(content), mode]


def _held(name: str) -> Optional[Tuple[bytes, int]]:
    """Content and mode of a file; None where there is none, or a link."""
    try:
        mode = os.lstat(name).st_mode
        return (state.read_bytes(name), stat.S_IMODE(mode)) if stat.S_ISREG(mode) else None
    except OSError:
        return None


def inputs(seen: Witness, places: Places, made: Made, known: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """What was read and what it is now; None where that can't be told.

    ``known`` are inputs of an earlier call that this one depends on too, as they were when this one compared them.
    """
    if _is_untold(seen, places):
        return None
    wanted = _wanted(places, seen.ignored, made)
    search = [name for name in sys.path if name.endswith("-packages")]
    read = {**dict.fromkeys(_read_before(seen.modules, search), seen.started), **seen.files}
    opened = {_source(name): moment for name, moment in read.items() if not is_of_python(name) and not os.path.isdir(name)}
    files = wanted(opened)
    folders = wanted([*seen.folders, *search])
    changed = {name: _changed_at(name) for name in files}
    if any(changed[name] > opened[name] - CLOCK for name in files):
        return None
    before = {name: value for name, value in known["files"].items() if changed.get(name, 0.0) < known["compared"] - CLOCK} if known else {}
    found = {
        "files": {name: before.get(name) or _file(name) for name in files},
        "folders": {name: _folder(name, places, made.given) for name in folders},
        "kinds": {"%s %s" % question: _kind(*question) for question in _questions(seen, places, wanted, {*files}, {*folders})},
        "variables": {name: _variable(name, seen.environ) for name in sorted(seen.variables)},
        "programs": [[list(command), answer] for command, answer in sorted(answers(seen.programs).items())],
        "process": _process(places),
        "cwd": os.getcwd() if seen.relative else "",
        "settings": seen.settings,
    }
    return _joined(known, found) if known else found


def _is_untold(seen: Witness, places: Places) -> bool:
    """Whether anything was asked for that can't be compared later: elsewhere, of the system, of what the call writes itself, or unseen."""
    system = (name for name in (*seen.files, *seen.folders) if name.startswith(SYSTEM) and name not in HARMLESS)
    return bool(
        seen.elsewhere
        or any(not _is_below(name, IN_MEMORY) for name in system)
        or any(_is_below(name, places.env) for name in seen.folders)
        or _asks_unseen(seen)
    )


def _read_before(modules: Iterable[str], search: Iterable[str]) -> Iterator[str]:
    """Files by which Python was told where modules are, before anybody listened: what pip writes for a checkout, for instance."""
    folders = {os.path.abspath(name) for name in sys.path}
    for name in modules:
        file = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(file, str) and name not in unseen.MAIN and os.path.dirname(file) in folders:
            yield file
    for folder in search:
        with contextlib.suppress(OSError):
            yield from (os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".pth"))


def _asks_unseen(seen: Witness) -> bool:
    return seen.unseen or any(unseen.asks(code, seen.packages) for code in unseen.loaded(seen.modules, seen.packages))


def _wanted(places: Places, ignored: Iterable[str], made: Made) -> Callable[[Iterable[str]], List[str]]:
    """What chooses, of names, those that count: not what a call writes itself, nor what belongs to the engine or is no file."""
    ours = [state.own(places), *ignored]
    without = (*(name + os.sep for name in ours), ENGINE, *ZIP)
    written = {os.path.join(places.env, name) for name in made.tree}
    written.update(_leading(written, places.root), [places.env], HARMLESS)
    return lambda names: sorted(name for name in set(names) if not (name + os.sep).startswith(without) and name not in written)


def _leading(files: Iterable[str], root: str) -> Set[str]:
    """The folders below the root that lead to these files."""
    folders = {os.path.dirname(name) for name in files if _is_below(name, root)}
    above = {os.path.dirname(folder) for folder in folders} - folders
    return (folders | _leading(folders, root) if above else folders) - {root}


def _is_below(name: str, folder: str) -> bool:
    return (name + os.sep).startswith(folder + os.sep)


def _joined(known: Dict[str, Any], found: Dict[str, Any]) -> Dict[str, Any]:
    joined = {name: dict(known[name], **found[name]) for name in ("files", "folders", "kinds", "variables")}
    programs = found["programs"] + [
        item for item in known["programs"] if item[0] not in [command for command, _answer in found["programs"]]
    ]
    return {**found, **joined, "programs": programs, "cwd": known["cwd"] or found["cwd"]}


def _same(known: Dict[str, Any], places: Places) -> bool:
    environ = dict(os.environ)
    return (
        known["process"] == _process(places)
        and known["cwd"] in ("", os.getcwd())
        and all(_variable(name, environ) == value for name, value in known["variables"].items())
        and all(_kind(*question.split(" ", 1)) == value for question, value in known["kinds"].items())
        and all(_folder(name, places) == value for name, value in known["folders"].items())
        and all(_file(name) == value for name, value in known["files"].items())
    )


def _process(places: Places) -> Dict[str, Any]:
    """The interpreter, where it looks for modules, who runs it, the code of this collection, and where it works."""
    search = [name for name in sys.path if name != ORIGIN]
    process = {"python": sys.version, "executable": sys.executable, "path": search, "user": os.geteuid(), "engine": digest_engine()}
    return dict(process, places=list(places), owner=state.owner_of(places))


@functools.lru_cache(maxsize=None)
def digest_engine() -> str:
    """A digest of this collection's own code, as it was when it was asked for first."""
    if not ZIP:
        found = [os.path.join(folder, name) for folder, _folders, names in os.walk(ENGINE) for name in names]
        sources = sorted(path for path in found if path.endswith(".py"))
        return digest("".join("%s %s\n" % (os.path.relpath(path, ENGINE), _file(path)) for path in sources))
    import zipfile

    with zipfile.ZipFile(ORIGIN) as content:
        return digest("".join("%s %d\n" % (item.filename, item.CRC) for item in content.infolist() if "/lectern/" in item.filename))


def _questions(
    seen: Witness, places: Places, wanted: Callable[[Iterable[str]], List[str]], files: Set[str], folders: Set[str]
) -> List[Tuple[str, str]]:
    """What was asked of paths, but for what the content of a file or the list of a folder tells, which are compared as well."""
    looked = seen.looked
    names = set(wanted({name for _look, name in looked if not is_of_python(name) and name != places.root}))
    listed = functools.lru_cache(maxsize=None)(lambda folder: _is_listed(folder, folders))
    own = tuple(os.path.join(places.root, name) for name in OWN)  # the root's list goes without these
    told = {name for name in names if not name.startswith(own) and listed(os.path.dirname(name))}
    return sorted(
        (look, name)
        for look, name in looked
        if name in names and (look == "readlink" or not (name in told or look == "stat" and name in files))
    )


def _is_listed(folder: str, folders: Set[str]) -> bool:
    """Whether the list of this folder, or of the nearest one that is there, is compared."""
    while folder not in folders and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder in folders


def _source(name: str) -> str:
    """The source of a compiled module: Python takes the one for the other."""
    if not name.endswith(".pyc"):
        return name
    try:
        source = importlib.util.source_from_cache(name)
    except ValueError:
        return name
    return source if os.path.exists(source) else name


def _file(name: str) -> str:
    """Content and permission to execute; of a file longer than any template its size and time, and nothing of a pipe or a device."""
    try:
        status = os.stat(name)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            return "no regular file"
        if status.st_size > LARGEST:
            return "%d bytes of %d" % (status.st_size, status.st_mtime_ns)
        with open(name, "rb") as stream:
            return digest(stream.read()) + (" x" if os.fstat(stream.fileno()).st_mode & 0o100 else "")
    except OSError as error:
        return type(error).__name__


def _folder(name: str, places: Places, given: Iterable[str] = ()) -> str:
    """The names and kinds of what is in it, and of files that are ``given``, but for what the engine or Python writes there."""
    given = given if name == places.plugins_root else ()
    try:
        with os.scandir(name) as entries:
            found = {entry.name: _entry(entry) for entry in entries}
    except OSError as error:
        if not given and name != places.root:
            return type(error).__name__
        found = {}
    found.update(dict.fromkeys(given, "file"))
    for own in OWN if name == places.root else PYTHONS:
        found.pop(own, None)
    return digest("\0".join("%s %s" % item for item in sorted(found.items())))


def _entry(entry: os.DirEntry[str]) -> str:
    """What stands in a folder, as far as that can be told without a question for each."""
    if entry.is_file(follow_symlinks=False):
        return "file"
    return "folder" if entry.is_dir(follow_symlinks=False) else "%d %d" % (_kind("lstat", entry.path), _kind("stat", entry.path))


def _changed_at(name: str) -> float:
    """When a file was changed last; one that did so after it was opened may have been read before."""
    try:
        return os.lstat(name).st_ctime
    except OSError:
        return 0.0


def _kind(look: str, name: str) -> Any:
    """What stands there, or what a link says; the error's negative number where that can't be told, 0 for a text that is no path."""
    try:
        return os.readlink(name) if look == "readlink" else stat.S_IFMT((os.lstat if look == "lstat" else os.stat)(name).st_mode)
    except OSError as error:
        return -(error.errno or 0)
    except ValueError:
        return 0


def _variable(name: str, environ: Dict[str, str]) -> str:
    return digest(repr(sorted(environ.items()) if name == EVERYTHING else environ.get(name)))
