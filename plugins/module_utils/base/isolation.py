# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs plugin code so that what it prints, raises or changes in the process does not reach the module."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import sys
import tempfile
import traceback
from types import TracebackType
from typing import IO, Any, Callable, Iterator, Optional, Sequence, Set

from . import scratch
from .errors import LecternError
from .limits import Endless, Interrupted, in_time
from .places import ENGINE

TAIL = 5  # lines of a plugin's own output that an error shows

READ = 2**20  # bytes at the end of that output that are read

# Folders without plugin code: this collection, and Python's import system.
NO_PLUGINS = (ENGINE, os.path.dirname(importlib.__file__), "<frozen")

STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep

LIBRARIES = "-packages" + os.sep

ANSIBLE = os.sep + os.path.join("ansible", "module_utils") + os.sep

# Programs that only answer: they change nothing, and may be asked again.
QUESTIONS = (("docker", "info"), ("docker", "version"), ("docker", "buildx", "version"), ("docker", "context"))

frame_at: Callable[[int], Any] = getattr(sys, "_getframe", lambda _depth: None)


def is_of_python(filename: str) -> bool:
    """Whether a file is one of Python's own modules, which its version stands for."""
    return filename.startswith(STANDARD_LIBRARY) and LIBRARIES not in filename


def is_of_plugin(filename: str, packages: Set[str]) -> bool:
    """Whether a file may be a plugin's: one of these packages, or any file outside of installed packages, as helpers of plugins are."""
    if is_of_python(filename) or ANSIBLE in filename:
        return False
    return LIBRARIES not in filename or filename.rpartition(LIBRARIES)[2].partition(os.sep)[0].partition(".")[0] in packages


def is_question(command: Sequence[str]) -> bool:
    """Whether a program only answers a question."""
    return any(tuple(command[: len(question)]) == question for question in QUESTIONS)


def is_about_python(command: Sequence[str]) -> bool:
    """Whether a program is what Python's module ``platform`` asks about the interpreter itself."""
    return tuple(command[:2]) == ("file", "-b")


def _may_be_plugin_code(filename: str) -> bool:
    """Whether a file may hold plugin code."""
    return not is_of_python(filename) and not filename.startswith(NO_PLUGINS)


def _place_in_plugin(trace: Optional[TracebackType], prefer: str) -> str:
    """Return file and line of the innermost frame of plugin code, preferably one in ``prefer`` (a file or a module's folder)."""
    frames = traceback.extract_tb(trace)
    theirs = [frame for frame in frames if prefer and prefer in frame.filename]
    others = [frame for frame in frames if _may_be_plugin_code(frame.filename)]
    chosen = theirs or others
    return ", at %s line %s" % (chosen[-1].filename, chosen[-1].lineno) if chosen else ""


def place_in_python(error: BaseException, templates: str) -> str:
    """Return file and line of the Python code that failed while a template called it; empty where the template itself failed.

    ``templates`` is the folder of the template engine.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _may_be_plugin_code(frame.filename)]
    last = frames[-1] if frames else None
    theirs = last and last.filename.endswith(".py") and not last.filename.startswith(templates)
    return ", at %s line %s" % (last.filename, last.lineno) if last and theirs else ""


def message_of(error: BaseException) -> str:
    """Return the text of an exception; empty where making it fails."""
    try:
        return str(error)
    except Exception:
        return ""


def explain(error: BaseException, prefer: str = "") -> str:
    """Return ``ImportError: no module x, at FILE line N``; a syntax error names its own place."""
    words = message_of(error)
    reason = words if isinstance(error, Endless) else "%s: %s" % (type(error).__name__, words) if words else type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        return "SyntaxError: %s, at %s line %s" % (error.msg, error.filename, error.lineno)
    return reason + _place_in_plugin(error.__traceback__, prefer)


@contextlib.contextmanager
def calling(what: str, prefer: str = "") -> Iterator[None]:
    """Turn whatever plugin code raises in the block, SystemExit included, into a LecternError that begins with ``what``, and limit its
    time.
    """
    try:
        with in_time():
            yield
    except (LecternError, Interrupted):
        raise
    except BaseException as error:  # plugin code may raise anything
        raise LecternError("%s: %s." % (what, explain(error, prefer))) from error


@contextlib.contextmanager
def contained(write: Optional[Callable[[str], None]] = None) -> Iterator[None]:
    """Keep standard output and error, the working directory and ``sys.argv`` as they are.

    A module's result goes to standard output, so nothing else may. A LecternError that leaves the block gets the last lines that plugin
    code printed; ``write`` gets the last megabyte of it, at the end of the block. A process that plugin code forked ends at the end of the
    block; this process does not end in it, even by ``os._exit``.
    """
    process, cwd, argv = os.getpid(), os.getcwd(), list(sys.argv)
    with _capture_output() as printed, _without_exit():
        try:
            yield
        except LecternError as error:
            raise _add_output(error, printed) from error.__cause__
        finally:
            if os.getpid() != process:
                os._exit(0)
            os.chdir(cwd)
            sys.argv[:] = argv
            if write is not None:
                write(_text_in(printed))


@contextlib.contextmanager
def _without_exit() -> Iterator[None]:
    """Have ``os._exit`` raise SystemExit in this process, so that the caller is named and the module writes its result."""
    process, usual = os.getpid(), os._exit

    def leave(status: int) -> None:
        if os.getpid() != process:
            usual(status)
        raise SystemExit("os._exit(%r)" % (status,))

    os._exit = leave  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = usual


@contextlib.contextmanager
def _capture_output() -> Iterator[IO[bytes]]:
    """Send standard output and error of this process and its children to a temporary file in the block."""
    _flush()
    streams, saved = (sys.stdout, sys.stderr), [os.dup(descriptor) for descriptor in (1, 2)]
    with tempfile.TemporaryFile() as printed:
        try:
            for descriptor in (1, 2):
                os.dup2(printed.fileno(), descriptor)
            sys.stdout, sys.stderr = [os.fdopen(descriptor, "w", errors="replace", closefd=False) for descriptor in (1, 2)]
            yield printed
        finally:
            _flush()
            sys.stdout, sys.stderr = streams
            for descriptor, original in zip((1, 2), saved):
                os.dup2(original, descriptor)
                os.close(original)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage in the block, nor look for any among its objects later: importing and compiling make many that stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()


def silence_output() -> None:
    """Send to nowhere what plugin code still prints, in threads or as the process ends: it must not follow the module's result."""
    _flush()
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(ValueError, OSError, AttributeError):
            stream.flush()


def _add_output(error: LecternError, printed: IO[bytes]) -> LecternError:
    lines = [line for line in _text_in(printed).splitlines() if not line.startswith("Error applying ")][-TAIL:]
    if not lines:
        return error
    return LecternError("%s\nPrinted before: %s" % (error, "\n".join(lines)), **error.details)


def _text_in(printed: IO[bytes]) -> str:
    """Return the end of what was printed."""
    _flush()
    printed.seek(max(0, printed.seek(0, os.SEEK_END) - READ))
    return printed.read().decode("utf-8", "replace")


@contextlib.contextmanager
def docker_command() -> Iterator[None]:
    """Provide a command ``docker`` in the block, which templates of some plugins call.

    Where it is missing, one that always fails stands in, so that an environment can be rendered before there is an engine.
    """
    if shutil.which("docker"):
        yield
        return
    usual = os.environ.get("PATH", os.defpath)
    with scratch.temporary_folder() as folder:
        path = os.path.join(folder, "docker")
        with open(path, "w", encoding="ascii") as script:
            script.write("#!/bin/sh\nexit 1\n")
        os.chmod(path, 0o700)
        os.environ["PATH"] = folder + os.pathsep + usual
        try:
            yield
        finally:
            os.environ["PATH"] = usual
