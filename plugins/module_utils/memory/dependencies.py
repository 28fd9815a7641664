# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rendering depended on: files, folders, paths, programs, variables and the interpreter."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import sys
from typing import Any, Dict, Iterable, Iterator, Optional

from ..base.content import digest, read_bytes
from ..base.files import owner_of
from ..base.isolation import is_of_python
from ..base.places import ENGINE, ORIGIN, ZIP, Places, path_below
from ..base.scratch import IN_MEMORY, PREFIX
from . import untraceable
from .audit import Recording, describe_path
from .programs import ask

SYSTEM = ("/dev/", "/proc/", "/sys/")  # what is read there can't be read again and compared

HARMLESS = ("/dev/null", "/dev/urandom", "/dev/tty")  # Python and libraries open these

PYTHON, NEWEST_PYTHON = sys.version_info[:2], (3, 14)  # this one, and the newest on which the tests show that all is recorded

# Seconds that the clock of a file system may be behind: of one that keeps fractions of seconds, and of one that does not.
CLOCK, COARSE_CLOCK = 0.005, 2.0

# Variables that differ from session to session or call to call, and those of this collection, by how their names begin.
OF_SESSION = ("SSH_", "SUDO_COMMAND", "XDG_SESSION_ID", "INVOCATION_ID", "JOURNAL_STREAM", "PWD", "OLDPWD", "SHLVL", "_", "LECTERN_")


def describe(seen: Recording, places: Places, plugin_files: Iterable[str]) -> Optional[Dict[str, Any]]:
    """Return all that was read and what it is now, for ``are_the_same``; None where that can't be traced.

    ``plugin_files`` are the files of the plugins root that the call writes.
    """
    names = seen.names | untraceable.mentioned_before(seen.modules, seen.packages)
    packages = [name for name in sys.path if name.endswith("-packages")]
    opened = dict.fromkeys(_read_before(seen.modules, packages), seen.started)
    opened.update(seen.files)
    files = {_source(name): moment for name, moment in opened.items() if _is_input(name) and not os.path.isdir(name)}
    folders = {name for name in (*seen.folders, *packages) if PREFIX not in name}
    if (
        seen.untraceable
        or PYTHON > NEWEST_PYTHON
        or not names <= untraceable.OF_VARIABLES
        or any(_is_of_system(name) or _is_of_root(name, places) for name in (*files, *folders))
        or any(_may_have_changed_since(name, moment) for name, moment in files.items())
    ):
        return None
    return {
        "files": {name: _describe_file(name) for name in files},
        "folders": {name: _describe_folder(name, plugin_files if name == places.plugins_root else ()) for name in folders},
        "paths": {name: found for name, found in seen.paths.items() if _is_input(name) and not _is_of_root(name, places)},
        "programs": [[list(command), answer] for command, answer in seen.programs.items()],
        "variables": _digest_variables(seen.environ) if names else "",
        "cwd": seen.cwd,
        "process": describe_process(places, seen.environ),
    }


def are_the_same(inputs: Dict[str, Any], places: Places) -> bool:
    """Whether all inputs are what they were. Of ``programs`` none is run that does more than answer a question (ValueError)."""
    return (
        inputs["process"] == describe_process(places, dict(os.environ))
        and inputs["cwd"] in ("", os.getcwd())
        and inputs["variables"] in ("", _digest_variables(dict(os.environ)))
        and all(describe_path(name) == value for name, value in inputs["paths"].items())
        and all(_describe_folder(name) == value for name, value in inputs["folders"].items())
        and all(_describe_file(name) == value for name, value in inputs["files"].items())
        and all(ask(tuple(command)) == answer for command, answer in inputs["programs"])
    )


def describe_process(places: Places, environ: Dict[str, str]) -> Dict[str, Any]:
    """Return the interpreter, its search path, who runs it, its variables, the code of this collection, and where it works."""
    return {
        "python": [sys.version, sys.executable, *(name for name in sys.path if name != ORIGIN)],
        "user": os.geteuid(),
        "variables": _digest_variables({name: value for name, value in environ.items() if not name.startswith(OF_SESSION)}),
        "engine": digest_engine(),
        "places": [*places, owner_of(places)],
    }


def _digest_variables(environ: Dict[str, str]) -> str:
    return digest(repr(sorted(environ.items())))


@functools.lru_cache(maxsize=None)
def digest_engine() -> str:
    """Return a digest of this collection's own code, as it was at the first call."""
    if not ZIP:
        found = [os.path.join(folder, name) for folder, _folders, names in os.walk(ENGINE) for name in names]
        sources = sorted(path for path in found if path.endswith(".py"))
        return digest("".join("%s %s\n" % (os.path.relpath(path, ENGINE), digest(read_bytes(path))) for path in sources))
    import zipfile

    with zipfile.ZipFile(ORIGIN) as content:
        return digest("".join("%s %d\n" % (item.filename, item.CRC) for item in content.infolist() if "/lectern/" in item.filename))


def _read_before(modules: Iterable[str], packages: Iterable[str]) -> Iterator[str]:
    """Yield files that told Python where modules are before anything was recorded, such as those that pip writes for a checkout."""
    search = {os.path.abspath(name) for name in sys.path}
    for name in modules:
        file = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(file, str) and name not in untraceable.MAIN and os.path.dirname(file) in search:
            yield file
    for folder in packages:
        with contextlib.suppress(OSError):
            yield from (os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".pth"))


def _is_input(name: str) -> bool:
    """Whether a path counts: not Python's own, which its version stands for, nor the engine's, nor in one of its temporary folders."""
    return not (is_of_python(name) or name.startswith((ENGINE, *ZIP)) or name in HARMLESS or PREFIX in name)


def _is_of_system(name: str) -> bool:
    return name.startswith(SYSTEM) and path_below(name, IN_MEMORY) is None


def _is_of_root(name: str, places: Places) -> bool:
    """Whether a path is below the root, where calls write, and not in a folder of plugins or templates.

    Plugins that look there while they load are never remembered (``render/effects.py``); what they find after saving is what was rendered.
    """
    sources = [folder for folder in (places.plugins_root, places.templates) if folder]
    return path_below(name, places.root) is not None and all(path_below(name, folder) is None for folder in sources)


def _source(name: str) -> str:
    """Return the source of a compiled module: Python takes the one for the other."""
    if not name.endswith(".pyc"):
        return name
    try:
        source = importlib.util.source_from_cache(name)
    except ValueError:
        return name
    return source if os.path.exists(source) else name


def _describe_file(name: str) -> str:
    """Return which file it is, its mode and size, and when it was changed last: whatever is done to its content changes that."""
    try:
        status = os.stat(name)
    except OSError as error:
        return type(error).__name__
    return "%d %d %o %d %d" % (status.st_dev, status.st_ino, status.st_mode, status.st_size, status.st_ctime_ns)


def _describe_folder(name: str, added: Iterable[str] = ()) -> str:
    """Return the names and kinds of what is in a folder, and of files that are ``added``, but for what Python writes there."""
    try:
        with os.scandir(name) as entries:
            kinds = {entry.name: _kind(entry) for entry in entries if entry.name != "__pycache__"}
    except OSError as error:
        if not added:
            return type(error).__name__
        kinds = {}
    kinds.update(dict.fromkeys(added, "file"))
    return digest("\0".join("%s %s" % item for item in sorted(kinds.items())))


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_file(follow_symlinks=False):
        return "file"
    return "folder" if entry.is_dir(follow_symlinks=False) else describe_path(entry.path)


def _may_have_changed_since(name: str, moment: float) -> bool:
    """Whether a file may have been changed after it was opened, or so shortly before that the next change would carry the same time."""
    try:
        changed = os.lstat(name).st_ctime_ns
    except OSError:
        return False
    return changed / 1e9 > moment - (CLOCK if changed % 10**9 else COARSE_CLOCK)
