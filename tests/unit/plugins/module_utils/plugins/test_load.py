# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Core and v0 plugins, gathered without Tutor's hooks."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import releases
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core, discover, load

NEW, OLD = releases.release_of("22.0.3"), releases.release_of("3.12.6")


def loaded(ground, names, release=NEW):
    core_settings = core.read_settings(ground.places, release)
    return load.load_plugins(ground.places, release, core_settings, discover.installed_plugins(ground.places, release), names)


def full(ground, name):
    ground.plugin(
        name,
        config={"add": {"A": 1}, "set": {"SET_BY_%s" % name.upper(): 2}, "defaults": {"D": 3}},
        patches={"lms": name},
        templates="templates-" + name,
        hooks={"init": ["lms"], "pre-init": ["mysql"], "build-image": {name + "-image": "tag"}, "remote-image": {name + "-remote": "tag"}},
    )
    ground.write(ground.plugins_root, {"templates-%s/%s/hooks/lms/init" % (name, name): "init " + name})
    ground.write(ground.plugins_root, {"templates-%s/%s/hooks/mysql/pre-init" % (name, name): "pre-init " + name})


def test_everything_has_its_owner(ground):
    for name in ("b", "a"):
        full(ground, name)
    found = loaded(ground, ["b", "a"])
    assert found.plugins == ["a", "b"]
    assert [(item.key, item.owner) for item in found.unique] == [("A_A", "a"), ("B_A", "b")]
    assert [(item.key, item.owner) for item in found.overrides] == [("SET_BY_A", "a"), ("SET_BY_B", "b")]
    assert [(item.key, item.owner) for item in found.defaults][-2:] == [("A_D", "a"), ("B_D", "b")]
    assert [(patch.text, patch.owner) for patch in found.patches] == [("a", "a"), ("b", "b")]
    assert [root.owner for root in found.roots] == ["core", "a", "b"]
    assert [(target.src, target.dst) for target in found.targets if target.owner == "b"] == [("b/apps", "plugins"), ("b/build", "plugins")]
    assert [(task.owner, task.hook) for task in found.tasks] == [
        ("a", "pre-init"),
        ("b", "pre-init"),
        ("mysql", "init"),
        ("lms", "init"),
        ("a", "init"),
        ("b", "init"),
    ]
    config = {"DOCKER_IMAGE_OPENEDX": "x"}
    assert [image.name for image in found.images("build", config)] == ["openedx", "a-image", "b-image"]
    assert [image.name for image in found.images("push", config)] == ["openedx", "a-remote", "b-remote"]


def test_remote_images_of_old_releases_come_from_the_registry_of_the_settings(ground):
    full(ground, "a")
    ground.write(ground.templates, {"config.yml": "X: 1\n"})
    (image,) = [image for image in loaded(ground, ["a"], OLD).images("pull", {}) if image.owner == "a"]
    assert image.tag == "{{ DOCKER_REGISTRY }}tag"


def test_of_two_plugins_of_one_name_the_first_is_loaded(ground):
    for file, text in (("a", "first"), ("b", "second")):
        ground.write(ground.plugins_root, {file + ".yml": "name: twice\npatches: {lms: %s}\n" % text})
    ground.call(plugins=["twice"], settings={"LMS_HOST": "x"})
    assert ground.text("apps/lms.txt") == "x first"


def test_only_what_is_enabled_is_loaded(ground):
    ground.write(ground.plugins_root, {"bad.yml": "name: bad\npatches: 5\n", "v1.py": "raise SystemExit\n"})
    full(ground, "a")
    assert loaded(ground, ["a"]).plugins == ["a"]
    with pytest.raises(LecternError, match="patches of plugin 'bad' .* is a int, 5: expected a mapping"):
        loaded(ground, ["a", "bad"])
    with pytest.raises(LecternError, match="plugin 'v1' .* is a v1 plugin: it needs the package tutor, 13.2 or newer"):
        loaded(ground, ["v1"])
    with pytest.raises(LecternError, match="Plugin 'nope' is not installed"):
        loaded(ground, ["nope"])


def test_what_a_plugin_prints_stays_inside(ground, capfd, monkeypatch):
    packages = ground.folder / "packages"
    ground.write(packages, {"tutorloud.py": "import os\nprint('loud')\nos.chdir('/')\n"})
    info = {
        "METADATA": "Metadata-Version: 2.1\nName: tutor-loud\nVersion: 1.0\n",
        "entry_points.txt": "[tutor.plugin.v0]\nloud = tutorloud\n",
    }
    ground.write(packages / "tutor_loud-1.0.dist-info", info)
    monkeypatch.syspath_prepend(str(packages))
    cwd = os.getcwd()
    assert loaded(ground, ["loud"]).plugins == ["loud"]
    assert (os.getcwd(), capfd.readouterr().out) == (cwd, "")
