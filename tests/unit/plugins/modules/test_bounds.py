# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a user gives ends soon: what is too much, too deep or no file at all is refused with its name, and nothing is written."""

from __future__ import annotations

import json
import os
import signal
import socket

import pytest

SECONDS = 30  # for two calls, on a machine with other work
TOO_MUCH = " holds more than 100000 values or 16 MiB of text, each alias (*) written out: make it shorter."
TOO_DEEP = " holds a value that is nested deeper than 100 levels, or in itself (&, *): write it flat."


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
    "a long number": ("A: 0x%s\n" % ("f" * 10000), " holds a number of more than 4000 digits: put it in quotes."),
    "longer than one reads": ("A: %s\n" % ("x" * 2**24), " is longer than 16 MiB, which is too much to be read here: make it shorter."),
    "an object of Python's": ("a: !!python/object/apply:os.system [id]\n", "could not determine a constructor for the tag"),
    "no truth value": ("a: !!bool maybe\n", " is not valid YAML: 'maybe'."),
    "no time": ("a: !!timestamp noon\n", " is not valid YAML: "),
    "a tab": ("a:\n\tb: 1\n", " column 1 is not valid YAML: found character that cannot start any token."),
    "a null byte": ("a: \0\n", " is not valid YAML: unacceptable character #x0000"),
    "several documents": ("a: 1\n---\nb: 2\n", " is not valid YAML: but found another document."),
}
YAML_IDS = list(YAML)


def is_told(message, path, reasons):
    reasons = reasons if isinstance(reasons, tuple) else (reasons,)
    return path in message and any(reason in message for reason in reasons) and len(message) < 1000


@pytest.mark.parametrize("text, reason", YAML.values(), ids=YAML_IDS)
def test_yaml_of_config(plain, text, reason):
    plain.edit()
    plain.config.write_text(text)
    message = plain.refused()
    assert is_told(message, "'%s'" % plain.config, reason), message


@pytest.mark.parametrize("text, reason", YAML.values(), ids=YAML_IDS)
def test_yaml_of_a_plugin(plain, text, reason):
    """Enabled or not: every `tutor` command reads it."""
    path = plain.plugin("p.yml", "name: p\n" + text)
    message = plain.refused()
    assert is_told(message, "YAML plugin '%s'" % path if "longer" not in message else "'%s'" % path, reason), message


@pytest.mark.parametrize("text, reason", YAML.values(), ids=YAML_IDS)
def test_yaml_of_a_definition(plain, text, reason):
    message = plain.refused(definitions=["name: p\n" + text])
    assert is_told(message, "definition 1", reason), message


@pytest.mark.parametrize("text, reason", YAML.values(), ids=YAML_IDS)
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
@pytest.mark.parametrize("value, reason", [(nested(300), TOO_DEEP), ([[0] * 1000] * 200, TOO_MUCH)], ids=["deep", "many"])
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
