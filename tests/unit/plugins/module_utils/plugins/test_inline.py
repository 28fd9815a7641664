# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single-file plugins that come with a call."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import inline


def test_inline(ground):
    text = "# mine\nname: two\n"
    assert inline.name_definitions(ground.places, [{"name": "one", "version": "1"}, text, text]) == {
        "one.yml": "name: one\nversion: '1'\n",
        "two.yml": text,
    }


def test_the_file_that_defines_a_plugin_already_is_taken(ground):
    ground.write(ground.plugins_root, {"other.yml": "name: one\n", "broken.yml": "["})
    assert list(inline.name_definitions(ground.places, [{"name": "one"}])) == ["other.yml"]


WRONG = [
    ([{"version": "1"}], "definition 1' has no name"),
    ([{"name": "ok"}, 5], "definition 2' must be a mapping"),
    (["[\n"], "definition 1' line 2 column 1 is not valid YAML"),
    ([{"name": "../x"}], "definition 1' has the name '../x'"),
    ([{"name": "x"}, {"name": "x", "hooks": {}}], "The plugin 'x' is defined twice"),
]


@pytest.mark.parametrize("given, message", WRONG, ids=[message for _given, message in WRONG])
def test_wrong_definitions(ground, given, message):
    with pytest.raises(LecternError, match=message):
        inline.name_definitions(ground.places, given)


def test_files():
    files = {"a.yml": "name: a", "b-c.py": ""}
    assert inline.check_files(files) == files


@pytest.mark.parametrize("name", ["a.txt", "a/b.yml", "../a.yml", ".yml", "-a.py", "a.yml\n", ""])
def test_names_of_files(name):
    with pytest.raises(LecternError, match="must be named NAME.yml .v0. or NAME.py .v1., without a folder"):
        inline.check_files({name: ""})


def test_a_file_that_is_no_text():
    with pytest.raises(LecternError, match="The plugin file 'a.yml' is a dict: expected its text"):
        inline.check_files({"a.yml": {}})
