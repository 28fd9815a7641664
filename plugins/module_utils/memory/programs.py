# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that plugins only ask a question, such as ``docker info``.

Each is asked once in a call, however often plugins ask, and again in the next one before anything that came of its answer is trusted.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from typing import Any, Callable, Dict, Iterable, Optional, Tuple

from ..base.content import digest
from ..base.observation import unnoticed

Command = Tuple[str, ...]

# What asks any other program, or another machine, is never remembered.
QUESTIONS = (("docker", "info"), ("docker", "version"), ("docker", "buildx", "version"), ("docker", "context"))

ANSWER = 30  # seconds that a program may take

# Lines of an answer that count what comes and goes.
COUNTS = ("Containers:", "Running:", "Paused:", "Stopped:", "Images:")

# How a plugin may ask, so that it can be told what was answered before.
STREAMS = {"stdin", "stdout", "stderr", "bufsize", "text", "universal_newlines", "encoding", "errors"}

SAY = 'cat "$0"; cat "$1" >&2; exit "$2"'


class Asked(threading.Thread):
    """A program that is asked meanwhile; ``said`` is what came of it, ``answer`` a digest of that, without what it counts."""

    def __init__(self, command: Command) -> None:
        super().__init__(daemon=True)
        self.command, self.answer = command, ""
        self.said: Optional[subprocess.CompletedProcess[bytes]] = None
        with unnoticed():
            self.environ = _environ()
        self.start()

    def run(self) -> None:
        with unnoticed():
            try:
                self.said = subprocess.run(self.command, stdin=subprocess.DEVNULL, capture_output=True, timeout=ANSWER, check=False)
            except (OSError, subprocess.SubprocessError) as error:
                self.answer = type(error).__name__
                return
        lines = (self.said.stdout + self.said.stderr).decode("utf-8", "replace").splitlines()
        found = [" ".join(sorted(line.split())) for line in lines if not line.strip().startswith(COUNTS)]
        self.answer = digest("%d %s" % (self.said.returncode, "\n".join(sorted(found))))  # some of its lists come in any order


Answers = Dict[Command, Asked]  # by what is asked


def ask(commands: Iterable[Command]) -> Answers:
    """Starts to ask programs."""
    return {command: Asked(command) for command in commands}


def answers(asked: Answers) -> Dict[Command, str]:
    """What they answered, once they have."""
    for each in asked.values():
        each.join()
    return {command: each.answer for command, each in asked.items()}


def is_question(command: Command) -> bool:
    """Whether a program is only asked a question that may be asked again."""
    return any(command[: len(question)] == question for question in QUESTIONS)


def answering(original: Callable[..., None], asks: Callable[[Command], Optional[Asked]]) -> Callable[..., None]:
    """``Popen.__init__`` that has a program say once more what it answered before, if anything.

    ``asks`` gives what was asked, where somebody is to be told that it is asked now.
    """

    def start(self: Any, args: Any, *positional: Any, **options: Any) -> None:
        is_plain = isinstance(args, (list, tuple)) and not positional and STREAMS.issuperset(options)
        asked = asks(tuple(os.fsdecode(argument) for argument in args)) if is_plain else None
        said = _said(asked) if asked else None
        if said is None:
            original(self, args, *positional, **options)
            return
        with unnoticed(), tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            files = [_holding(output, said.stdout), _holding(errors, said.stderr)]
            paths = ["/dev/fd/%d" % file for file in files]
            original(self, ["sh", "-c", SAY, *paths, str(said.returncode)], pass_fds=files, **options)
        self.args = args

    return start


def _holding(stream: Any, content: bytes) -> int:
    stream.write(content)
    stream.flush()
    return int(stream.fileno())


def _said(asked: Asked) -> Optional[subprocess.CompletedProcess[bytes]]:
    """What it answered, where it would be asked with the same variables."""
    asked.join()
    with unnoticed():
        return asked.said if asked.environ == _environ() else None


def _environ() -> Dict[str, str]:
    """The variables that other programs look at."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
