# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of users of Open edX, and what is wrong with it before anybody asks Open edX. Messages never show a password."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ..base.errors import LecternError, quoted

NAME = re.compile(r"[\w .@+-]{2,30}")  # what some release permits; the LMS applies the rules of its own release

EMAIL = re.compile(r"[^\s@]+@[^\s@]+|\"[^\"]+\"@[^\s@]+")


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
    problems = find_problems(users)
    if problems:
        raise LecternError(" ".join(problems))
    return users


def find_problems(users: Sequence[WantedUser]) -> List[str]:
    """Return a sentence for each thing that is wrong with users."""
    return [problem for user in users for problem in _problems_of(user)] + _duplicates(users)


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
