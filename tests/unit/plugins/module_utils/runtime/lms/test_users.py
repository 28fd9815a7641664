# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program for users in a real Django, with what it uses of Open edX: on the Python of this test, and on 2.7 where that has Django."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import users, wanted_users
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.runtime.lms_standin import LMS, pythons

STANDIN = Path(__file__).parent / "openedx_standin"

HARD = "'\"$(id)\\`ls` ü☃ {{ x }} %s"

ALICE = {"name": "alice", "email": "alice@example.com"}


def has_django(python):
    return subprocess.run([python, "-c", "import django"], capture_output=True, check=False).returncode == 0


DJANGOS = [python for python in pythons() if has_django(python)]

pytestmark = pytest.mark.skipif(not DJANGOS, reason="needs Django in the virtual environment")


class Site(LMS):
    """Open edX on one Python: a folder with a database of its own."""

    def __init__(self, folder, python, tables):
        super().__init__(folder, python)
        self.python = python
        self.variables = {"STANDIN": str(STANDIN)}
        manage = (STANDIN / "manage.py").read_text().split("\n", 1)[1]
        (folder / "manage.py").write_text("#!%s\n%s" % (python, manage))
        shutil.copy(tables, folder / "db.sqlite3")
        (folder / "root").mkdir()
        self.platform = Platform(Places(str(folder / "root"), "/plugins"), {})

    def bring_about(self, *wanted, check=False):
        read = wanted_users.read_users([option(**each) for each in wanted])
        return users.bring_about(self.platform, None, read, Logs(self.platform.places, []), check)

    def sql(self, text, *values):
        connection = sqlite3.connect(self.folder / "db.sqlite3")
        with contextlib.closing(connection), connection:
            return connection.execute(text, values).fetchall()

    def rows(self):
        """Everything that may change of users."""
        users = self.sql("SELECT username, email, password, is_staff, is_superuser, is_active FROM auth_user ORDER BY id")
        standings = self.sql("SELECT account_status, standing_last_changed_at FROM student_userstanding ORDER BY id")
        return users, standings, self.sql("SELECT count(*) FROM student_userprofile"), self.sql("SELECT count(*) FROM student_token")

    def password_is(self, password):
        """Whether the only user has a password, by the hash of MD5PasswordHasher."""
        ((encoded,),) = self.sql("SELECT password FROM auth_user")
        _algorithm, salt, digest = encoded.split("$")
        return hashlib.md5((salt + password).encode()).hexdigest() == digest


def option(**given):
    nothing = dict.fromkeys(["password", "staff", "superuser"])
    return {**nothing, "update_password": "on_create", "state": "present", **given}


@pytest.fixture(scope="module", params=DJANGOS)
def tables(request, tmp_path_factory):
    """A Python and a database with its Django's tables."""
    folder = tmp_path_factory.mktemp("tables")
    subprocess.run([request.param, STANDIN / "manage.py", "tables"], cwd=folder, check=True)
    return request.param, folder / "db.sqlite3"


@pytest.fixture
def site(tables, tmp_path, monkeypatch):
    return Site(tmp_path, *tables).install(monkeypatch)


def four_runs(site, *wanted):
    """Check, run, check, run; return the results of the first two, which say the same, after the last two, which say that all is done."""
    before = site.rows()
    told = site.bring_about(*wanted, check=True)
    assert site.rows() == before
    done = site.bring_about(*wanted)
    assert (told["changed"], told["diff"], told["users"]) == (done["changed"], done["diff"], done["users"])
    after = site.rows()
    for check in (True, False):
        again = site.bring_about(*wanted, check=check)
        assert (again["changed"], again["actions"], again["diff"]) == (False, [], [])
        assert site.rows() == after
    return done


def test_new_user(site):
    done = four_runs(site, {**ALICE, "password": HARD, "staff": True})
    assert done["users"] == [{**ALICE, "staff": True, "superuser": False, "state": "present", "changed": True, "created": True}]
    assert done["actions"] == ["Created user 'alice'"]
    told = "name: alice\nemail: alice@example.com\nstaff: true\nsuperuser: false\nstate: present\npassword: (as given)\n"
    assert done["diff"] == [{"before_header": "user 'alice'", "after_header": "user 'alice'", "before": "", "after": told}]
    assert site.password_is(HARD) and site.sql("SELECT count(*) FROM student_userprofile") == [(1,)]
    assert HARD not in "".join(site.logged)


def test_many_users_need_one_container(site):
    wanted = [
        {"name": "learner-%d" % number, "email": "%d@example.com" % number, "password": "pass word %d" % number} for number in range(200)
    ]
    assert len(site.bring_about(*wanted)["actions"]) == 200
    assert not site.bring_about(*wanted, check=True)["changed"]
    assert len(site.calls) == 2 and len(site.rows()[0]) == 200


def test_what_is_not_given_stays(site):
    site.bring_about({**ALICE, "password": "correct horse", "staff": True, "superuser": True})
    before = site.rows()
    assert not site.bring_about({**ALICE, "password": "another one"})["changed"]
    assert site.rows() == before
    done = four_runs(site, {**ALICE, "superuser": False})
    assert done["actions"] == ["Changed user 'alice': superuser"]
    assert site.sql("SELECT is_staff, is_superuser FROM auth_user") == [(1, 0)] and site.password_is("correct horse")


def test_password_is_set_only_where_it_differs(site):
    site.bring_about({**ALICE, "password": "correct horse"})
    done = four_runs(site, {**ALICE, "password": HARD, "update_password": "always"})
    assert done["actions"] == ["Changed user 'alice': password"] and site.password_is(HARD)
    assert HARD not in json.dumps(done) and HARD not in "".join(site.logged)


def test_comparing_a_password_does_not_renew_its_hash(site):
    """Django renews hashes of an old kind when a user logs in."""
    site.bring_about(ALICE)
    old = base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"old horse", b"salt", 10)).decode()
    site.sql("UPDATE auth_user SET password = ?", "pbkdf2_sha256$10$salt$" + old)
    before = site.rows()
    for check in (True, False):
        assert not site.bring_about({**ALICE, "password": "old horse", "update_password": "always"}, check=check)["changed"]
    assert site.rows() == before


def test_disabled_and_enabled_again(site):
    site.bring_about({**ALICE, "password": "correct horse"})
    site.sql("INSERT INTO student_token (user_id) SELECT id FROM auth_user")
    done = four_runs(site, {**ALICE, "state": "inactive"})
    assert done["actions"] == ["Disabled user 'alice'"] and done["users"][0]["state"] == "inactive"
    assert site.sql("SELECT is_active, account_status FROM auth_user, student_userstanding") == [(0, "disabled")]
    assert site.sql("SELECT * FROM student_token") == []
    done = four_runs(site, ALICE)
    assert done["actions"] == ["Changed user 'alice': state"] and site.password_is("correct horse")
    assert site.sql("SELECT is_active, account_status FROM auth_user, student_userstanding") == [(1, "enabled")]


@pytest.mark.parametrize(
    ("half", "state"), [("UPDATE auth_user SET is_active = 0", "never activated"), ("UPDATE auth_user SET is_active = 1", "disabled")]
)
def test_account_that_is_half_disabled_is_disabled(site, half, state):
    """Somebody who is only not active could activate the account by email, or go on with a session."""
    site.bring_about(ALICE)
    if state == "disabled":
        site.bring_about({**ALICE, "state": "inactive"})
    site.sql(half)
    done = site.bring_about({**ALICE, "state": "inactive"})
    assert "state: %s\n" % state in done["diff"][0]["before"]
    assert site.sql("SELECT is_active, account_status FROM auth_user, student_userstanding") == [(0, "disabled")]


def test_nobody_is_created_to_be_disabled(site):
    done = site.bring_about({**ALICE, "state": "inactive"})
    assert done["users"] == [{**ALICE, "staff": None, "superuser": None, "state": "absent", "changed": False, "created": False}]
    assert site.rows()[0] == []


def test_names_and_emails_are_compared_without_case(site):
    site.bring_about(ALICE)
    done = site.bring_about({"name": "Alice", "email": "ALICE@example.com", "staff": True})
    assert done["actions"] == ["Changed user 'alice': staff"] and len(site.rows()[0]) == 1


def test_refused_before_anything_is_changed(site):
    site.bring_about(ALICE, {"name": "ann", "email": "ann@example.com"})
    before = site.rows()
    wanted = [
        {"name": "ann", "email": "ann@example.com", "staff": True},
        {"name": "new", "email": "new@example.com"},
        {"name": "alice", "email": "other@example.com"},
        {"name": "bob", "email": "Alice@example.com", "state": "inactive"},
        {"name": "retired", "email": "a@example.com"},
        {"name": "dave", "email": "retired@example.com"},
        {"name": "eve", "email": "eve@x"},
        {"name": "fred", "email": "fred@example.com", "password": "hush"},
        {"name": "a b", "email": "ab@example.com"},
    ]
    for check in (True, False):
        with pytest.raises(LecternError) as caught:
            site.bring_about(*wanted, check=check)
        assert str(caught.value).startswith(
            "User 'alice' exists with the email 'alice@example.com', not 'other@example.com'. "
            "User 'bob' can't have the email 'Alice@example.com': it is that of user 'alice'. "
            "Open edX refuses user 'retired': the name 'retired' is that of a retired user"
        )
        for words in (
            "user 'dave': the email 'retired@example.com' is that of a retired user",
            "Open edX refuses user 'eve': email: Enter a valid email address.",
            "Open edX refuses user 'fred': This password is too short.",
            "Open edX refuses user 'a b': username: Enter a valid username.",
        ):
            assert words in str(caught.value)
        assert str(caught.value).endswith(" No user was changed.") and "hush" not in str(caught.value)
        assert site.rows() == before


def test_open_edx_checks_what_it_has_functions_for(site):
    site.variables["OPENEDX_CHECKS"] = "1"
    with pytest.raises(LecternError, match="user 'odd': Usernames must not be odd. Open edX refuses user 'carol': This password is known."):
        site.bring_about({"name": "odd", "email": "odd@example.com"}, {"name": "carol", "email": "carol@example.com", "password": "known"})


def test_password_is_hashed_as_the_login_form_sends_it(site):
    """Open edX normalizes what is typed there."""
    site.variables["OPENEDX_CHECKS"] = "1"
    for changed in (True, False):
        assert site.bring_about({**ALICE, "password": "\ufb01ve horses", "update_password": "always"})["changed"] is changed
    assert site.password_is("five horses")


def test_failure_changes_nobody(site):
    """All users are changed in one transaction."""
    site.bring_about(ALICE)
    site.sql("DROP TABLE student_userprofile")
    with pytest.raises(LecternError, match="Program 'users' failed in service 'lms': OperationalError: no such table: student_userprofile"):
        site.bring_about({**ALICE, "staff": True}, {"name": "bob", "email": "bob@example.com"})
    assert site.sql("SELECT username, is_staff FROM auth_user") == [("alice", 0)]


def test_database_without_tables(tables, tmp_path, monkeypatch):
    (tmp_path / "empty").write_bytes(b"")
    site = Site(tmp_path, tables[0], tmp_path / "empty").install(monkeypatch)
    with pytest.raises(LecternError, match=r"^Open edX can't read its database \(no such table: auth_user\): run the init tasks first"):
        site.bring_about(ALICE)
    told = site.bring_about(ALICE, check=True)
    assert told["users"] == [{**ALICE, "changed": True}]
    assert told["actions"] == ["Would create user 'alice' or compare it, which is not possible yet: Open edX can't read its database yet"]
