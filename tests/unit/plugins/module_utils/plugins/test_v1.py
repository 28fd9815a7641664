# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugins through the hooks of the installed Tutor. Each test runs in a process of its own: hooks belong to the process."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import places, releases, serialize
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.forks import in_child
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core, discover, v1
from ansible_collections.lectern.tutor.plugins.module_utils.root import prepare, transaction

pytest.importorskip("tutor")
FACTS = releases.release_of(core.installed_version())
IMPORT = "from tutor import hooks\nfrom tutor.hooks import Filters as F, Actions as A\n"


@pytest.fixture
def where(tmp_path):
    (tmp_path / "plugins").mkdir()
    config = tmp_path / "templates/config"
    config.mkdir(parents=True)
    (config / "base.yml").write_text("A: 1\n")
    (config / "defaults.yml").write_text("LMS_HOST: local\n")
    return places.resolve_places(str(tmp_path / "root"), str(tmp_path / "plugins"), str(tmp_path / "templates"))


def put(where, name, text):
    with open(where.plugins_root + "/" + name, "w") as file:
        file.write(text if isinstance(text, str) else json.dumps(text))


def contributed(where, names, read):
    """What ``read`` finds in the contributions of these plugins."""

    def work():
        plugins = discover.installed_plugins(where, FACTS)
        return read(v1.load_plugins(where, FACTS, core.read_settings(where, FACTS), plugins, names, {}))

    return in_child(work)


def test_core_settings_are_read_once_in_a_call(where, monkeypatch):
    monkeypatch.setattr(core, "has_hooks", lambda release: True)
    put(where, "before.py", IMPORT)
    put(where, "listener.py", IMPORT + "A.CONFIG_LOADED.add()(lambda config: None)\n")
    put(where, "old.yml", {"name": "old"})
    (Path(where.root)).mkdir(mode=0o700)
    (Path(where.config)).write_text("PLUGINS: [before]\n")
    paths = []
    read = serialize.load_mapping
    monkeypatch.setattr(serialize, "load_mapping", lambda path: paths.append(path) or read(path))

    def work():
        transaction.execute(where, prepare.Request(plugins=["listener", "old"]), checking=False)
        return [os.path.basename(path) for path in paths if path.startswith(where.templates)]

    assert in_child(work) == ["base.yml", "defaults.yml"]


def test_v0_and_v1_side_by_side(where):
    put(where, "old.yml", {"name": "old", "patches": {"x": "v0"}, "config": {"add": {"A": 1}, "defaults": {"LMS_HOST": 2}}})
    put(where, "new.py", IMPORT + "F.ENV_PATCHES.add_item(('x', 'v1'))\nF.CONFIG_UNIQUE.add_item(('NEW_A', 2))\n")

    def read(found):
        return {
            "plugins": found.plugins,
            "patches": list(found.patches),
            "unique": list(found.unique),
            "defaults": [item for item in found.defaults if item.key.endswith("LMS_HOST")],
        }

    found = contributed(where, ["new", "old"], read)
    assert found == {
        "plugins": ["new", "old"],
        "patches": [["x", "v1", "new"], ["x", "v0", "old"]],
        "unique": [["NEW_A", 2, "new"], ["OLD_A", 1, "old"]],
        "defaults": [["LMS_HOST", "local", "core"], ["OLD_LMS_HOST", 2, "old"]],
    }


def test_core_comes_out_of_the_given_templates(where):
    """Nothing of the package's own templates shows: no image, no task, no setting."""
    found = contributed(
        where, [], lambda found: [len(found.defaults), len(found.tasks), found.images("build", {}), found.images("pull", {})]
    )
    assert found == [1, 0, [], []]


def test_owners_of_a_list_that_a_later_plugin_edits(where):
    put(where, "a.py", IMPORT + "F.ENV_PATCHES.add_items([('x', 'one'), ('x', 'two')])\n")
    put(where, "b.py", IMPORT + "F.ENV_PATCHES.add()(lambda items: [('x', 'ours')] + items[1:])\n")
    assert contributed(where, ["a", "b"], lambda found: found.patches) == [["x", "ours", "b"], ["x", "two", "a"]]


def test_tasks_of_high_priority_are_pre_init(where):
    put(where, "a.py", IMPORT + "F.CLI_DO_INIT_TASKS.add_item(('lms', 'x'))\nF.CLI_DO_INIT_TASKS.add_item(('mysql', 'y'), priority=1)\n")
    found = contributed(where, ["a"], lambda found: [(task.service, task.hook) for task in found.tasks])
    assert found == [["mysql", "pre-init"], ["lms", "init"]]


def test_plugins_that_are_not_enabled_are_not_run(where):
    put(where, "bad.py", "raise SystemExit('no')\n")
    assert contributed(where, [], lambda found: found.plugins) == []
    with pytest.raises(LecternError, match=r"^Can't load plugin 'bad' .*: SystemExit: no, at .*/bad.py line 1[.]"):
        contributed(where, ["bad"], lambda found: None)


ITEMS = [
    ("CONFIG_DEFAULTS.add_item('x')", "Plugin 'a' adds 'x' to CONFIG_DEFAULTS: expected a tuple of str, object"),
    ("ENV_PATCHES.add_item((1, 'x'))", r"Plugin 'a' adds \(1, 'x'\) to ENV_PATCHES: expected a tuple of str, str"),
    ("ENV_PATTERNS_IGNORE.add_item('[')", "Plugin 'a' adds '\\[' to ENV_PATTERNS_IGNORE: it is no regular expression"),
    (
        "ENV_TEMPLATE_ROOTS.add()(lambda items: 1 / 0)",
        "ENV_TEMPLATE_ROOTS of plugin 'a' failed: ZeroDivisionError: division by zero, at .*a.py line 3",
    ),
]


@pytest.mark.parametrize("code, message", ITEMS, ids=[code for code, _message in ITEMS])
def test_items_of_another_shape(where, code, message):
    put(where, "a.py", IMPORT + "F.%s\n" % code)
    with pytest.raises(LecternError, match=message):
        contributed(where, ["a"], lambda found: None)


def test_callbacks_of_plugins_for_starts_and_jobs(where):
    """Core's own, which stop other projects, are none of them."""
    put(
        where,
        "listens.py",
        IMPORT
        + "@A.COMPOSE_PROJECT_STARTED.add()\ndef started(root, config, name):\n    config['told'] = [root, name]\n"
        + "@A.DO_JOB.add()\ndef job(name, *args, **kwargs):\n    args[0].append([name, kwargs])\n",
    )

    def read(found):
        config, told = {}, []
        for _owner, callback in found.compose_project_started:
            callback("/root", config, "campus")
        for _owner, callback in found.do_job:
            callback("init", told, limit=None)
        return [owner for owner, _callback in found.compose_project_started + found.do_job] + [config["told"], told]

    assert contributed(where, ["listens"], read) == ["listens", "listens", ["/root", "campus"], [["init", {"limit": None}]]]
