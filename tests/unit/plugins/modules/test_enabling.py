# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enabling and disabling: what is saved, what goes, what survives."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

TEMPLATES = "import os\ntemplates = os.path.join(os.path.dirname(__file__), 'templates')\n"
SAFE = TEMPLATES + (
    "config = {'add': {'PASSWORD': '{{20|random_string}}'}, 'defaults': {'DOMAIN': 'org'}, 'set': {'LMS_HOST': 'safe.{{ SAFE_DOMAIN }}'}}\n"
    "patches = {'lms-env': 'safe: {{ SAFE_PASSWORD }}'}\n"
)


@pytest.fixture
def safe(site):
    """A platform where the plugin `safe` is installed."""
    site.package("safe", SAFE, files={"templates/safe/apps/x": "{{ SAFE_PASSWORD }}"})
    return site


def test_enabling_saves_secrets_and_overrides_at_once(safe):
    result = safe.ok("plugin", name=["safe"])
    assert (result["enabled"], result["changed"]) == (["safe"], True)
    saved = safe.settings()
    assert (saved["PLUGINS"], saved["LMS_HOST"], len(saved["SAFE_PASSWORD"])) == (["safe"], "safe.org", 20)
    assert "SAFE_DOMAIN" not in saved
    assert not safe.env.exists()
    assert not safe.ok("plugin", name=["safe"])["changed"]
    safe.render()
    assert safe.settings() == saved
    assert safe.text("plugins/safe/apps/x") == saved["SAFE_PASSWORD"]


def test_disabling_takes_overrides_and_files_and_leaves_secrets(safe):
    safe.render(plugins=["safe"])
    secret = safe.settings()["SAFE_PASSWORD"]
    result = safe.ok("plugin", name=["safe"], state="disabled")
    assert result["enabled"] == []
    assert "LMS_HOST" not in safe.settings()
    assert not (safe.env / "plugins").exists()
    assert safe.settings()["SAFE_PASSWORD"] == secret
    assert not safe.ok("plugin", name=["safe"], state="disabled")["changed"]
    safe.render()
    assert "safe" not in safe.text("apps/lms.yml")
    safe.render(plugins=["safe"])
    assert (safe.settings()["SAFE_PASSWORD"], safe.settings()["LMS_HOST"]) == (secret, "safe.org")


def test_the_module_environment_disables_alike(safe):
    safe.render(plugins=["safe"])
    result = safe.render(plugins=[])
    assert (result["plugins"], result["files"]["removed"]) == ([], ["plugins/safe/apps/x"])
    assert result["changed_keys"] == ["LMS_HOST", "PLUGINS"]
    assert not (safe.env / "plugins").exists()


def test_a_root_that_lectern_did_not_make(safe):
    """There is no manifest, only what the `tutor` command left: the plugin itself says what is its own."""
    safe.edit(PLUGINS=["safe"], LMS_HOST="safe.org", SAFE_PASSWORD="x" * 20, MYSQL_ROOT_PASSWORD="y" * 8)
    harness.write(safe.env, {"plugins/safe/apps/x": "old", "plugins/safe/mine": "mine", "apps/lms.yml": "old"})
    safe.ok("plugin", name=["safe"], state="disabled")
    assert sorted(path.name for path in (safe.env / "plugins/safe").iterdir()) == ["mine"]
    assert "LMS_HOST" not in safe.settings()
    assert safe.settings()["SAFE_PASSWORD"] == "x" * 20
    assert safe.text("apps/lms.yml") == "old"


def test_disabling_a_plugin_that_is_broken_by_now(safe):
    """The manifest knows what it left."""
    safe.render(plugins=["safe"])
    harness.write(safe.packages, {"tutorsafe/plugin.py": "raise ValueError('boom')\n"})
    result = safe.render(plugins=[])
    assert result["files"]["removed"] == ["plugins/safe/apps/x"]
    assert "LMS_HOST" not in safe.settings()


def test_disabling_a_plugin_that_is_gone_by_now(site):
    path = site.plugin("p.yml", {"name": "p", "config": {"set": {"LMS_HOST": "theirs"}}})
    site.render(plugins=["p"])
    path.unlink()
    assert site.ok("plugin", name=["p"], state="disabled")["enabled"] == []
    assert "LMS_HOST" not in site.settings()
    site.render()
    assert "host: www.myopenedx.com" in site.text("apps/lms.yml")


def test_an_override_that_the_user_changed_is_the_users(site):
    """Upstream drops it with the plugin; what config.yml held before cannot be told any more."""
    site.plugin("p.yml", {"name": "p", "config": {"set": {"LMS_HOST": "theirs"}}})
    site.render(plugins=["p"], settings={"LMS_HOST": "mine"})
    site.render(plugins=[], settings={"LMS_HOST": "mine"})
    assert site.settings()["LMS_HOST"] == "mine"


def test_order_is_alphabetical(site):
    for name in ("c", "a", "b"):
        site.plugin(name + ".yml", {"name": name, "patches": {"lms-env": name}})
    assert site.render(plugins=["c", "a", "b", "a"])["plugins"] == ["a", "b", "c"]
    assert site.text("apps/lms.yml").splitlines()[2:] == ["a", "b", "c"]
    assert site.settings()["PLUGINS"] == ["a", "b", "c"]
    assert site.ok("plugin", name=["b"], state="disabled")["enabled"] == ["a", "c"]


def test_an_order_that_people_wrote_is_left_alone(site):
    for name in ("a", "b"):
        site.plugin(name + ".yml", {"name": name})
    site.edit(PLUGINS=["b", "a"])
    site.render(plugins=["a", "b"])
    assert site.settings()["PLUGINS"] == ["b", "a"]


def test_without_the_option_plugins_stay_as_they_are(site):
    site.plugin("p.yml", {"name": "p", "patches": {"lms-env": "p"}})
    site.render(plugins=["p"])
    assert site.render()["plugins"] == ["p"]
    assert site.ok("config", settings={"A": 1})["changed_keys"] == ["A"]
    assert site.settings()["PLUGINS"] == ["p"]


def test_plugins_of_core_that_are_not_installed(site):
    """Upstream's own list names packages that may be missing; nobody asked for them. They stay off when they are installed later."""
    harness.write(site.templates, {"config/base.yml": harness.CORE["config/base.yml"] + "    PLUGINS: [absent-plugin, there]\n"})
    site.plugin("there.yml", {"name": "there"})
    result = site.render()
    assert (result["plugins"], site.settings()["PLUGINS"]) == (["there"], ["there"])
    assert "these are not installed: absent-plugin. PLUGINS is saved without them" in str(result["warnings"])
    result = site.render()
    assert (result["changed"], result.get("warnings", [])) == (False, [])
    assert not site.render(plugins=["there"])["changed"]
    site.plugin("absent-plugin.yml", {"name": "absent-plugin"})
    assert site.render()["plugins"] == ["there"]
    assert site.render(plugins=["absent-plugin", "there"])["plugins"] == ["absent-plugin", "there"]


def test_definitions(site):
    definition = {"name": "inline", "version": "1.0", "patches": {"lms-env": "a: {{ LMS_HOST }}\n"}}
    result = site.render(plugins=["inline"], definitions=[definition])
    assert site.text("apps/lms.yml").endswith("a: www.myopenedx.com")
    assert "Created %s" % (site.plugins_root / "inline.yml") in result["actions"]
    assert not site.render(plugins=["inline"], definitions=[definition])["changed"]
    text = "# kept as it is\nname: inline\npatches: {lms-env: b}\n"
    site.render(definitions=[text])
    assert (site.plugins_root / "inline.yml").read_text() == text
    assert site.text("apps/lms.yml").endswith("b")


def test_definition_of_a_plugin_in_another_file(site):
    site.plugin("some-file.yml", {"name": "inline", "patches": {"lms-env": "old"}})
    site.render(plugins=["inline"], definitions=[{"name": "inline", "patches": {"lms-env": "new"}}])
    assert site.text("apps/lms.yml").endswith("new")
    assert [path.name for path in site.plugins_root.iterdir()] == ["some-file.yml"]


def test_module_plugin_takes_a_definition(site):
    assert site.ok("plugin", definition={"name": "inline", "config": {"add": {"KEY": "x"}}})["enabled"] == ["inline"]
    assert site.settings()["INLINE_KEY"] == "x"
    assert not site.ok("plugin", definition={"name": "inline", "config": {"add": {"KEY": "x"}}})["changed"]
    message = "definition enables the plugin that it describes: with state=disabled, give name instead."
    assert site.refused("plugin", definition={"name": "inline"}, state="disabled") == message
    assert site.refused("plugin") == "No plugin is named: give name, or definition."


DEFINITIONS = [
    ([{"version": "1"}], "YAML plugin 'definition 1' has no name: add a line 'name: …'."),
    (
        [{"name": "ok"}, {"name": "a/b"}],
        "YAML plugin 'definition 2' has the name 'a/b': it must be text, without '/' and not empty.",
    ),
    (["name: ["], "YAML plugin 'definition 1' line 2 column 1 is not valid YAML: did not find expected node content."),
    ([["name"]], "YAML plugin 'definition 1' must be a mapping with a 'name', not a list."),
    ([""], "YAML plugin 'definition 1' must be a mapping with a 'name', not a NoneType."),
    (
        [{"name": "x", "version": 1.0}],
        "YAML plugin 'definition 1' has the version 1.0, a float: put it in quotes (version: \"1.0\").",
    ),
    (
        [{"name": "x"}, {"name": "x", "patches": {}}],
        "The plugin 'x' is defined twice: remove one of the definitions.",
    ),
]


@pytest.mark.parametrize("definitions, message", DEFINITIONS, ids=[message for _definitions, message in DEFINITIONS])
def test_definitions_that_are_wrong(plain, definitions, message):
    assert plain.refused(definitions=definitions) == message


FILES = {"../x.yml": "x", "a/b.yml": "x", "x.txt": "x", ".yml": "x", "x.YML": "x", "": "x"}


@pytest.mark.parametrize("name", FILES)
def test_plugin_files_with_odd_names(plain, name):
    message = "The plugin file '%s' must be named NAME.yml (v0) or NAME.py (v1), without a folder." % name
    assert plain.refused(plugin_files={name: "name: x\n"}) == message


def test_plugin_files(site):
    files = {"one.yml": "name: one\npatches: {lms-env: one}\n"}
    site.render(plugins=["one"], plugin_files=files)
    assert (site.plugins_root / "one.yml").read_text() == files["one.yml"]
    assert not site.render(plugins=["one"], plugin_files=files)["changed"]
    assert site.refused(plugin_files={"one.yml": 5}) == "The plugin file 'one.yml' is a int: expected its text."
    assert site.refused(plugin_files={"one.yml": "name: ["}).startswith("YAML plugin '%s/one.yml' line 2 " % site.plugins_root)


def test_v1_plugin_file(hooked):
    files = {"one.py": "from tutor import hooks\nhooks.Filters.ENV_PATCHES.add_item(('lms-env', 'one: ' + __file__))\n"}
    hooked.render(plugins=["one"], plugin_files=files)
    assert hooked.text("apps/lms.yml").endswith("one: %s/one.py" % hooked.plugins_root)
    hooked.render(plugins=["one"], plugin_files={"one.py": files["one.py"].replace("one: ", "two: ")})
    assert "two: " in hooked.text("apps/lms.yml")


def test_same_name_as_v0_and_as_v1(hooked):
    """Both load, as upstream has it."""
    hooked.plugin("both.yml", {"name": "both", "patches": {"lms-env": "v0"}})
    hooked.plugin("both.py", "from tutor import hooks\nhooks.Filters.ENV_PATCHES.add_item(('lms-env', 'v1'))\n")
    hooked.render(plugins=["both"])
    assert hooked.text("apps/lms.yml").splitlines()[2:] == ["v0", "v1"]
    assert [entry["api"] for entry in hooked.ok("plugin_info", names=["both"])["plugins"]] == ["v0", "v1"]


def test_init_hooks_of_v0_plugins(site):
    """Upstream from 15 on can't load such plugins."""
    hooks = {"init": ["lms", "mysql"], "pre-init": ["mysql"]}
    files = {
        "templates/early/hooks/%s/%s" % where: "echo %s {{ LMS_HOST }}\n" % (where,)
        for where in (("lms", "init"), ("mysql", "init"), ("mysql", "pre-init"))
    }
    site.package("early", TEMPLATES + "hooks = %r\n" % hooks, files=files)
    site.plugin("yaml.yml", {"name": "yaml", "templates": "yaml-templates", "hooks": {"init": ["cms"]}})
    harness.write(site.plugins_root, {"yaml-templates/yaml/hooks/cms/init": "echo yaml\n"})
    site.render(plugins=["early", "yaml"])
    found = {entry["name"]: entry for entry in site.ok("plugin_info", names=["early", "yaml"])["plugins"]}
    assert (found["early"]["hooks"]["init"], found["early"]["hooks"]["pre-init"]) == (["lms", "mysql"], ["mysql"])
    assert (found["yaml"]["hooks"]["init"], found["yaml"]["error"]) == (["cms"], "")
    assert found["yaml"]["templates"] == str(site.plugins_root / "yaml-templates")


def test_plugin_info(site):
    site.package("safe", SAFE + "hooks = {'build-image': {'a': 'b:1'}, 'remote-image': {'c': 'd:{{ X }}'}}\n")
    site.plugin("plain.yml", {"name": "plain", "version": "2", "patches": {"x": "y"}})
    site.render(plugins=["plain"])
    found = {entry["name"]: entry for entry in site.ok("plugin_info", names=["plain", "safe"])["plugins"]}
    assert found["plain"] == {
        "name": "plain",
        "api": "v0",
        "source": "yaml",
        "package": "",
        "version": "2",
        "path": str(site.plugins_root / "plain.yml"),
        "enabled": True,
        "config": {"unique": {}, "defaults": {}, "overrides": {}},
        "patches": {"x": ["y"]},
        "masked_patches": [],
        "hooks": {"init": [], "pre-init": [], "build-image": {}, "remote-image": {}},
        "templates": None,
        "jobs": [],
        "error": "",
    }
    safe = found["safe"]
    assert (safe["source"], safe["package"], safe["version"], safe["enabled"]) == ("entrypoint", "tutor-safe", "1.0", False)
    assert safe["config"] == {
        "unique": {"SAFE_PASSWORD": "{{20|random_string}}"},
        "defaults": {"SAFE_DOMAIN": "org"},
        "overrides": {"LMS_HOST": "safe.{{ SAFE_DOMAIN }}"},
    }
    assert (safe["hooks"]["build-image"], safe["hooks"]["remote-image"]) == ({"a": "b:1"}, {"c": "d:{{ X }}"})
    assert site.refused("plugin_info", names=["nope"]).startswith("Plugin 'nope' is not installed for ")
