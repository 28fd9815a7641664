# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No engine, no SDK, no docker command, no plugins: each is said in words."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine, logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError


def test_no_engine(monkeypatch):
    pytest.importorskip("docker")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    with pytest.raises(LecternError, match=r"^No Docker engine answers at 'unix:///nonexistent.sock' \(.*\): start it"):
        docker_engine.connect()


@pytest.mark.parametrize("variables", [{"DOCKER_HOST": "nonsense://x"}, {"DOCKER_HOST": "tcp://127.0.0.1:1"}])
def test_address_that_leads_nowhere(monkeypatch, variables):
    pytest.importorskip("docker")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(LecternError, match="^No Docker engine answers at '%s' " % variables["DOCKER_HOST"]):
        docker_engine.connect()


def test_unknown_context(monkeypatch, tmp_path):
    pytest.importorskip("docker")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONTEXT", "faraway")
    with pytest.raises(LecternError, match="^There is no docker context 'faraway': 'docker context ls' lists them"):
        docker_engine.connect()


def test_no_sdk(monkeypatch):
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(LecternError, match=r"^The Python package 'docker' can't be imported by .*: install it there"):
        docker_engine.connect()


def test_no_docker_command(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LecternError, match=r"^The command 'docker' is not on this host \(PATH is '%s'\): install Docker\." % tmp_path):
        docker_engine.run(["version"])
    assert docker_engine.has_buildx() is False


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Puts a docker command on PATH that does what a test says."""

    def put(script):
        (tmp_path / "docker").write_text("#!/bin/sh\n" + script)
        (tmp_path / "docker").chmod(0o755)

    monkeypatch.setenv("PATH", "%s:/usr/bin:/bin" % tmp_path)
    return put


def test_run_has_no_input_and_adds_to_the_environment(command):
    command('cat; echo "$1 $WORD"; echo "caf\\303\\251 \\377" >&2; exit 3')
    answer = docker_engine.run(["a b"], {"WORD": "c"})
    assert (answer.returncode, answer.stdout, answer.stderr) == (3, "a b c\n", "café \ufffd\n")


def test_nothing_goes_on_after_the_time_is_up(command, tmp_path):
    command("(sleep 2; touch %s/late) & wait" % tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        docker_engine.run(["run"], timeout=0.5)
    time.sleep(2.5)
    assert not (tmp_path / "late").exists()


def test_plugins_that_are_missing(command):
    command("echo \"docker: '$1' is not a docker command.\" >&2; exit 1")
    assert docker_engine.has_buildx() is False
    with pytest.raises(LecternError, match=r"^'docker compose' does not work on this host \(docker: 'compose' is not a docker command\.\)"):
        docker_engine.require_compose()


def test_plugins_that_are_there(command):
    command("echo v2")
    assert docker_engine.has_buildx() is True
    docker_engine.require_compose()


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ValueError(" odd. "), "odd"), (type("E", (Exception,), {"explanation": b"caf\xc3\xa9"})("x"), "café")],
)
def test_words_of(error, expected):
    assert docker_engine.words_of(error) == expected


def test_last_lines():
    assert logs.last_lines("a\n\nb  \n \nc\n", 2) == "b\nc"
    assert logs.last_lines("", 2) == ""


def test_patiently_passes_on_items_and_errors():
    assert list(docker_engine.iterate_in_time(lambda: iter([1, None, 2]), 10)) == [1, None, 2]

    def failing():
        yield 1
        raise LecternError("no")

    items = docker_engine.iterate_in_time(failing, 10)
    assert next(items) == 1
    with pytest.raises(LecternError, match="^no$"):
        next(items)


@pytest.mark.parametrize("first", [[], [1]])
def test_patience_ends(first):
    end = threading.Event()

    def silent():
        yield from first
        end.wait(30)

    items = docker_engine.iterate_in_time(silent, 0.2)
    assert [next(items) for _one in first] == first
    with pytest.raises(TimeoutError, match="^nothing came for 0.2 s$"):
        next(items)
    end.set()
