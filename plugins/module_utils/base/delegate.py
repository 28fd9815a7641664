# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets another user do the work of a call, in a process that can't go back to root and whose answer is not trusted."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import sysconfig
import tempfile
import time
import warnings
from typing import Any, Callable, Dict, Iterable, List, NoReturn, Optional, Tuple

from . import ownership
from .errors import LecternError
from .isolation import STANDARD_LIBRARY, explain
from .ownership import User

LIMIT = 64 * 1024 * 1024  # bytes of an answer

PAUSE = 200  # milliseconds between two checks that the process still runs

GRACE = 10.0  # seconds for the process to end after its answer

SET_DEATH_SIGNAL, SET_DUMPABLE = 1, 4  # of prctl(2)

OF_ROOT = ("MAIL", "SUDO_", "XDG_")  # variables that are true of root alone

FOLDERS = {"TMPDIR": os.W_OK, "TEMP": os.W_OK, "TMP": os.W_OK, "DOCKER_CONFIG": os.R_OK, "BUILDX_CONFIG": os.W_OK}

UNUSED = (
    "antigravity",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "test",
    "this",
    "tkinter",
    "turtle",
    "turtledemo",
    "venv",
)  # modules of Python's library that the engine never needs

READ_AHEAD: List[Callable[[], object]] = []  # what parts of the engine read once that the user may not be able to read


def run_as(user: User, groups: Tuple[int, ...], work: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    """Return what ``work`` returns, called by a process of this user, who is in ``groups`` besides his own.

    The result can't be trusted, not even to come from ``work``. Raises LecternError where the process can't become that user, ends without
    an answer, or answers something else.
    """
    prctl = _prctl()
    parent, (reader, writer) = os.getpid(), os.pipe()
    child = os.fork()
    if child == 0:
        _work_as(user, groups, work, writer, lambda: _tie_to_parent(prctl, parent))
    os.close(writer)
    try:
        text = _read_answer(reader, child)
        until = time.monotonic() + GRACE
        while not _has_ended(child) and time.monotonic() < until:
            time.sleep(0.002)
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
    return _parse_answer(user, text, status)


def _parse_answer(user: User, text: bytes, status: int) -> Dict[str, Any]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("error"), str):
        raise LecternError(answer["error"])
    if not isinstance(answer, dict) or not isinstance(answer.get("result"), dict):
        how = "by signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "with status %d" % os.WEXITSTATUS(status)
        raise LecternError("The process that worked as %s, who owns the root, ended %s and without a result." % (user, how))
    return answer["result"]


def _read_answer(reader: int, child: int) -> bytes:
    """Return the line that the process answers. Processes that it started may keep the pipe open: they are not waited for."""
    watched = select.poll()
    watched.register(reader, select.POLLIN)
    parts: List[bytes] = []
    while not (parts and parts[-1].endswith(b"\n")):
        gone = _has_ended(child)  # checked first, so that everything it wrote can be read
        if watched.poll(0 if gone else PAUSE):
            parts.append(os.read(reader, 1 << 20))
        if gone and not watched.poll(0) or parts and not parts[-1]:
            break
        if sum(map(len, parts)) > LIMIT:
            raise LecternError("The process that worked as the owner of the root answered with more than %d MiB." % (LIMIT >> 20))
    return b"".join(parts)


def _has_ended(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _work_as(user: User, groups: Tuple[int, ...], work: Callable[[], Dict[str, Any]], writer: int, tie: Callable[[], None]) -> NoReturn:
    """Do the work in the forked process, and end it whatever happens: the code that follows the fork is root's."""
    leave = os._exit
    try:
        atexit._clear()
        writer = _leave_terminal(writer)
        try:
            ownership.become(user, groups)
            tie()
            _take_surroundings(user)
            answer = json.dumps({"result": work()})
        except LecternError as error:
            answer = json.dumps({"error": str(error)})
        except BaseException as error:
            answer = json.dumps({"error": "The work as %s failed: %s." % (user, explain(error))})
        with os.fdopen(writer, "wb") as stream:
            stream.write(answer.encode() + b"\n")
        atexit._run_exitfuncs()
    finally:
        leave(0)


def _leave_terminal(writer: int) -> int:
    """Leave the terminal and close all that root has open but the pipe. Returns its new number."""
    os.setsid()
    writer = fcntl.fcntl(writer, fcntl.F_DUPFD_CLOEXEC, 3)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in (0, 1, 2, writer):
            with contextlib.suppress(OSError):
                os.close(int(name))
    return writer


def _prctl() -> Optional[Callable[..., Any]]:
    try:
        import ctypes

        return ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return None


def _tie_to_parent(prctl: Optional[Callable[..., Any]], parent: int) -> None:
    """Make this process end when its parent does, and let it see its own files in /proc, as a process that began as this user."""
    if prctl:
        prctl(SET_DUMPABLE, 1, 0, 0, 0)
        prctl(SET_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _take_surroundings(user: User) -> None:
    """Give the process the user's environment variables, temporary folders and working directory."""
    for name in [name for name in os.environ if name.startswith(OF_ROOT)]:
        del os.environ[name]
    for name, mode in FOLDERS.items():
        if name in os.environ and not os.access(os.environ[name], mode | os.X_OK):
            del os.environ[name]
    os.environ.update(HOME=user.home, USER=user.name or str(user.uid), LOGNAME=user.name or str(user.uid))
    tempfile.tempdir = None
    try:
        os.chdir(os.getcwd())
    except OSError:
        os.chdir(os.sep)


def import_for(user: User) -> None:
    """Import what the user needs and may not be able to read: the engine in root's cache, and Python's library where it is root's own."""
    engine = __package__.rpartition(".")[0]
    for name in sorted(name for name in sys.modules if (name + ".").startswith(engine + ".") and hasattr(sys.modules[name], "__path__")):
        import_below(sys.modules[name].__path__, name + ".")
    if ownership.find_closed(user, STANDARD_LIBRARY):
        import_library()
    for name in ("jinja2", "markupsafe", "yaml"):
        path = importlib.import_module(name).__path__
        if ownership.find_closed(user, path[0]):
            import_below(path, name + ".")
    for read in READ_AHEAD:
        read()


@functools.lru_cache(maxsize=None)
def import_library() -> None:
    """Import Python's library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_below([STANDARD_LIBRARY, os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload")], "")


def import_below(folders: Iterable[str], prefix: str) -> None:
    """Import all modules in these folders that can be imported."""
    for info in pkgutil.iter_modules(list(folders), prefix):
        if info.name in UNUSED or info.name.endswith(("__main__", ".tests")):
            continue
        with contextlib.suppress(Exception, SystemExit):
            module = importlib.import_module(info.name)
            if info.ispkg:
                import_below(module.__path__, info.name + ".")
