# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rendering depended on, by content: files, folders, paths, variables, programs and the interpreter."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import stat
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from ..base import delegate
from ..base import files as own_files
from ..base.content import digest
from ..base.isolation import is_of_python
from ..base.limits import LARGEST
from ..base.places import ENGINE, Places
from ..base.scratch import IN_MEMORY
from . import untraceable
from .audit import EVERYTHING, Witness
from .programs import answers
from .untraceable import ORIGIN, ZIP

SYSTEM = ("/dev/", "/proc/", "/sys/")  # no files: what is read there can't be read again and compared

HARMLESS = ("/dev/null", "/dev/urandom", "/dev/tty")  # Python and libraries open these

OWN = ("env", own_files.OWN, "config.yml")  # what the engine writes in a root

PYTHONS = ("__pycache__",)

CLOCK = 0.005  # seconds that the clock of a file system may be behind


class Made(NamedTuple):
    """What a call makes: ``given`` are files of the plugins root that it writes, ``tree`` those below ``env/``."""

    given: Iterable[str]
    tree: Iterable[str]


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
        "process": describe_process(places),
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
        if isinstance(file, str) and name not in untraceable.MAIN and os.path.dirname(file) in folders:
            yield file
    for folder in search:
        with contextlib.suppress(OSError):
            yield from (os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".pth"))


def _asks_unseen(seen: Witness) -> bool:
    return seen.unseen or any(untraceable.asks(code, seen.packages) for code in untraceable.loaded(seen.modules, seen.packages))


def _wanted(places: Places, ignored: Iterable[str], made: Made) -> Callable[[Iterable[str]], List[str]]:
    """What chooses, of names, those that count: not what a call writes itself, nor what belongs to the engine or is no file."""
    ours = [own_files.own_path(places), *ignored]
    without = (*(name + os.sep for name in ours), ENGINE, *ZIP)
    written = {os.path.join(places.env, name) for name in made.tree}
    written.update(folders_to(written, places.root), [places.env], HARMLESS)
    return lambda names: sorted(name for name in set(names) if not (name + os.sep).startswith(without) and name not in written)


def folders_to(files: Iterable[str], root: str) -> Set[str]:
    """The folders below the root that lead to these files."""
    folders = {os.path.dirname(name) for name in files if _is_below(name, root)}
    above = {os.path.dirname(folder) for folder in folders} - folders
    return (folders | folders_to(folders, root) if above else folders) - {root}


def _is_below(name: str, folder: str) -> bool:
    return (name + os.sep).startswith(folder + os.sep)


def _joined(known: Dict[str, Any], found: Dict[str, Any]) -> Dict[str, Any]:
    joined = {name: dict(known[name], **found[name]) for name in ("files", "folders", "kinds", "variables")}
    programs = found["programs"] + [
        item for item in known["programs"] if item[0] not in [command for command, _answer in found["programs"]]
    ]
    return {**found, **joined, "programs": programs, "cwd": known["cwd"] or found["cwd"]}


def are_the_same(known: Dict[str, Any], places: Places) -> bool:
    environ = dict(os.environ)
    return (
        known["process"] == describe_process(places)
        and known["cwd"] in ("", os.getcwd())
        and all(_variable(name, environ) == value for name, value in known["variables"].items())
        and all(_kind(*question.split(" ", 1)) == value for question, value in known["kinds"].items())
        and all(_folder(name, places) == value for name, value in known["folders"].items())
        and all(_file(name) == value for name, value in known["files"].items())
    )


def describe_process(places: Places) -> Dict[str, Any]:
    """The interpreter, where it looks for modules, who runs it, the code of this collection, and where it works."""
    search = [name for name in sys.path if name != ORIGIN]
    process = {"python": sys.version, "executable": sys.executable, "path": search, "user": os.geteuid(), "engine": digest_engine()}
    return dict(process, places=list(places), owner=own_files.owner_of(places))


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


delegate.READ_AHEAD.append(digest_engine)


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
