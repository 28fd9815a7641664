# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rendering depends on: the files read meanwhile, folders listed, paths looked for, variables and programs asked.

Plugins are Python and may read anything, so the interpreter itself tells what it opens (PEP 578). It can't tell of the time, for instance
(see unseen.py), nor of what compiled libraries read by themselves.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import sys
import time
from types import CodeType
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from ..base import scratch
from ..base.observation import is_unnoticed
from .programs import Answers, Asked, Command, answering, is_question
from .untraceable import Code, asks

# What Python's module "platform" asks about the interpreter itself.
ABOUT_PYTHON = ("file", "-b")

ELSEWHERE = (
    *("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostby", "socket.gethostname"),
    *("os.system", "os.exec", "os.spawn", "os.posix_spawn", "sqlite3.connect"),
)

# Modules of Python that copy all variables when they are imported, or to hand them on.
COPIERS = ("os", "collections.abc", "platform", "wsgiref.handlers")

EVERYTHING = "*"

LOOKERS = ("stat", "lstat", "readlink")  # of the module os

NOWHERE = os.path.join(os.devnull, "lectern")  # a path at which nothing can be

INTERNALS = "what this Python reads"

frame_at: Callable[[int], Any] = getattr(sys, "_getframe", lambda _depth: None)


class Witness:
    """Paths are absolute. ``files`` has the time at which each was opened first, ``elsewhere`` what can't be remembered, if anything;
    ``settings`` is true where a plugin asked for all of them. ``asked`` are programs that were asked before in the same call, ``unseen``
    is true where code of plugins asks for what nobody sees, ``packages`` are theirs, ``modules`` those loaded before it ``started``."""

    def __init__(self, asked: Answers) -> None:
        self.files: Dict[str, float] = {}
        self.folders: Set[str] = set()
        self._looked: Set[Tuple[str, str]] = set()
        self.variables: Set[str] = set()
        self.programs: Answers = {}
        self.unseen = False
        self.packages: Set[str] = set()
        self.modules, self.started = set(sys.modules), time.time()
        self._asked = asked
        self.ignored: List[str] = []
        self.elsewhere = ""
        self.settings = False
        self.relative = False
        self.environ = dict(os.environ)

    def path(self, path: Any) -> str:
        """The absolute path; it is noted where that depends on the working directory."""
        text = os.fsdecode(path or os.curdir)
        self.relative = self.relative or not os.path.isabs(text)
        return os.path.abspath(text)

    def looks(self, path: Any, function: str) -> None:
        """Notes that a path is looked for; what there are thousands of is made plain later, in ``looked``."""
        absolute = isinstance(path, str) and path.startswith(os.sep)
        self._looked.add((function, path if absolute else self.path(path)))

    @property
    def looked(self) -> Set[Tuple[str, str]]:
        """Which function looked for which path."""
        return {(function, self.path(path)) for function, path in self._looked}

    def opens(self, path: Any, _mode: Any, flags: Any) -> None:
        """Notes that a file is opened, unless it is only written."""
        if not isinstance(path, int) and (flags or 0) & os.O_ACCMODE != os.O_WRONLY:
            self.files.setdefault(self.path(path), time.time())

    def lists(self, path: Any = None) -> None:
        """Notes that a folder is listed."""
        if not isinstance(path, int):
            self.folders.add(self.path(path))

    def loads(self, packages: Set[str]) -> None:
        """Notes the packages of the plugins that are about to be loaded: no other library is looked at."""
        self.packages = packages

    def runs(self, code: CodeType) -> None:
        """Notes code that is run: a module's, or a text's, which counts as of the file that has it run."""
        name, frame = code.co_filename, frame_at(2)
        path = name if os.path.isabs(name) else frame.f_code.co_filename if name.startswith("<") else self.path(name)
        self.unseen = self.unseen or asks(Code(path, code), self.packages)

    def imports(self, _name: str, path: Optional[str], *_search: Any) -> None:
        """Notes a library that is no Python; of all others, code is run."""
        self.unseen = self.unseen or bool(path) and asks(Code(str(path), None), self.packages)

    def asks(self, program: Any, arguments: Any, _folder: Any, environ: Optional[Dict[str, str]]) -> None:
        """Notes that a program is run, with these variables if they are other than this process has."""
        listed = arguments if isinstance(arguments, (list, tuple)) else [arguments]
        command = tuple(os.fsdecode(argument) for argument in listed)
        is_known = environ is None and os.fsdecode(program) == command[0] and self.question(command) is not None
        if not is_known and command[: len(ABOUT_PYTHON)] != ABOUT_PYTHON:
            self.elsewhere = command[0]

    def question(self, command: Command) -> Optional[Asked]:
        """Notes that a program is asked; None where it does more than answer."""
        if not is_question(command):
            return None
        if command not in self.programs:
            self.programs[command] = self._asked.get(command) or Asked(command)
        return self.programs[command]


_current: Optional[Witness] = None

_hears = False


def _watching() -> Optional[Witness]:
    return None if is_unnoticed() else _current


NOTED: Dict[str, Callable[..., None]] = {
    "open": Witness.opens,
    "os.listdir": Witness.lists,
    "os.scandir": Witness.lists,
    "exec": Witness.runs,
    "import": Witness.imports,
    "subprocess.Popen": Witness.asks,
}


def _hear(event: str, arguments: Any) -> None:
    """The interpreter's audit hook. It can't be taken off, so it does nothing while nobody watches."""
    seen = _watching()
    if seen is None:
        return
    if event in NOTED:
        try:
            NOTED[event](seen, *arguments)
        except Exception:  # a Python that tells of it in another way: whoever opens a file does not fail for that
            seen.elsewhere = event
    elif event.startswith(ELSEWHERE):
        seen.elsewhere = event


def _asking_program(command: Command) -> Optional[Asked]:
    seen = _watching()
    return seen.question(command) if seen is not None else None


def _looking(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def look(path: Any, *args: Any, **kwargs: Any) -> Any:
        seen = _watching()
        if seen is not None and not isinstance(path, int) and kwargs.get("dir_fd") is None:
            seen.looks(path, name if kwargs.get("follow_symlinks", True) else "lstat")
        return original(path, *args, **kwargs)

    return look


def _replacements() -> Iterator[Tuple[Any, str, Any]]:
    """Yield what tells of each reading while it is in the place of Python's own, as (owner, name, value).

    Until Python 3.10 pathlib keeps functions of ``os`` in a class of its own.
    """
    accessor: Any = getattr(pathlib, "_NormalAccessor", object)
    lookers = {name: getattr(os, name) for name in LOOKERS}
    for name, function in lookers.items():
        look = _looking(name, function)
        yield os, name, look
        for kept in [kept for kept, value in vars(accessor).items() if value is function]:
            yield accessor, kept, staticmethod(look)
    yield os.environ, "__class__", _environ_class()
    yield subprocess.Popen, "__init__", answering(subprocess.Popen.__init__, _asking_program)


def _environ_class() -> Any:
    """Return the class of an ``os.environ`` that tells which variables are asked for."""
    usual: Any = type(os.environ)

    class Environ(usual):  # type: ignore[misc]
        def __getitem__(self, key: str) -> Any:
            seen = _watching()
            if seen is not None and isinstance(key, str) and _asking() not in COPIERS:
                seen.variables.add(key)
            return super().__getitem__(key)

        def __iter__(self) -> Iterator[Any]:
            seen = _watching()
            if seen is not None and _asking() not in COPIERS:
                seen.variables.add(EVERYTHING)
            return super().__iter__()

    return Environ


def _asking() -> str:
    """The module that asks for all variables, behind those of Python that do it on its behalf."""
    frame: Any = frame_at(2)
    while frame is not None and frame.f_back is not None and frame.f_globals.get("__name__") in COPIERS[:2]:
        frame = frame.f_back
    return str(frame and frame.f_globals.get("__name__"))


def _listen(seen: Witness, undo: contextlib.ExitStack) -> None:
    """Has all that reads tell of it, until ``undo`` is closed.

    What is read in a Python whose internals are others, so that some of it is not noted, is never remembered.
    """
    global _current, _hears
    if not _hears:
        sys.addaudithook(_hear)
        _hears = True
    try:
        for owner, name, value in _replacements():
            original = owner.__class__ if name == "__class__" else vars(owner)[name]
            setattr(owner, name, value)
            undo.callback(setattr, owner, name, original)
    except (AttributeError, KeyError, TypeError):
        seen.elsewhere = INTERNALS
    _current = probed = Witness({})
    if not _notes(probed):
        seen.elsewhere = probed.elsewhere or INTERNALS


def _notes(probed: Witness) -> bool:
    """Whether each way to read is noted: each is tried with a path of its own."""
    in_path = (pathlib.Path.stat, pathlib.Path.lstat, pathlib.Path.exists, pathlib.Path.is_symlink, pathlib.Path.read_bytes)
    ways = (open, os.listdir, os.scandir, os.stat, os.lstat, os.readlink, os.path.exists, os.path.islink, *in_path)
    paths = [os.path.join(NOWHERE, str(number)) for number in range(len(ways))]
    for way, path in zip(ways, paths):
        with contextlib.suppress(OSError):
            way(pathlib.Path(path) if way in in_path else path)  # type: ignore[operator]
    os.environ.get(NOWHERE)
    noted = {*probed.files, *probed.folders, *(path for _function, path in probed.looked)}
    return noted.issuperset(paths) and NOWHERE in probed.variables


@contextlib.contextmanager
def watching(asked: Answers) -> Iterator[Witness]:
    """Notes what is read in the block. What is ``asked`` already is not asked again."""
    global _current
    seen = Witness(asked)
    with contextlib.ExitStack() as undo:
        try:
            _listen(seen, undo)
            _current = seen
            yield seen
        finally:
            _current = None


def asks_settings() -> None:
    """Notes that a plugin looks at the settings by itself."""
    if _current is not None:
        _current.settings = True


@contextlib.contextmanager
def own_folder() -> Iterator[str]:
    """A temporary folder, in memory where that can be, whose files are the engine's own: they are not noted."""
    with scratch.folder(scratch.in_memory()) as folder:
        if _current is not None:
            _current.ignored.append(folder)
        yield folder
