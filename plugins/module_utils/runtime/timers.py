# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timers of a root: what each runs, kept in ``.lectern/timers.json``, and the program that runs it."""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ..base import files, program, systemd
from ..base.errors import LecternError
from ..base.masking import MASK
from ..base.places import Places
from . import timer_run
from .unit_names import unit_name

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

SECRET = ("args", "script")  # they may hold passwords

PASSED_ON = ("DOCKER_", "TUTOR_")  # how the environment variables begin that decide what a job does


class Timer(NamedTuple):
    """A job at a calendar time: ``job`` as the parameters of what it runs."""

    name: str
    calendar: str
    persistent: bool
    job: Dict[str, Any]


def read_timers(given: Sequence[Dict[str, Any]]) -> List[Timer]:
    """Return the timers that an option describes. Raises LecternError, with the timer's name, for one that can't be."""
    timers: List[Timer] = []
    for entry in given:
        name, what = entry["name"], "Timer '%s'" % entry["name"]
        if not NAME.fullmatch(name):
            raise LecternError("%s: the name becomes part of the names of units, so it is made of letters, digits, '-' and '_'." % what)
        if any(timer.name == name for timer in timers):
            raise LecternError("%s is listed twice: give each a name of its own." % what)
        _refuse_mixed(what, entry)
        if entry["timeout"] is not None and entry["timeout"] < 1:
            raise LecternError("%s: timeout is %d: give at least 1 second, or leave it out for no limit." % (what, entry["timeout"]))
        systemd.refuse_control_characters("%s: calendar" % what, entry["calendar"])
        job = {key: entry[key] for key in ("job", "args", "service", "script", "timeout")}
        timers.append(Timer(name, entry["calendar"].strip(), bool(entry["persistent"]), job))
    return timers


def _refuse_mixed(what: str, entry: Dict[str, Any]) -> None:
    """Raise LecternError unless an entry names one job, or one script and its service."""
    is_script = bool(entry["service"] and entry["script"])
    if bool(entry["job"]) == is_script or entry["job"] and (entry["service"] or entry["script"]) or entry["args"] and not entry["job"]:
        raise LecternError("%s: give either job, with args if it takes any, or service and script." % what)
    if entry["job"] == "init":
        raise LecternError("%s: init tasks are run by the deployment, and by the playbook lectern.tutor.init. Give another job." % what)


def save_timers(places: Places, timers: Sequence[Timer], check: bool) -> Dict[str, Any]:
    """Write what the timers run, and the program that runs it; without timers, remove both. Returns a module's results."""
    table, wanted = files.own_path(places, timer_run.TABLE), _contents(places, timers)
    before = {path: _read_own(path) for path in wanted}
    changed = [path for path in wanted if before[path] != wanted[path]]
    was, will = _jobs(before[table]), _jobs(wanted[table])
    if changed and not check:
        _write(places, wanted)
    names = sorted({*was, *will})
    actions = ["%s timer '%s'" % (_verb(was, will, name), name) for name in names if was.get(name) != will.get(name)]
    if changed and not actions:
        actions = ["Updated what timers of '%s' run with" % places.root]
    return {
        "changed": bool(changed),
        "timers": [
            {"name": timer.name, "unit": unit_name(timer.name, places.root, "timer"), "changed": was.get(timer.name) != will[timer.name]}
            for timer in timers
        ],
        "actions": actions,
        "diff": [_difference(name, was.get(name), will.get(name)) for name in names if was.get(name) != will.get(name)],
    }


def _contents(places: Places, timers: Sequence[Timer]) -> Dict[str, Optional[bytes]]:
    """Return the content of each file by path; None for one that is to be missing. The program comes first."""
    paths = files.own_path(places, timer_run.PROGRAM), files.own_path(places, timer_run.TABLE)
    if not timers:
        return dict.fromkeys(paths)
    table = {
        "plugins_root": places.plugins_root,
        "templates": places.templates,
        "environment": {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)},
        "timers": {timer.name: {**timer.job, "calendar": timer.calendar, "persistent": timer.persistent} for timer in timers},
    }
    return dict(zip(paths, (program.write_program(timer_run.__name__), _json(table))))


def _json(table: Dict[str, Any]) -> bytes:
    return (json.dumps(table, indent=1, sort_keys=True) + "\n").encode()


def _read_own(path: str) -> Optional[bytes]:
    with contextlib.suppress(FileNotFoundError):
        return files.read_own(path)
    return None


def _jobs(content: Optional[bytes]) -> Dict[str, Any]:
    """Return the timers in a table; none where there is no table, or a damaged one, which is written anew."""
    try:
        timers = json.loads(content or b"{}").get("timers") or {}
        return {str(name): dict(timer) for name, timer in timers.items()}
    except (ValueError, AttributeError, TypeError):
        return {}


def _write(places: Places, wanted: Dict[str, Optional[bytes]]) -> None:
    files.make_own_folder(places)
    for path, content in wanted.items():
        if content is not None:
            files.write_own(path, content)
            continue
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _verb(was: Dict[str, Any], will: Dict[str, Any], name: str) -> str:
    return "Changed" if name in was and name in will else "Removed" if name in was else "Added"


def _difference(name: str, was: Optional[Dict[str, Any]], will: Optional[Dict[str, Any]]) -> Dict[str, str]:
    header = "timer %s" % name
    return {"before_header": header, "after_header": header, "before": _shown(was, will, ""), "after": _shown(will, was, " (changed)")}


def _shown(timer: Optional[Dict[str, Any]], other: Optional[Dict[str, Any]], note: str) -> str:
    """Return a timer as a difference shows it, without what may be secret; a ``note`` says where that is not as in the other."""
    lines = []
    for key, value in sorted((timer or {}).items()):
        if value and key in SECRET:
            value = MASK + (note if other and other.get(key) != value else "")
        if value is not None:
            lines.append("%s: %s\n" % (key, value))
    return "".join(lines)
