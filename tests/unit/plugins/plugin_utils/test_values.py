# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would reach a module as something else is named with its place, by each ansible-core's own ways."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lectern.tutor.plugins.plugin_utils.values import option_errors

CHECKOUT = Path(__file__).resolve().parents[4]
PYTHON = CHECKOUT / ".build/tutor-22/bin/python"
WAY = "into a settings file"
QUOTES = ": put it in quotes, or into a settings file"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"DAY": datetime.date(2026, 1, 31)}, "settings.DAY is a date" + QUOTES),
        ({"A": [{"b": datetime.datetime(2026, 1, 31, 10)}]}, "settings.A.0.b is a date and time" + QUOTES),
        ({"A": datetime.time(10)}, "settings.A is a time" + QUOTES),
        ({"A": b"caf\xe9"}, "settings.A is binary (!!binary): put it into a settings file"),
        ({"A": {"x"}}, "settings.A is a set (!!set): put it into a settings file"),
        ({"A": {1: "x"}}, "settings.A has the key 1, which is a number" + QUOTES),
        ({"A": {2.5: "x"}}, "settings.A has the key 2.5, which is a number" + QUOTES),
        ({"A": {True: "x"}}, "settings.A has the key True, which is a truth value" + QUOTES),
        ({"A": {None: "x"}}, "settings.A has the key None, which is null" + QUOTES),
        ({datetime.date(2026, 1, 31): 1}, "settings has the key 2026-01-31, which is a date" + QUOTES),
        ({"A": ["\ud800"]}, "settings.A.0 holds half of a surrogate pair: no file of UTF-8 text can hold that"),
        ({"A": 10**4000}, "settings.A is a number of more than 4000 digits: put it in quotes"),
        ("{'A': 1, 'DAY': datetime.date(2026, 1, 31)}", "settings.DAY is a date" + QUOTES),
        ("{'A': 1, 'N': [nan]}", "settings.N is no number (.nan, .inf)" + QUOTES),
        ("[{'x': datetime.datetime(2026, 1, 31, 10, 0)}]", "settings.x is a date and time" + QUOTES),
    ],
)
def test_what_json_can_not_hold(value: Any, says: str) -> None:
    assert list(option_errors(value, "settings", WAY)) == [says]


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        "text",
        {"A": [1, 2.5, True, None, "é", {"b": (1, 2)}], "B": 2**80, "C": float("inf")},
        {"A": "{'b': datetime.date(1, 1, 1)}"},
    ],
)
def test_what_json_holds(value: Any) -> None:
    assert list(option_errors(value, "settings", WAY)) == []


def play(folder: Path, content: Any, *options: str) -> str:
    """Runs a play on this machine in Tutor's Python; what Ansible printed."""
    if not PYTHON.exists():
        pytest.skip("Tutor 22 is not set up: scripts/venv tutor-22")
    (folder / "play.yml").write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, **content}]))
    environ = {**os.environ, "HOME": str(folder), "ANSIBLE_HOME": str(folder / ".ansible"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local", str(folder / "play.yml")]
    command += ["-e", json.dumps({"ansible_python_interpreter": str(PYTHON)}), *options]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_module_names_the_entry(tmp_path: Path) -> None:
    places = {"root": str(tmp_path / "root"), "plugins_root": str(tmp_path / "plugins")}
    tasks = [
        {"lectern.tutor.environment": {**places, "settings": {"DAY": datetime.date(2026, 1, 31)}}, "ignore_errors": True},
        {"lectern.tutor.config": {**places, "append": {"DAYS": [b"caf\xe9"]}}, "ignore_errors": True},
        {"lectern.tutor.plugin": {**places, "definition": {"name": "p", "config": {"defaults": {"X": {1: 2}}}}}, "ignore_errors": True},
    ]
    printed = play(tmp_path, {"tasks": tasks})
    assert "settings.DAY is a date" + QUOTES in printed
    assert "append.DAYS.0 is binary (!!binary): put it into a settings file" in printed
    assert (
        "definition.config.defaults.X has the key 1, which is a number: put it in quotes, or into a plugin that is given as text" in printed
    )
    assert not (tmp_path / "root").exists()


SETTINGS = """
OPENING_DAY: 2026-01-31
OPENING_TIME: 2026-01-31T10:00:00Z
BYTES: !!binary Y2Fm6Q==
NAMES: !!set {a}
KEYS: {1: a, null: b, 2026-01-31: c}
NUMBERS: [.nan, 123456789012345678901234567890]
PLATFORM_NAME: "{{ LMS_HOST }} is its name"
SMTP_PASSWORD: verysecret-12
LMS_HOST: from.file
"""


def test_playbook_hands_files_over_as_they_are(tmp_path: Path) -> None:
    """The roles that lectern.tutor.environment runs, without what installs packages."""
    (tmp_path / "one.yml").write_text(SETTINGS)
    (tmp_path / "two.yml").write_text("LMS_HOST: from.second\n")
    variables = {
        "tutor_root": str(tmp_path / "root"),
        "tutor_plugins_root": str(tmp_path / "plugins"),
        "tutor_venv": str(PYTHON.parents[1]),
        "tutor_plugins": [],
        "tutor_lock_file": "",
        "tutor_settings_files": [str(tmp_path / name) for name in ("two.yml", "one.yml", "two.yml")],
        "tutor_settings": {"CMS_HOST": "from.variable"},
    }
    roles = ["lectern.tutor.preflight", "lectern.tutor.environment"]
    printed = play(tmp_path, {"gather_facts": True, "vars": variables, "roles": roles}, "--diff", "-v")
    assert "failed=0" in printed, printed[-3000:]
    assert "changed=1" in printed and "verysecret" not in printed
    saved = (tmp_path / "root/config.yml").read_text()
    for line in (
        "OPENING_DAY: 2026-01-31",
        "OPENING_TIME: 2026-01-31 10:00:00+00:00",
        "  2026-01-31: c",
        "  1: a",
        "BYTES: !!binary |",
        "NAMES: !!set",
    ):
        assert line in saved.splitlines(), line
    config = yaml.safe_load(saved)
    assert config["PLATFORM_NAME"] == "from.second is its name"
    assert (config["LMS_HOST"], config["CMS_HOST"], config["NUMBERS"][1]) == (
        "from.second",
        "from.variable",
        123456789012345678901234567890,
    )
    variables["tutor_settings"] = {"DAY": datetime.date(2026, 1, 31)}
    variables["tutor_plugin_definitions"] = [{"name": "p", "config": {"set": {"X": datetime.date(2026, 1, 31)}}}]
    printed = play(tmp_path, {"gather_facts": True, "vars": variables, "roles": roles})
    assert "tutor_settings.DAY is a date" + QUOTES in printed
    assert "tutor_plugin_definitions.0.config.set.X is a date: put it in quotes, or into a file of tutor_plugin_files." in printed
    assert (tmp_path / "root/config.yml").read_text() == saved
