# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the program in the LMS bring about what is wanted of users, and describes what was different."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from ..base.errors import LecternError
from ..base.logs import Logs
from ..root.platform import Platform
from . import programs
from .lms import users as program
from .programs import Answer, Call
from .wanted_users import WantedUser

PROGRAM = programs.program_of("users", program)

FIELDS = ("name", "email", "staff", "superuser", "state")


def bring_about(platform: Platform, client: Any, users: Sequence[WantedUser], logs: Logs, check: bool) -> Dict[str, Any]:
    """Create, change and disable users, or with ``check`` only compare them; return the results of the module.

    Raises LecternError where the LMS refuses any of them; none is changed then.
    """
    if not users:
        return _results([], [], [], [])
    data = {"users": [user._asdict() for user in users], "check": check}
    call = Call(PROGRAM, data, [user.password for user in users if user.password])
    answer = programs.look(platform, client, call) if check else programs.carry_out(platform, client, call, logs)
    if answer.result is None:
        return describe_unknown(users, answer.unknown)
    unready, refused = answer.result.get("unready"), answer.result.get("refused")
    if unready and check:
        return describe_unknown(users, "Open edX can't read its database yet")
    if unready:
        raise LecternError("Open edX can't read its database (%s): run the init tasks first (module lectern.tutor.job)." % unready)
    if refused:
        raise LecternError("%s No user was changed." % " ".join(refused))
    return _describe(users, answer, check)


def describe_unknown(users: Sequence[WantedUser], reason: str) -> Dict[str, Any]:
    """Return the results of check mode where users can't be compared now: each may be created or changed."""
    shown = [{"name": user.name, "email": user.email, "changed": True} for user in users]
    actions = ["Would create user '%s' or compare it, which is not possible yet: %s" % (user.name, reason) for user in users]
    diff = [
        {
            "before_header": "user '%s'" % user.name,
            "after_header": "user '%s'" % user.name,
            "before": "(unknown: %s)\n" % reason,
            "after": _lines(_wanted(user)),
        }
        for user in users
    ]
    return _results(shown, actions, diff, [])


def _wanted(user: WantedUser) -> Dict[str, Any]:
    flags = {"staff": user.staff, "superuser": user.superuser}
    given = {name: value for name, value in flags.items() if value is not None}
    return {"name": user.name, "email": user.email, **given, "state": "present" if user.active else "inactive"}


def _describe(users: Sequence[WantedUser], answer: Answer, check: bool) -> Dict[str, Any]:
    shown, actions, diff = [], [], []
    for user, plan in zip(users, answer.result["users"]):
        before, after = plan["before"], plan["after"]
        changed = before != after or plan["password"]
        state = after or {"name": user.name, "email": user.email, "staff": None, "superuser": None, "state": "absent"}
        shown.append({**state, "changed": changed, "created": changed and before is None})
        if changed:
            actions.append(_sentence(before, after, plan["password"], check))
            diff.append(_difference(before, after, plan["password"]))
    return _results(shown, actions, diff, answer.notes)


def _sentence(before: Optional[Dict[str, Any]], after: Dict[str, Any], password: bool, check: bool) -> str:
    if before is None:
        verb, what = "create", ""
    elif after["state"] == "inactive" != before["state"]:
        verb, what = "disable", ""
    else:
        parts = [part for part in FIELDS if before[part] != after[part]] + (["password"] if password else [])
        verb, what = "change", ": " + ", ".join(parts)
    return "%s user '%s'%s" % ("Would " + verb if check else verb.capitalize() + "d", after["name"], what)


def _difference(before: Optional[Dict[str, Any]], after: Dict[str, Any], password: bool) -> Dict[str, str]:
    header = "user '%s'" % after["name"]
    told = _lines(after)
    if password:
        told += "password: (as given)\n"
    elif before is None:
        told += "password: (random)\n"
    return {"before_header": header, "after_header": header, "before": _lines(before) if before else "", "after": told}


def _lines(values: Dict[str, Any]) -> str:
    """Return what is known of a user as YAML, one value a line."""
    known = [(name, values[name]) for name in FIELDS if name in values]
    return "".join("%s: %s\n" % (name, str(value).lower() if isinstance(value, bool) else value) for name, value in known)


def _results(shown: List[Dict[str, Any]], actions: List[str], diff: List[Dict[str, str]], notes: Sequence[str]) -> Dict[str, Any]:
    return {"changed": bool(actions or notes), "users": shown, "actions": [*notes, *actions], "diff": diff}
