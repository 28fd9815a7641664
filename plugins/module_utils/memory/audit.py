# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what plugins and templates read: files, folders, the paths that they look for, and the programs that they ask.

Plugins are Python and may read anything, so the interpreter itself reports what it opens (PEP 578), and ``render/redirect.py`` which paths
are looked for. Neither sees what untraceable.py lists, nor what compiled libraries read by themselves.
"""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import subprocess
import sys
import time
from types import CodeType
from typing import Any, Callable, Dict, Iterator, Optional, Set

from ..base.isolation import frame_at, is_about_python
from ..base.observation import is_unnoticed, unnoticed
from .programs import Command, describe_answer, question_in
from .untraceable import mentioned

# Events by which code reaches beyond the files of this host, and programs that are not asked a question.
ELSEWHERE = (
    *("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostby", "socket.gethostname"),
    *("os.system", "os.exec", "os.spawn", "os.posix_spawn", "sqlite3.connect"),
)


class Recording:
    """What was read since ``started``. Paths are absolute.

    ``files`` holds when each was opened first, ``paths`` what was found where code looked for a path, ``programs`` the answer by command,
    ``names`` what code of plugins mentions of untraceable.py. ``untraceable`` says what can't be compared later; empty if all can.
    ``packages`` are those of the enabled plugins, ``modules`` the names of those loaded before, ``cwd`` is set if a path was relative.
    """

    def __init__(self) -> None:
        self.started, self.modules, self.environ = time.time(), set(sys.modules), dict(os.environ)
        self.files: Dict[str, float] = {}
        self.folders: Set[str] = set()
        self.paths: Dict[str, str] = {}
        self.programs: Dict[Command, str] = {}
        self.names: Set[str] = set()
        self.packages: Set[str] = set()
        self.untraceable = self.cwd = ""

    def absolute(self, path: Any) -> str:
        """Return the absolute path. Notes the working directory if it depends on that."""
        text = os.fsdecode(path or os.curdir)
        if os.path.isabs(text):
            return text
        self.cwd = os.getcwd()
        return os.path.abspath(text)

    def open_file(self, path: Any, _mode: Any, flags: Any) -> None:
        """Note a file that is opened, unless it is only written."""
        if not isinstance(path, int) and (flags or 0) & os.O_ACCMODE != os.O_WRONLY:
            self.files.setdefault(self.absolute(path), time.time())

    def list_folder(self, path: Any = None) -> None:
        """Note a folder that is listed."""
        if not isinstance(path, int):
            self.folders.add(self.absolute(path))

    def run_code(self, code: CodeType) -> None:
        """Note code that runs: a module's, or a text's, which counts as part of the file that runs it."""
        name = code.co_filename
        path = frame_at(2).f_code.co_filename if name.startswith("<") else name
        self.names |= mentioned(path if path.startswith("<") else self.absolute(path), code, self.packages)

    def import_library(self, _name: str, path: Optional[str], *_search: Any) -> None:
        """Note an imported library that is not Python; any other module runs code."""
        if path:
            self.names |= mentioned(path, None, self.packages)

    def start_program(self, program: Any, arguments: Any, *_how: Any) -> None:
        """Note a program that does more than answer a question, or whose answer nobody here sees."""
        words = arguments if isinstance(arguments, (list, tuple)) else [arguments]
        if not is_about_python([os.fsdecode(word) for word in words]):
            self.untraceable = os.fsdecode(program)

    def note_answer(self, command: Command, answer: str) -> None:
        """Note what a program answered. A later call asks it with the variables that this process began with, and once."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
        is_as_before = environ == {name: value for name, value in self.environ.items() if not name.startswith("TUTOR_")}
        if not is_as_before or self.programs.setdefault(command, answer) != answer:
            self.untraceable = " ".join(command)


NOTED: Dict[str, Callable[..., None]] = {
    "open": Recording.open_file,
    "os.listdir": Recording.list_folder,
    "os.scandir": Recording.list_folder,
    "exec": Recording.run_code,
    "import": Recording.import_library,
    "subprocess.Popen": Recording.start_program,
}

_current: Optional[Recording] = None

_is_listening = False


@contextlib.contextmanager
def recording() -> Iterator[Recording]:
    """Record what the block reads, but for what the engine does itself (``unnoticed``)."""
    global _current, _is_listening
    if not _is_listening:
        sys.addaudithook(_hear)
        _is_listening = True
    run = subprocess.run
    _current, subprocess.run = Recording(), _noting_answers(run)
    try:
        yield _current
    finally:
        _current, subprocess.run = None, run


def describe_path(path: str) -> str:
    """Return the kind of what is at a path; of a link also where it leads, and the kind of what is there."""
    try:
        kind = stat.S_IFMT(os.lstat(path).st_mode)
        return "link to %s, %s" % (os.readlink(path), _kind_behind(path)) if kind == stat.S_IFLNK else str(kind)
    except (OSError, ValueError) as error:
        return type(error).__name__


def _kind_behind(link: str) -> str:
    try:
        return str(stat.S_IFMT(os.stat(link).st_mode))
    except OSError as error:
        return type(error).__name__


def note_path(path: str) -> None:
    """Note that code looks for a path. Does nothing while nothing is recorded."""
    seen = _current
    if seen is not None:
        with unnoticed():
            absolute = seen.absolute(path)
            if absolute not in seen.paths:
                seen.paths[absolute] = describe_path(absolute)


def _hear(event: str, arguments: Any) -> None:
    """Pass on an event of the interpreter. An audit hook can't be removed, so it does nothing while nothing is recorded."""
    seen = _current
    if seen is None or is_unnoticed():
        return
    if event in NOTED:
        try:
            NOTED[event](seen, *arguments)
        except Exception:  # a Python that reports it in another way; opening a file must not fail for that
            seen.untraceable = event
    elif event.startswith(ELSEWHERE):
        seen.untraceable = event


def _noting_answers(run: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``subprocess.run`` that notes the answers of programs that are only asked a question."""

    @functools.wraps(run)
    def run_noted(*arguments: Any, **options: Any) -> Any:
        seen = None if is_unnoticed() else _current
        command = question_in(arguments, options) if seen else None
        if seen is None or command is None:
            return run(*arguments, **options)
        try:
            with unnoticed():
                done = run(*arguments, **options)
        except (OSError, subprocess.SubprocessError) as error:
            seen.note_answer(command, describe_answer(error))
            raise
        seen.note_answer(command, describe_answer(done))
        return done

    return run_noted
