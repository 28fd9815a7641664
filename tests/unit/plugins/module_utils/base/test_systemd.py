# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left to do with units, and names and texts as systemd reads them: its own programs are asked where this machine has them."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import systemd
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError

TIMER, SERVICE = "lectern-hello@srv-tutor.timer", "lectern-hello@srv-tutor.service"
TEXTS = {TIMER: "[Timer]\nOnCalendar=daily\n", SERVICE: "[Service]\nExecStart=:/bin/true\n"}
PATTERN = r"lectern-\w+@srv-tutor\.(timer|service)"

# Stands in for systemctl: tells of each unit what a file of its name says.
SYSTEMCTL = """#!/bin/sh
cd "%s" || exit
while [ "$1" != -- ]; do shift; done
shift
[ ! -e refusal ] || { cat refusal >&2; exit 1; }
for unit; do printf 'Id=%%s\\n' "$unit"; cat "$unit"; echo; done
"""


def needs(program):
    return pytest.mark.skipif(not shutil.which(program), reason="needs %s" % program)


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host with a folder of units, what systemctl says of them, and stamps."""
    for name in ("units", "states", "stamps", "bin"):
        (tmp_path / name).mkdir()
    command = tmp_path / "bin/systemctl"
    command.write_text(SYSTEMCTL % (tmp_path / "states"))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", "%s%s%s" % (tmp_path / "bin", os.pathsep, os.environ["PATH"]))
    monkeypatch.setattr(systemd, "FOLDER", str(tmp_path / "units"))
    monkeypatch.setattr(systemd, "STAMPS", str(tmp_path / "stamps"))
    return tmp_path


def install(host, active="active", enabled="enabled", reload="no"):
    for name, text in TEXTS.items():
        (host / "units" / name).write_text(text)
    (host / "states" / TIMER).write_text("ActiveState=%s\nUnitFileState=%s\nNeedDaemonReload=%s\n" % (active, enabled, reload))


def left(texts=None, persistent=()):
    plan = systemd.plan_units(TEXTS if texts is None else texts, PATTERN, persistent)._asdict()
    return {what: value for what, value in plan.items() if value}


def path(host, name):
    return str(host / "units" / name)


def test_new_units_are_written_and_started(host):
    written = [{"path": path(host, name), "content": TEXTS[name]} for name in (SERVICE, TIMER)]
    assert left() == {"write": written, "reload": True, "start": [TIMER]}


def test_nothing_is_left_where_they_wait(host):
    install(host)
    assert left() == {}


@pytest.mark.parametrize("state", [("inactive", "enabled"), ("active", "disabled"), ("failed", "enabled")])
def test_a_timer_that_somebody_stopped_is_started(host, state):
    install(host, *state)
    assert left() == {"start": [TIMER]}


def test_a_changed_service_leaves_its_timer_alone(host):
    install(host)
    (host / "units" / SERVICE).write_text("")
    assert left() == {"write": [{"path": path(host, SERVICE), "content": TEXTS[SERVICE]}], "reload": True}


def test_what_was_edited_beside_it_is_read(host):
    install(host, reload="yes")
    assert left() == {"reload": True}


def test_a_link_in_the_place_of_a_unit_is_replaced(host):
    install(host)
    (host / "units" / TIMER).rename(host / "elsewhere")
    (host / "units" / TIMER).symlink_to(host / "elsewhere")
    assert left()["start"] == [TIMER]


def test_units_that_are_to_go_leave_nothing(host):
    install(host)
    (host / "units/lectern-hello@srv-other.timer").write_text("")
    (host / "units/another.timer").write_text("")
    stamp = host / "stamps" / ("stamp-" + TIMER)
    stamp.write_text("")
    assert left({}) == {"stop": [TIMER], "remove": [path(host, SERVICE), path(host, TIMER), str(stamp)], "reload": True}


def test_a_new_time_is_not_taken_for_a_missed_one(host):
    install(host)
    (host / "units" / TIMER).write_text("")
    stamp = host / "stamps" / ("stamp-" + TIMER)
    assert "touch" not in left(persistent=[TIMER])
    stamp.write_text("")
    assert left(persistent=[TIMER])["touch"] == [str(stamp)]
    assert "touch" not in left()


def test_a_host_without_the_folder_has_no_units(host):
    shutil.rmtree(str(host / "units"))
    assert left({}) == {}


def test_words_of_systemctl_are_passed_on(host):
    install(host)
    (host / "states/refusal").write_text("Failed to connect to bus: No such file or directory\n")
    with pytest.raises(LecternError, match="^systemd does not say what it knows of its timers: Failed to connect to bus"):
        left()


def test_a_missing_program_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LecternError, match="^The command 'systemd-analyze' is not on this host: it belongs to systemd"):
        systemd.refuse_calendar("Timer 'x'", "daily")


PATHS = ["/srv/tutor", "/srv/my-tutor", "/home/me/.local/share/tutor", "/.hidden", "/srv/a b%c\\d", "/srv/Ünï_cödé:1.0", "/srv//double/"]


@pytest.mark.parametrize("text", PATHS, ids=ascii)
@needs("systemd-escape")
def test_paths_are_spelled_as_systemd_does(text):
    answer = subprocess.run(["systemd-escape", "--path", text], stdout=subprocess.PIPE, check=True)
    assert systemd.escape_path(text) == answer.stdout.decode().strip()


def test_two_paths_never_have_one_name():
    assert len({systemd.escape_path(text) for text in ("/srv/a/b", "/srv/a-b", "/srv/a\\x2db", "/srv/a_b")}) == 4


def test_arguments_mean_what_they_say():
    assert systemd.quote_argument('/a b/%h "$HOME" \\') == '"/a b/%%h \\"$HOME\\" \\\\"'


@pytest.mark.parametrize("expression", ["daily", "Mon 03:00", "Mon..Fri *-*-* 03:00 Europe/Berlin", "*:0/15"])
@needs("systemd-analyze")
def test_calendar_expressions_are_taken(expression):
    systemd.refuse_calendar("Timer 'x'", expression)


@pytest.mark.parametrize("expression", ["", "Mon 25:00", "0 3 * * *", "--version", "fortnightly"])
@needs("systemd-analyze")
def test_other_expressions_are_refused_in_the_words_of_systemd(expression):
    with pytest.raises(LecternError) as refused:
        systemd.refuse_calendar("Timer 'x'", expression)
    said = "Failed to parse calendar specification '%s': Invalid argument" % expression
    assert str(refused.value).startswith("Timer 'x': systemd does not take '%s' as a calendar expression (%s)" % (expression, said))


@pytest.mark.parametrize("expression", ["2020-01-01", "*-02-31"])
@needs("systemd-analyze")
def test_a_time_that_never_comes_is_refused(expression):
    with pytest.raises(LecternError, match="^Timer 'x': '.*' never comes again"):
        systemd.refuse_calendar("Timer 'x'", expression)
