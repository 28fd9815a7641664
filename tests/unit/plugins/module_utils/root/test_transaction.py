# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One transaction over plugins, settings and files."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core
from ansible_collections.lectern.tutor.plugins.module_utils.root import manifest


def below(ground, prepared):
    return sorted((change.kind, os.path.relpath(change.path, str(ground.root))) for change in prepared.changes)


def test_first_and_second_call(ground):
    checked = ground.call(checking=True, settings={"LMS_HOST": "x"})
    assert not ground.root.exists()
    real = ground.call(settings={"LMS_HOST": "x"})
    assert (
        below(ground, checked)
        == below(ground, real)
        == [
            ("created", ".lectern/manifest.json"),
            ("created", "config.yml"),
            ("created", "env/apps/lms.txt"),
            ("created", "env/build/openedx/Dockerfile"),
        ]
    )
    assert checked.access_changes == real.access_changes == {str(ground.root): (0o700, -1)}
    assert ground.text("apps/lms.txt") == "x "
    assert ground.call().changes == []


def test_plugins_on_and_off(ground):
    ground.plugin("p", config={"add": {"KEY": "{{ 8|random_string }}"}, "set": {"LMS_HOST": "p"}}, patches={"lms": "patched"})
    enabled = ground.call(enable=["p"])
    assert enabled.enabled == ["p"]
    assert ground.text("apps/lms.txt") == "p patched"
    secret = ground.saved()["P_KEY"]
    disabled = ground.call(disable=["p", "unknown"])
    assert disabled.enabled == []
    assert ground.saved() == {"MYSQL_ROOT_PASSWORD": ground.saved()["MYSQL_ROOT_PASSWORD"], "PLUGINS": [], "P_KEY": secret}
    assert ground.text("apps/lms.txt") == "local.org "
    assert ground.call(plugins=["p", "p"]).enabled == ["p"]
    assert ground.saved()["P_KEY"] == secret


def test_without_rendering_the_environment_stays(ground):
    ground.plugin("p", patches={"lms": "patched"})
    ground.call(enable=["p"], render=False)
    assert not ground.env.exists()
    assert ground.saved()["PLUGINS"] == ["p"]
    ground.call()
    ground.call(settings={"LMS_HOST": "x"}, render=False)
    assert ground.text("apps/lms.txt") == "local.org patched"


def test_files_of_a_disabled_plugin_go_without_a_rendering(ground):
    ground.plugin("p", templates="templates")
    ground.write(ground.plugins_root, {"templates/p/apps/x": "x", "templates/apps/extra": "x"})
    ground.call(enable=["p"])
    assert (ground.env / "plugins/p/apps/x").exists()
    gone = ground.call(disable=["p"], render=False)
    assert [name for kind, name in below(ground, gone) if kind == "removed"] == ["env/apps/extra", "env/plugins/p/apps/x"]
    assert not (ground.env / "plugins").exists()


def test_without_pruning_they_stay(ground):
    ground.plugin("p", templates="templates")
    ground.write(ground.plugins_root, {"templates/p/apps/x": "x"})
    ground.call(enable=["p"])
    ground.call(disable=["p"], prune=False)
    assert ground.text("plugins/p/apps/x") == "x"
    assert "plugins/p/apps/x" in manifest.load(ground.places).files
    ground.call()
    assert not (ground.env / "plugins").exists()


def test_single_file_plugins_of_the_call(ground):
    prepared = ground.call(plugins=["new"], files={"new.yml": "name: new\npatches: {lms: new}\n"})
    assert str(ground.plugins_root / "new.yml") in [change.path for change in prepared.changes]
    assert ground.text("apps/lms.txt") == "local.org new"


def test_nothing_is_written_before_everything_is_right(ground):
    ground.plugin("p", patches={"lms": "{{ NOPE }}"})
    with pytest.raises(LecternError, match="'NOPE' is undefined"):
        ground.call(plugins=["p"], files={"q.yml": "name: q\n"}, settings={"A": 1})
    assert not ground.root.exists()
    assert os.listdir(str(ground.plugins_root)) == ["p.yml"]


def test_a_broken_file_stops_every_call(ground):
    ground.call()
    ground.write(ground.plugins_root, {"broken.yml": "version: 1\n"})
    for request in ({}, {"disable": ["x"]}, {"render": False}):
        with pytest.raises(LecternError, match="broken.yml' has no name"):
            ground.call(**request)


def test_plugins_that_core_lists_and_that_are_not_installed(ground):
    ground.write(ground.templates, {"config/base.yml": "PLUGINS: [absent-plugin]\n"})
    assert ground.call().enabled == []
    assert ground.saved()["PLUGINS"] == []
    assert ground.call().changes == []


def test_a_config_yml_that_is_gone(ground):
    ground.call()
    (ground.root / "config.yml").unlink()
    with pytest.raises(LecternError, match="is gone, but the environment was rendered with it: new secrets would lock"):
        ground.call()
    (kept,) = (ground.root / ".lectern/generations").iterdir()
    kept.rename(ground.root / "config.yml")
    assert ground.call().changes == []


def test_the_root_becomes_private(ground):
    ground.edit(LMS_HOST="x")
    ground.root.chmod(0o755)
    assert ground.call().access_changes == {str(ground.root): (0o700, -1)}
    assert ground.root.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("version, saved", [("12.2.0", False), ("13.0.0", True)])
def test_list_of_plugins_where_config_yml_has_none(ground, monkeypatch, version, saved):
    monkeypatch.setattr(core, "installed_version", lambda: version)
    settings = "PLUGINS: []\nLMS_HOST: x\n"
    ground.write(ground.templates, {"config.yml": settings, "config/base.yml": settings, "config/defaults.yml": "CMS_HOST: y\n"})
    ground.call()
    assert ("PLUGINS" in ground.saved()) == saved


def test_hooks_may_be_a_mapping(ground):
    """Its keys are the services."""
    ground.write(ground.plugins_root, {"tpl/p/hooks/lms/init": "echo p"})
    ground.plugin("p", templates="tpl", hooks={"init": {"lms": "whatever"}})
    ground.call(plugins=["p"])
    assert [task.text for task in ground.platform().contributions.tasks if task.owner == "p"] == ["echo p"]
