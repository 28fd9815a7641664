# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one script gets into its container."""

from __future__ import annotations

import subprocess
import threading
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import compose, supervise

SCRIPT = "mysql --password=sesame -e 'SELECT 1'\nfalse\necho not reached"


def test_script_is_not_among_the_arguments(monkeypatch):
    """A list of processes shows arguments to every user of the host."""
    calls = []

    def run(_platform, arguments, jobs=False, env=None, timeout=None):
        calls.append((arguments, env))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(compose, "run", run)
    monkeypatch.setattr(compose, "project_name", lambda platform: "tutor_local")
    monkeypatch.setattr(supervise, "find", lambda client, name: None)
    monkeypatch.setattr(supervise, "_finish", lambda client, name, deadline: 0)
    assert supervise.run_script(SimpleNamespace(secrets=[]), None, "mysql-job", SCRIPT).rc == 0
    ((arguments, env),) = calls
    assert "sesame" not in " ".join(arguments)
    assert env == {"LECTERN_SCRIPT": SCRIPT}


@pytest.mark.parametrize(
    ("script", "expected"), [(SCRIPT.split("\n", 1)[1], (1, "")), ("echo \"${LECTERN_SCRIPT-gone}\" '$HOME'", (0, "gone $HOME\n"))]
)
def test_shell_runs_it_as_upstream_does(script, expected):
    done = subprocess.run(
        supervise.SHELL, env={"PATH": "/usr/bin:/bin", "LECTERN_SCRIPT": script}, stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == expected


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([], []),
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"on", b"e\n\nt", b"wo"], ["one", "", "two"]),
        (["grün".encode()[:3], "grün\n".encode()[3:], b"\xff"], ["grün", "\ufffd"]),
    ],
)
def test_lines_of_a_stream(chunks, lines):
    assert list(supervise.lines(chunks)) == lines


def test_output_is_handed_on_while_the_task_runs(monkeypatch):
    """The container ends only when its first line has arrived, and what it says at its end arrives too."""
    arrived, lines = threading.Event(), []

    def output(stream, follow):
        yield b"first\nsec"
        yield b"ond\n"
        assert arrived.wait(10)
        yield b"last"

    def write(line):
        lines.append(line)
        if line == "second":
            arrived.set()

    monkeypatch.setattr(supervise, "find", lambda client, name: SimpleNamespace(logs=output))
    monkeypatch.setattr(supervise, "_finish", lambda client, name, deadline: 3 if arrived.wait(10) else None)
    assert supervise._watch(None, "lms-job", None, write) == 3
    assert lines == ["first", "second", "last"]


def test_output_that_breaks_off_does_not_concern_the_task(monkeypatch):
    def output(stream, follow):
        yield b"first\n"
        raise OSError("connection reset")

    lines = []
    monkeypatch.setattr(supervise, "find", lambda client, name: SimpleNamespace(logs=output))
    monkeypatch.setattr(supervise, "_finish", lambda client, name, deadline: 0)
    assert supervise._watch(None, "lms-job", None, lines.append) == 0
    assert lines == ["first", "(no more output: connection reset)"]
