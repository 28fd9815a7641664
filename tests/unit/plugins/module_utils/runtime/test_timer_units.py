# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the units of timers say, and to whom they belong."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import ownership, systemd
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.ownership import User
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import timer_units, unit_names
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.timers import Timer

HELLO = Timer("hello", "Mon 03:00", False, {"service": "lms", "script": "echo Open-Sesame", "timeout": None})
PLACES = Places("/srv/50% of it", "/srv/plugins")
PYTHON = "/opt/tutor/bin/python"
DEPLOY = User(1000, 1000, (1000,), "deploy", "/home/deploy")

SERVICE = """\
[Unit]
Description=hello of the Open edX platform in /srv/50%% of it
After=docker.service
# Nothing is left to do where the root was removed.
ConditionPathExists=/srv/50%% of it/.lectern/timers.pyz

[Service]
Type=oneshot
User=deploy
SupplementaryGroups=docker
SuccessExitStatus=SIGTERM
ExecStart=:"/opt/tutor/bin/python" "/srv/50%% of it/.lectern/timers.pyz" "hello"
"""
TIMER = """\
[Unit]
Description=hello of the Open edX platform in /srv/50%% of it

[Timer]
OnCalendar=Mon 03:00
Persistent=true

[Install]
WantedBy=timers.target
"""


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host with systemd, as far as this machine can tell, and a socket of the group 999."""
    checked = []
    for name in ("units", "booted"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(systemd, "FOLDER", str(tmp_path / "units"))
    monkeypatch.setattr(systemd, "BOOTED", str(tmp_path / "booted"))
    monkeypatch.setattr(systemd, "refuse_calendar", lambda what, expression: checked.append((what, expression)))
    monkeypatch.setattr(ownership, "engine_groups", lambda user: (999,))
    monkeypatch.setattr(timer_units.grp, "getgrgid", {999: SimpleNamespace(gr_name="docker")}.__getitem__)
    monkeypatch.setattr(ownership, "refuse_closed", lambda user, paths: None)
    return checked


def plan(*timers, user=DEPLOY, places=PLACES, python=PYTHON):
    return timer_units.plan_units(places, timers, user, python)


def written(result):
    return {os.path.basename(unit["path"]): unit["content"] for unit in result["write"]}


def test_units_of_another_users_root(host):
    result = plan(HELLO._replace(persistent=True))
    units = written(result)
    name = r"lectern-hello@srv-50\x25\x20of\x20it"
    assert set(units) == {name + ".service", name + ".timer"}
    assert units[name + ".service"] == timer_units.HEADING + SERVICE
    assert units[name + ".timer"] == timer_units.HEADING + TIMER
    assert result["start"] == [name + ".timer"]
    assert host == [("Timer 'hello'", "Mon 03:00")]


def test_units_of_ones_own_root(host):
    units = "".join(written(plan(HELLO, user=None)).values())
    assert "User=%s\n" % ownership.find_user(os.geteuid()).name in units
    assert "SupplementaryGroups" not in units
    assert "Persistent" not in units


def test_units_tell_no_script(host):
    assert "Open-Sesame" not in repr(plan(HELLO))


def test_calendars_that_did_not_change_are_not_checked_again(host, tmp_path, monkeypatch):
    for name, text in written(plan(HELLO)).items():
        (tmp_path / "units" / name).write_text(text)
    host.clear()
    monkeypatch.setattr(systemd, "_states", lambda units: {})
    plan(HELLO)
    assert host == []


def test_what_belongs_to_the_root(host, tmp_path):
    for name in (
        r"lectern-a_b-c@srv-x.timer",
        r"lectern-a@srv-x.service",
        r"lectern-a@srv-xy.timer",
        r"lectern-a@srv.timer",
        "lectern-a.timer",
    ):
        (tmp_path / "units" / name).write_text("")
    assert unit_names.units_of(Places("/srv/x", "")) == ["lectern-a@srv-x.service", "lectern-a_b-c@srv-x.timer"]
    assert plan(places=Places("/srv/x", ""))["stop"] == ["lectern-a_b-c@srv-x.timer"]


def test_without_systemd(host, tmp_path):
    (tmp_path / "booted").rmdir()
    with pytest.raises(LecternError, match="^This host does not run systemd, which starts timers: empty the list of timers"):
        plan(HELLO)
    assert not any(plan().values())


def test_a_user_without_a_name(host):
    with pytest.raises(LecternError, match=r"^root '/srv/50% of it' belongs to the user with id 4242, who is not in /etc/passwd"):
        plan(HELLO, user=User(4242, 4242, (), None, "/"))


def test_a_group_without_a_name(host, monkeypatch):
    monkeypatch.setattr(ownership, "engine_groups", lambda user: (105,))
    with pytest.raises(LecternError, match="^The socket of the Docker engine belongs to the group with id 105, which is not in /etc/group"):
        plan(HELLO)


def test_a_name_that_is_too_long(host):
    with pytest.raises(LecternError, match="^Timer 'hello': 'lectern-hello@.*' is longer than 255 characters"):
        plan(HELLO, places=Places("/srv/" + "-" * 70, ""))


@pytest.mark.parametrize("places, python", [(Places("/srv/a\nb", ""), PYTHON), (PLACES, "/opt/a\nb")])
def test_no_path_ends_the_line(host, places, python):
    with pytest.raises(LecternError, match="no unit of systemd can hold control characters"):
        plan(HELLO, places=places, python=python)
