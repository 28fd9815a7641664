# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as Tutor reads and writes it."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import serialize
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError

BROKEN = [
    ("a: [\n", "here line 2 column 1 is not valid YAML: did not find expected node content."),
    ("a: !x 1", "here line 1 column 4 is not valid YAML: could not determine a constructor for the tag '!x'."),
    ("a: 2020-13-01", "here line 1 column 4 is not valid YAML: a: month must be in 1..12."),
    ("&a [*a]", "here holds a value that is nested deeper than 100 levels, or contains itself (&, *): write it flat."),
    ("a: !!bool x", "here line 1 column 4 is not valid YAML: a: it is not what its tag says."),
    (
        "a: &a [1, 2]\nb: [%s]" % ("*a, " * 40000),
        "here holds more than 100000 values or 4 MiB of text, each alias (*) written out: make it shorter.",
    ),
    ("x" * 2**22 + "x", "here is longer than 4 MiB, which is the limit: make it shorter."),
    ("[" * 200 + "]" * 200, "here holds a value that is nested deeper than 100 levels, or contains itself (&, *): write it flat."),
]


@pytest.mark.parametrize("text, message", BROKEN, ids=[text[:20] for text, _message in BROKEN])
def test_what_is_no_yaml(text, message):
    with pytest.raises(LecternError) as caught:
        serialize.load(text, "here")
    assert str(caught.value) == message


def test_an_anchor_that_is_used_twice_is_fine():
    assert serialize.load("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n", "here")["d"] == [{"b": 1}, {"b": 1}]


def test_dump_is_upstreams():
    """Block style, sorted keys; from 16 on with letters as they are."""
    content = {"b": [1, {"c": None}], "a": "é", "t": (1,)}
    assert serialize.dump(content, True) == "a: é\nb:\n- 1\n- c: null\nt:\n- 1\n"
    assert serialize.dump({"a": "é"}, False) == 'a: "\\xE9"\n'


@pytest.mark.parametrize("value", [object(), len])
def test_dump_of_what_yaml_cannot_hold(value):
    with pytest.raises(LecternError, match="^A setting can't be written as YAML: "):
        serialize.dump({"a": value}, True)


def test_load_mapping(tmp_path):
    path = tmp_path / "x.yml"
    path.write_text("")
    assert serialize.load_mapping(str(path)) == {}
    path.write_text("A: 1\n")
    assert serialize.load_mapping(str(path)) == {"A": 1}
    for text, message in (("- a", "must hold settings"), ("1: 2", "has the key 1, which is a int: put it in quotes")):
        path.write_text(text)
        with pytest.raises(LecternError, match=message):
            serialize.load_mapping(str(path))


def test_read(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"a\xff")
    with pytest.raises(LecternError, match=r"x' is not UTF-8 text \(byte 1\): save it as UTF-8[.]$"):
        serialize.read(str(path))
    with pytest.raises(LecternError, match="' can't be read: Is a directory[.]$"):
        serialize.read(str(tmp_path))


def test_a_dangling_link_exists(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    assert serialize.exists(str(tmp_path / "link"))
    assert not serialize.exists(str(tmp_path / "nothing"))


def test_a_setting_that_is_no_date_is_named():
    with pytest.raises(LecternError) as caught:
        serialize.parse_mapping("A: 1\nDAYS:\n- 2020-13-01\n", "/x.yml")
    assert str(caught.value) == "'/x.yml' line 3 column 3 is not valid YAML: DAYS: month must be in 1..12."
    with pytest.raises(LecternError) as caught:
        serialize.parse_mapping("A: 1\nBIG: %s" % ("9" * 4200), "/x.yml")
    assert str(caught.value).startswith("'/x.yml': BIG holds a number of more than 4000 digits")
