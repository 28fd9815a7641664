# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outline of a Caddyfile. What the real Caddy makes of the result is in the integration target maintenance_module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.render.caddyfile import read_outline, read_tokens


def sites(text):
    """The lines that open the sites."""
    return [text[:place].splitlines()[-1] for place in read_outline(text).sites]


def words(text):
    return [token.text for token in read_tokens(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a b\tc\n", ["a", "b", "c"]),
        ("a # b { c\nd", ["a", "d"]),
        ("a#b #c", ["a#b"]),
        ('a "b # { c" d', ["a", '"b # { c"', "d"]),
        ('"a \\" {" b', ['"a \\" {"', "b"]),
        ('"a \\\\" b', ['"a \\\\"', "b"]),
        ('`a " \\` b', ['`a " \\`', "b"]),
        ('a"b c"', ['a"b', 'c"']),
        ('"a""b"', ['"a"', '"b"']),
        ("{$X:a b} {x}", ["{$X:a b}", "{x}"]),
        ('respond <<END\n { ` "\n END 200', ["respond", '<<END\n { ` "\n END', "200"]),
        ("a <<b c", ["a", "<<b", "c"]),
        ("a\\\nb", ["a", "b"]),
        ("\ufeffa", ["\ufeffa"]),
        ("", []),
    ],
)
def test_words_are_those_that_caddy_reads(text, expected):
    assert words(text) == expected


def test_a_continued_line_does_not_begin_one():
    assert [token.text for token in read_tokens("a \\\n b\nc\\\nd\ne") if token.begins_line] == ["a", "c", "e"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a.test {\n}\n", ["a.test {"]),
        ("{\n debug\n}\na.test {\n b {\n }\n}\nb.test {\n}", ["a.test {", "b.test {"]),
        ("a.test, b.test {\n}", ["a.test, b.test {"]),
        ("a.test,\nb.test {\n}", ["b.test {"]),
        ("a.test{$port}, {$host:b c}:80 {\n}", ["a.test{$port}, {$host:b c}:80 {"]),
        ("(s) {\n a {\n }\n}\n&(r) {\n}\na.test { # {\n}", ["a.test {"]),
        ("import x/*.caddy\nimport y a b\na.test {\n}", ["a.test {"]),
        ("import s {\n a {\n }\n}\na.test {\n}", ["a.test {"]),
        ("a.test\nrespond x {\n close\n}\n", ["a.test"]),
        ('a.test {\n respond "}" # }\n respond `{`\n}\nb.test {\n}', ["a.test {", "b.test {"]),
        ("a.test {\n respond <<X\n }\n X\n}\nb.test {\n}", ["a.test {", "b.test {"]),
        ("# only\n", []),
        ("{\n}\n", []),
    ],
)
def test_each_site_is_found_where_its_block_begins(text, expected):
    assert sites(text) == expected


def test_the_place_for_options_is_before_their_last_brace():
    text = "# first\n{\n admin off\n servers {\n }\n}\na.test {\n}"
    outline = read_outline(text)
    assert text[outline.options_end :].startswith("}\na.test") and text[outline.after_options :].startswith("\na.test")
    assert read_outline("a.test {\n}").options_end is None


def test_directives_are_the_words_that_begin_a_line():
    assert read_outline("a {\n route x\n respond route\n handle {\n  invoke y\n }\n}").directives == {
        "a",
        "route",
        "respond",
        "handle",
        "invoke",
        "}",
    }


@pytest.mark.parametrize(
    "text, message",
    [
        ("a {\n b {\n}\n", "Line 1 of the Caddyfile opens a block that does not end."),
        ("a {\n}\n{\n", "Line 3 of the Caddyfile opens a block that does not end."),
        ('a {\n b "c\n}\n', "Line 2 of the Caddyfile opens a quotation that does not end."),
        ("a `", "Line 1 of the Caddyfile opens a quotation that does not end."),
    ],
)
def test_what_does_not_end_is_named_by_its_line(text, message):
    with pytest.raises(LecternError, match=re.escape(message)):
        read_outline(text)


def test_a_heredoc_that_does_not_end_is_the_rest_of_the_file():
    with pytest.raises(LecternError, match="Line 1 of the Caddyfile opens a block"):
        read_outline("a {\n respond <<X\n }\n")


def test_the_template_of_the_installed_release_is_understood():
    tutor = pytest.importorskip("tutor")
    text = (Path(tutor.__file__).parent / "templates/apps/caddy/Caddyfile").read_text(encoding="utf-8")
    text = re.sub(r"\{\{.*?\}\}", "x", re.sub(r"\{%.*?%\}|\{\{ patch.*?\}\}", "", text))
    outline = read_outline(text)
    assert len(outline.sites) >= 2 and all("{$default_site_port} {" in line for line in sites(text))
    assert outline.options_end is not None and "route" not in outline.directives and "handle_path" in outline.directives
