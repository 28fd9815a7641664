# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a user gives ends soon: what is too much, too deep or no file at all is refused with its name, and nothing is written."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from pathlib import Path

import pytest

SECONDS = 30  # for two calls, on a machine with other work
TOO_MUCH = " holds more than 100000 values or 4 MiB of text, each alias (*) written out: make it shorter."
TOO_LONG = " holds a number of more than 4000 digits: put it in quotes."
TOO_DEEP = " holds a value that is nested deeper than 100 levels, or contains itself (&, *): write it flat."


@pytest.fixture(autouse=True)
def in_time():
    """A call that hangs fails its test."""

    def stop(_number, _frame):
        raise AssertionError("not done after %d s" % SECONDS)

    usual = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, usual)


def laugh(levels, each, form="[%s]"):
    """YAML whose size doubles, or more, with each level."""
    lines = ["a0: &a0 " + form.replace("%s", "{x: 1}" if "<<" in form else "x")]
    lines += ["a%d: &a%d %s" % (n, n, form % ", ".join(["*a%d" % (n - 1)] * each)) for n in range(1, levels + 1)]
    return "\n".join(lines) + "\n"


YAML = {
    "nine levels of nine": (laugh(9, 9), TOO_MUCH),
    "thirty levels of two": (laugh(30, 2), TOO_MUCH),
    "mappings": (laugh(9, 9, "{k: [%s]}"), TOO_MUCH),
    "merge keys": (laugh(9, 9, "{<<: [%s]}"), TOO_MUCH),
    "a long text often": ("a: &a %s\nb: [%s]\n" % ("x" * 10**6, ", ".join(["*a"] * 100)), TOO_MUCH),
    "more values than one reads": ("A: [%s]\n" % ("1, " * 200000), TOO_MUCH),
    "in itself": ("a: &a [*a]\n", TOO_DEEP),
    "a mapping in itself": ("a: &a\n  b: {c: *a}\n", TOO_DEEP),
    "merged with itself": ("a: &a\n  <<: *a\n", TOO_DEEP),
    "deep": ("a: %s1%s\n" % ("[" * 101, "]" * 101), TOO_DEEP),
    "deep without brackets": ("a:\n  %s1\n" % ("- " * 200), TOO_DEEP),
    "deep by anchors": ("a0: &a0 [1]\n" + "".join("a%d: &a%d [*a%d]\n" % (n, n, n - 1) for n in range(1, 120)), TOO_DEEP),
    "deeper than libyaml goes": ("a: " + "[" * 100000, (TOO_DEEP, " is not valid YAML: exceeded maximum nesting depth.")),
    "a long number": ("A: 0x%s\n" % ("f" * 10000), TOO_LONG),
    "longer than one reads": ("A: %s\n" % ("x" * 2**22), " is longer than 4 MiB, which is the limit: make it shorter."),
    "an object of Python's": ("a: !!python/object/apply:os.system [id]\n", "could not determine a constructor for the tag"),
    "no truth value": ("a: !!bool maybe\n", " is not valid YAML: a: it is not what its tag says."),
    "no time": ("a: !!timestamp noon\n", " is not valid YAML: "),
    "a tab": ("a:\n\tb: 1\n", " column 1 is not valid YAML: found character that cannot start any token."),
    "a null byte": ("a: \0\n", " is not valid YAML: unacceptable character #x0000"),
    "several documents": ("a: 1\n---\nb: 2\n", " is not valid YAML: but found another document."),
}


def is_told(message, path, reasons):
    reasons = reasons if isinstance(reasons, tuple) else (reasons,)
    return path in message and any(reason in message for reason in reasons) and len(message) < 1000


@pytest.mark.parametrize("text, reason", YAML.values(), ids=YAML)
def test_yaml_of_config(plain, text, reason):
    plain.edit()
    plain.config.write_text(text)
    message = plain.refused()
    assert is_told(message, "'%s'" % plain.config, reason), message


@pytest.mark.parametrize("text, reason", YAML.values(), ids=YAML)
def test_yaml_of_a_plugin(plain, text, reason):
    """Enabled or not: every `tutor` command reads it."""
    path = plain.plugin("p.yml", "name: p\n" + text)
    message = plain.refused()
    assert is_told(message, "YAML plugin '%s'" % path if "longer" not in message else "'%s'" % path, reason), message


GIVEN = {name: case for name, case in YAML.items() if name != "longer than one reads"}  # see test_what_ansible_hands_over


@pytest.mark.parametrize("text, reason", GIVEN.values(), ids=GIVEN)
def test_yaml_of_a_definition(plain, text, reason):
    message = plain.refused(definitions=["name: p\n" + text])
    assert is_told(message, "definition 1", reason), message


@pytest.mark.parametrize("text, reason", GIVEN.values(), ids=GIVEN)
def test_yaml_of_plugin_files(plain, text, reason):
    message = plain.refused(plugin_files={"p.yml": "name: p\n" + text})
    assert is_told(message, "p.yml'", reason), message


def test_aliases_of_ordinary_size(plain):
    """Some write their lists so, and upstream reads them."""
    plain.plugin("p.yml", "name: p\nconfig:\n  defaults:\n    ONE: &one [a, b]\n    MORE: [*one, *one]\n" + laugh(9, 2))
    plain.edit()
    plain.config.write_text("ID: x\nA: &a {b: 1}\nB:\n  <<: *a\n  c: [*a, *a]\n")
    plain.render(plugins=["p"])
    assert plain.settings()["B"] == {"b": 1, "c": [{"b": 1}, {"b": 1}]}


def test_line_ends_and_marks_of_other_systems(plain):
    plain.plugin("p.yml", "\ufeffname: p\r\npatches:\r\n  lms-env: 'x: 1'\r\n".encode())
    plain.edit()
    plain.config.write_bytes("\ufeffLMS_HOST: a.b\r\n".encode())
    plain.render(plugins=["p"])
    assert "host: a.b\n" in plain.text("apps/lms.yml") and "x: 1" in plain.text("apps/lms.yml")


def nested(levels):
    value = []
    for _level in range(levels):
        value = [value]
    return value


OPTIONS = {
    "settings": ("environment", lambda value: {"A": value}),
    "definitions": ("environment", lambda value: [{"name": "p", "config": {"defaults": {"A": value}}}]),
    "append": ("config", lambda value: {"MOUNTS": [value]}),
    "remove": ("config", lambda value: {"MOUNTS": [value]}),
    "definition": ("plugin", lambda value: {"name": "p", "config": {"defaults": {"A": value}}}),
}


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize(
    "value, reason",
    [(nested(300), TOO_DEEP), ([[0] * 1000] * 200, TOO_MUCH), ("x" * 2**23, TOO_MUCH)],
    ids=["deep", "many", "long"],
)
def test_what_ansible_hands_over(plain, option, value, reason):
    """Its variables come with their aliases written out."""
    module, make = OPTIONS[option]
    plain.render()
    assert plain.refused(module, **{option: make(value)}) == "The option %s%s" % (option, reason)


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    """Of any length of the path."""
    here = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
    os.chdir(here)


def make_link_to_device(path):
    path.symlink_to("/dev/zero")


def make_link_to_itself(path):
    path.symlink_to(path.name)


ODD = {
    "pipe": (make_pipe, "'%s' is not a regular file: move it away."),
    "socket": (make_socket, "'%s' is not a regular file: move it away."),
    "device": (make_link_to_device, "'%s' is not a regular file: move it away."),
    "folder": (os.mkdir, "'%s' can't be read: Is a directory."),
    "link to itself": (make_link_to_itself, "'%s' can't be read: Too many levels of symbolic links."),
    "link to nothing": (lambda path: path.symlink_to("nowhere"), "'%s' can't be read: No such file or directory."),
}


@pytest.mark.parametrize("make, message", ODD.values(), ids=ODD)
def test_odd_files_among_the_plugins(plain, make, message):
    make(plain.plugins_root / "x.yml")
    assert plain.refused() == message % (plain.plugins_root / "x.yml")


@pytest.mark.parametrize("make, message", ODD.values(), ids=ODD)
def test_odd_files_of_code_among_the_plugins(hooked, make, message):
    """They stop a call only where they are enabled."""
    make(hooked.plugins_root / "x.py")
    hooked.render(plugins=[])
    assert hooked.refused(plugins=["x"]) == message % (hooked.plugins_root / "x.py")


@pytest.mark.parametrize("make, message", ODD.values(), ids=ODD)
def test_odd_files_as_config(plain, make, message):
    plain.root.mkdir(mode=0o700)
    make(plain.config)
    assert plain.refused() == message % plain.config


def test_plugins_root_that_is_some_other_folder(plain):
    for number in range(1001):
        (plain.plugins_root / ("p%d.yml" % number)).write_text(json.dumps({"name": "p%d" % number}))
    assert plain.refused() == (
        "plugins_root '%s' holds 1001 plugins (*.yml, *.py), more than the 1000 that are read: name the folder of your plugins."
        % plain.plugins_root
    )


# Folders of templates that are none.
GONE = "Plugin 'p' takes its templates from '%s', which is not there: name a folder of this host, or none."
NO_FOLDER = "Plugin 'p' takes its templates from '%s', which is no folder."
ROOTS = {
    "nothing": ("/no/such/folder", "/no/such/folder", GONE),
    "a relative one": ("templates-of-p", "{plugins}/templates-of-p", GONE),
    "a file": ("/etc/hostname", "/etc/hostname", NO_FOLDER),
    "a device": ("/dev/zero", "/dev/zero", NO_FOLDER),
    "a link to nothing": ("link", "{plugins}/link", GONE),
}


@pytest.mark.parametrize("value, path, message", ROOTS.values(), ids=ROOTS)
def test_templates_of_yaml_that_are_none(site, value, path, message):
    (site.plugins_root / "link").symlink_to("nowhere")
    site.plugin("p.yml", {"name": "p", "templates": value})
    assert site.refused(plugins=["p"]) == message % path.format(plugins=site.plugins_root)
    assert message.split("%s")[0] in site.ok("plugin_info", names=["p"])["plugins"][0]["error"]


def test_templates_of_yaml_that_are_in_a_home(site):
    path = site.plugin("p.yml", {"name": "p", "templates": "~/templates"})
    assert site.refused(plugins=["p"]) == (
        "templates of plugin 'p' (%s) is a str, '~/templates': expected the absolute path of a folder." % path
    )


V1 = "from tutor import hooks\nhooks.Filters.%s\n"


@pytest.mark.parametrize("path, message", [("/no/such/folder", GONE), ("/etc/hostname", NO_FOLDER), ("/dev/null", NO_FOLDER)])
def test_template_roots_of_a_file_that_are_none(hooked, path, message):
    hooked.plugin("p.py", V1 % ("ENV_TEMPLATE_ROOTS.add_item(%r)" % path))
    assert hooked.refused(plugins=["p"]) == message % path


def test_template_roots_of_a_package(hooked):
    """Some are made without the empty folder that they name, and upstream does without it."""
    text = "import os\n" + V1 % "ENV_TEMPLATE_ROOTS.add_item(os.path.join(os.path.dirname(__file__), 'templates'))"
    folder = hooked.package("p", text, "v1")
    gone = "Plugin 'p' takes its templates from '%s', which is not there: its package lacks them." % (folder / "templates")
    assert gone in hooked.render(plugins=["p"]).printed
    (folder / "templates").write_text("")
    assert hooked.refused(plugins=["p"]) == NO_FOLDER % (folder / "templates")


def test_templates_option_that_is_some_other_folder(site, tmp_path):
    """The root of a platform, or of the disk."""
    for path in ("/", "/proc", str(tmp_path / "other")):
        (tmp_path / "other").mkdir(exist_ok=True)
        (tmp_path / "other" / "x").write_text("")
        message = site.refused(templates=path)
        assert message.startswith("templates '%s' holds no templates of Tutor: there is no file 'config" % path), message


@pytest.mark.parametrize("path", ["/", "/proc"])
def test_templates_of_a_plugin_that_are_the_whole_disk(site, path):
    site.plugin("p.yml", {"name": "p", "templates": path})
    message = site.refused(plugins=["p"])
    assert message.startswith("The folder of templates of plugin 'p', '%s', holds " % path)
    assert " holds more than 100000 files: " in message or "', which can't be read: Permission denied" in message


def templates_of(site):
    folder = site.plugins_root / "t" / "p" / "apps"
    folder.mkdir(parents=True)
    site.plugin("p.yml", {"name": "p", "templates": "t"})
    return folder


@pytest.mark.parametrize(
    "make", [make_pipe, make_socket, make_link_to_device, make_link_to_itself], ids=["pipe", "socket", "device", "link"]
)
def test_odd_files_among_templates(site, make):
    make(templates_of(site) / "x")
    assert site.refused(plugins=["p"]) == (
        "Template 'p/apps/x' can't be read: no template root holds it, or it is a pipe, a device, or a link that leads nowhere."
    )


def test_pipe_among_templates_of_a_package(site):
    """They are read ahead by another process."""
    folder = site.package("p", "import os\ntemplates = os.path.join(os.path.dirname(__file__), 'templates')\n")
    (folder / "templates" / "other").mkdir(parents=True)
    make_pipe(folder / "templates" / "other" / "x")
    site.render(plugins=["p"])


def test_folders_that_link_to_themselves_among_templates(site):
    folder = templates_of(site)
    (folder / "loop").symlink_to("..")
    (folder / "x").write_text("x")
    site.render(plugins=["p"])
    assert site.text("plugins/p/apps/x") == "x"


@pytest.mark.parametrize("name", ["x", "x.png"])
def test_huge_template(site, name):
    path = site.folder / "huge" / "p" / "apps" / name
    path.parent.mkdir(parents=True)
    site.plugin("p.yml", {"name": "p", "templates": str(site.folder / "huge")})
    with open(path, "wb") as stream:
        stream.truncate(10 * 2**30)
    assert site.refused(plugins=["p"]) == "'%s' is longer than 100 MiB, the limit for a template: make it shorter." % path


MEMORY = "Rendering {}{line} takes more than 2048 MiB of memory, which is the limit: make it smaller."
ENDLESS = {
    "range": ("{% for i in range(10**9) %}{% endfor %}", "OverflowError in {}{line}: range(1000000000,) has more than 1000000 numbers."),
    "memory": ("{{ 'x' * 10**10 }}", MEMORY),
    "memory of a setting": ("{{ LMS_HOST * 10**9 }}", MEMORY),
    "memory of a loop": ("{% for i in range(10**6) %}{{ 'x' * 10**4 }}{% endfor %}", MEMORY.replace("{line}", "")),
    "text": ("{{ LMS_HOST * 2**23 }}", "The text rendered from {} is longer than {size} MiB, which is the limit: make it shorter."),
    "macro": ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "Endless recursion in {}: a patch or template includes itself."),
}


@pytest.mark.parametrize("text, message", ENDLESS.values(), ids=ENDLESS)
def test_template_without_end(site, text, message):
    path = templates_of(site) / "x"
    path.write_text(text)
    place = dict(size=100, line=" line 1 ('%s')" % path)
    assert site.refused(plugins=["p"]) == message.format("template 'p/apps/x' of plugin 'p'", **place)


@pytest.mark.parametrize("text, message", ENDLESS.values(), ids=ENDLESS)
def test_patch_without_end(plain, text, message):
    plain.plugin("p.yml", {"name": "p", "patches": {"lms-env": text}})
    places = ["patch 'lms-env' of plugin 'p'", "template 'apps/lms.yml'"]
    if "recursion" in message:
        places.reverse()
    if "longer" in message:
        places.pop()
    assert plain.refused(plugins=["p"]) == message.format(" in ".join(places), size=4, line=" line 1")


@pytest.mark.parametrize("text, message", ENDLESS.values(), ids=ENDLESS)
def test_setting_without_end(plain, text, message):
    """It is not tried once more with other settings, as one is that needs them."""
    assert plain.refused(settings={"A": text}) == message.format("setting 'A'", size=4, line=" line 1")


def test_variable_of_the_environment(hooked):
    hooked.environ["TUTOR_LMS_HOST"] = laugh(9, 9)
    hooked.edit(LMS_HOST="x")
    assert hooked.refused() == "TUTOR_LMS_HOST" + TOO_MUCH


FITTING = {
    "two plugins": ({"q/plugins/p/apps/x/y": ""}, "p/apps/x", "plugins/p/apps/x", "p", "q"),
    "core's file": ({"q/apps/lms.yml/y": ""}, "", "apps/lms.yml", "core", "q"),
    "core's folder": ({"q/apps": ""}, "", "apps", "q", "core"),
}


@pytest.mark.parametrize("files, of_p, path, file, folder", FITTING.values(), ids=FITTING)
def test_file_of_one_where_another_has_a_folder(hooked, files, of_p, path, file, folder):
    """Both are named."""
    add = "hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(%r)\nhooks.Filters.ENV_TEMPLATE_TARGETS.add_item(('%s', '%s'))\n"
    hooked.plugin("p.py", "from tutor import hooks\n" + add % (str(hooked.folder / "p"), "p/apps", "plugins"))
    (hooked.folder / "p/p/apps").mkdir(parents=True)
    (hooked.folder / "p/p/apps/x").write_text("")
    hooked.plugin("q.py", "from tutor import hooks\n" + add % (str(hooked.folder / "q"), "", ""))
    for name, text in files.items():
        target = hooked.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    message = hooked.refused(plugins=["p", "q"])
    whose = ["core" if name == "core" else "plugin '%s'" % name for name in (file, folder)]
    assert message.startswith("'%s' would be both a file (template '" % path), message
    assert "' of %s) and a folder (template '" % whose[0] in message and message.endswith("' of %s)." % whose[1]), message


LONG = "raise ValueError('begin ' + 'x' * 5000000 + ' end')\n"
PRINTS = "for _line in range(5):\n    print('begin ' + 'x' * 1000000 + ' end')\nraise ValueError('short')\n"


@pytest.mark.parametrize("code", [LONG, PRINTS], ids=["raises", "prints"])
def test_long_message_of_a_plugin(site, code):
    """What is left out is in the log, where there is a root to keep it in and something may be written."""
    site.package("p", code)
    message = site.refused(plugins=["p"])
    assert len(message) < 10000 and "Can't import plugin 'p' (tutor-p 1.0): ValueError: " in message and " end" in message
    assert re.search(r"\n\(… \d+ characters were left out here …\)\n", message), message
    site.render()
    assert " characters were left out here …)" in site.run("environment", check=True, plugins=["p"]).msg
    kept = re.search(r" characters were left out here, all of it is in '(.*)' …\)", site.run("environment", plugins=["p"]).msg)[1]
    assert kept.startswith(str(site.root / ".lectern/logs/error-environment-")) and os.stat(kept).st_mode & 0o777 == 0o600
    assert os.path.getsize(kept) > 10**6
    error = site.ok("plugin_info", names=["p"])["plugins"][0]["error"]
    assert len(error) < 10000 and " characters were left out here …)" in error


def test_secret_in_a_long_message(plain):
    """It is masked before the message is cut."""
    plain.render(settings={"P_PASSWORD": "s3cr3t-of-the-site"})
    plain.package("p", "raise ValueError('%s')\n" % ("s3cr3t-of-the-site " * 1000))
    result = plain.run("environment", plugins=["p"])
    kept = re.search(r"all of it is in '(.*)' …", result.msg)[1]
    assert "s3cr3t" not in result.printed and "of-the-site" not in result.printed
    assert "s3cr3t" not in Path(kept).read_text()


def test_differences_of_long_files(plain):
    folder = templates_of(plain)
    (folder / "long").write_text("x" * (2**20 + 1))
    for number in range(20):
        (folder / ("many-%d" % number)).write_text("y" * 2**20)
    result = plain.ok("environment", check=True, diff=True, plugins=["p"])
    shown = {os.path.basename(entry["after_header"]): entry["after"] for entry in result["diff"]}
    assert shown["long"].startswith("(1048577 bytes, too long to be shown, mode 0644, sha256:")
    assert sum(map(len, shown.values())) < 18 * 2**20 and len(shown["many-0"]) == 2**20
    assert len(result["diff"]) == len(result["actions"]) - 2  # the manifest, and the mode of the root


V1_SHAPES = {
    "a generator without end": (
        "CONFIG_DEFAULTS.add()(lambda items: iter(lambda: ('A', 1), 0))",
        "Plugin 'p' adds more than 10000 items to CONFIG_DEFAULTS.",
    ),
    "a mapping": (
        "CONFIG_DEFAULTS.add()(lambda items: {'A': 1})",
        "Plugin 'p' returns {{'A': 1}} for CONFIG_DEFAULTS, at {} line 2: expected a list.",
    ),
    "a text": ("CONFIG_DEFAULTS.add()(lambda items: 'AB')", "Plugin 'p' returns 'AB' for CONFIG_DEFAULTS, at {} line 2: expected a list."),
    "a number": ("ENV_PATCHES.add()(lambda items: 5)", "Plugin 'p' returns 5 for ENV_PATCHES, at {} line 2: expected a list."),
    "what can't say what it is": (
        "CONFIG_DEFAULTS.add_item(type('Odd', (), {'__repr__': lambda self: 1 / 0})())",
        "Plugin 'p' adds <Odd instance at ",
    ),
    "what multiplies": (
        "CONFIG_DEFAULTS.add_item((1, __import__('functools').reduce(lambda x, _: [x] * 9, range(9), 0)))",
        "Plugin 'p' adds (1, [[[...], [...], ",
    ),
    "a value that multiplies": (
        "CONFIG_DEFAULTS.add_item(('A', __import__('functools').reduce(lambda x, _: [x] * 9, range(9), 0)))",
        "A of plugin 'p'" + TOO_MUCH,
    ),
    "a long number": ("CONFIG_DEFAULTS.add_item(('A', 10**5000))", "A of plugin 'p'" + TOO_LONG),
    "a pattern of bytes": (
        "ENV_PATTERNS_IGNORE.add_item(b'x')",
        "Plugin 'p' adds b'x' to ENV_PATTERNS_IGNORE: it is no regular expression (it is no text).",
    ),
    "a filter that is no function": (
        "ENV_TEMPLATE_FILTERS.add_item(('f', 5))",
        "Plugin 'p' adds 5 to ENV_TEMPLATE_FILTERS as 'f': expected a function.",
    ),
    "no pair": (
        "ENV_TEMPLATE_TARGETS.add_item(('a', 'b', 'c'))",
        "Plugin 'p' adds ('a', 'b', 'c') to ENV_TEMPLATE_TARGETS: expected a tuple",
    ),
    "nothing": ("ENV_TEMPLATE_ROOTS.add_item('')", "Plugin 'p' adds '' to ENV_TEMPLATE_ROOTS: expected the absolute path of a folder."),
}


@pytest.mark.parametrize("code, message", V1_SHAPES.values(), ids=V1_SHAPES)
def test_shapes_that_filters_are_not_for(hooked, code, message):
    path = hooked.plugin("p.py", V1 % code)
    found = hooked.run("environment", plugins=["p"]).msg
    assert found.startswith(message.format(path)) and len(found) < 5000, found


NAMES = {
    "a plugin": ({"name": "a\nb"}, "has the name 'a\\nb': it must be text without control characters."),
    "a setting": ({"name": "p", "config": {"set": {"A\0B": 1}}}, "The key 'A\\x00B' in config.set of plugin 'p' ("),
    "a setting without": ({"name": "p", "config": {"defaults": {"": 1}}}, "The key '' in config.defaults of plugin 'p' ("),
    "a patch": ({"name": "p", "patches": {"a\nb": "x"}}, "The key 'a\\nb' in patches of plugin 'p' ("),
    "a hook": ({"name": "p", "hooks": {"a\x1b": 1}}, "The key 'a\\x1b' in hooks of plugin 'p' ("),
    "an image": ({"name": "p", "hooks": {"build-image": {"a\0": "a:1"}}}, "The key 'a\\x00' in hooks.build-image of plugin 'p' ("),
    "a service": ({"name": "p", "hooks": {"init": [".."]}}, "An item of hooks.init of plugin 'p' ("),
}


@pytest.mark.parametrize("text, message", NAMES.values(), ids=NAMES)
def test_names_that_are_none(plain, text, message):
    plain.plugin("p.yml", text)
    assert message in plain.refused(plugins=[text["name"]])


def test_name_that_no_file_can_have(hooked):
    """It is refused before anything is written."""
    templates_of(hooked)
    (hooked.plugins_root / "t/p/apps/x").write_text("")
    (hooked.plugins_root / "p.yml").unlink()
    roots = V1 % ("ENV_TEMPLATE_ROOTS.add_item(%r)" % str(hooked.plugins_root / "t"))
    hooked.plugin("p.py", roots + V1 % "ENV_TEMPLATE_TARGETS.add_item(('p/apps', 'é' * 128))")
    message = hooked.refused(plugins=["p"])
    assert message.startswith("Plugin 'p' wants to write template 'p/apps/x' to 'é") and message.endswith(
        "no file can have so long a name."
    )


def test_text_that_no_file_can_hold(plain):
    message = "The plugin file 'p.py' holds half of a surrogate pair: no file of UTF-8 text can hold that."
    assert plain.refused(plugin_files={"p.py": "x = '\ud800'\n"}) == message
