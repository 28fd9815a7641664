# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin that is wrong is named, with the place and the value that are wrong, and nothing is written."""

from __future__ import annotations

import pytest

CODE = {
    "raises": ("x = 1\nraise ValueError('boom')\n", "ValueError: boom, at {code} line 2."),
    "says nothing": ("raise RuntimeError\n", "RuntimeError, at {code} line 1."),
    "ends the process": ("import sys\nsys.exit(3)\n", "SystemExit: 3, at {code} line 2."),
    "ends it at once": ("import os\nos._exit(3)\n", "SystemExit: os._exit(3), at {code} line 2."),
    "forks": ("import os\nif not os.fork():\n    os._exit(0)\nos.wait()\nraise ValueError(1)\n", "ValueError: 1, at {code} line 5."),
    "interrupts": ("raise KeyboardInterrupt\n", "KeyboardInterrupt, at {code} line 1."),
    "missing import": ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module', at {code} line 1."),
    "raises deep inside": (
        "import json\n\njson.loads('nonsense')\n",
        "JSONDecodeError: Expecting value: line 1 column 1 (char 0), at {code} line 3.",
    ),
    "syntax error": ("x = 1\ndef f(:\n", "SyntaxError: invalid syntax, at {code} line 2."),
    "endless recursion": ("def f():\n    f()\nf()\n", "RecursionError: maximum recursion depth exceeded, at {code} line 2."),
    "reads standard input": ("input()\n", "EOFError: EOF when reading a line, at {code} line 1."),
    "prints before": (
        "import os\nprint('one')\nos.system('echo two')\nraise ValueError('x')\n",
        "ValueError: x, at {code} line 4.\nPrinted before: two\none",
    ),
    "drives the terminal": (
        "print('\\x1b]0;title\\x07\\x1b[2J10 %\\r20 %\\x08')\nraise ValueError('a\\x1b[31mb\\u202e\\x9b')\n",
        "ValueError: ab, at {code} line 2.\nPrinted before: 10 %\n20 %",
    ),
}


@pytest.mark.parametrize("code, reason", CODE.values(), ids=CODE)
def test_v0_package_fails_on_import(plain, code, reason):
    path = plain.package("bad", code) / "plugin.py"
    assert plain.refused(plugins=["bad"]) == "Can't import plugin 'bad' (tutor-bad 1.0): " + reason.format(code=path)


@pytest.mark.parametrize("code, reason", CODE.values(), ids=CODE)
def test_v1_package_fails_on_import(hooked, code, reason):
    path = hooked.package("bad", code, "v1") / "plugin.py"
    assert hooked.refused(plugins=["bad"]) == "Can't load plugin 'bad' (tutor-bad 1.0): " + reason.format(code=path)


@pytest.mark.parametrize("code, reason", CODE.values(), ids=CODE)
def test_v1_file_fails_on_import(hooked, code, reason):
    path = hooked.plugin("bad.py", code)
    assert hooked.refused(plugins=["bad"]) == "Can't load plugin 'bad' (%s): %s" % (path, reason.format(code=path))


def test_file_with_null_bytes(hooked):
    path = hooked.plugin("bad.py", "x = 1\0\n")
    assert hooked.refused(plugins=["bad"]).startswith("Can't load plugin 'bad' (%s): " % path)


def test_file_that_is_no_text(hooked):
    """As with the `tutor` command, it stops only a platform that enables it."""
    path = hooked.plugin("bad.py", b"x = '\xe9'\n")
    hooked.render(plugins=[])
    message = "'%s' is not UTF-8 text (byte 5): save it as UTF-8." % path
    assert hooked.ok("plugin_info", names=["bad"])["plugins"][0]["error"] == message
    assert hooked.refused(plugins=["bad"]) == message


def test_module_of_an_entry_point_is_missing(site):
    site.package("bad", "")
    (site.packages / "tutor_bad-1.0.dist-info/entry_points.txt").write_text("[tutor.plugin.v0]\nbad = no_such.plugin\n")
    assert site.refused(plugins=["bad"]) == "Can't import plugin 'bad' (tutor-bad 1.0): ModuleNotFoundError: No module named 'no_such'."


def test_v1_file_without_tutor(plain):
    path = plain.plugin("bad.py", "x = 1\n")
    assert plain.refused(plugins=["bad"]) == (
        "plugin 'bad' (%s) is a v1 plugin: it needs the package tutor, 13.2 or newer, in the same interpreter. Add it to tutor_packages."
        % path
    )


def test_not_installed(plain):
    plain.plugin("one.yml", {"name": "one"})
    plain.package("two", "")
    assert plain.refused(plugins=["one", "three"]) == (
        "Plugin 'three' is not installed for %s. Installed are: one, two. Install its package (tutor_packages) or put its file into "
        "the plugins root." % plain.server.process.args[0]
    )


def test_not_installed_any_more(site):
    """What config.yml names and is gone is an error as well: its settings and files would silently vanish."""
    path = site.plugin("one.yml", {"name": "one"})
    site.render(plugins=["one"])
    path.unlink()
    assert site.refused().startswith("Plugin 'one' is not installed for ")


CALLABLES = {
    "config": (
        "def config():\n    return 1 / 0\n",
        "config of plugin 'bad' (tutor-bad 1.0) failed: ZeroDivisionError: division by zero, at {code} line 2.",
    ),
    "patches": ("def patches():\n    raise SystemExit\n", "patches of plugin 'bad' (tutor-bad 1.0) failed: SystemExit, at {code} line 2."),
    "templates": (
        "def templates():\n    raise OSError('x')\n",
        "templates of plugin 'bad' (tutor-bad 1.0) failed: OSError: x, at {code} line 2.",
    ),
    "hooks wants arguments": (
        "def hooks(root):\n    return {}\n",
        "hooks of plugin 'bad' (tutor-bad 1.0) failed: TypeError: hooks() missing 1 required positional argument: 'root'.",
    ),
    "config returns a list": (
        "def config():\n    return ['x']\n",
        "config of plugin 'bad' (tutor-bad 1.0) is a list, ['x']: expected a mapping.",
    ),
}


@pytest.mark.parametrize("code, message", CALLABLES.values(), ids=CALLABLES)
def test_callable_attributes(plain, code, message):
    path = plain.package("bad", code) / "plugin.py"
    assert plain.refused(plugins=["bad"]) == message.format(code=path)


PLAIN = "expected text, a number, a truth value, a date, a list or a mapping."
TYPES = [
    ({"config": "x"}, "config of {} is a str, 'x': expected a mapping."),
    ({"config": False}, "config of {} is a bool, False: expected a mapping."),
    ({"config": {"add": ["A"]}}, "config.add of {} is a list, ['A']: expected a mapping."),
    ({"config": {"defaults": "A: b"}}, "config.defaults of {} is a str, 'A: b': expected a mapping."),
    ({"config": {"set": 5}}, "config.set of {} is a int, 5: expected a mapping."),
    ({"config": {"add": {1: 2}}}, "The key 1 in config.add of {} is a int, 1: expected text."),
    ({"config": {1: {}}}, "The key 1 in config of {} is a int, 1: expected text."),
    ({"config": {"add": {"A": b"x"}}}, "config.add.A of {} is a bytes, b'x': " + PLAIN),
    ({"config": {"defaults": {"A": {"b": [{1}]}}}}, "config.defaults.A of {} is a set, {{1}}: " + PLAIN),
    ({"patches": ["x"]}, "patches of {} is a list, ['x']: expected a mapping."),
    ({"patches": {"lms-env": 1}}, "patches.lms-env of {} is a int, 1: expected text."),
    ({"patches": {"lms-env": None}}, "patches.lms-env of {} is a NoneType, None: expected text."),
    ({"patches": {"lms-env": {"A": 1}}}, "patches.lms-env of {} is a dict, {{'A': 1}}: expected text."),
    ({"patches": {2: "x"}}, "The key 2 in patches of {} is a int, 2: expected text."),
    ({"hooks": ["init"]}, "hooks of {} is a list, ['init']: expected a mapping."),
    ({"hooks": {"init": "lms"}}, "hooks.init of {} is a str, 'lms': expected a list of services."),
    ({"hooks": {"pre-init": 5}}, "hooks.pre-init of {} is a int, 5: expected a list of services."),
    ({"hooks": {"init": [1]}}, "An item of hooks.init of {} is a int, 1: expected the name of a service."),
    ({"hooks": {"init": ["../lms"]}}, "An item of hooks.init of {} is a str, '../lms': expected the name of a service."),
    ({"hooks": {"build-image": ["a"]}}, "hooks.build-image of {} is a list, ['a']: expected a mapping."),
    ({"hooks": {"build-image": {"a": 1}}}, "hooks.build-image.a of {} is a int, 1: expected an image's tag."),
    ({"hooks": {"remote-image": {"a": None}}}, "hooks.remote-image.a of {} is a NoneType, None: expected an image's tag."),
    ({"templates": ["a"]}, "templates of {} is a list, ['a']: expected the path of a folder."),
    ({"templates": "/a\0"}, "templates of {} is a str, '/a\\x00': expected the absolute path of a folder."),
]


@pytest.mark.parametrize("attributes, message", TYPES, ids=[message for _attributes, message in TYPES])
def test_wrong_types_in_a_package(plain, attributes, message):
    plain.package("bad", "globals().update(%r)\n" % attributes)
    assert plain.refused(plugins=["bad"]) == message.format("plugin 'bad' (tutor-bad 1.0)")


YAML_TYPES = [case for case in TYPES if "bytes" not in case[1] and "set" not in case[1] and "key" not in case[1]]


@pytest.mark.parametrize("attributes, message", YAML_TYPES, ids=[message for _attributes, message in YAML_TYPES])
def test_wrong_types_in_yaml(hooked, attributes, message):
    path = hooked.plugin("bad.yml", dict(attributes, name="bad"))
    assert hooked.refused(plugins=["bad"]) == message.format("plugin 'bad' (%s)" % path)


def test_config_that_holds_itself(site):
    site.package("bad", "x = []\nx.append(x)\nconfig = {'defaults': {'A': x}}\n")
    assert site.refused(plugins=["bad"]) == (
        "config.defaults.A of plugin 'bad' (tutor-bad 1.0) holds a value that is nested deeper than 100 levels, or contains itself (&, *): "
        "write it flat."
    )


HOOK = "Hook '%s' of plugin 'bad' (%s) names the service 'lms', but there is no template 'bad/hooks/lms/%s' in: %s."


@pytest.mark.parametrize("hook", ["init", "pre-init"])
def test_missing_hook_template(site, hook):
    path = site.plugin("bad.yml", {"name": "bad", "hooks": {hook: ["lms"]}, "templates": "/nowhere"})
    assert site.refused(plugins=["bad"]) == HOOK % (hook, path, hook, "%s, /nowhere" % site.templates)


YAML = {
    "no name": ("version: '1'\n", "YAML plugin '{path}' has no name: add a line 'name: …'."),
    "number as version": (
        "name: bad\nversion: 1.0\n",
        "YAML plugin '{path}' has the version 1.0, a float: put it in quotes (version: \"1.0\").",
    ),
    "invalid": ("name: [\n", "YAML plugin '{path}' line 2 column 1 is not valid YAML: did not find expected node content."),
    "tag of Python": (
        "name: !!python/name:os.system\n",
        "YAML plugin '{path}' line 1 column 7 is not valid YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/name:os.system'.",
    ),
    "empty": ("", "YAML plugin '{path}' must be a mapping with a 'name', not a NoneType."),
    "list": ("- name: bad\n", "YAML plugin '{path}' must be a mapping with a 'name', not a list."),
    "two documents": (
        "name: bad\n---\nname: other\n",
        "YAML plugin '{path}' line 2 column 1 is not valid YAML: but found another document.",
    ),
    "not UTF-8": (b"name: caf\xe9\n", "'{path}' is not UTF-8 text (byte 9): save it as UTF-8."),
    "null byte": (b"name: a\0b\n", "YAML plugin '{path}' is not valid YAML: "),
    "slash in the name": (
        "name: a/b\n",
        "YAML plugin '{path}' has the name 'a/b': it must be text, without '/' and not empty.",
    ),
    "parent folder as name": (
        "name: ..\n",
        "YAML plugin '{path}' has the name '..': it must be text, without '/' and not empty.",
    ),
    "null byte in the name": (
        'name: "a\\0b"\n',
        "YAML plugin '{path}' has the name 'a\\x00b': it must be text without control characters.",
    ),
    "empty name": (
        "name: ''\n",
        "YAML plugin '{path}' has the name '': it must be text, without '/' and not empty.",
    ),
    "number as name": (
        "name: 5\n",
        "YAML plugin '{path}' has the name 5: it must be text, without '/' and not empty.",
    ),
    "anchor in itself": (
        "name: bad\nconfig:\n  add: {A: &x [*x]}\n",
        "YAML plugin '{path}' holds a value that is nested deeper than 100 levels, or contains itself (&, *): write it flat.",
    ),
}


@pytest.mark.parametrize("text, message", YAML.values(), ids=YAML)
def test_yaml_plugin(hooked, text, message):
    """Such a file stops every `tutor` command, enabled or not: so it does here."""
    path = hooked.plugin("bad.yml", text)
    assert hooked.refused(plugins=[]).startswith(message.format(path=path))
    listed = hooked.ok("plugin_info", names=["bad"])["plugins"]
    assert [(entry["name"], entry["enabled"]) for entry in listed] == [("bad", False)]
    assert listed[0]["error"].startswith(message.format(path=path))


def test_yaml_plugin_is_a_dangling_link(site):
    path = site.plugins_root / "bad.yml"
    path.symlink_to("nowhere")
    assert site.refused(plugins=[]) == "'%s' can't be read: No such file or directory." % path


def test_yaml_plugin_is_a_folder(site):
    path = site.plugins_root / "bad.yml"
    path.mkdir()
    assert site.refused(plugins=[]) == "'%s' can't be read: Is a directory." % path


def test_two_plugins_set_the_same_key(site):
    site.plugin("one.yml", {"name": "one", "config": {"set": {"LMS_HOST": "a"}}})
    site.plugin("two.yml", {"name": "two", "config": {"set": {"LMS_HOST": "b"}}})
    assert site.refused(plugins=["one", "two"]) == (
        "Plugins 'one' and 'two' both set LMS_HOST, to different values. Decide by giving LMS_HOST in the settings, or disable one of them."
    )
    site.render(plugins=["one", "two"], settings={"LMS_HOST": "mine"})
    assert site.settings()["LMS_HOST"] == "mine"


def test_two_plugins_set_the_same_value(site):
    for name in ("one", "two"):
        site.plugin(name + ".yml", {"name": name, "config": {"set": {"LMS_HOST": "a"}}})
    site.render(plugins=["one", "two"])
    assert site.settings()["LMS_HOST"] == "a"


NOISES = {
    "prints": "import os, sys\nprint('{junk')\nprint('x', file=sys.stderr)\nos.write(1, b'raw')\nos.system('echo child')\n",
    "changes folder and arguments": "import os, sys\nos.chdir('/')\nsys.argv[:] = ['x', '--help']\nsys.stdin = None\n",
    "replaces standard output": "import io, sys\nsys.stdout = sys.stderr = io.StringIO()\n",
    "closes standard output": "import os, sys\nsys.stdout.close()\nos.close(2)\n",
    "no standard error": "import sys\nsys.stderr = None\n",
    "forks": "import os\nif not os.fork():\n    print('x')\n    os._exit(0)\nos.wait()\n",
    "forks and both go on": "import os\nos.fork()\n",
    "warns": "import warnings\nwarnings.simplefilter('always')\nwarnings.warn('x')\n",
    "logs": "import logging\nlogging.basicConfig(level=0)\nlogging.error('x')\n",
    "thread that prints late": "import threading, time\nthreading.Timer(0.6, print, ['late']).start()\n",
    "attributes on demand": "def __getattr__(name):\n    raise RuntimeError(name)\n",
}


@pytest.mark.parametrize("code", NOISES.values(), ids=NOISES)
def test_noise_is_kept_away_from_the_result(site, code):
    """The harness refuses a result with anything before or after it."""
    site.package("loud", code + "config = {'defaults': {'A': 'b'}}\npatches = {'lms-env': 'a: {{ LOUD_A }}'}\n")
    site.render(plugins=["loud"])
    assert site.text("apps/lms.yml").endswith("a: b")
    assert not site.render()["changed"]


def test_plugin_info_lists_what_is_broken(site):
    site.package("bad", "raise ValueError('boom')\n")
    site.package("gone", "import os\nos._exit(1)\n")
    site.plugin("good.yml", {"name": "good", "version": "1.0"})
    names = ["bad", "gone", "good"]
    found = {entry["name"]: entry for entry in site.ok("plugin_info", names=names)["plugins"]}
    assert found["bad"]["error"].startswith("Can't import plugin 'bad' (tutor-bad 1.0): ValueError: boom, at ")
    assert found["gone"]["error"] != ""
    assert (found["good"]["error"], found["good"]["version"]) == ("", "1.0")
    assert all(found[name].keys() == found["good"].keys() for name in names)


def test_same_result_keys_on_failure(site):
    good = site.render(plugins=[])
    bad = site.run("environment", plugins=["nope"])
    assert sorted(set(good) - set(bad)) == []
