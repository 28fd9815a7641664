# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the output of a module on the controller while the module runs on the host.

Ansible runs the module in the foreground, like any other. Meanwhile a thread reads the file that the module writes to, over a copy of the
connection.
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
INTERVAL = 1.0  # seconds between two reads
GRACE = 10.0  # seconds that the last read may take after the module ended
DEFAULT_ROOT = '"${TUTOR_ROOT:-${XDG_DATA_HOME:-$HOME/.local/share}/tutor}"'  # as in places.py

# Ansible does not flush what it displays: on a pipe, lines would arrive late and in bursts. It loads action plugins in the process that
# displays, before it runs them in other processes.
with contextlib.suppress(AttributeError):
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


class LiveModule(CachedModule):
    """Runs a module as usual, with live output if the task wants it."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        if not self._is_wanted(task_vars or {}):
            return super().run(tmp, task_vars)
        live = secrets.token_hex(16)
        quoted = self._connection._shell.quote(reading_script(self._task.args.get("root"), live))
        watcher = OutputWatcher(self, f"{self._compute_environment_string()} /bin/sh -c {quoted}".strip(), self._prefix(task_vars or {}))
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


class OutputWatcher(threading.Thread):
    """Shows new lines until the module ends."""

    def __init__(self, action: Any, command: str, prefix: str) -> None:
        super().__init__(daemon=True)
        self._action, self._look, self._prefix = _with_own_connection(action), command, prefix
        self._ended = threading.Event()
        self._seen = 0

    def run(self) -> None:
        while not self._ended.wait(INTERVAL):
            lines = self._read()
            if not self._ended.is_set():
                self.show(lines)

    def end(self) -> None:
        """Stop after the read in progress; its lines are not shown."""
        self._ended.set()
        self.join(GRACE)

    def show(self, lines: Iterable[Any]) -> None:
        """Display lines, given as pairs of number and text, that were not shown before."""
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
            return []  # the task itself reports an unreachable host
        return parse_lines(answer["stdout"])

    def _display(self, text: str) -> None:
        # JSON on standard output must stay JSON.
        Display().display(f"{self._prefix} {clean(text)}", stderr="json" in constants.DEFAULT_STDOUT_CALLBACK)


def _with_own_connection(action: Any) -> Any:
    """Return a copy of an action with its own connection, because a connection keeps state of the command that it runs."""
    apart = copy.copy(action)
    apart._connection = copy.copy(action._connection)
    if apart._connection.become:
        apart._connection.become = copy.copy(apart._connection.become)
    return apart


def reading_script(root: Any, live: str) -> str:
    """Return a shell script that prints the newest lines. ``root`` is the module's option, which may be unset.

    Whoever owns the root can replace the file with a link or a pipe, which root must not read.
    """
    file = f"{root_in_shell(root)}/.lectern/logs/{LIVE_PREFIX}{live}"
    as_root = f"dd if={file} iflag=nofollow,nonblock bs=64k count={2 * LIVE_BYTES // 65536} 2>/dev/null | tail -n {SHOWN}"
    return f'if [ "$(id -u)" = 0 ]; then {as_root}; else exec tail -n {SHOWN} {file} 2>/dev/null; fi'


def root_in_shell(root: Any) -> str:
    """Return the root in shell syntax. The shell expands ``~`` and variables, as Python does for the module."""
    if not root:
        return DEFAULT_ROOT
    *_start, home, rest = ["", *re.split(r"^(~[\w.-]*(?:/|$))", str(root))]
    quoted = re.sub(r'[\\"`]|\$(?![A-Za-z_{])', r"\\\g<0>", rest)
    return f'{home}"{quoted}"' if quoted else home


def parse_lines(text: str) -> list[tuple[int, str]]:
    """Return number and text of the lines that begin with ``NUMBER:``; others, such as greetings of the host, are skipped."""
    lines = re.findall(r"^(\d+):(.*?)\r?$", text, re.MULTILINE)
    return [(int(number), line) for number, line in lines]
