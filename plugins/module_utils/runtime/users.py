# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of Open edX: checks what is wanted of them, has the program in the LMS bring that about, and tells what was different."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ..base.errors import LecternError, quoted
from ..base.logs import Logs
from ..root.platform import Platform
from . import programs
from .lms import users as program
from .programs import Answer, Call

PROGRAM = programs.program_of("users", program)

NAME = re.compile(r"[\w .@+-]{2,30}")  # what some release permits; the LMS applies the rules of its own release

EMAIL = re.compile(r"[^\s@]+@[^\s@]+|\"[^\"]+\"@[^\s@]+")

FIELDS = ("name", "email", "staff", "superuser", "state")


class WantedUser(NamedTuple):
    """What is wanted of a user. None stands for what is to stay as it is."""

    name: str
    email: str
    password: Optional[str]
    always: bool  # whether an existing user gets this password, too
    staff: Optional[bool]
    superuser: Optional[bool]
    active: bool


def read_users(options: Sequence[Dict[str, Any]]) -> List[WantedUser]:
    """Return the users in options of the module. Raises LecternError where any is invalid, or two have the same name or email."""
    users = [
        WantedUser(
            option["name"],
            option["email"],
            option["password"],
            option["update_password"] == "always",
            option["staff"],
            option["superuser"],
            option["state"] == "present",
        )
        for option in options
    ]
    problems = [problem for user in users for problem in _problems_of(user)] + _duplicates(users)
    if problems:
        raise LecternError(" ".join(problems))
    return users


def _problems_of(user: WantedUser) -> List[str]:
    problems = []
    if not NAME.fullmatch(user.name) or user.name != user.name.strip():
        problems.append(
            "User %s: a name in Open edX has 2 to 30 letters, digits, spaces inside, and '_', '-', '.', '@' or '+'." % quoted(user.name)
        )
    if not EMAIL.fullmatch(user.email) or len(user.email) > 254 or _has_controls(user.email):
        problems.append("User '%s' has the email %s: give an address such as alice@example.com." % (user.name, quoted(user.email)))
    if user.password is not None and not user.password.strip():
        problems.append("The password of user '%s' is empty: leave it out where there is none." % user.name)
    if user.password is not None and any(unicodedata.category(character) == "Cs" for character in user.password):
        problems.append("The password of user '%s' is not text: it holds half of a surrogate pair." % user.name)
    return problems


def _has_controls(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _duplicates(users: Sequence[WantedUser]) -> List[str]:
    """Return a sentence for each name and email that two users have. Open edX's database ignores case."""
    problems = []
    for what in ("name", "email"):
        seen: Dict[str, WantedUser] = {}
        for user in users:
            text = getattr(user, what)
            first = seen.setdefault(text.lower(), user)
            if first is not user:
                problems.append("Users '%s' and '%s' have the same %s, '%s': Open edX ignores case." % (first.name, user.name, what, text))
    return problems


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
