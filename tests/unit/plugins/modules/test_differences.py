# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the collection does otherwise than upstream, on purpose: docs/differences.md names these tests."""

from __future__ import annotations

import pytest

V0_WITH_TASKS = """
    import os
    templates = os.path.join(os.path.dirname(__file__), "templates")
    config = {"add": {"PASSWORD": "{{ 20|random_string }}"}, "set": {"PLATFORM_NAME": "Set by tasks"}}
    patches = {"lms-env": "tasks: {{ TASKS_PASSWORD }}"}
    hooks = {"init": ["lms"], "pre-init": ["mysql"]}
"""
TASKS_FILES = {
    "templates/tasks/apps/settings.txt": "{{ TASKS_PASSWORD }}\n",
    "templates/tasks/hooks/lms/init": "echo init\n",
    "templates/tasks/hooks/mysql/pre-init": "echo {{ TASKS_PASSWORD }}\n",
}


@pytest.fixture
def tasks(site):
    """A platform on which a v0 package with init hooks, templates and settings is installed."""
    site.package("tasks", V0_WITH_TASKS, files=TASKS_FILES)
    return site


def test_v0_package_with_init_hooks_is_enabled(tasks):
    tasks.render(plugins=["tasks"])
    assert tasks.text("plugins/tasks/apps/settings.txt") == tasks.settings()["TASKS_PASSWORD"]
    (found,) = tasks.ok("plugin_info", names=["tasks"])["plugins"]
    assert (found["enabled"], found["error"]) == (True, "")
    assert (found["hooks"]["init"], found["hooks"]["pre-init"]) == (["lms"], ["mysql"])


def test_enabling_saves_generated_secrets(tasks):
    tasks.ok("plugin", name=["tasks"])
    secret = tasks.settings()["TASKS_PASSWORD"]
    assert len(secret) == 20
    tasks.render()
    assert "tasks: " + secret in tasks.text("apps/lms.yml")


def test_disabling_removes_files_and_overrides_and_keeps_secrets(tasks):
    tasks.render(plugins=["tasks"])
    secret = tasks.settings()["TASKS_PASSWORD"]
    assert tasks.settings()["PLATFORM_NAME"] == "Set by tasks"
    tasks.ok("plugin", name=["tasks"], state="disabled")
    assert not (tasks.env / "plugins").exists()
    assert "PLATFORM_NAME" not in tasks.settings()
    tasks.render(plugins=["tasks"])
    assert tasks.settings()["TASKS_PASSWORD"] == secret


def test_stale_files_go_and_those_of_others_stay(plain):
    extra = plain.templates / "apps/extra/old.txt"
    extra.parent.mkdir()
    extra.write_text("old\n")
    plain.render()
    override = plain.env / "local/docker-compose.override.yml"
    override.write_text("services: {}\n")
    extra.unlink()
    assert plain.render(prune=False)["files"]["removed"] == []
    assert plain.render()["files"]["removed"] == ["apps/extra/old.txt"]
    assert not (plain.env / "apps/extra").exists()
    assert override.exists()


def test_rendering_after_enabling_is_the_same_as_any_other(hooked):
    """What a plugin does whenever one is loaded happens once for each, however the plugin was enabled."""
    hooked.plugin(
        "counts.py",
        """
        from tutor import hooks
        @hooks.Actions.PLUGIN_LOADED.add()
        def _count(name):
            hooks.Filters.ENV_PATCHES.add_item(("lms-env", "# loaded: " + name))
        """,
    )
    hooked.plugin("other.yml", {"name": "other"})
    hooked.ok("plugin", name=["counts"])
    hooked.render(plugins=["counts", "other"])
    assert hooked.text("apps/lms.yml").count("# loaded: other") == 1
    assert not hooked.render()["changed"]


@pytest.mark.parametrize("api", ["v0", "v1"])
def test_entry_point_that_names_an_object(hooked, api):
    code = "from tutor import hooks\nhooks.Filters.ENV_PATCHES.add_item(('lms-env', 'v1: 1'))\n"
    code += "class Plugin:\n    patches = {'lms-env': 'v0: 1'}\n"
    package = hooked.package("named", code, api)
    (hooked.packages / "tutor_named-1.0.dist-info/entry_points.txt").write_text(
        "[tutor.plugin.%s]\nnamed = %s.plugin:Plugin\n" % (api, package.name)
    )
    hooked.render(plugins=["named"])
    assert api + ": 1" in hooked.text("apps/lms.yml")


def test_relative_templates_lie_beside_the_yaml_plugin(site):
    site.plugin("beside.yml", {"name": "beside", "templates": "mine"})
    site.plugin("mine/beside/apps/it.txt", "{{ LMS_HOST }}")
    site.render(plugins=["beside"])
    assert site.text("plugins/beside/apps/it.txt") == "www.myopenedx.com"


def test_execute_permission_survives_and_secrets_are_the_owners_alone(site):
    script = site.templates / "build/openedx/run.sh"
    script.write_text("#!/bin/sh\necho {{ LMS_HOST }}\n")
    script.chmod(0o755)
    site.render()
    modes = [path.stat().st_mode & 0o777 for path in (site.root, site.config, site.env / "build/openedx/run.sh", site.env / "apps/lms.yml")]
    assert modes == [0o700, 0o600, 0o755, 0o644]


def test_setting_that_refers_to_a_default(site):
    site.edit(A_HOST="a.{{ CMS_HOST }}")
    site.plugin("adds.yml", {"name": "adds", "config": {"add": {"HOST": "adds.{{ CMS_HOST }}"}}})
    site.render(plugins=["adds"])
    assert site.settings()["A_HOST"] == "a.studio.www.myopenedx.com"
    assert site.settings()["ADDS_HOST"] == "adds.studio.www.myopenedx.com"
