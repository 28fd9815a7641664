# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one script gets into its container."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import terminal
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root import compose_files
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import job_container, project

PLATFORM = SimpleNamespace(secrets=["open sesame"])
SCRIPT = "mysql --password=sesame -e 'SELECT 1'\nfalse\necho not reached"


def test_script_is_not_among_the_arguments(monkeypatch):
    """A list of processes shows arguments to every user of the host."""
    calls = []

    def run(_platform, arguments, jobs=False, env=None, timeout=None):
        calls.append((arguments, env))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(project, "run", run)
    monkeypatch.setattr(compose_files, "project_name", lambda platform: "tutor_local")
    monkeypatch.setattr(job_container, "find", lambda client, name: None)
    monkeypatch.setattr(job_container, "_finish", lambda client, name, deadline, waiting: 0)
    assert job_container.run_script(PLATFORM, None, job_container.Job("mysql-job", SCRIPT, "identity of sesame")).rc == 0
    ((arguments, env),) = calls
    assert "sesame" not in " ".join(arguments)
    assert env == {"LECTERN_SCRIPT": SCRIPT, "LECTERN_TASK": "identity of sesame"}


@pytest.mark.parametrize(("script", "words"), [("a\0b", "with number 0"), ("é" * 70000, "has 140015 bytes, and at most 131071 reach")])
def test_script_that_no_variable_can_hold(monkeypatch, script, words):
    monkeypatch.setattr(compose_files, "project_name", lambda platform: "tutor_local")
    monkeypatch.setattr(job_container, "find", lambda client, name: None)
    with pytest.raises(LecternError, match=words):
        job_container.run_script(PLATFORM, None, job_container.Job("mysql-job", script, ""))


def test_kernel_takes_the_longest_script():
    script = ":" * (job_container.LONGEST - len("LECTERN_SCRIPT="))
    subprocess.run(["true"], env={"LECTERN_SCRIPT": script}, check=True)
    with pytest.raises(OSError, match="Argument list too long"):
        subprocess.run(["true"], env={"LECTERN_SCRIPT": script + ":"}, check=True)


@pytest.mark.parametrize(
    ("script", "expected"), [(SCRIPT.split("\n", 1)[1], (1, "")), ("echo \"${LECTERN_SCRIPT-gone}\" '$HOME'", (0, "gone $HOME\n"))]
)
def test_shell_runs_it_as_upstream_does(script, expected):
    done = subprocess.run(
        job_container.SHELL, env={"PATH": "/usr/bin:/bin", "LECTERN_SCRIPT": script}, stdout=subprocess.PIPE, encoding="utf-8", check=False
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
    assert list(terminal.read_lines(chunks)) == lines


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

    monkeypatch.setattr(job_container, "find", lambda client, name: SimpleNamespace(logs=output))
    monkeypatch.setattr(job_container, "_finish", lambda client, name, deadline, waiting: 3 if arrived.wait(10) else None)
    outcome = job_container.watch(PLATFORM, None, "lms-job", None, write)
    assert (outcome.rc, outcome.output) == (3, "first\nsecond\nlast")
    assert lines == ["first", "second", "last"]


def test_output_that_breaks_off_does_not_concern_the_task(monkeypatch):
    def output(stream, follow, tail=None):
        yield b"first\n"
        if follow:
            raise OSError("connection reset")

    lines = []
    monkeypatch.setattr(job_container, "find", lambda client, name: SimpleNamespace(logs=output))
    monkeypatch.setattr(job_container, "_finish", lambda client, name, deadline, waiting: 0)
    assert job_container.watch(PLATFORM, None, "lms-job", None, lines.append)[:2] == (0, "first")
    assert lines == ["first", "(no more output: connection reset)", "(the engine did not pass on all of its output; it ended with:)\nfirst"]


class Said:
    """A container that ended, and what the engine keeps of its output, in pieces of 16 KB."""

    def __init__(self, text, follows=True):
        self.pieces = [piece for line in text.splitlines(True) for piece in self.cut(line)]
        self.follows = follows
        self.attrs = {}

    @staticmethod
    def cut(line):
        return [line[start : start + 16384] for start in range(0, len(line), 16384)]

    def logs(self, stream, follow, tail=None):
        if follow and not self.follows:
            raise OSError("connection reset")
        return iter(self.pieces if tail is None else self.pieces[-tail:])

    def wait(self, timeout):
        return {"StatusCode": 0}


def outcome_of(container, monkeypatch):
    monkeypatch.setattr(job_container, "find", lambda client, name: container)
    return job_container.watch(PLATFORM, None, "lms-job", None, lambda line: None)


@pytest.mark.parametrize("follows", [True, False])
def test_output_without_a_newline_is_bounded(monkeypatch, follows):
    output = outcome_of(Said(b"x" * 2_000_000, follows), monkeypatch).output
    assert len(output) < 2100 and re.search(r"x… \(\d+ more characters\)$", output)


@pytest.mark.parametrize("follows", [True, False])
def test_output_is_the_last_lines_without_orders_to_a_terminal(monkeypatch, follows):
    text = b"".join(b"\x1b[2Kline %d\r\n" % number for number in range(100)) + b"\xffopen \x1b[1msesame\n"
    output = outcome_of(Said(text, follows), monkeypatch).output
    assert output.split("\n")[-2:] == ["line 99", "\ufffd********"]
    assert len(output.split("\n")) == job_container.TAIL


@pytest.mark.parametrize("offset", range(16))
def test_secret_in_which_the_engines_last_lines_begin_is_not_shown(monkeypatch, offset):
    """The engine begins in the midst of a long line, which may be in the midst of a secret."""
    whole = b"open sesame and more"
    text = b"y" * (16384 * 3 - offset) + whole + b"z" * ((job_container.TAIL + 1) * 16384 - len(whole) + offset)
    output = outcome_of(Said(text, False), monkeypatch).output
    assert set(output.partition("…")[0]) == {"z"}
    text = b"y" * (16384 - offset) + b"open sesame\n" + b"line\n" * job_container.TAIL
    assert set(outcome_of(Said(text, False), monkeypatch).output.split("\n")) == {"line"}


def test_end_of_output_is_waited_for_as_long_as_it_comes(monkeypatch):
    """200 MB of lines take longer to be read than they took to be written."""
    monkeypatch.setattr(job_container, "GRACE", 0.2)

    def output(stream, follow):
        for number in range(20):
            time.sleep(0.05)
            yield b"line %d\n" % number

    lines = []
    monkeypatch.setattr(job_container, "find", lambda client, name: SimpleNamespace(logs=output))
    monkeypatch.setattr(job_container, "_finish", lambda client, name, deadline, waiting: 0)
    assert job_container.watch(PLATFORM, None, "lms-job", None, lines.append).output.endswith("line 18\nline 19")
    assert len(lines) == 20


def test_end_of_output_that_does_not_come_is_told(monkeypatch):
    monkeypatch.setattr(job_container, "GRACE", 0.1)
    ended = threading.Event()

    def output(stream, follow, tail=None):
        yield b"first\n"
        if follow:
            ended.wait(10)
        yield b"last\n"

    lines = []
    monkeypatch.setattr(job_container, "find", lambda client, name: SimpleNamespace(logs=output))
    monkeypatch.setattr(job_container, "_finish", lambda client, name, deadline, waiting: 0)
    assert job_container.watch(PLATFORM, None, "lms-job", None, lines.append).output == "first\nlast"
    assert lines == ["first", "(the engine did not pass on all of its output; it ended with:)\nfirst\nlast"]
    ended.set()


def test_removal_that_somebody_else_began_is_waited_for(monkeypatch):
    """The engine refuses a second one: the removal is already in progress."""
    docker = pytest.importorskip("docker")
    refusals = [SimpleNamespace(status_code=409, reason="Conflict", url="", raise_for_status=lambda: None)] * 3

    def remove(force, v):
        if refusals:
            raise docker.errors.APIError("removal of container x is already in progress", refusals.pop())
        raise docker.errors.NotFound("gone")

    monkeypatch.setattr(job_container, "PAUSE", 0.01)
    monkeypatch.setattr(job_container, "find", lambda client, name: SimpleNamespace(remove=remove))
    job_container.remove(None, "lms-job")
    assert refusals == []
