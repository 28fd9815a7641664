# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller shows of a module that runs, and where on the host it looks for it."""

from __future__ import annotations

import os
import subprocess
import time
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.lectern.tutor.plugins.module_utils.base import places
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import SHOWN, Logs
from ansible_collections.lectern.tutor.plugins.plugin_utils import live

LIVE = "0123456789abcdef" * 2


def in_shell(text: str, **env: str) -> str:
    done = subprocess.run(["/bin/sh", "-c", text], env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.parametrize(
    "root",
    ["/srv/tutor", "~", "~/tutor", "~root/tutor", "$HOME/tutor", "${HOME}/tutor", "/a b/'c'\"d\"", "/a`id`$(id)\\$", "/~x/~", "/ü;id&#*?"],
)
def test_root_is_understood_as_the_module_understands_it(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    expected = os.path.expanduser(os.path.expandvars(root))
    assert in_shell(f'root={live.root_in_shell(root)}; printf %s "$root"', HOME="/home/someone") == expected


@pytest.mark.parametrize("env", [{}, {"XDG_DATA_HOME": "/data"}, {"TUTOR_ROOT": "/srv/tutor", "XDG_DATA_HOME": "/data"}])
def test_default_root_is_the_modules(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUTOR_ROOT", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/someone", **env}.items():
        monkeypatch.setenv(name, value)
    assert in_shell(f"printf %s {live.root_in_shell(None)}", HOME="/home/someone", **env) == places.resolve_places().root


def test_greetings_of_a_host_are_no_output() -> None:
    text = "Welcome to learn\r\n7:lms | one: 1\r\n8:\r\nmail: none\n9:lms | end\n"
    assert live.parse_lines(text) == [(7, "lms | one: 1"), (8, ""), (9, "lms | end")]


class Action:
    """Stands for an action whose commands are run on this machine."""

    def __init__(self, failing: bool = False) -> None:
        self._connection = SimpleNamespace(become=SimpleNamespace())
        self.failing = failing

    def _low_level_execute_command(self, command: str) -> dict[str, str]:
        if self.failing:
            raise AnsibleConnectionFailure("unreachable")
        return {"stdout": in_shell(command)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "INTERVAL", 0.05)


def watcher(root: object, failing: bool = False) -> live.OutputWatcher:
    return live.OutputWatcher(Action(failing), live.reading_script(str(root), LIVE), "[learn] Migrate |")


def until_shown(capsys: pytest.CaptureFixture[str], text: str) -> str:
    shown, limit = "", time.monotonic() + 10
    while text not in shown:
        assert time.monotonic() < limit, shown
        time.sleep(0.05)
        shown += capsys.readouterr().out
    return shown


def test_lines_are_shown_while_they_are_written(tmp_path, quick, capsys):
    logs, watching = Logs(places.Places(str(tmp_path), "/plugins"), ["hush-hush"], LIVE), watcher(tmp_path)
    watching.start()
    with logs.of("job", "lms") as write:
        write("one, hush-hush")
        shown = until_shown(capsys, "one")
        write("two")
        shown += until_shown(capsys, "two")
    last = logs.end()
    watching.end()
    watching.show(last)
    assert shown + capsys.readouterr().out == "[learn] Migrate | lms | one, ********\n[learn] Migrate | lms | two\n"


def test_lines_of_a_quick_module_come_with_its_result(tmp_path, capsys):
    logs, watching = Logs(places.Places(str(tmp_path), "/plugins"), [], LIVE), watcher(tmp_path)
    watching.start()
    with logs.of("job", "lms") as write:
        for number in range(100):
            write(f"line {number}")
    started = time.monotonic()
    watching.end()
    assert time.monotonic() - started < 0.5
    watching.show(logs.end())
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"[learn] Migrate | ({100 - SHOWN} more lines are only in .lectern/logs)"
    assert shown[1:] == [f"[learn] Migrate | lms | line {number}" for number in range(100 - SHOWN, 100)]


def test_host_that_can_not_be_asked_is_no_error_here(tmp_path, quick, capsys):
    watching = watcher(tmp_path, failing=True)
    watching.start()
    time.sleep(0.3)
    assert watching.is_alive()
    watching.end()
    watching.show([(1, "lms | one")])
    assert capsys.readouterr().out == "[learn] Migrate | lms | one\n"


def test_json_on_standard_output_stays_json(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", "ansible.posix.json")
    watcher(tmp_path).show([(1, "lms | one")])
    assert capsys.readouterr() == ("", "[learn] Migrate | lms | one\n")


def test_connection_is_not_shared():
    action = Action()
    apart = live._with_own_connection(action)
    apart._connection.become.prompt = "password:"
    assert not hasattr(action._connection.become, "prompt")


@pytest.mark.skipif(os.geteuid() != 0, reason="others only read what they may read")
def test_root_reads_nothing_but_the_file_itself(tmp_path):
    """Not what a link leads to, and it does not wait for a pipe."""
    path = tmp_path / f".lectern/logs/live-{LIVE}"
    path.parent.mkdir(parents=True)
    (tmp_path / "secret").write_text("1:precious\n")
    path.symlink_to(tmp_path / "secret")
    command = ["sh", "-c", live.reading_script(str(tmp_path), LIVE)]
    assert subprocess.run(command, capture_output=True, timeout=10, check=True).stdout == b""
    path.unlink()
    os.mkfifo(path)
    assert subprocess.run(command, capture_output=True, timeout=10, check=True).stdout == b""
    path.unlink()
    path.write_text("1:one\n2:two\n")
    assert live.parse_lines(subprocess.run(command, capture_output=True, timeout=10, check=True, text=True).stdout) == [
        (1, "one"),
        (2, "two"),
    ]
