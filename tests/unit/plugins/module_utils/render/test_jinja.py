# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
import sys

import jinja2
import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.render.jinja import (
    compiling_by,
    environment,
    render_plain,
    sandboxed,
    split_names,
)

PIECES = [
    *"\n\r a{}%#$'\"\\\t\0é<&>\ufeff\U0001f600\x0b\x0c\x1c\x85\u2028",
    *("\r\n", "\n\n", "", "}}", "%}", "#}", "-%}", "{ {", "\\n", "${X}", "raw"),
]
WITH_JINJA = ["{{ 1 }}", "{% if 1 %}", "{# c #}", "{{", "{%", "{#", "{%- x"]


def rendered(text):
    return jinja2.Environment().from_string(text).render()


def test_plain_does_what_jinja_does_on_random_texts():
    chance = random.Random(20260101)
    known = 0
    for _number in range(3000):
        text = "".join(chance.choice(PIECES) for _piece in range(chance.randrange(12)))
        result = render_plain(text)
        if result is not None:
            known += 1
            assert result == rendered(text), repr(text)
    assert known > 1000


@pytest.mark.parametrize("jinja", WITH_JINJA)
def test_plain_leaves_jinja_to_jinja(jinja):
    assert render_plain(f"before {jinja} after") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("\n", ""),
        ("\r\n", ""),
        ("\r", ""),
        ("a\n\n", "a\n"),
        ("a\r\nb\rc\r\n", "a\nb\nc"),
        ("\ufeffa", "\ufeffa"),
    ],
)
def test_plain_line_ends(text, expected):
    assert render_plain(text) == expected == rendered(text)


NAMES = [
    "{{ A }}",
    "{{A}}",
    "{{\tB_1\n}}",
    "{{ A}}\n",
    "{",
    "}",
    "{{",
    "}}",
    "{{ a }}",
    "{{ A|upper }}",
    "{{- A }}",
    "{{ A -}}",
    "{%",
    "{#",
    "#}",
]


def test_names_alone_do_what_jinja_does_on_random_texts():
    chance, values = random.Random(20261124), {"A": "{{ B_1 }}\r\n", "B_1": None, "a": 1}
    known = 0
    for _number in range(4000):
        text = "".join(chance.choice(NAMES if chance.random() < 0.6 else PIECES) for _piece in range(chance.randrange(6)))
        parts = split_names(text)
        if parts is not None:
            known += len(parts) > 1
            found = "".join(str(values[part]) if index % 2 else part for index, part in enumerate(parts))
            assert found == jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text).render(values), repr(text)
    assert known > 300


@pytest.mark.parametrize(
    "text", ["{{ a }}", "{{ A.x }}", "{{ A() }}", "{{ A|upper }}", "{{ 'A' }}", "{{- A }}", "{{{ A }}", "{{ A }}{#", "{{ A B }}"]
)
def test_names_alone_leaves_all_else_to_jinja(text):
    assert split_names(text) is None


def test_environment_has_tutors_defaults(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "both").write_text(folder.name + " {{ who|shout }}{{ mark }}\n\n")
    (second / "only").write_text("{% if true %}\n  x\n{% endif %}")
    made = environment([str(first), str(second)], {"shout": str.upper}, {"mark": "!"})
    assert made.get_template("both").render(who="<me>") == "first <ME>!\n"
    assert made.get_template("only").render() == "\n  x\n"


@pytest.mark.parametrize("kind", [(), (sandboxed,), (compiling_by(lambda _source, make: make()),)])
def test_environment_is_strict(kind):
    made = environment([], {}, {}, *kind)
    with pytest.raises(jinja2.UndefinedError, match="'MISSING' is undefined"):
        made.from_string("{{ MISSING }}").render()


def test_sandbox_keeps_templates_away_from_python():
    escape = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    assert "class" in environment([], {}, {}).from_string(escape).render()
    with pytest.raises(jinja2.exceptions.SecurityError):
        environment([], {}, {}, sandboxed).from_string(escape).render()


def test_missing_jinja_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(LecternError, match="need the Python package Jinja2 .*: install it"):
        environment([], {}, {})
