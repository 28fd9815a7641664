# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installed plugins are found without importing any of their code."""

from __future__ import annotations

import errno
import os
import re
import sys

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import releases
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import discover

NEW, OLD = releases.release_of("22.0.3"), releases.release_of("3.12.6")


def install(ground, monkeypatch, name, points, module="raise SystemExit('imported')\n"):
    packages = ground.folder / "packages"
    ground.write(packages, {"tutor%s.py" % name: module})
    info = {"METADATA": "Metadata-Version: 2.1\nName: tutor-%s\nVersion: 1.0\n" % name, "entry_points.txt": points}
    ground.write(packages / ("tutor_%s-1.0.dist-info" % name), info)
    monkeypatch.syspath_prepend(str(packages))


def found(ground, release=NEW, files=None):
    own = ("one", "two", "three", "four", "five")
    return [plugin for plugin in discover.installed_plugins(ground.places, release, files) if plugin.name in own or plugin.error]


def test_kinds_and_order(ground, monkeypatch):
    install(ground, monkeypatch, "one", "[tutor.plugin.v1]\none = tutorone\n[console_scripts]\nx = tutorone:x\n")
    install(ground, monkeypatch, "two", "[tutor.plugin.v0]\ntwo = tutortwo\n")
    ground.write(
        ground.plugins_root, {"b.py": "x", "three.py": "raise SystemExit\n", "z.yml": "name: four\nversion: '2'\n", "note.txt": ""}
    )
    (ground.plugins_root / "b.py").unlink()
    plugins = found(ground)
    assert [(plugin.name, plugin.api, plugin.source, plugin.version) for plugin in plugins] == [
        ("two", "v0", "entrypoint", "1.0"),
        ("four", "v0", "yaml", "2"),
        ("three", "v1", "file", ""),
        ("one", "v1", "entrypoint", "1.0"),
    ]
    assert [str(plugin) for plugin in plugins[:2]] == [
        "plugin 'two' (tutor-two 1.0)",
        "plugin 'four' (%s)" % (ground.plugins_root / "z.yml"),
    ]
    assert (plugins[0].package, plugins[0].value) == ("tutor-two", "tutortwo")
    assert "tutortwo" not in sys.modules


def test_a_package_that_is_found_twice_counts_once(ground, monkeypatch):
    install(ground, monkeypatch, "one", "[tutor.plugin.v0]\none = tutorone\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(ground.folder / "packages")])
    assert [plugin.name for plugin in found(ground, OLD)] == ["one"]


def test_files_of_this_call_stand_in_for_those_on_disk(ground):
    ground.plugin("one", version="1")
    plugins = found(ground, files={"one.yml": "name: one\nversion: '2'\n", "two.py": "x = 1\n"})
    assert [(plugin.name, plugin.version) for plugin in plugins] == [("one", "2"), ("two", "")]


def test_switches_of_tutor(ground, monkeypatch):
    install(ground, monkeypatch, "one", "[tutor.plugin.v0]\none = tutorone\n")
    ground.plugin("two")
    monkeypatch.setenv("TUTOR_IGNORE_ENTRYPOINT_PLUGINS", "1")
    assert [plugin.name for plugin in found(ground)] == ["two"]
    monkeypatch.setenv("TUTOR_IGNORE_DICT_PLUGINS", "1")
    assert found(ground) == []


@pytest.mark.parametrize("text", ["", "[]", "version: '1'", "name: 1", "name: a/b", "name: .x", "name: x\nversion: 1.0", "name: ["])
def test_a_broken_yaml_plugin_is_named_by_its_file(ground, text):
    ground.write(ground.plugins_root, {"broken.yml": text})
    (plugin,) = found(ground)
    assert (plugin.name, plugin.data) == ("broken", None)
    with pytest.raises(LecternError, match="broken.yml"):
        discover.refuse_broken([plugin])


def test_names_that_are_not_installed(ground):
    ground.plugin("one")
    plugins = found(ground)
    assert discover.plugins_named(plugins, ["one", "one"]) == plugins
    with pytest.raises(LecternError, match="Plugin 'two' is not installed for .*Installed are: one[.]"):
        discover.plugins_named(plugins, ["two"])
    with pytest.raises(LecternError, match="Installed are: none[.]"):
        discover.plugins_named([], ["two"])


def test_characters_of_patterns_in_a_folder(ground):
    folder = ground.folder / "a[b]*?"
    ground.write(folder, {"one.yml": "name: one", ".two.yml": "name: two", "three.yaml": "name: three", "four.YML": "name: four"})
    assert [plugin.name for plugin in found(Moved(ground, folder))] == ["one"]


class Moved:
    """The same places with another plugins root."""

    def __init__(self, ground, plugins_root):
        self.places = ground.places._replace(plugins_root=str(plugins_root))


@pytest.mark.parametrize("name", ["three.yaml", "three.YML", "three.YAML", "three.Py", "other.yaml"])
def test_file_whose_name_tutor_does_not_read(ground, name):
    ground.write(ground.plugins_root, {name: "name: three\n"})
    path = ground.plugins_root / name
    message = "Plugin 'three' is not installed: Tutor does not read '%s', only *.yml and *.py. Rename it to '%s'." % (
        path,
        path.stem + (".py" if name.endswith(".Py") else ".yml"),
    )
    with pytest.raises(LecternError, match="^%s$" % re.escape(message)):
        ground.call(plugins=["three"])
    ground.call(plugins=[])


def test_plugins_root_that_can_not_be_read(ground, monkeypatch):
    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(LecternError, match="^plugins_root '%s' can't be read: Input/output error: look at the disk" % ground.plugins_root):
        found(ground)


def refuse(path):
    raise OSError(errno.EIO, os.strerror(errno.EIO), path)
