# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each installed plugin contributes on its own."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root.plugin_list import describe_plugins


def entries(ground, names=()):
    own = ("one", "two", "bad", "v1")
    return {entry["name"]: entry for entry in describe_plugins(ground.places, list(names))["plugins"] if entry["name"] in own}


def test_entries(ground):
    ground.plugin("one", version="1.0", patches={"a": "x"}, config={"add": {"PASSWORD": "plain", "TOKEN": "{{ 8|random_string }}"}})
    ground.plugin("two", hooks={"build-image": {"i": "t"}, "remote-image": {"r": "u"}}, config={"defaults": {"A": [1]}, "set": {"B": None}})
    ground.write(ground.plugins_root, {"bad.yml": "version: '1'\n"})
    ground.edit(PLUGINS=["two"])
    found = entries(ground)
    assert sorted(found) == ["bad", "one", "two"]
    one, two = found["one"], found["two"]
    assert (one["api"], one["source"], one["version"], one["enabled"], two["enabled"]) == ("v0", "yaml", "1.0", False, True)
    assert one["config"]["unique"] == {"ONE_PASSWORD": "********", "ONE_TOKEN": "{{ 8|random_string }}"}
    assert one["patches"] == {"a": ["x"]}
    assert two["config"] == {"unique": {}, "defaults": {"TWO_A": [1]}, "overrides": {"B": None}}
    assert two["hooks"] == {"init": [], "pre-init": [], "build-image": {"i": "t"}, "remote-image": {"r": "u"}}
    assert "has no name" in found["bad"]["error"]
    assert one.keys() == two.keys() == found["bad"].keys()


def test_one_plugin_does_not_show_in_the_entry_of_another(ground):
    ground.plugin("one", patches={"a": "x"})
    ground.plugin("two", patches={"a": 5})
    found = entries(ground)
    assert (found["one"]["error"], found["one"]["patches"]) == ("", {"a": ["x"]})
    assert found["two"]["error"].startswith("patches.a of plugin 'two' ")
    assert found["two"]["patches"] == {}


def test_names(ground):
    ground.plugin("one")
    ground.plugin("two")
    assert sorted(entries(ground, ["two"])) == ["two"]
    with pytest.raises(LecternError, match="Plugin 'nope' is not installed"):
        describe_plugins(ground.places, ["nope"])
