# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""v1 plugins: each hook of Tutor's catalogue that a deployment needs, its effect, and what is said when it is misused."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

IMPORTS = "from tutor import hooks\nfrom tutor.hooks import Actions as A, Filters as F\n"
LMS = "apps/lms.yml"


@pytest.fixture
def enabled(hooked):
    """Renders with a plugin `p.py` that consists of the given lines."""

    def enable(code, **options):
        hooked.plugin("p.py", IMPORTS + harness.unindented(code))
        result = hooked.render(plugins=["p"], **options)
        assert not hooked.render()["changed"]
        return result

    hooked.enable = enable
    return hooked


def patched(site):
    return site.text(LMS).splitlines()[2:]


def test_settings_of_every_layer(enabled):
    enabled.enable(
        """
        F.CONFIG_DEFAULTS.add_items([("P_DEFAULT", "{{ LMS_HOST }}"), ("PLATFORM_NAME", "Ours")])
        F.CONFIG_UNIQUE.add_items([("P_PASSWORD", "{{ 12|random_string }}"), ("P_TUPLE", (1, "{{ LMS_HOST }}"))])
        F.CONFIG_OVERRIDES.add_item(("LMS_HOST", "p.org"))
        F.ENV_PATCHES.add_item(("lms-env", "{{ P_DEFAULT }} {{ P_PASSWORD|length }} {{ PLATFORM_NAME }}"))
        """
    )
    assert patched(enabled) == ["p.org 12 Ours"]
    saved = enabled.settings()
    assert (saved["LMS_HOST"], len(saved["P_PASSWORD"]), saved["P_TUPLE"]) == ("p.org", 12, [1, "p.org"])
    assert not {"P_DEFAULT", "PLATFORM_NAME"} & set(saved)
    origin = enabled.ok("config_info")["origin"]
    assert origin["LMS_HOST"] == {"layer": "overrides", "owner": "p"}
    assert origin["P_PASSWORD"] == {"layer": "unique", "owner": "p"}
    assert origin["PLATFORM_NAME"] == {"layer": "defaults", "owner": "p"}
    assert origin["CMS_HOST"] == {"layer": "defaults", "owner": "core"}
    assert origin["MYSQL_ROOT_PASSWORD"] == {"layer": "base", "owner": "core"}


def test_config_user(enabled):
    """It beats config.yml, as a plugin that reads secrets from a safe wants it."""
    enabled.edit(LMS_HOST="mine")
    enabled.enable("F.CONFIG_USER.add_item(('LMS_HOST', 'safe'))")
    assert "host: safe" in enabled.text(LMS)


def test_patches_by_priority(enabled):
    enabled.enable(
        """
        F.ENV_PATCHES.add_items([("lms-env", "a"), ("lms-env", "b {{ patch('nested') }}"), ("nested", "{{ LMS_HOST }}")])
        F.ENV_PATCHES.add_item(("lms-env", "first"), priority=hooks.priorities.HIGH)
        F.ENV_PATCHES.add_item(("lms-env", "last"), priority=hooks.priorities.LOW)
        """
    )
    assert patched(enabled) == ["first", "a", "b www.myopenedx.com", "last"]


def test_a_callback_that_edits_the_list(enabled):
    enabled.plugin("early.py", IMPORTS + "F.ENV_PATCHES.add_items([('lms-env', 'theirs'), ('lms-env', 'kept')])\n")
    enabled.plugin(
        "p.py",
        IMPORTS
        + harness.unindented(
            """
            @F.ENV_PATCHES.add()
            def replace(patches):
                return [(name, text.replace("theirs", "ours")) for name, text in patches]
            """
        ),
    )
    enabled.render(plugins=["early", "p"])
    assert patched(enabled) == ["ours", "kept"]
    assert sorted(enabled.ok("environment_info", paths=[LMS])["files"][LMS]["patches"]["lms-env"]) == ["early", "p"]


def test_templates(enabled):
    names = ("p/x", "p/y.bin", "p/.hidden", "p/.wanted", "p/secret", "p/partials/part", "q/x")
    harness.write(enabled.plugins_root, {"t/" + name: "{{ LMS_HOST }}" for name in names})
    enabled.enable(
        """
        import os
        F.ENV_TEMPLATE_ROOTS.add_item(os.path.join(os.path.dirname(__file__), "t"))
        F.ENV_TEMPLATE_TARGETS.add_items([("p", "plugins"), ("q", "apps/deep")])
        F.ENV_PATTERNS_IGNORE.add_item(".*secret")
        F.ENV_PATTERNS_INCLUDE.add_item(".*wanted")
        F.IS_FILE_RENDERED.add()(lambda rendered, name: rendered and not name.endswith(".bin"))
        F.ENV_PATCHES.add_item(("lms-env", "{% include 'p/partials/part' %} {{ 'p/'|walk_templates|list }}"))
        """
    )
    assert enabled.text("plugins/p/x") == "www.myopenedx.com"
    assert enabled.text("plugins/p/y.bin") == "{{ LMS_HOST }}"
    assert sorted(os.listdir(enabled.env / "plugins/p")) == [".wanted", "x", "y.bin"]
    assert enabled.text("apps/deep/q/x") == "www.myopenedx.com"
    assert patched(enabled) == ["www.myopenedx.com ['p/.wanted', 'p/x', 'p/y.bin']"]


def test_filters_and_variables(enabled):
    enabled.enable(
        """
        F.ENV_TEMPLATE_FILTERS.add_item(("shout", lambda text: text.upper()))
        F.ENV_TEMPLATE_VARIABLES.add_items([("ANSWER", 42), ("f", lambda x: x + 1)])
        F.ENV_PATCHES.add_item(("lms-env", "{{ 'a'|shout }} {{ ANSWER }} {{ f(1) }}"))
        """
    )
    assert patched(enabled) == ["A 42 2"]


def test_tutors_own_variables(enabled):
    enabled.enable(
        """
        F.LMS_WORKER_COMMAND.add()(lambda command: command + ["--lms"])
        F.CMS_WORKER_COMMAND.add()(lambda command: command + ["--cms"])
        F.MOUNTED_DIRECTORIES.add_item(("openedx", "my-xblock.*"))
        F.COMPOSE_MOUNTS.add()(lambda mounts, name: mounts + ([("lms", "/in/" + name)] if name == "code" else []))
        F.ENV_PATCHES.add_item(("lms-env", "{{ HOST_USER_ID }} {{ TUTOR_VERSION }} {{ TUTOR_APP }}"))
        F.ENV_PATCHES.add_item(("lms-env", "{{ iter_lms_celery_parameters()|list|last }} {{ iter_cms_celery_parameters()|list|last }}"))
        F.ENV_PATCHES.add_item(("lms-env", "{{ iter_mounts(MOUNTS, 'lms')|list }}"))
        F.ENV_PATCHES.add_item(("lms-env", "{{ iter_mounted_directories(MOUNTS, 'openedx')|list }}"))
        F.ENV_PATCHES.add_item(("lms-env", "{{ iter_values_named(prefix='CMS_')|list }}"))
        """,
        settings={"MOUNTS": ["/src/code", "/src/my-xblock-one", "cms:/a:/b"]},
    )
    assert patched(enabled) == [
        "%d 22.0.3 tutor" % os.getuid(),
        "--lms --cms",
        "['/src/code:/in/code']",
        "['my-xblock-one']",
        "['studio.www.myopenedx.com']",
    ]


def test_loading_actions(enabled):
    enabled.enable(
        """
        seen = []
        A.PLUGIN_LOADED.add()(lambda name: seen.append("loaded " + name))
        A.PLUGINS_LOADED.add()(lambda: seen.append("all loaded"))
        A.PROJECT_ROOT_READY.add()(lambda root: seen.append("root " + root))
        A.CONFIG_LOADED.add()(lambda config: seen.append("config " + config["LMS_HOST"]))
        F.ENV_TEMPLATE_VARIABLES.add_item(("SEEN", seen))
        F.ENV_PATCHES.add_item(("lms-env", "{{ SEEN|unique|join('\\n') }}"))
        """
    )
    seen = patched(enabled)
    assert "all loaded" in seen
    assert "config www.myopenedx.com" in seen


def test_what_is_added_once_all_are_loaded_has_its_owner(enabled):
    enabled.enable(
        """
        @A.PLUGINS_LOADED.add()
        def late():
            F.ENV_PATCHES.add_item(("lms-env", ",".join(sorted(F.PLUGINS_LOADED.iterate())) + " {{ LATE }}"))
            F.CONFIG_DEFAULTS.add_item(("LATE", "x"))
        """
    )
    assert patched(enabled) == ["p x"]
    assert enabled.ok("config_info", keys=["LATE"])["origin"]["LATE"] == {"layer": "defaults", "owner": "p"}


def test_plugins_can_ask_for_plugins(enabled):
    enabled.plugin("other.yml", {"name": "other", "version": "1.5"})
    enabled.enable(
        """
        F.ENV_TEMPLATE_VARIABLES.add_item(("info", lambda: dict(F.PLUGINS_INFO.iterate())))
        F.ENV_TEMPLATE_VARIABLES.add_item(("installed", lambda: list(F.PLUGINS_INSTALLED.iterate())))
        F.ENV_PATCHES.add_item(("lms-env", "{{ info()['other'] }} {{ 'p' in installed() }}"))
        """
    )
    assert patched(enabled) == ["1.5 True"]


def test_the_running_command_can_be_asked_for_the_root(enabled):
    enabled.enable(
        """
        import click
        context = click.get_current_context()
        F.CONFIG_DEFAULTS.add_items([("P_ROOT", context.params["root"]), ("P_OBJECT", context.obj.root)])
        """
    )
    found = enabled.ok("config_info", keys=["P_ROOT", "P_OBJECT"])["config"]
    assert found == {"P_ROOT": str(enabled.root), "P_OBJECT": str(enabled.root)}


def test_rendering_is_in_a_command_below_the_one_that_has_the_root(enabled):
    enabled.enable(
        """
        import click
        def contexts():
            current = click.get_current_context()
            return [current.params.get("root"), current.parent.params["root"], current.obj.root]
        F.ENV_TEMPLATE_VARIABLES.add_item(("contexts", contexts))
        F.ENV_PATCHES.add_item(("lms-env", "{{ contexts()|join(' ') }}"))
        """
    )
    assert patched(enabled) == ["None %s %s" % (enabled.root, enabled.root)]


ASKING = """
    from tutor import config
    F.CONFIG_DEFAULTS.add_items([("P_TEXT", "usual"), ("P_HOST", "{{ LMS_HOST }}")])
    asked = config.load(%r)
    F.ENV_PATCHES.add_item(("lms-env", "%%s %%s" %% (asked["P_TEXT"], asked["P_HOST"])))
"""


def test_settings_asked_for_while_loading_are_those_of_this_call(enabled):
    """There is no config.yml yet; what is set, unset and given by the environment counts. `enable` runs twice."""
    enabled.enable(ASKING % str(enabled.root), settings={"P_TEXT": "{{ PLATFORM_NAME }}", "LMS_HOST": "a.org"})
    assert patched(enabled) == ["My Open edX a.org"]
    enabled.enable(ASKING % str(enabled.root), settings={"LMS_HOST": "b.org"}, unset=["P_TEXT"])
    assert patched(enabled) == ["usual b.org"]
    enabled.environ["TUTOR_P_TEXT"] = "from outside"
    enabled.enable(ASKING % str(enabled.root))
    assert patched(enabled) == ["from outside b.org"]


def test_settings_asked_for_while_rendering_are_those_that_are_saved(enabled):
    enabled.enable(
        """
        from tutor import config
        F.CONFIG_UNIQUE.add_item(("P_PASSWORD", "{{ 12|random_string }}"))
        F.ENV_TEMPLATE_FILTERS.add_item(("asked", lambda function: getattr(config, function)(%r)["P_PASSWORD"]))
        F.ENV_PATCHES.add_item(("lms-env", "{{ ['load', 'load_full', 'load_minimal', 'get_user']|map('asked')|unique|join }}"))
        """
        % str(enabled.root)
    )
    assert patched(enabled) == [enabled.settings()["P_PASSWORD"]]


@pytest.mark.parametrize("imported", ["from tutor import config", "from tutor.config import get_user, load_full"])
@pytest.mark.parametrize("listens", ["", "A.CONFIG_LOADED.add()(lambda config: None)"])
def test_user_settings_asked_for_while_rendering_lack_the_defaults(enabled, imported, listens):
    """As with upstream, they hold what config.yml does, and what plugins give the user."""
    name = "" if "get_user" in imported else "config."
    enabled.enable(
        """
        %s
        %s
        F.CONFIG_DEFAULTS.add_item(("P_SHOWN", False))
        F.CONFIG_USER.add_item(("P_USER", "given"))
        ROOT = %r
        @F.ENV_PATCHES.add()
        def patches(items):
            return items + [("lms-env", str(%sget_user(ROOT).get("P_SHOWN", "unknown")))]
        F.ENV_TEMPLATE_VARIABLES.add_items([("user", lambda: %sget_user(ROOT)), ("full", lambda: %sload_full(ROOT))])
        F.ENV_PATCHES.add_item(("lms-env", "{{ user()|join(' ') }}"))
        F.ENV_PATCHES.add_item(("lms-env", "{{ user()['LMS_HOST'] }} {{ user()['P_USER'] }} {{ full()['P_SHOWN'] }}"))
        """
        % (imported, listens, str(enabled.root), name, name, name),
        settings={"LMS_HOST": "a.org"},
    )
    saved = enabled.settings()
    assert sorted(patched(enabled)) == sorted(["unknown", " ".join(saved), "a.org given False"])
    assert not {"P_SHOWN", "CMS_HOST"} & {*saved}


def test_settings_that_a_plugin_saves_are_found_and_part_of_the_transaction(hooked):
    """As with upstream, whoever asks after it finds them; check mode writes nothing."""
    hooked.plugin(
        "p.py",
        IMPORTS
        + harness.unindented(
            """
            from tutor import config
            ROOT = %r
            @A.PROJECT_ROOT_READY.add()
            def save(root):
                if config.get_user(root).get("P_SAVED") != "mine":
                    config.save_config_file(root, {**config.get_user(root), "P_SAVED": "mine"})
                F.ENV_PATCHES.add_item(("lms-env", config.get_user(ROOT)["P_SAVED"]))
            F.ENV_PATCHES.add_item(("lms-env", "{{ P_SAVED }}"))
            """
            % str(hooked.root)
        ),
    )
    hooked.render(plugins=[])
    before = hooked.snapshot()
    hooked.ok("environment", True, plugins=["p"])
    assert hooked.snapshot() == before
    hooked.render(plugins=["p"])
    assert patched(hooked) == ["mine", "mine"]
    assert hooked.settings()["P_SAVED"] == "mine"
    assert not hooked.render()["changed"]


def test_settings_of_another_root_are_its_own(enabled):
    other = enabled.folder / "other"
    harness.write(other, {"config.yml": "LMS_HOST: other.org\n"})
    enabled.enable(
        """
        from tutor import config
        F.ENV_TEMPLATE_FILTERS.add_item(("host", lambda root: config.get_user(root)["LMS_HOST"]))
        F.ENV_PATCHES.add_item(("lms-env", "{{ '%s'|host }} {{ '%s/.'|host }}"))
        """
        % (other, enabled.root),
        settings={"LMS_HOST": "a.org"},
    )
    assert patched(enabled) == ["other.org a.org"]


def test_config_loaded_gets_a_copy(enabled):
    enabled.enable("A.CONFIG_LOADED.add()(lambda config: config.clear())")
    assert "host: www.myopenedx.com" in enabled.text(LMS)


def test_env_saved(enabled):
    enabled.enable(
        """
        import os
        @A.ENV_SAVED.add()
        def more(root, config):
            os.makedirs(root + "/plugins/p/empty")
            with open(root + "/plugins/p/made", "w") as made:
                made.write(config["LMS_HOST"])
            os.chmod(root + "/plugins/p/made", 0o700)
            with open(root + "/apps/cms.txt", "a") as changed:
                changed.write("!")
            os.unlink(root + "/build/openedx/Dockerfile")
        """
    )
    made = enabled.env / "plugins/p/made"
    assert (made.read_text(), made.stat().st_mode & 0o777) == ("www.myopenedx.com", 0o755)
    assert enabled.text("apps/cms.txt").endswith("!")
    assert not (enabled.env / "build").exists()
    files = enabled.ok("environment_info")["files"]
    assert (files["plugins/p/made"]["owner"], files["plugins/p/made"]["template"]) == ("p", "")
    assert (files["apps/cms.txt"]["owner"], files["apps/cms.txt"]["template"]) == ("p", "apps/cms.txt")
    assert enabled.render(plugins=[])["files"] == {
        "created": ["build/openedx/Dockerfile"],
        "changed": ["apps/cms.txt"],
        "removed": ["plugins/p/made"],
        "unchanged_count": 2,
    }


def test_plugin_unloaded(enabled):
    enabled.enable(
        """
        @A.PLUGIN_UNLOADED.add()
        def forget(name, root, config):
            config.pop("P_EXTRA", None)
        """,
        settings={"P_EXTRA": 1, "OTHER": 2},
    )
    enabled.ok("plugin", name=["p"], state="disabled")
    assert "P_EXTRA" not in enabled.settings()
    assert enabled.settings()["OTHER"] == 2


def test_init_tasks(enabled):
    enabled.enable(
        """
        F.CLI_DO_INIT_TASKS.add_item(("lms", "echo {{ LMS_HOST }}"))
        F.CLI_DO_INIT_TASKS.add_item(("mysql", "echo early"), priority=hooks.priorities.HIGH)
        """
    )
    (found,) = enabled.ok("plugin_info", names=["p"])["plugins"]
    assert (found["hooks"]["pre-init"], found["hooks"]["init"]) == (["mysql"], ["lms"])


def test_images(enabled):
    enabled.enable(
        """
        F.IMAGES_BUILD.add_item(("worker", ("plugins", "p", "build", "worker"), "{{ P_TAG }}", ("--target=x",)))
        F.IMAGES_BUILD.add_item(("other", "plugins/p/build/other", "o:1", ()))
        F.IMAGES_PULL.add()(lambda images, config: images + [("puller", config["LMS_HOST"] + ":1")])
        F.IMAGES_PUSH.add_item(("pusher", "p:1"))
        F.CONFIG_DEFAULTS.add_item(("P_TAG", "worker:1"))
        """
    )
    (found,) = enabled.ok("plugin_info", names=["p"])["plugins"]
    assert found["hooks"]["build-image"] == {"worker": "{{ P_TAG }}", "other": "o:1"}
    assert found["hooks"]["remote-image"]["pusher"] == "p:1"
    assert enabled.run("image", check=True, names=["nope"], state="pushed").msg == (
        "Image 'nope' could not be found. Known are: all, openedx, pusher."
    )


def test_a_package_with_a_v1_entry_point(hooked):
    hooked.package("p", IMPORTS + "F.ENV_PATCHES.add_item(('lms-env', __name__))\n", "v1")
    hooked.render(plugins=["p"])
    assert patched(hooked) == ["tutorp.plugin"]


MISUSES = {
    "CONFIG_DEFAULTS.add_item('A')": "Plugin 'p' adds 'A' to CONFIG_DEFAULTS: expected a tuple of str, object.",
    "CONFIG_UNIQUE.add_item((1, 2))": "Plugin 'p' adds (1, 2) to CONFIG_UNIQUE: expected a tuple of str, object.",
    "CONFIG_UNIQUE.add_item(('A', {1}.union))": "Plugin 'p' gives A the value <built-in method union of set object at ",
    "CONFIG_OVERRIDES.add_item(('A', object))": "Plugin 'p' gives A the value <class 'object'> (type), which config.yml can't hold: "
    "expected text, numbers, lists and mappings.",
    "ENV_PATCHES.add_item(('lms-env', 5))": "Plugin 'p' adds ('lms-env', 5) to ENV_PATCHES: expected a tuple of str, str.",
    "ENV_TEMPLATE_TARGETS.add_item('x')": "Plugin 'p' adds 'x' to ENV_TEMPLATE_TARGETS: expected a tuple of str, str.",
    "ENV_TEMPLATE_TARGETS.add_item(('a', 'b' + chr(0)))": "Plugin 'p' adds ('a', 'b\\x00') to ENV_TEMPLATE_TARGETS: no folder can be named "
    "so.",
    "ENV_TEMPLATE_VARIABLES.add_item(('A', 1, 2))": "Plugin 'p' adds ('A', 1, 2) to ENV_TEMPLATE_VARIABLES: expected a tuple "
    "of str, object.",
    "ENV_PATTERNS_IGNORE.add_item('(')": "Plugin 'p' adds '(' to ENV_PATTERNS_IGNORE: it is no regular expression (missing ), "
    "unterminated subpattern at position 0).",
    "ENV_PATTERNS_INCLUDE.add_item(3)": "Plugin 'p' adds 3 to ENV_PATTERNS_INCLUDE: it is no regular expression (first argument must be "
    "string or compiled pattern).",
    "CLI_DO_INIT_TASKS.add_item(('lms', 5))": "Plugin 'p' adds ('lms', 5) to CLI_DO_INIT_TASKS: expected a tuple of str, str or list or "
    "tuple.",
    "CONFIG_DEFAULTS.add()(lambda items: None)": "Plugin 'p' returns None for CONFIG_DEFAULTS, at {path} line 3: expected a list.",
    "CONFIG_DEFAULTS.add()(lambda items: 1 / 0)": "CONFIG_DEFAULTS of plugin 'p' failed: ZeroDivisionError: division by zero, at {path} "
    "line 3.",
    "CONFIG_DEFAULTS.add_item(('A', HELD))": "A of plugin 'p' holds a value that is nested deeper than 100 levels, or "
    "contains itself (&, *): write it flat.",
    "CONFIG_USER.add_item(('A', HELD))": "A of plugin 'p' holds a value that is nested deeper than 100 levels, or "
    "contains itself (&, *): write it flat.",
    "CONFIG_USER.add_item(('A', object))": "Plugin 'p' gives A the value <class 'object'> (type), which config.yml can't hold: expected "
    "text, numbers, lists and mappings.",
    "CONFIG_OVERRIDES.add_item(('A', chr(0xd800)))": "Plugin 'p' gives A the value '\\ud800' (str), which config.yml can't hold: expected "
    "text, numbers, lists and mappings.",
    "ENV_TEMPLATE_ROOTS.add_item(None)": "Plugin 'p' adds None to ENV_TEMPLATE_ROOTS: expected the absolute path of a folder.",
    "ENV_TEMPLATE_ROOTS.add_item(['/a', '/b'])": "Plugin 'p' adds ['/a', '/b'] to ENV_TEMPLATE_ROOTS: expected the absolute path of a "
    "folder.",
    "ENV_TEMPLATE_ROOTS.add_item('here')": "Plugin 'p' adds 'here' to ENV_TEMPLATE_ROOTS: expected the absolute path of a folder.",
    "ENV_TEMPLATE_ROOTS.add_item('~/t')": "Plugin 'p' adds '~/t' to ENV_TEMPLATE_ROOTS: expected the absolute path of a folder.",
    "ENV_TEMPLATE_ROOTS.add_item('C:/t')": "Plugin 'p' adds 'C:/t' to ENV_TEMPLATE_ROOTS: expected the absolute path of a folder.",
    "ENV_TEMPLATE_ROOTS.add_item('/a' + chr(0))": "Plugin 'p' adds '/a\\x00' to ENV_TEMPLATE_ROOTS: expected the absolute path of "
    "a folder.",
    "IS_FILE_RENDERED.add()(lambda rendered, name: 1 / 0)": "IS_FILE_RENDERED of a plugin failed for 'apps/cms.txt': ZeroDivisionError: "
    "division by zero, at {path} line 3.",
    "NO_SUCH_FILTER.add_item(1)": "Can't load plugin 'p' ({path}): AttributeError: type object 'Filters' has no attribute "
    "'NO_SUCH_FILTER', at {path} line 3.",
}


@pytest.mark.parametrize("code, message", MISUSES.items(), ids=MISUSES)
def test_misused_filters(hooked, code, message):
    path = hooked.plugin(
        "p.py", IMPORTS + "F.%s\n" % code if "HELD" not in code else IMPORTS + "HELD = []; HELD.append(HELD); F.%s\n" % code
    )
    result = hooked.refused(plugins=["p"]) if "object at" not in message else hooked.run("environment", plugins=["p"]).msg
    assert result.startswith(message.format(path=path))


def test_values_of_other_kinds_of_text_and_mappings(hooked):
    """What a safe returns is often a subclass: it is saved as what it stands for, and the next call finds nothing to do."""
    hooked.plugin(
        "p.py",
        IMPORTS
        + harness.unindented(
            """
            F.CONFIG_USER.add_items([("A", type("Text", (str,), {})("a")), ("B", [(1, 2)])])
            """
        ),
    )
    hooked.render(plugins=["p"])
    assert (hooked.settings()["A"], hooked.settings()["B"]) == ("a", [[1, 2]])
    assert not hooked.render()["changed"]


def test_plugin_info_of_a_value_that_holds_itself(hooked):
    hooked.plugin("p.py", IMPORTS + "x = []\nx.append(x)\nF.CONFIG_OVERRIDES.add_item(('A', x))\n")
    hooked.plugin("q.py", IMPORTS + "F.CONFIG_OVERRIDES.add_item(('A', {('x', 'y'): 1}))\n")
    errors = {entry["name"]: entry["error"] for entry in hooked.ok("plugin_info", names=["p", "q"])["plugins"]}
    assert errors["p"] == "A of plugin 'p' holds a value that is nested deeper than 100 levels, or contains itself (&, *): write it flat."
    assert errors["q"] == ""


FAILING = {
    "CONFIG_LOADED": ("config", "CONFIG_LOADED of plugin 'p' failed: {error}"),
    "PLUGINS_LOADED": ("", "PLUGINS_LOADED of plugin 'p' failed: {error}"),
    "PROJECT_ROOT_READY": ("root", "PROJECT_ROOT_READY of plugin 'p' failed: {error}"),
    "ENV_SAVED": ("root, config", "ENV_SAVED of plugin 'p' failed: {error}"),
}


@pytest.mark.parametrize("action", FAILING)
def test_actions_that_fail(hooked, action):
    arguments, message = FAILING[action]
    code = "@A.%s.add()\ndef f(%s):\n    raise SystemExit('no good')\n" % (action, arguments)
    path = hooked.plugin("p.py", IMPORTS + code)
    assert hooked.refused(plugins=["p"]) == message.format(error="SystemExit: no good, at %s line 5." % path)


@pytest.mark.parametrize(
    "code",
    [
        "F.ENV_TEMPLATE_FILTERS.add_item(('f', lambda text: text / 0))\n",
        "import json\nF.ENV_TEMPLATE_FILTERS.add_item(('f', lambda text: json.loads('nonsense')))\n",
        "@F.LMS_WORKER_COMMAND.add()\ndef f(command):\n    return 1 / 0\nF.ENV_TEMPLATE_FILTERS.add_item(('f', str))\n",
    ],
)
def test_code_that_fails_when_a_template_calls_it(hooked, code):
    """Not the plugin whose patch calls it is to blame, but the one whose code it is."""
    path = hooked.plugin("p.py", IMPORTS + code)
    hooked.plugin("q.yml", {"name": "q", "patches": {"lms-env": "\n{{ 'x'|f }}{{ iter_lms_celery_parameters()|list }}"}})
    line = max(number for number, text in enumerate((IMPORTS + code).splitlines(), 1) if "/ 0" in text or "nonsense" in text)
    message = hooked.refused(plugins=["p", "q"])
    assert " in patch 'lms-env' of plugin 'q' in template 'apps/lms.yml' line 2: " in message
    assert message.endswith(", at %s line %d." % (path, line))


def test_filter_that_ends_the_process(hooked):
    code = "import sys\nF.ENV_TEMPLATE_FILTERS.add_item(('stop', sys.exit))\nF.ENV_PATCHES.add_item(('lms-env', '{{ 3|stop }}'))\n"
    hooked.plugin("p.py", IMPORTS + code)
    assert hooked.refused(plugins=["p"]) == "SystemExit in patch 'lms-env' of plugin 'p' in template 'apps/lms.yml': 3."


@pytest.mark.parametrize(
    "code, kind", [("symlink('/etc/passwd', ", "symbolic link"), ("symlink('/etc', ", "symbolic link"), ("mkfifo(", "special file")]
)
def test_env_saved_makes_something_else_than_a_file(hooked, code, kind):
    hooked.plugin("p.py", IMPORTS + "import os\nA.ENV_SAVED.add()(lambda root, config: os.%sroot + '/x'))\n" % code)
    assert hooked.refused(plugins=["p"]) == "Plugin 'p' puts the %s 'x' into the environment: refused." % kind


def test_values_that_json_cannot_hold(hooked):
    hooked.plugin(
        "p.py",
        IMPORTS + "import pathlib\nF.CONFIG_DEFAULTS.add_items([('P_PATH', pathlib.Path('/x')), ('P_SET', {1}), ('P_BYTES', b'x')])\n",
    )
    hooked.render(plugins=["p"])
    for reveal in (False, True):
        found = hooked.ok("config_info", reveal=reveal, keys=["P_PATH", "P_SET", "P_BYTES"])["config"]
        assert found == {"P_PATH": "/x", "P_SET": [1], "P_BYTES": "b'x'"}


def test_images_of_wrong_shape(hooked):
    hooked.plugin("p.py", IMPORTS + "F.IMAGES_BUILD.add_item(('a', 'b'))\n")
    hooked.render(plugins=["p"])
    message = "Plugin 'p' adds ('a', 'b') to IMAGES_BUILD: expected a tuple of str, str or list or tuple, str, list or tuple."
    assert hooked.run("image", check=True, names=["a"], state="built").msg == message


@pytest.mark.parametrize("item", [("a", (1, 2), "t", ()), ("a", "b", "t", (3,))], ids=str)
def test_images_with_parts_that_are_no_text(hooked, item):
    hooked.plugin("p.py", IMPORTS + "F.IMAGES_BUILD.add_item(%r)\n" % (item,))
    hooked.render(plugins=["p"])
    message = "Plugin 'p' adds %r to IMAGES_BUILD: the parts of its path and its arguments must be text." % (item,)
    assert hooked.run("image", check=True, names=["a"], state="built").msg == message


def test_build_command_that_a_plugin_loses(hooked):
    path = hooked.plugin("p.py", IMPORTS + "F.DOCKER_BUILD_COMMAND.add()(lambda command: None)\n")
    hooked.render(plugins=["p"])
    message = "Plugin 'p' returns None for DOCKER_BUILD_COMMAND, at %s line 3: expected a list." % path
    assert hooked.run("image", check=True, names=["openedx"], state="built").msg == message


def test_build_mounts_of_wrong_shape(hooked):
    hooked.edit(MOUNTS=["/src/x"])
    hooked.plugin("p.py", IMPORTS + "F.IMAGES_BUILD_MOUNTS.add_item('ab')\n")
    hooked.render(plugins=["p"])
    message = "Plugin 'p' adds 'ab' to IMAGES_BUILD_MOUNTS: expected a tuple of str, str."
    assert hooked.run("image", check=True, names=["openedx"], state="built").msg == message


def test_order_of_patches(hooked):
    """Across plugins, by priority; one that is not enabled has no place in it."""
    hooked.plugin("first.py", IMPORTS + "F.ENV_PATCHES.add_items([('x', 'low'), ('y', 'y')], priority=hooks.priorities.LOW)\n")
    hooked.plugin("second.py", IMPORTS + "F.ENV_PATCHES.add_item(('x', 'high'), priority=hooks.priorities.HIGH)\n")
    hooked.plugin("third.yml", {"name": "third", "patches": {"x": "usual"}})
    hooked.plugin("fourth.yml", {"name": "fourth", "patches": {"x": "never"}})
    hooked.render(plugins=["first", "second", "third"])
    assert hooked.ok("plugin_info")["patch_order"] == {"x": ["second", "third", "first"], "y": ["first"]}
    assert hooked.ok("plugin_info", names=["first"])["patch_order"] == {"x": ["first"], "y": ["first"]}
    hooked.plugin("first.py", "oops\n")
    assert hooked.ok("plugin_info")["patch_order"] == {}


def test_variables_of_templates(hooked):
    """Those that are plain data; what is secret in them is masked."""
    hooked.plugin("p.py", IMPORTS + "F.ENV_TEMPLATE_VARIABLES.add_items([('P_NOTE', 'x'), ('P_F', len), ('P_T', 'my-Secret-4711')])\n")
    hooked.edit(SMTP_PASSWORD="my-Secret-4711")
    hooked.render(plugins=["p"])
    found = hooked.ok("config_info", keys=["LMS_HOST"])["variables"]
    assert (found["TUTOR_APP"], found["HOST_USER_ID"], found["P_NOTE"], found["P_T"]) == ("tutor", os.getuid(), "x", "********")
    assert "P_F" not in found
    assert hooked.ok("config_info", reveal=True)["variables"]["P_T"] == "my-Secret-4711"


@pytest.mark.parametrize(
    "code",
    [
        "from dataclasses import dataclass\n@dataclass\nclass X:\n    a: int = 1\nassert X.__annotations__ == {'a': int}\n",
        "\ufeffx = 1\n",
        "from __future__ import annotations\ndef f(a: nothing_of_that_name): ...\n",
    ],
    ids=["dataclass", "byte-order mark", "own future"],
)
def test_a_file_is_compiled_as_it_stands(hooked, code):
    hooked.plugin("p.py", code + "from tutor import hooks\nhooks.Filters.ENV_PATCHES.add_item(('lms-env', 'there: 1'))\n")
    hooked.render(plugins=["p"])
    assert "there: 1" in hooked.text("apps/lms.yml")


def test_template_root_before_that_of_core(hooked):
    harness.write(hooked.folder, {"mine/apps/lms.yml": "mine {{ LMS_HOST }}\n"})
    hooked.plugin("p.py", IMPORTS + "F.ENV_TEMPLATE_ROOTS.add()(lambda roots: [%r, *roots])\n" % str(hooked.folder / "mine"))
    hooked.render(plugins=["p"])
    assert hooked.text("apps/lms.yml") == "mine www.myopenedx.com"


def test_overrides_may_change_and_drop_what_plugins_add(hooked):
    code = "F.CONFIG_UNIQUE.add_items([('P_A', 'a'), ('P_B', 'b'), ('P_C', 'c')])\n"
    code += "F.CONFIG_OVERRIDES.add()(lambda items: [(k, v + '!') if k == 'P_A' else (k, v) for k, v in items if k != 'P_B'])\n"
    hooked.plugin("p.py", IMPORTS + code)
    hooked.render(plugins=["p"])
    saved = hooked.settings()
    assert (saved["P_A"], saved["P_C"], "P_B" in saved) == ("a!", "c", False)


def test_user_id_of_a_plugin(hooked):
    hooked.plugin(
        "p.py",
        IMPORTS
        + "F.ENV_TEMPLATE_VARIABLES.add_item(('HOST_USER_ID', 4321))\nF.ENV_PATCHES.add_item(('lms-env', 'id: {{ HOST_USER_ID }}'))\n",
    )
    hooked.render(plugins=["p"])
    assert "id: 4321" in hooked.text("apps/lms.yml")


def test_jobs_are_listed_with_their_options(enabled):
    enabled.enable(
        """
        import click

        @click.command(name="p-job", help="Does it.")
        @click.option("-p", "--password", prompt=True, hide_input=True, default="hush-hush", help="Secret.")
        @click.option("--course", "courses", multiple=True, default=["a"])
        @click.argument("name")
        def job(password, courses, name):
            yield ("lms", "x")

        F.CLI_DO_COMMANDS.add_item(job)
        """
    )
    parts = {"required": False, "default": None, "multiple": False, "prompt": False, "help": ""}
    assert enabled.ok("plugin_info", names=["p"])["plugins"][0]["jobs"] == [
        {
            "name": "p-job",
            "help": "Does it.",
            "parameters": [
                {**parts, "name": "password", "flags": ["-p", "--password"], "prompt": True, "help": "Secret."},
                {**parts, "name": "courses", "flags": ["--course"], "default": ["a"], "multiple": True},
                {**parts, "name": "name", "flags": [], "required": True},
            ],
        }
    ]


def test_smoke_tests_of_plugins_are_known(enabled):
    path = enabled.folder / "test_own.py"
    path.write_text("def test(): pass\n")
    enabled.enable(f"F.TESTS.clear()\nF.TESTS.add_items([('lms', 'smoke', {str(path)!r}), ('lms', 'load', '/nowhere')])")
    assert enabled.ok("smoke", check=True)["actions"] == ["Would run Tutor's own smoke tests (tutor local do tests smoke)"]
    path.unlink()
    (action,) = enabled.ok("smoke", check=True)["actions"]
    assert action.startswith("Would log in to 'www.myopenedx.com' as a new user, and remove that user: the installed package of Tutor 22")
    assert f"names smoke tests of its own, but does not hold them ('{path}')" in action
    enabled.enable("F.TESTS.clear()\nF.TESTS.add_item(('lms', 'smoke'))")
    assert enabled.refused("smoke") == "Plugin 'p' adds ('lms', 'smoke') to TESTS: expected a tuple of str, str, str."
