# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: user_errors
short_description: What is wrong with tutor_users
version_added: 1.1.0
author: The Lectern contributors (@lectern)
description:
  - Checks a list of users as the role P(lectern.tutor.users#role) reads it, before Open edX is asked. Shows no passwords.
options:
  _input:
    description: The list of users.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Check the users of the inventory
  ansible.builtin.assert:
    that: tutor_users | lectern.tutor.user_errors | length == 0
"""

RETURN = r"""
_value:
  description: A sentence for each error. Empty for a valid list.
  type: list
  elements: str
  sample: ["tutor_users[0] has no email."]
"""

from typing import Any, Callable, Dict, Iterator, List

from ansible.module_utils.parsing.convert_bool import BOOLEANS
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.wanted_users import WantedUser, find_problems
from ansible_collections.lectern.tutor.plugins.plugin_utils.results import to_plain_data

TEXTS = ("name", "email", "password")
FLAGS = ("staff", "superuser")
CHOICES = {"update_password": ("on_create", "always"), "state": ("present", "inactive")}
EXPECTED = {
    **dict.fromkeys(TEXTS, "is no text: put it in quotes"),
    **dict.fromkeys(FLAGS, "is neither true nor false"),
    **{name: "is not one of %s" % ", ".join(choices) for name, choices in CHOICES.items()},
}


def user_errors(users: Any) -> List[str]:
    """Return what is wrong with a list of users, as sentences."""
    users = to_plain_data(users)  # a password may be a vaulted value, which older releases of Ansible keep until it is used
    if not isinstance(users, list):
        return ["tutor_users is no list of users."]
    errors = [error for number, user in enumerate(users) for error in _errors_in(number, user)]
    return errors or find_problems([_wanted(user) for user in users])


def _errors_in(number: int, user: Any) -> Iterator[str]:
    place = "tutor_users[%d]" % number
    if not isinstance(user, dict):
        yield "%s is no mapping with name and email." % place
        return
    if isinstance(user.get("name"), str):
        place += " (%s)" % user["name"]
    unknown = sorted({str(key) for key in user} - {*TEXTS, *FLAGS, *CHOICES})
    if unknown:
        yield "%s has '%s': it can have %s." % (place, "', '".join(unknown), ", ".join((*TEXTS, *CHOICES, *FLAGS)))
    for name in ("name", "email"):
        if user.get(name) is None:
            yield "%s has no %s." % (place, name)
    for name, value in user.items():
        if value is not None and _is_wrong(name, value):
            yield "%s of %s %s." % (name, place, EXPECTED[name])


def _is_wrong(name: str, value: Any) -> bool:
    """Return whether a value has another type than it needs, or is none of the values that it can have."""
    if name in TEXTS:
        return not isinstance(value, str)
    if name in FLAGS:
        return not isinstance(value, (str, bool)) or value not in BOOLEANS
    return name in CHOICES and value not in CHOICES[name]


def _wanted(user: Dict[str, Any]) -> WantedUser:
    return WantedUser(str(user["name"]), str(user["email"]), user.get("password"), False, None, None, True)


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"user_errors": user_errors}
