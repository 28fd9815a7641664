# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What packages require, as releases up to 17.0.1 look at it, and what an interrupted pip leaves."""

from __future__ import annotations

import os
import re

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import about, releases
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core, discover, load, packages

MODULE = "patches = {'lms': 'ONE'}\n"
OLD = releases.release_of("14.2.5")


def install(folder, name, version="1.0", requires=(), points="", extras=()):
    info = folder / ("%s-%s.dist-info" % (name.replace("-", "_"), version))
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", "Name: " + name, "Version: " + version]
    lines += ["Provides-Extra: " + extra for extra in extras] + ["Requires-Dist: " + each for each in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    if points:
        (info / "entry_points.txt").write_text(points)
    return info


@pytest.fixture
def old(ground, monkeypatch):
    """Tutor 14.2.5, with a folder for packages."""
    pytest.importorskip("pkg_resources")
    folder = ground.folder / "packages"
    install(folder, "tutor", "14.2.5")
    install(folder, "helper", "2.0", requires=["deeper>=3"])
    (folder / "one.py").write_text(MODULE)
    (folder / "tutor").mkdir()
    (folder / "tutor/__about__.py").write_text('__version__ = "14.2.5"\n')
    monkeypatch.setattr(core, "installed_version", lambda: "14.2.5")
    monkeypatch.setattr(about, "package_folder", lambda: str(folder / "tutor"))
    monkeypatch.syspath_prepend(str(folder))
    return folder


UNMET = {
    "a release": (["tutor<14"], "requires 'tutor<14', but tutor 14.2.5 is installed"),
    "two bounds": (["tutor>=12,<=14"], "requires 'tutor<=14,>=12', but tutor 14.2.5 is installed"),
    "another name": (["Tutor (<14)"], "requires 'Tutor<14', but tutor 14.2.5 is installed"),
    "not installed": (["tutor", "no-such-package>=2"], "requires 'no-such-package>=2', but that is not installed"),
    "of a package that it requires": (["helper"], "requires 'deeper>=3' (through helper), but that is not installed"),
    "marker that holds": (["tutor<14; python_version >= '3'"], "requires 'tutor<14; python_version >= \"3\"', but tutor 14.2.5 is"),
}
MET = {
    "none": [],
    "fits": ["tutor>=14,<15"],
    "marker that does not hold": ["no-such-package; python_version < '3'"],
    "extra that is not asked for": ["no-such-package; extra == 'dev'"],
}


@pytest.mark.parametrize("requires, reason", UNMET.values(), ids=UNMET)
def test_requirements_that_are_not_met(ground, old, requires, reason):
    install(old, "tutor-one", requires=requires, points="[tutor.plugin.v0]\none = one\n")
    with pytest.raises(LecternError) as caught:
        ground.call(plugins=["one"])
    message = str(caught.value)
    assert message.startswith("plugin 'one' (tutor-one 1.0) " + reason), message
    assert message.endswith(", so Tutor 14.2.5 skips it. Install versions that fit each other (tutor_packages), or disable the plugin.")
    assert not ground.root.exists()
    ground.edit(PLUGINS=["one"])
    with pytest.raises(LecternError):
        ground.platform()
    ground.call(plugins=[])  # it stops nobody who does without it


@pytest.mark.parametrize("requires", MET.values(), ids=MET)
def test_requirements_that_are_met(ground, old, requires):
    install(old, "tutor-one", requires=requires, points="[tutor.plugin.v0]\none = one\n", extras=["dev"])
    ground.call(plugins=["one"])
    assert "ONE" in ground.text("apps/lms.txt")


def test_extras_of_an_entry_point_are_required_too(ground, old):
    requires = ["no-such-package; extra == 'dev'"]
    install(old, "tutor-one", requires=requires, points="[tutor.plugin.v0]\none = one [dev]\n", extras=["dev"])
    with pytest.raises(LecternError, match="requires 'no-such-package.*', but that is not installed"):
        ground.call(plugins=["one"])


def test_plugin_info_tells_of_it(ground, old):
    install(old, "tutor-one", requires=["tutor<14"], points="[tutor.plugin.v0]\none = one\n")
    (plugin,) = [plugin for plugin in discover.installed_plugins(ground.places, OLD) if plugin.name == "one"]
    assert "requires 'tutor<14'" in plugin.error
    with pytest.raises(LecternError, match="requires 'tutor<14'"):
        load.load_plugins(ground.places, OLD, core.read_settings(ground.places, OLD), [plugin], ["one"])


@pytest.mark.parametrize("version, is_checked", [("3.12.6", True), ("10.5.3", True), ("16.1.8", True), ("17.0.1", True), ("17.0.2", False)])
def test_releases_that_look_at_requirements(ground, old, version, is_checked):
    install(old, "tutor-one", requires=["tutor<3"], points="[tutor.plugin.v0]\none = one\n")
    (plugin,) = [plugin for plugin in discover.entry_points(releases.release_of(version)) if plugin.name == "one"]
    assert bool(plugin.error) == is_checked


def test_templates_without_the_package_need_no_tutor(ground, old, monkeypatch):
    monkeypatch.setattr(about, "package_folder", lambda: None)
    install(old, "tutor-one", requires=["tutor<14"], points="[tutor.plugin.v0]\none = one\n")
    ground.call(plugins=["one"])


def broken(folder, info):
    """What is wrong with the folder of a package, by what there is in it."""
    path = folder / info
    path.mkdir(parents=True)
    (path / "entry_points.txt").write_text("[tutor.plugin.v0]\none = one\n")
    return path


LEFT = {
    "no METADATA": ("broken_thing-3.0.dist-info", None),
    "renamed by pip": ("~roken_thing-3.0.dist-info", None),
    "renamed by an older pip": ("-roken_thing-3.0.dist-info", None),
    "empty METADATA": ("broken_thing-3.0.dist-info", b""),
    "cut METADATA": ("broken_thing-3.0.dist-info", b"Metadata-Version: 2.1\nNa"),
    "no version": ("broken_thing-3.0.dist-info", b"Metadata-Version: 2.1\nName: broken-thing\n"),
    "no UTF-8": ("broken_thing-3.0.dist-info", b"Name: broken-thing\nVersion: 3.0\nAuthor: \xff\n"),
    "egg": ("broken_thing.egg-info", None),
}


@pytest.mark.parametrize("name, metadata", LEFT.values(), ids=LEFT)
def test_what_an_interrupted_pip_leaves(ground, monkeypatch, name, metadata):
    folder = ground.folder / "packages"
    path = broken(folder, name)
    if metadata is not None:
        (path / "METADATA").write_bytes(metadata)
    monkeypatch.syspath_prepend(str(folder))
    message = "'%s' has no METADATA with a name and a version that the user with id %d can read: a pip that was interrupted" % (
        path,
        os.geteuid(),
    )
    for call in (lambda: ground.call(plugins=[]), lambda: ground.call(plugins=["one"])):
        with pytest.raises(LecternError, match="^" + re.escape(message)):
            call()
    (path / "entry_points.txt").unlink()
    ground.call(plugins=[])
    assert [each for each in packages.installed_packages() if "thing" in each["name"]] == []


@pytest.mark.parametrize("text", ["[tutor.plugin.v0]\none\n", "[tutor.plugin.v0]\none = one\n[x\nnonsense"])
def test_list_of_entry_points_that_can_not_be_parsed(ground, monkeypatch, text):
    folder = ground.folder / "packages"
    path = install(folder, "tutor-one", points=text) / "entry_points.txt"
    monkeypatch.syspath_prepend(str(folder))
    try:
        ground.call(plugins=[])
    except LecternError as error:
        assert re.match("'%s' is not a list of entry points [(].*[)]: reinstall the package" % re.escape(str(path)), str(error))
    path.write_bytes(b"\xff\xfe" + text.replace("tutor", "other").encode())
    ground.call(plugins=[])


def test_leftover_with_metadata_counts_as_any_package(ground, monkeypatch):
    """As upstream has it: the command goes on."""
    folder = ground.folder / "packages"
    path = install(folder, "tutor-one", points="[tutor.plugin.v0]\none = one\n")
    (folder / "one.py").write_text(MODULE)
    path.rename(folder / "~utor_one-1.0.dist-info")
    monkeypatch.syspath_prepend(str(folder))
    ground.call(plugins=["one"])
    install(folder, "tutor-one", "2.0", points="[tutor.plugin.v0]\none = one\n")
    ground.call(plugins=["one"])
    assert "ONE" in ground.text("apps/lms.txt")


@pytest.mark.parametrize("version", ["10.5.3", "14.2.5"])
@pytest.mark.parametrize("text", ["one = one\n", "[other]\none =\n", "[other]\none = one two [\n", "[other]\n[other]\n= x\n"])
def test_entry_points_of_others_that_can_not_be_parsed(ground, old, text, version):
    """Those of plugins are looked at all the same."""
    install(old, "another", points=text)
    install(old, "tutor-one", requires=["tutor<14"], points="[tutor.plugin.v0]\none = one\n")
    plugins = {plugin.name: plugin for plugin in discover.entry_points(releases.release_of(version))}
    assert "requires 'tutor<14'" in plugins["one"].error
