# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode writes nothing at all, and says what the real run then does."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

PLUGIN = {
    "name": "p",
    "templates": "templates",
    "config": {"add": {"PASSWORD": "{{ 20|random_string }}"}, "set": {"LMS_HOST": "p.org"}},
    "patches": {"lms-env": "p: {{ P_PASSWORD }}"},
}


@pytest.fixture
def prepared(site):
    site.plugin("p.yml", PLUGIN)
    harness.write(site.plugins_root, {"templates/p/apps/x": "{{ LMS_HOST }}"})
    return site


def check_then_run(site, module="environment", **options):
    """Both results, once the first is shown to have written nothing and the second to have done what the first said."""
    before = harness.snapshot(site.folder)
    checked = site.ok(module, check=True, diff=True, **options)
    after = {path: found for path, found in harness.snapshot(site.folder).items() if "/output-" not in path}
    before[str(site.folder)] = after[str(site.folder)]  # the harness put the output there
    assert after == {path: found for path, found in before.items() if "/output-" not in path}
    real = site.ok(module, diff=True, **options)
    for key in set(real) - {"diff"}:
        assert checked[key] == real[key], key
    assert [one["after_header"] for one in checked["diff"]] == [one["after_header"] for one in real["diff"]]
    again = site.ok(module, check=True, diff=True, **options)
    assert (again["changed"], again["actions"], again["diff"]) == (False, [], [])
    return real


def test_a_fresh_root(prepared):
    result = check_then_run(prepared, plugins=["p"], settings={"A": 1})
    assert result["files"]["created"] == [
        "apps/cms.txt",
        "apps/lms.yml",
        "build/openedx/Dockerfile",
        "local/docker-compose.yml",
        "plugins/p/apps/x",
    ]
    assert result["changed_keys"] == ["A", "ID", "LMS_HOST", "MYSQL_ROOT_PASSWORD", "OPENEDX_SECRET_KEY", "PLUGINS", "P_PASSWORD"]
    assert result["compose"]["files"] == [str(prepared.env / "local/docker-compose.yml")]


def test_a_root_of_the_tutor_command(prepared):
    prepared.edit(PLUGINS=["p"], LMS_HOST="x", ID="i" * 24, MYSQL_ROOT_PASSWORD="m" * 8, OPENEDX_SECRET_KEY="o" * 20, P_PASSWORD="p" * 8)
    prepared.root.chmod(0o755)
    harness.write(prepared.env, {"apps/cms.txt": "old"})
    result = check_then_run(prepared)
    assert (result["files"]["changed"], result["actions"][-1][:5]) == (["apps/cms.txt"], "Made ")


def test_changes_of_every_kind(prepared):
    prepared.render(plugins=["p"])
    check_then_run(prepared, settings={"CMS_HOST": "x"}, unset=["LMS_HOST"])
    harness.write(prepared.templates, {"apps/new": "{{ LMS_HOST }}"})
    (prepared.templates / "apps/cms.txt").unlink()
    check_then_run(prepared)
    check_then_run(prepared, definitions=[{"name": "q", "patches": {"lms-env": "q"}}], plugins=["p", "q"])
    check_then_run(prepared, plugins=["q"])
    check_then_run(prepared, plugins=[])


def test_the_other_modules(prepared):
    check_then_run(prepared, "plugin", name=["p"])
    check_then_run(prepared, "plugin", definition={"name": "q"})
    check_then_run(prepared, "config", settings={"A": "{{ LMS_HOST }}"}, append={"MOUNTS": ["/a"]})
    check_then_run(prepared, "config", remove={"MOUNTS": ["/a"]}, unset=["A"])
    check_then_run(prepared, "plugin", name=["p", "q"], state="disabled")


def test_modules_that_only_read(prepared):
    """They write nothing in no mode, also where nothing is there yet."""
    for module, options in (("plugin_info", {}), ("environment_info", {})):
        for check in (True, False):
            assert not prepared.ok(module, check=check, **options)["changed"]
    assert not prepared.root.exists()
    assert prepared.refused("config_info") == (
        "'%s' does not exist: render the environment first (module lectern.tutor.environment)." % prepared.config
    )
    prepared.render(plugins=["p"])
    before = prepared.snapshot()
    for module in ("plugin_info", "environment_info", "config_info"):
        assert not prepared.ok(module)["changed"]
    assert prepared.snapshot() == before


def test_without_diff_there_is_none(plain):
    assert plain.render(plugins=[])["diff"] == []
    assert plain.render(settings={"A": 1})["diff"] == []


def test_diff(plain):
    plain.render(plugins=[])
    (plain.env / "apps/cms.txt").write_text("before")
    harness.write(plain.templates, {"apps/logo.png": b"\x89\xff"})
    found = {os.path.basename(one["after_header"]): one for one in plain.render(settings={"PLATFORM_NAME": "after"}, diff=True)["diff"]}
    assert (found["cms.txt"]["before"], found["cms.txt"]["after"]) == ("before", "studio.www.myopenedx.com after")
    assert found["logo.png"]["before_header"] == "/dev/null"
    assert found["logo.png"]["after"] == "(2 bytes that are not text, mode 0644)\n"
    assert "PLATFORM_NAME: after\n" in found["config.yml"]["after"]
    assert "manifest.json" not in found


def test_nothing_of_python_is_left_in_packages(site):
    """Byte code would be a file that nobody asked for."""
    folder = site.package("p", "config = {}\n")
    site.environ["PYTHONDONTWRITEBYTECODE"] = ""
    site.ok("plugin_info", names=["p"])
    assert sorted(os.listdir(folder)) == ["__init__.py", "plugin.py"]
