# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.compiled import Compiled, beside

SOURCES = [("text %d" % number, None, None) for number in range(30)]


def compile_with(compiled, made):
    """What an environment of Jinja does, but simpler."""

    def compile_(text, name, path):
        def make():
            made.append(text)
            return text.upper()

        return compiled.code((text, name, path), make)

    return compile_


def test_ahead_compiles_in_other_processes():
    compiled, made = Compiled("x", {}), []
    compiled.ahead(SOURCES, compile_with(compiled, made))
    assert made == []
    assert [compile_with(compiled, made)(*source) for source in SOURCES] == [text.upper() for text, _name, _path in SOURCES]
    assert made == []


def test_ahead_leaves_what_fails():
    compiled, made = Compiled("x", {}), []

    def fails(text, _name, _path):
        if text != "text 7":
            return compile_with(compiled, made)(text, None, None)
        raise ValueError("broken")

    compiled.ahead(SOURCES, fails)
    assert [compile_with(compiled, made)(*source) for source in SOURCES[6:9]] == ["TEXT 6", "TEXT 7", "TEXT 8"]
    assert made == ["text 7"]


@pytest.mark.parametrize("function", [lambda: os._exit(9), lambda: 1 // 0, lambda: os.kill(os.getpid(), 9)])
def test_a_process_that_dies_has_no_result(function):
    assert beside(function)() == b""


def test_nothing_is_forked_beside_other_threads():
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert beside(lambda: b"%d" % os.getpid())() == b"%d" % os.getpid()
    finally:
        ended.set()
        thread.join()
    assert beside(lambda: b"%d" % os.getpid())() != b"%d" % os.getpid()


def test_a_process_beside_ends_where_nobody_waits_for_it():
    """It holds the lock of the root and the standard output of the call that it came from."""
    script = "from %s import beside; beside(lambda: bytes(1000000)); print('failed')" % beside.__module__
    environ = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, timeout=20, check=True)
    assert done.stdout == b"failed\n"
