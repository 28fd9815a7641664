# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a v0 plugin says, as contributions."""

from __future__ import annotations

import datetime
import sys

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import v0
from ansible_collections.lectern.tutor.plugins.module_utils.plugins.contributions import ImageItem, Patch, Setting, Target
from ansible_collections.lectern.tutor.plugins.module_utils.plugins.discover import Plugin


def yaml_plugin(**data):
    return Plugin("p", "v0", "yaml", path="/plugins/p.yml", data=data)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Defines an entry-point plugin by its code."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def make(code, value="lecternplugin"):
        (tmp_path / "lecternplugin.py").write_text(code)
        sys.modules.pop("lecternplugin", None)
        return Plugin("p", "v0", "entrypoint", package="tutor-p", version="1", value=value)

    yield make
    sys.modules.pop("lecternplugin", None)


def test_prefixes(package):
    """`add` and `defaults` get the plugin's name in front, `set` is taken as it is."""
    config = {"add": {"A": "1"}, "defaults": {"B": 2}, "set": {"C": [3]}, "unknown": {"D": 4}}
    for plugin in (yaml_plugin(config=config), package("config = %r" % config), package("def config():\n    return %r" % config)):
        assert v0.load_definition(plugin).config == {
            "unique": [Setting("P_A", "1", "p")],
            "defaults": [Setting("P_B", 2, "p")],
            "overrides": [Setting("C", [3], "p")],
        }


def test_a_hyphen_stays_in_the_prefix():
    plugin = yaml_plugin(config={"add": {"A": 1}})
    assert v0.load_definition(Plugin("my-p", "v0", "yaml", path="/x", data=plugin.data)).config["unique"][0].key == "MY-P_A"


def test_nothing_said():
    found = v0.load_definition(yaml_plugin(config={"add": None}, patches=None, hooks=None))
    assert (found.patches, found.templates) == ([], None)
    assert found.hooks == {"init": [], "pre-init": [], "build-image": {}, "remote-image": {}}


def test_patches_and_templates(package):
    found = v0.load_definition(package("patches = {'a': 'x', 'b': ''}\ndef templates():\n    return '/t'\n"))
    assert (found.patches, found.templates) == ([Patch("a", "x", "p"), Patch("b", "", "p")], "/t")
    assert v0.load_definition(package("templates = ''\n")).templates is None
    with pytest.raises(LecternError, match="'relative': expected the absolute path of a folder"):
        v0.load_definition(package("templates = 'relative'\n"))
    assert v0.load_definition(yaml_plugin(templates="t")).templates == "/plugins/t"
    assert v0.load_definition(yaml_plugin(templates="/t")).templates == "/t"


def test_an_attribute_of_the_module(package):
    code = "class holder:\n    class plugin:\n        patches = {'a': 'x'}\n"
    assert v0.load_definition(package(code, "lecternplugin:holder.plugin")).patches == [Patch("a", "x", "p")]


def test_dates_and_tuples_are_values():
    config = {"defaults": {"DAY": datetime.date(2020, 1, 1), "PAIR": (1, 2)}}
    assert [item.value for item in v0.load_definition(yaml_plugin(config=config)).config["defaults"]] == [datetime.date(2020, 1, 1), (1, 2)]


ENDLESS = []
ENDLESS.append(ENDLESS)
WRONG = [
    (dict(config=[]), "config of plugin 'p' .* is a list, \\[\\]: expected a mapping"),
    (dict(config={"add": 1}), "config.add of .* is a int, 1: expected a mapping"),
    (dict(config={"add": {"A": {"x": b"y"}}}), "config.add.A of .* is a bytes"),
    (dict(config={"add": {"A": ENDLESS}}), "config.add.A of .* holds a value that is nested deeper than 100 levels, or contains itself"),
    (dict(patches={"a": ["x"]}), "patches.a of .* is a list, \\['x'\\]: expected text"),
    (dict(patches={1: "x"}), "The key 1 in patches of .* is a int"),
    (dict(hooks={"init": "lms"}), "hooks.init of .* is a str, 'lms': expected a list of services"),
    (dict(hooks={"init": ["a/b"]}), "An item of hooks.init of .* 'a/b': expected the name of a service"),
    (dict(hooks={"remote-image": {"a": ""}}), "hooks.remote-image.a of .* expected an image's tag"),
    (dict(templates={}), "templates of .* expected the path of a folder"),
    (dict(templates="~/t"), "templates of .* is a str, '~/t': expected the absolute path of a folder"),
    (dict(templates="$HOME/t"), "templates of .* is a str, '.HOME/t': expected the absolute path of a folder"),
    (dict(templates="/srv/${HERE}/t"), "templates of .* is a str, '/srv/..HERE./t': expected the absolute path of a folder"),
    (dict(templates="C:/t"), "templates of .* is a str, 'C:/t': expected the absolute path of a folder"),
]


@pytest.mark.parametrize("data, message", WRONG, ids=[message for _data, message in WRONG])
def test_wrong_types(data, message):
    with pytest.raises(LecternError, match=message):
        v0.load_definition(yaml_plugin(**data))


def test_an_import_that_fails(package):
    with pytest.raises(LecternError, match=r"^Can't import plugin 'p' \(tutor-p 1\): ValueError: boom, at .*lecternplugin.py line 2[.]$"):
        v0.load_definition(package("x = 1\nraise ValueError('boom')\n"))
    with pytest.raises(LecternError, match=r"AttributeError: module 'lecternplugin' has no attribute 'nope'[.]$"):
        v0.load_definition(package("x = 1\n", "lecternplugin:nope"))


def test_targets():
    assert v0.targets("p") == [Target("p/apps", "plugins", "p"), Target("p/build", "plugins", "p")]


def test_images():
    hooks = {"build-image": {"a": "tag:1"}, "remote-image": {"b": "tag:2"}}
    assert v0.images("p", hooks, "build") == [ImageItem("a", "tag:1", "p", "plugins/p/build/a")]
    assert v0.images("p", hooks, "pull") == v0.images("p", hooks, "push") == [ImageItem("b", "tag:2", "p")]
    assert v0.images("p", hooks, "push", "{{ DOCKER_REGISTRY }}") == [ImageItem("b", "{{ DOCKER_REGISTRY }}tag:2", "p")]


def test_scripts_come_from_the_first_root_that_holds_them(tmp_path):
    for root in ("one", "two"):
        folder = tmp_path / root / "p/hooks/lms"
        folder.mkdir(parents=True)
        (folder / "init").write_text(root)
    (tmp_path / "one/p/hooks/lms/init").unlink()
    roots = [str(tmp_path / "one"), str(tmp_path / "two")]
    assert v0.read_scripts(yaml_plugin(), "init", ["lms"], roots) == [("lms", "two")]
    with pytest.raises(LecternError, match="Hook 'pre-init' of .* no template 'p/hooks/lms/pre-init' in: .*one, .*two[.]"):
        v0.read_scripts(yaml_plugin(), "pre-init", ["lms"], roots)
    with pytest.raises(LecternError, match="in: no templates folder[.]"):
        v0.read_scripts(yaml_plugin(), "init", ["lms"], [])
