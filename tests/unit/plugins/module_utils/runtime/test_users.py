# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of users before a container starts, and what check mode says where there is no platform yet."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import users, wanted_users

ALICE = {
    "name": "alice",
    "email": "alice@example.com",
    "password": "hush hush",
    "update_password": "on_create",
    "staff": None,
    "superuser": None,
    "state": "present",
}


@pytest.mark.parametrize(
    "given",
    [
        {"name": "-Über_name.2"},
        {"name": "a b"},
        {"email": "o'neil+$(id)@example.com"},
        {"email": '"a b"@example.com'},
        {"email": "cms@openedx"},
        {"password": "'\"$(id)\\`ls`\n ☃"},
        {"password": None},
    ],
)
def test_what_some_release_permits_is_left_to_the_lms(given):
    (read,) = wanted_users.read_users([{**ALICE, **given}])
    assert all(getattr(read, name) == value for name, value in given.items())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "a"}, r"^User 'a': a name in Open edX has 2 to 30 letters, digits, spaces inside, and '_', '-', '\.', '@' or '\+'\.$"),
        ({"name": "a" * 31}, "^User 'a{31}': a name"),
        ({"name": "it's"}, '^User "it\'s": a name'),
        ({"name": "alice\n"}, r"^User 'alice\\n': a name"),
        ({"name": " alice"}, "^User ' alice': a name"),
        ({"name": ""}, "^User '': a name"),
        ({"email": "alice"}, r"^User 'alice' has the email 'alice': give an address such as alice@example\.com\.$"),
        ({"email": "a b@example.com"}, "has the email 'a b@example.com': give"),
        ({"email": "a\0@example.com"}, r"has the email 'a\\x00@example.com': give"),
        ({"email": "a@" + "b" * 253}, "^User 'alice' has the email 'a@b+"),
        ({"password": ""}, "^The password of user 'alice' is empty: leave it out where there is none.$"),
        ({"password": "hush\ud800"}, "^The password of user 'alice' is not text: it holds half of a surrogate pair.$"),
    ],
)
def test_what_no_release_permits_is_refused(given, words):
    with pytest.raises(LecternError, match=words) as caught:
        wanted_users.read_users([{**ALICE, **given}])
    assert "hush" not in str(caught.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(LecternError, match="User 'a': .* User 'b': "):
        wanted_users.read_users([{**ALICE, "name": "a"}, {**ALICE, "name": "b", "email": "b@example.com"}])


def test_two_users_of_one_name_or_email_are_refused():
    same = [ALICE, {**ALICE, "name": "ALICE", "email": "other@example.com"}, {**ALICE, "name": "bob", "email": "Alice@Example.com"}]
    with pytest.raises(LecternError) as caught:
        wanted_users.read_users(same)
    assert str(caught.value) == (
        "Users 'alice' and 'ALICE' have the same name, 'ALICE': Open edX ignores case. "
        "Users 'alice' and 'bob' have the same email, 'Alice@Example.com': Open edX ignores case."
    )


def test_nothing_is_asked_for_nobody():
    assert users.bring_about(None, None, [], None, False) == {"changed": False, "users": [], "actions": [], "diff": []}


def test_users_that_can_not_be_compared_count_as_changed():
    told = users.describe_unknown(wanted_users.read_users([{**ALICE, "staff": True}]), "these services do not run: mysql")
    assert told["changed"] and told["users"] == [{"name": "alice", "email": "alice@example.com", "changed": True}]
    assert told["actions"] == ["Would create user 'alice' or compare it, which is not possible yet: these services do not run: mysql"]
    assert told["diff"] == [
        {
            "before_header": "user 'alice'",
            "after_header": "user 'alice'",
            "before": "(unknown: these services do not run: mysql)\n",
            "after": "name: alice\nemail: alice@example.com\nstaff: true\nstate: present\n",
        }
    ]
