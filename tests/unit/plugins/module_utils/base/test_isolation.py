# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugin code is contained: what it prints, raises, closes or forks does not reach the result."""

from __future__ import annotations

import io
import os
import sys

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import forks, isolation
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError


@pytest.mark.parametrize("raised", [ValueError("x"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_whatever_is_raised_becomes_an_error(raised):
    with pytest.raises(LecternError) as caught, isolation.calling("It failed"):
        raise raised
    assert str(caught.value).startswith("It failed: %s" % type(raised).__name__)
    assert "at %s line " % __file__ in str(caught.value)


def test_an_error_of_our_own_passes():
    with pytest.raises(LecternError, match="^ours$"), isolation.calling("It failed"):
        raise LecternError("ours")


def test_the_place_is_the_plugins(tmp_path):
    code = compile("import json\njson.loads('[')\n", str(tmp_path / "plugin.py"), "exec")
    with pytest.raises(LecternError, match="at %s line 2[.]$" % (tmp_path / "plugin.py")), isolation.calling("It failed", str(tmp_path)):
        exec(code, {})
    with pytest.raises(LecternError, match="SyntaxError: .*, at a-file line 2[.]$"), isolation.calling("It failed"):
        compile("x = 1\nx =\n", "a-file", "exec")


def test_output_is_kept_and_shown_with_an_error(capfd):
    with pytest.raises(LecternError) as caught, isolation.contained():
        print("one")
        os.system("echo two")
        print("three", file=sys.stderr)
        raise LecternError("It failed", detail=1)
    message, printed = str(caught.value).split("\nPrinted before: ")
    assert message == "It failed"
    assert sorted(printed.split("\n")) == ["one", "three", "two"]
    assert caught.value.details == {"detail": 1}
    assert capfd.readouterr() == ("", "")


def test_only_the_last_lines_are_shown():
    with pytest.raises(LecternError) as caught, isolation.contained():
        print("\n".join("line %d" % number for number in range(100)))
        raise LecternError("It failed")
    assert str(caught.value).split(": ", 1)[1].split("\n") == ["line %d" % number for number in range(95, 100)]


def test_the_process_is_as_before(tmp_path, capfd):
    cwd, argv, streams = os.getcwd(), list(sys.argv), (sys.stdout, sys.stderr)
    with isolation.contained():
        os.chdir(str(tmp_path))
        sys.argv[:] = ["other"]
        sys.stdout.close()
        sys.stderr = io.StringIO()
    assert (os.getcwd(), sys.argv, (sys.stdout, sys.stderr)) == (cwd, argv, streams)
    print("still here")
    assert capfd.readouterr().out == "still here\n"


def test_a_forked_process_ends_with_the_block():
    reader, writer = os.pipe()
    with isolation.contained():
        child = os.fork()
    os.write(writer, b"once")
    os.close(writer)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(reader, 100) == b"once"
    os.close(reader)


def test_in_child():
    mark = "LECTERN_TEST_MARK"

    def work():
        os.environ[mark] = "x"
        return {"pid": os.getpid(), "values": [1, None]}

    found = forks.in_child(work)
    assert found["pid"] != os.getpid()
    assert found["values"] == [1, None]
    assert mark not in os.environ


def fail():
    raise LecternError("ours")


CHILDREN = [
    (fail, "^ours$"),
    (lambda: 1 / 0, "^ZeroDivisionError: division by zero, at .* line [0-9]+$"),
    (lambda: sys.exit(4), "^SystemExit: 4"),
    (lambda: os._exit(4), "^the process ended without an answer$"),
]


@pytest.mark.parametrize("work, message", CHILDREN, ids=[message for _work, message in CHILDREN])
def test_a_child_that_fails(work, message):
    with pytest.raises(LecternError, match=message):
        forks.in_child(work)
