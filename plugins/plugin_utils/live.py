# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live output: what a module says while it runs on the host is shown on the controller as it comes.

The module runs exactly as Ansible runs any other, in the foreground. A thread reads meanwhile, over a copy of the connection, the file
that the module writes to.
"""

from __future__ import annotations

import contextlib
import copy
import re
import secrets
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.display import Display

from ..module_utils.base.logs import LIVE, LIVE_BYTES, LIVE_PREFIX, SHOWN, UNSEEN
from ..module_utils.base.terminal import clean
from .cached import CachedModule

VARIABLE = "tutor_live_output"
INTERVAL = 1.0  # seconds between two looks
GRACE = 10.0  # seconds that the last look may take when the module has ended
DEFAULT_ROOT = '"${TUTOR_ROOT:-${XDG_DATA_HOME:-$HOME/.local/share}/tutor}"'  # as places.py

# Ansible does not flush what it displays: on a pipe, lines would come late and many at a time. It loads its actions in the process that
# displays, before it runs them in others.
with contextlib.suppress(AttributeError):
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


class LiveModule(CachedModule):
    """The usual way to run a module, with live output where it is wanted."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        if not self._is_wanted(task_vars or {}):
            return super().run(tmp, task_vars)
        live = secrets.token_hex(16)
        quoted = self._connection._shell.quote(script(self._task.args.get("root"), live))
        watcher = Watcher(self, f"{self._compute_environment_string()} /bin/sh -c {quoted}".strip(), self._prefix(task_vars or {}))
        self._task.environment.append({LIVE: live})
        try:
            watcher.start()
            result = super().run(tmp, task_vars)
        finally:
            watcher.end()
            self._task.environment.pop()
        watcher.show(result.pop(UNSEEN, ()))
        return result

    def _is_wanted(self, task_vars: Mapping[str, Any]) -> bool:
        task = self._task
        if task.async_val or task.check_mode or task.no_log:
            return False
        return bool(boolean(self._templar.template(task_vars.get(VARIABLE, True)), strict=False))

    def _prefix(self, task_vars: Mapping[str, Any]) -> str:
        delegate = f" -> {self._task.delegate_to}" if self._task.delegate_to else ""
        return f"[{task_vars.get('inventory_hostname')}{delegate}] {self._task.name or self._task.action} |"


class Watcher(threading.Thread):
    """Shows new lines until it is told that the module ended."""

    def __init__(self, action: Any, look: str, prefix: str) -> None:
        super().__init__(daemon=True)
        self._action, self._look, self._prefix = _apart(action), look, prefix
        self._ended = threading.Event()
        self._seen = 0

    def run(self) -> None:
        while not self._ended.wait(INTERVAL):
            found = self._read()
            if not self._ended.is_set():
                self.show(found)

    def end(self) -> None:
        """Waits for a look that is under way; what it brings is not shown any more."""
        self._ended.set()
        self.join(GRACE)

    def show(self, lines: Iterable[Any]) -> None:
        """Displays the lines, pairs of their number and text, that have not been shown before."""
        for number, text in lines:
            if number > self._seen + 1:
                self._display(f"({number - self._seen - 1} more lines are only in .lectern/logs)")
            if number > self._seen:
                self._display(text)
                self._seen = number

    def _read(self) -> list[tuple[int, str]]:
        try:
            answer = self._action._low_level_execute_command(self._look)
        except (AnsibleError, OSError):
            return []  # whether the host can be reached is told by the task itself
        return numbered(answer["stdout"])

    def _display(self, text: str) -> None:
        # What a program reads from the standard output must stay JSON.
        Display().display(f"{self._prefix} {clean(text)}", stderr="json" in constants.DEFAULT_STDOUT_CALLBACK)


def _apart(action: Any) -> Any:
    """An action with a connection of its own, because one of them keeps what belongs to the command that it runs."""
    apart = copy.copy(action)
    apart._connection = copy.copy(action._connection)
    if apart._connection.become:
        apart._connection.become = copy.copy(apart._connection.become)
    return apart


def script(root: Any, live: str) -> str:
    """A shell script that prints the newest lines; ``root`` is the module's option, which may be unset.

    Whoever owns the root can put a link or a pipe in the place of the file, which root must not read.
    """
    file = f"{folder(root)}/.lectern/logs/{LIVE_PREFIX}{live}"
    as_root = f"dd if={file} iflag=nofollow,nonblock bs=64k count={2 * LIVE_BYTES // 65536} 2>/dev/null | tail -n {SHOWN}"
    return f'if [ "$(id -u)" = 0 ]; then {as_root}; else exec tail -n {SHOWN} {file} 2>/dev/null; fi'


def folder(root: Any) -> str:
    """The root in shell syntax, with users' homes and variables left to the shell, as the module leaves them to Python."""
    if not root:
        return DEFAULT_ROOT
    *_start, home, rest = ["", *re.split(r"^(~[\w.-]*(?:/|$))", str(root))]
    quoted = re.sub(r'[\\"`]|\$(?![A-Za-z_{])', r"\\\g<0>", rest)
    return f'{home}"{quoted}"' if quoted else home


def numbered(text: str) -> list[tuple[int, str]]:
    """The lines that begin with their number and a colon; others, such as greetings of the host, are left out."""
    found = re.findall(r"^(\d+):(.*?)\r?$", text, re.MULTILINE)
    return [(int(number), line) for number, line in found]
