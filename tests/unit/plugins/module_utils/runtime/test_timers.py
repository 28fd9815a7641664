# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the timers of a root run is kept below it: exactly, privately, and told without secrets."""

from __future__ import annotations

import json
import os
import stat

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import timers

ENTRY = dict(
    name="hello", calendar="daily", job=None, args=None, service="lms", script="echo Open-Sesame\n", timeout=None, persistent=False
)


@pytest.fixture
def places(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("DOCKER_", "TUTOR_"))]:
        monkeypatch.delenv(name)
    return Places(str(tmp_path / "root"), str(tmp_path / "plugins"))


def save(places, *entries, check=False):
    result = timers.save_timers(places, timers.read_timers([dict(ENTRY, **entry) for entry in entries]), check)
    assert "Open-Sesame" not in json.dumps(result)
    assert result["changed"] == bool(result["actions"])
    return result


def kept(places):
    folder = os.path.join(places.root, ".lectern")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return {name: open(os.path.join(folder, name), "rb").read() for name in names}


def test_four_runs(places):
    checked = save(places, {}, check=True)
    assert not os.path.exists(places.root)
    real = save(places, {})
    assert real == checked
    assert real["actions"] == ["Added timer 'hello'"]
    assert real["diff"] == [
        {
            "before_header": "timer hello",
            "after_header": "timer hello",
            "before": "",
            "after": "calendar: daily\npersistent: False\nscript: ********\nservice: lms\n",
        }
    ]
    before = kept(places)
    for check in (True, False):
        assert save(places, {}, check=check) == dict(
            real, changed=False, actions=[], diff=[], timers=[dict(real["timers"][0], changed=False)]
        )
    assert kept(places) == before


def test_only_the_owner_can_read_it(places):
    save(places, {})
    folder = os.path.join(places.root, ".lectern")
    modes = {name: stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) for name in os.listdir(folder)}
    assert modes == {"timers.json": 0o600, "timers.pyz": 0o600}
    assert b"Open-Sesame" in kept(places)["timers.json"]


def test_another_script_shows_as_changed(places):
    save(places, {}, {"name": "other"})
    changed = save(places, {"script": "echo Open-Sesame again", "timeout": 5}, {"name": "other"})
    assert changed["actions"] == ["Changed timer 'hello'"]
    (difference,) = changed["diff"]
    assert difference["before"] == "calendar: daily\npersistent: False\nscript: ********\nservice: lms\n"
    assert difference["after"] == "calendar: daily\npersistent: False\nscript: ******** (changed)\nservice: lms\ntimeout: 5\n"
    assert [timer["changed"] for timer in changed["timers"]] == [True, False]


def test_the_last_timer_takes_the_files_with_it(places):
    save(places, {})
    assert save(places, check=True)["actions"] == ["Removed timer 'hello'"]
    assert set(kept(places)) == {"timers.json", "timers.pyz"}
    assert save(places)["actions"] == ["Removed timer 'hello'"]
    assert kept(places) == {}
    assert not save(places)["changed"]


def test_no_timers_make_no_root(places):
    assert not save(places)["changed"]
    assert not os.path.exists(places.root)


def test_an_older_program_is_replaced(places):
    save(places, {})
    path = os.path.join(places.root, ".lectern/timers.pyz")
    with open(path, "wb") as stream:
        stream.write(b"older")
    result = save(places, {})
    assert result["actions"] == ["Updated what timers of '%s' run with" % places.root]
    assert result["diff"] == []
    assert kept(places)["timers.pyz"] != b"older"


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"timers": [1]}', b'{"timers": {"hello": 1}}'])
def test_a_damaged_table_is_written_anew(places, damaged):
    save(places, {})
    whole = kept(places)
    with open(os.path.join(places.root, ".lectern/timers.json"), "wb") as stream:
        stream.write(damaged)
    assert save(places, {})["actions"] == ["Added timer 'hello'"]
    assert kept(places) == whole


def test_what_decides_about_a_job_is_kept_from_the_environment(places, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///srv/docker.sock")
    monkeypatch.setenv("TUTOR_LMS_HOST", "learn.example.org")
    monkeypatch.setenv("OTHER_PASSWORD", "x")
    save(places, {})
    table = json.loads(kept(places)["timers.json"].decode())
    assert table["environment"] == {"DOCKER_HOST": "unix:///srv/docker.sock", "TUTOR_LMS_HOST": "learn.example.org"}


@pytest.mark.parametrize(
    "entry, message",
    [
        ({"name": "a b"}, "Timer 'a b': the name becomes part of the names of units, so it is made of letters, digits, '-' and '_'."),
        ({"name": "../x"}, "Timer '../x': the name becomes part"),
        ({"name": "x\n"}, "Timer 'x\n': the name becomes part"),
        ({"name": ""}, "Timer '': the name becomes part"),
        ({"script": None}, "Timer 'hello': give either job, with args if it takes any, or service and script."),
        ({"service": None}, "Timer 'hello': give either job"),
        ({"service": None, "job": "x"}, "Timer 'hello': give either job"),
        ({"script": None, "job": "x"}, "Timer 'hello': give either job"),
        ({"args": ["x"]}, "Timer 'hello': give either job"),
        ({"service": None, "script": None, "job": "init"}, "Timer 'hello': init tasks are run by the deployment, and by the playbook"),
        ({"timeout": 0}, "Timer 'hello': timeout is 0: give at least 1 second, or leave it out for no limit."),
        ({"calendar": "daily\nUnit=x"}, "Timer 'hello': calendar is 'daily\\nUnit=x': no unit of systemd can hold control characters."),
    ],
)
def test_refusals_name_the_timer(places, entry, message):
    with pytest.raises(LecternError) as refused:
        save(places, entry)
    assert str(refused.value).startswith(message)


def test_names_are_not_shared(places):
    with pytest.raises(LecternError, match="Timer 'hello' is listed twice: give each a name of its own."):
        save(places, {}, {"calendar": "weekly"})
