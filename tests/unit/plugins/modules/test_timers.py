# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module timers as a whole: four runs, refusals, and no script in what it prints. The units themselves are written by the role."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules.harness import write

HELLO = {"name": "hello", "calendar": "Mon 03:00", "service": "lms", "script": "login --password Open-Sesame"}
ENTRY = {"name": "nightly", "calendar": "daily", "job": "createuser", "args": ["--password", "Open-Sesame", "anna"]}
HOST = """
from ansible_collections.lectern.tutor.plugins.module_utils.base import systemd
systemd.FOLDER, systemd.BOOTED = %r, %r
systemd.refuse_calendar = lambda what, expression: None
"""


@pytest.fixture
def host(plain):
    """A host that runs systemd, as far as the module can tell, and has no unit yet."""
    units = plain.folder / "units"
    units.mkdir()
    write(plain.packages, {"with_systemd.py": HOST % (str(units), str(plain.folder))})
    plain.preload = ["with_systemd"]
    return plain


def test_four_runs(host):
    results = [host.ok("timers", check, True, timers=[HELLO, ENTRY]) for check in (True, False, True, False)]
    assert [result["changed"] for result in results] == [True, True, False, False]
    assert results[0]["actions"] == results[1]["actions"] == ["Added timer 'hello'", "Added timer 'nightly'"]
    assert results[0]["diff"] == results[1]["diff"]
    for result in results:
        assert "Open-Sesame" not in result.printed
        assert [os.path.basename(unit["path"]).partition("@")[0] for unit in result["units"]["write"]] == ["lectern-hello"] * 2 + [
            "lectern-nightly"
        ] * 2
        assert result["units"]["reload"]
    assert "Open-Sesame" in (host.root / ".lectern/timers.json").read_text()


def test_units_run_what_the_option_says(host):
    units = host.ok("timers", timers=[HELLO], python="/opt/tutor/bin/python")["units"]
    assert 'ExecStart=:"/opt/tutor/bin/python" "%s/.lectern/timers.pyz" "hello"' % host.root in units["write"][0]["content"]


def test_a_host_without_systemd(host):
    (host.packages / "with_systemd.py").write_text(HOST % ("/none", "/none"))
    assert host.refused("timers", timers=[HELLO]).startswith("This host does not run systemd")
    assert not host.ok("timers", timers=[])["changed"]


@pytest.mark.parametrize(
    "entry, says",
    [
        ({"name": "x", "calendar": "daily"}, "Timer 'x': give either job"),
        ({"name": "x", "service": "lms", "script": "Open-Sesame"}, "calendar"),
        (dict(HELLO, nope=1), "nope"),
        (dict(HELLO, timeout="soon"), "timeout"),
        (dict(HELLO, script=["Open-Sesame"], timeout=0), "timeout is 0"),
    ],
)
def test_refusals_show_no_script(host, entry, says):
    assert says in host.refused("timers", timers=[entry])
    result = host.run("timers", timers=[entry])
    assert result["timers"] == []
    assert "Open-Sesame" not in result.printed
