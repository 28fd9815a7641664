# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers, builders and plugins say: nothing that a terminal obeys, and of a bounded size."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import terminal
from ansible_collections.lectern.tutor.plugins.module_utils.base.docker_engine import words_of
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import last_lines
from ansible_collections.lectern.tutor.plugins.module_utils.base.masking import masker

ORDERS = {
    "colours": ("\x1b[1;31mred\x1b[0m", "red"),
    "cursor": ("\x1b[2J\x1b[H\x1b[?25lempty", "empty"),
    "colon": ("\x1b[38:2::255:0:0mred", "red"),
    "title": ("\x1b]0;title\x07text", "text"),
    "clipboard": ("\x1b]52;c;ZXZpbA==\x1b\\text", "text"),
    "link": ("\x1b]8;;http://example.org\x1b\\text\x1b]8;;\x1b\\", "text"),
    "title that does not end": ("before\x1b]0;title\nafter", "before\nafter"),
    "device control": ("\x1bP$q q\x1b\\text", "text"),
    "application": ("\x1b_Ga=T;AAAA\x1b\\text", "text"),
    "privacy": ("\x1b^hidden\x1b\\text", "text"),
    "character set": ("\x1b(0lqk\x1b(B", "lqk"),
    "reset": ("\x1bctext", "text"),
    "index": ("\x1bMup", "up"),
    "half an escape": ("text\x1b", "text"),
    "escape in an escape": ("\x1b\x1b[31mred", "red"),
    "C1": ("\x9b31mred\x85\x90", "31mred"),
    "bell": ("a\x07b\x00c\x7f", "abc"),
    "backspaces": ("secret\x08\x08\x08", "secret"),
    "vertical": ("a\x0bb\x0cc", "abc"),
    "bars": ("10 %\r20 %\r\n", "10 %\n20 %\n"),
    "directions": ("a\u202egnp.exe\u2066b\u200e", "agnp.exeb"),
    "bytes of a file's name": ("a\udcff", "a\udcff"),
    "what stays": ("\tümlaut 日本 😀\n", "\tümlaut 日本 😀\n"),
}


@pytest.mark.parametrize("name", ORDERS)
def test_nothing_is_left_that_a_terminal_obeys(name):
    given, expected = ORDERS[name]
    assert terminal.clean(given) == expected
    assert terminal.clean(terminal.clean(given)) == expected


def test_every_control_goes_but_tabulator_and_newline():
    every = "".join(map(chr, range(0x20))) + "".join(map(chr, range(0x7F, 0xA0)))
    assert set(terminal.clean("x".join(every))) == {"x", "\t", "\n"}


def test_no_escape_is_made_by_taking_others_away():
    for parts in itertools.product(["\x1b", "[", "]", "31m", "\x07", "\\", "\n"], repeat=4):
        assert not {"\x1b", "\x07"} & set(terminal.clean("".join(parts)))


def test_errors_and_words_of_others_are_clean():
    """Whatever a plugin raises, the engine says, or Compose writes."""
    assert str(LecternError("plugin says \x1b]0;owned\x07hello\r\nworld")) == "plugin says hello\nworld"
    assert last_lines("\x1b[31mfirst\n\n\x1b[0m\nlast\r\n", 2) == "first\nlast"
    assert words_of(Exception("denied\x1b[2J.")) == "denied"


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([], []),
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"10 %\r", b"20 %\r", b"\nend\r"], ["10 %", "20 %", "end"]),
        ([b"a\r", b"b"], ["a", "b"]),
        ([b"\n", b"\r\n"], ["", ""]),
        ([b"\xc3", b"\xbc\n\xff\xfe"], ["ü", "\ufffd\ufffd"]),
    ],
)
def test_lines_of_a_stream(chunks, lines):
    assert list(terminal.read_lines(chunks)) == lines


@pytest.mark.parametrize("size", [100, 1000, 16384])
def test_long_line_is_cut_with_a_note(size):
    total = 20 * 1024 * size
    (line, last) = terminal.read_lines(itertools.chain((b"x" * size for _piece in range(20 * 1024)), [b"\nlast"]))
    assert line == "x" * terminal.LONGEST + "… (%d more bytes of this line were left out)" % (total - terminal.LONGEST)
    assert last == "last"


def test_long_line_is_not_held():
    tracemalloc.start()
    for _line in terminal.read_lines(b"x" * 16384 for _piece in range(1000)):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("before", range(terminal.LONGEST - 30, terminal.LONGEST + 3))
def test_secret_at_the_cut_is_masked(before):
    text = b"x" * before + b" open sesame " + b"y" * 100_000
    (line,) = terminal.read_lines([text], masker(["open sesame"]))
    assert "sesame" not in line and "open" not in line and "left out" in line


def test_results_are_bounded():
    text = terminal.last_lines(["x" * 100_000] * 100, 50)
    assert len(text) < 50 * (terminal.WIDEST + 40) and text.count("… (98000 more characters)") == 50
