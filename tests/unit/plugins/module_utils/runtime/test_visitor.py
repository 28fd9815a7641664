# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that makes a user and removes it, on a stand-in for Django."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from types import ModuleType, SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.lms import visitor

DATA = {"name": "lectern_smoke_0123abcd", "email": "lectern_smoke_0123abcd@example.com", "password": "Aa1-secret", "patience": 10}


class User(SimpleNamespace):
    def delete(self):
        self.table.remove(self)


@pytest.fixture
def table(monkeypatch, tmp_path):
    """The users; Django's modules are those that the program imports."""
    table = []

    def add(command, name, email, is_staff, is_superuser, initial_password_hash):
        assert (command, is_staff, is_superuser, initial_password_hash) == ("manage_user", False, False, "hash of Aa1-secret")
        if any(user.email == email for user in table):
            raise ValueError("email is taken")
        table.append(User(username=name, email=email, is_staff=False, is_superuser=False, table=table))

    def find(username__regex):
        return [user for user in table if re.search(username__regex, user.username)]

    model = SimpleNamespace(objects=SimpleNamespace(filter=find))
    contents = {
        "django.contrib.auth": {"get_user_model": lambda: model},
        "django.contrib.auth.hashers": {"make_password": lambda password: "hash of " + password},
        "django.core.management": {"call_command": add},
    }
    for name in ("django", "django.contrib", "django.core", *contents):
        module = ModuleType(name)
        vars(module).update(contents.get(name, {}))
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(visitor, "DONE", str(tmp_path / "done"))
    monkeypatch.setattr(visitor, "PAUSE", 0.01)
    return table


def wait_until(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_user_is_there_until_the_caller_is_done(table, capfd):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(visitor.main(DATA)))
    thread.start()
    printed = []
    wait_until(lambda: printed.append(capfd.readouterr().out) or visitor.READY in "".join(printed))
    assert [user.username for user in table] == [DATA["name"]]
    open(visitor.DONE, "w").close()
    thread.join(10)
    assert (answers, table) == ([{"done": True}], [])


def test_user_is_removed_where_nobody_says_so(table):
    assert visitor.main(dict(DATA, patience=0.05)) == {"done": False}
    assert table == []


def test_user_is_removed_after_a_failure(table, monkeypatch):
    def fail(_patience):
        raise OSError("no disk")

    monkeypatch.setattr(visitor, "wait", fail)
    with pytest.raises(OSError):
        visitor.main(DATA)
    assert table == []


def test_only_users_of_the_program_are_removed(table):
    names = ["lectern_smoke_ffffffff", "lectern_smoke_fffffff", "lectern_smoke_fffffff0x", "lectern_smoke_", "learner"]
    others = [User(username=name, email=name + "@example.com", is_staff=False, is_superuser=False, table=table) for name in names]
    others.append(User(username="lectern_smoke_00000000", email="me@example.org", is_staff=False, is_superuser=False, table=table))
    table += others
    visitor.main(dict(DATA, patience=0))
    assert table == others[1:]


def test_administrator_of_another_test_is_removed_alone(table):
    table.append(User(username="lectern_smoke_11111111", email="lectern_smoke_11111111@example.com", is_superuser=True, table=table))
    assert visitor.main({}) == {"done": True}
    assert table == []


def test_file_is_one_that_any_user_of_the_image_may_write():
    assert os.path.dirname(visitor.DONE) == "/tmp"
