# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that plugins only ask a question, such as ``docker info``: their answers are compared, as files are."""

from __future__ import annotations

import os
import subprocess
from typing import Any, Dict, Optional, Tuple

from ..base.content import digest
from ..base.isolation import is_question

Command = Tuple[str, ...]

LONGEST_WAIT = 30  # seconds for an answer

# Lines of an answer that count what comes and goes.
COUNTS = ("Containers:", "Running:", "Paused:", "Stopped:", "Images:")

# Options of ``subprocess.run`` that don't change what the program answers.
OPTIONS = {"capture_output", "check", "text", "universal_newlines", "encoding", "errors", "timeout"}


def question_in(arguments: Tuple[Any, ...], options: Dict[str, Any]) -> Optional[Command]:
    """Return the command that a call of ``subprocess.run`` asks, if its whole answer goes to the caller; else None."""
    if len(arguments) != 1 or not isinstance(arguments[0], (list, tuple)):
        return None
    command = tuple(os.fsdecode(word) for word in arguments[0])
    return command if is_question(command) and options.get("capture_output") and OPTIONS.issuperset(options) else None


def ask(command: Command) -> str:
    """Return what ``describe_answer`` makes of a program's answer now. Raises ValueError for one that does more than answer."""
    if not is_question(command):
        raise ValueError("not a question")
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST_WAIT, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return describe_answer(error)
    return describe_answer(done)


def describe_answer(done: Any) -> str:
    """Return a digest of what ``subprocess.run`` returned or raised, without the lines with counters, in any order."""
    if getattr(done, "returncode", None) is None:
        return type(done).__name__
    texts = [text if isinstance(text, str) else (text or b"").decode("utf-8", "replace") for text in (done.stdout, done.stderr)]
    lines = [line for line in "\n".join(texts).splitlines() if not line.strip().startswith(COUNTS)]
    return digest("%d %s" % (done.returncode, "\n".join(sorted(" ".join(sorted(line.split())) for line in lines))))
