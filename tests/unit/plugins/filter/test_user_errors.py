# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of users in the inventory, and that it never shows a password."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lectern.tutor.plugins.filter.user_errors import user_errors

ALICE = {"name": "alice", "email": "alice@example.com", "password": "hush hush"}


@pytest.mark.parametrize(
    "users",
    [
        [],
        [ALICE],
        [{**ALICE, "password": None, "staff": True, "superuser": "no", "update_password": "always", "state": None}],
        [ALICE, {"name": "bob", "email": "bob@example.com", "state": "inactive"}],
    ],
)
def test_users_are_fine(users: Any) -> None:
    assert user_errors(users) == []


class Vaulted:
    """As ansible-core before 2.19 has values of a vault: no text, but one when it is used."""

    def __str__(self) -> str:
        return "hush hush"


def test_password_may_be_vaulted() -> None:
    assert user_errors([{**ALICE, "password": Vaulted()}]) == []


@pytest.mark.parametrize(
    ("users", "says"),
    [
        ("hush", ["tutor_users is no list of users."]),
        ({"alice": ALICE}, ["tutor_users is no list of users."]),
        (["hush"], ["tutor_users[0] is no mapping with name and email."]),
        ([{"password": "hush"}], ["tutor_users[0] has no name.", "tutor_users[0] has no email."]),
        ([{**ALICE, "email": None}], ["tutor_users[0] (alice) has no email."]),
        ([ALICE, {**ALICE, "name": 12}], ["name of tutor_users[1] is no text: put it in quotes."]),
        ([{**ALICE, "password": 4711}], ["password of tutor_users[0] (alice) is no text: put it in quotes."]),
        ([{**ALICE, "password": ["hush"]}], ["password of tutor_users[0] (alice) is no text: put it in quotes."]),
        (
            [{**ALICE, "passwort": "hush"}],
            ["tutor_users[0] (alice) has 'passwort': it can have name, email, password, update_password, state, staff, superuser."],
        ),
        ([{**ALICE, "staff": "hush"}], ["staff of tutor_users[0] (alice) is neither true nor false."]),
        ([{**ALICE, "staff": [1]}], ["staff of tutor_users[0] (alice) is neither true nor false."]),
        ([{**ALICE, "state": "absent"}], ["state of tutor_users[0] (alice) is not one of present, inactive."]),
        ([{**ALICE, "update_password": True}], ["update_password of tutor_users[0] (alice) is not one of on_create, always."]),
        ([{**ALICE, "password": " "}], ["The password of user 'alice' is empty: leave it out where there is none."]),
        (
            [ALICE, {**ALICE, "name": "Alice"}],
            [
                "Users 'alice' and 'Alice' have the same name, 'Alice': Open edX ignores case.",
                "Users 'alice' and 'Alice' have the same email, 'alice@example.com': Open edX ignores case.",
            ],
        ),
    ],
)
def test_mistake_is_named(users: Any, says: list[str]) -> None:
    assert user_errors(users) == says
    assert "hush" not in str(says) and "4711" not in str(says)
