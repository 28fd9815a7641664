# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd of this host: names and texts of units, and what of them differs from what is wanted. Writes nothing."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any, Dict, List, NamedTuple, Sequence

from .errors import LecternError
from .logs import last_lines

FOLDER = "/etc/systemd/system"  # units of the administrator: systemd.unit(5)

BOOTED = "/run/systemd/system"  # is there where systemd is the first process: sd_booted(3)

STAMPS = "/var/lib/systemd/timers"  # when each timer with Persistent= elapsed last

LONGEST_NAME = 255  # characters of a unit's name

PLAIN = re.compile(rb"[A-Za-z0-9:_.]")

CONTROL = re.compile(r"[\x00-\x1f\x7f]")

SHOWN = ("Id", "ActiveState", "UnitFileState", "NeedDaemonReload")


class UnitPlan(NamedTuple):
    """What is left to do in FOLDER, in this order: ``stop`` timers that are to go, ``remove`` files, ``write`` files (``path`` and
    ``content``), ``reload`` systemd, ``touch`` stamps and ``start`` timers."""

    stop: List[str]
    remove: List[str]
    write: List[Dict[str, str]]
    reload: bool
    touch: List[str]
    start: List[str]


def is_first_process() -> bool:
    """Whether systemd runs this host."""
    return os.path.isdir(BOOTED)


def escape_path(path: str) -> str:
    """Return an absolute path as the names of units spell it: that of ``systemd-escape --path``."""
    name = os.path.normpath(path).strip("/").encode("utf-8", "surrogateescape")
    spelled = [b"-" if byte == 47 else bytes([byte]) if PLAIN.match(bytes([byte])) else b"\\x%02x" % byte for byte in name]
    return b"".join([b"\\x2e" if name.startswith(b".") and number == 0 else part for number, part in enumerate(spelled)]).decode()


def escape_specifiers(text: str) -> str:
    """Return a text for a unit in which ``%`` stands for itself."""
    return text.replace("%", "%%")


def quote_argument(text: str) -> str:
    """Return an argument of a command line in a unit (``ExecStart=:``) that means exactly this text."""
    return '"%s"' % escape_specifiers(text).replace("\\", "\\\\").replace('"', '\\"')


def refuse_control_characters(what: str, text: str) -> None:
    """Raise LecternError for a text that would end the line of a unit."""
    if CONTROL.search(text):
        raise LecternError("%s is %s: no unit of systemd can hold control characters." % (what, ascii(text)))


def refuse_calendar(what: str, expression: str) -> None:
    """Raise LecternError, with systemd's own words, for a calendar expression that it does not understand or that never comes."""
    answer = _run(["systemd-analyze", "calendar", "--", expression])
    if answer.returncode != 0:
        raise LecternError(
            "%s: systemd does not take '%s' as a calendar expression (%s). Examples are 'Mon 03:00' and '*-*-01 04:30'; "
            "'systemd-analyze calendar' explains one." % (what, expression, last_lines(answer.stderr, 1))
        )
    if re.search(r"^\s*Next elapse: never", answer.stdout, re.MULTILINE):
        raise LecternError("%s: '%s' never comes again. Give a time that comes, or remove the timer." % (what, expression))


def find_units(pattern: str) -> List[str]:
    """Return the names in FOLDER that match a regular expression."""
    return sorted(name for name in _names_in(FOLDER) if re.fullmatch(pattern, name))


def plan_units(texts: Dict[str, str], pattern: str, persistent: Sequence[str] = ()) -> UnitPlan:
    """Compare the units in ``texts``, by file name, with those in FOLDER whose names match ``pattern``, all of which but these are to go.

    Every timer among them is to be enabled and to wait for its time. ``persistent`` are the timers that make up for a time that was missed.
    """
    gone = [name for name in find_units(pattern) if name not in texts]
    differing = sorted(name for name, text in texts.items() if _read(os.path.join(FOLDER, name)) != text.encode())
    timers = sorted(name for name in texts if name.endswith(".timer"))
    states = _states(timers) if set(timers) - {*differing} else {}
    start = [name for name in timers if name in differing or not _waits(states.get(name, {}))]
    outdated = [name for name, state in states.items() if state.get("NeedDaemonReload") == "yes"]
    return UnitPlan(
        stop=[name for name in gone if name.endswith(".timer")],
        remove=[os.path.join(FOLDER, name) for name in gone] + _stamps(gone),
        write=[{"path": os.path.join(FOLDER, name), "content": texts[name]} for name in differing],
        reload=bool(gone or differing or outdated),
        touch=_stamps([name for name in start if name in persistent]),
        start=start,
    )


def _names_in(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _stamps(timers: Sequence[str]) -> List[str]:
    """Return the files that remember when these timers elapsed last, if there are any."""
    return [path for path in (os.path.join(STAMPS, "stamp-" + name) for name in timers) if os.path.exists(path)]


def _read(path: str) -> bytes:
    """Return the content of a file; empty for what is none."""
    if os.path.islink(path) or not os.path.isfile(path):
        return b""
    with open(path, "rb") as stream:
        return stream.read()


def _waits(state: Dict[str, str]) -> bool:
    return state.get("ActiveState") == "active" and state.get("UnitFileState") == "enabled"


def _states(units: Sequence[str]) -> Dict[str, Dict[str, str]]:
    """Return what systemd knows of these units, by name."""
    answer = _run(["systemctl", "show", "--property=" + ",".join(SHOWN), "--", *units])
    if answer.returncode != 0:
        raise LecternError("systemd does not say what it knows of its timers: %s" % last_lines(answer.stderr, 2))
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in answer.stdout.split("\n\n")]
    return {block["Id"]: block for block in blocks if "Id" in block}


def _run(command: List[str]) -> subprocess.CompletedProcess[str]:
    pipes: Dict[str, Any] = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    environment = dict(os.environ, LC_ALL="C", SYSTEMD_COLORS="0", SYSTEMD_PAGER="")
    try:
        return subprocess.run(command, env=environment, encoding="utf-8", errors="replace", check=False, **pipes)
    except FileNotFoundError as error:
        raise LecternError("The command '%s' is not on this host: it belongs to systemd, which timers need." % command[0]) from error
