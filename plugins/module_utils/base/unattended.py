# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the code of a job where nobody can answer its questions and, in check mode, where it may not act.

The interpreter reports what the code does (an audit hook, PEP 578), so it does not matter by which name it knows a function.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from .isolation import frame_at, is_about_python, is_question
from .limits import Interrupted
from .observation import is_unnoticed

STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn")

CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")

TERMINAL = ("/dev/tty", b"/dev/tty")


class Asked(Interrupted):
    """Raised in code that asks a question: for one of click's options, or with a text."""

    def __init__(self, options: Sequence[str], text: str) -> None:
        super().__init__(text)
        self.options, self.text = list(options), text


class Acted(Interrupted):
    """Raised in code that would start a program or open a connection in check mode; the text says what it would do."""


class Watch:
    """What code did: ``asked`` is its first question, ``acts`` are sentences on programs and connections."""

    def __init__(self, may_act: bool) -> None:
        self.may_act = may_act
        self.asked: Optional[Asked] = None
        self.acts: List[str] = []

    def raise_kept(self) -> None:
        """Raise again what the code was stopped with, in case it went on all the same."""
        if self.asked is not None:
            raise self.asked
        if self.acts and not self.may_act:
            raise Acted(self.acts[0])


_watch: Optional[Watch] = None

_is_hook_added = False


@contextlib.contextmanager
def unattended(watch: Watch) -> Iterator[None]:
    """Raise Asked in the block for a question and, unless ``watch.may_act``, Acted for a program or a connection.

    Standard input is empty.
    """
    global _watch, _is_hook_added
    if not _is_hook_added:
        sys.addaudithook(_examine)
        _is_hook_added = True
    with _empty_input():
        _watch = watch
        try:
            yield
        except BaseException:
            watch.raise_kept()
            raise
        finally:
            _watch = None
        watch.raise_kept()


@contextlib.contextmanager
def _empty_input() -> Iterator[None]:
    stream, nothing = sys.stdin, os.open(os.devnull, os.O_RDONLY)
    usual = None
    with contextlib.suppress(OSError):
        usual = os.dup(0)
    os.dup2(nothing, 0)
    sys.stdin = os.fdopen(nothing, encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin.close()
        sys.stdin = stream
        if usual is None:
            with contextlib.suppress(OSError):
                os.close(0)
        else:
            os.dup2(usual, 0)
            os.close(usual)


def _examine(event: str, arguments: Tuple[Any, ...]) -> None:
    watch = _watch
    if watch is None or is_unnoticed():
        return
    if event == "builtins.input" or event == "open" and arguments[0] in TERMINAL:
        watch.asked = watch.asked or _question(arguments[0] if event == "builtins.input" else "")
        raise watch.asked
    if event in STARTS or event in CONNECTS:
        act = _describe(event, arguments)
        if act:
            watch.acts.append(act)
            if not watch.may_act:
                raise Acted(act)


def _describe(event: str, arguments: Tuple[Any, ...]) -> str:
    """Return what code does at an event; empty where it only asks a question, or where another event tells more."""
    if event in CONNECTS:
        return "connects to %s" % (arguments[1] if len(arguments) > 1 else arguments[0],)
    words = arguments[1] if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn") else arguments[:1]
    command = [os.fsdecode(word) for word in ([words] if isinstance(words, (str, bytes, os.PathLike)) else words or ())]
    if is_question(command) or is_about_python(command):
        return ""
    return "runs '%s'" % " ".join(command) if command else "forks"


def _question(prompt: Any) -> Asked:
    """Return what is asked: click's functions know the option and the whole text."""
    options: List[str] = []
    text, frame = str(prompt).strip(), frame_at(2)
    while frame is not None:
        module, function, known = str(frame.f_globals.get("__name__")), frame.f_code.co_name, frame.f_locals
        if module.startswith("click.") and function in ("prompt", "confirm") and "text" in known:
            text = str(known["text"]).strip()
        elif module.startswith("click.") and function == "prompt_for_value":
            options = [str(flag) for flag in known["self"].opts]
        elif module == "getpass" and "prompt" in known and not text:
            text = str(known["prompt"]).strip()
        frame = frame.f_back
    return Asked(options, text)
