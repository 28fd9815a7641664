# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting of a type that templates can't work with, or would take for something else, is named with its value."""

from __future__ import annotations

import pytest

from . import harness

DEFAULTS = """
    MOUNTS: []
    EXTRA: [a]
    MAPPING: {a: 1}
    ENABLE_HTTPS: false
    PORT: 80
    EMPTY: ""
    MADE: "{{ ENABLE_HTTPS }}"
"""


@pytest.fixture
def types(plain):
    harness.write(
        plain.templates,
        {
            "config/defaults.yml": harness.unindented(harness.CORE["config/defaults.yml"]).replace("MOUNTS: []", "")
            + harness.unindented(DEFAULTS)
        },
    )
    return plain


def of(expected, default):
    return ": Tutor expects %s, such as its default %s." % (expected, default)


TRUTH = of("true or false", "False")
WRONG = {
    "a list as a text": (dict(MOUNTS="/srv/x"), "The setting MOUNTS is '/srv/x', a text" + of("a list", "[]")),
    "a list as a number": (dict(MOUNTS=5), "The setting MOUNTS is 5, a number" + of("a list", "[]")),
    "a list as a mapping": (dict(EXTRA={"a": 1}), "The setting EXTRA is {'a': 1}, a mapping" + of("a list", "['a']")),
    "a list as a truth value": (dict(EXTRA=True), "The setting EXTRA is True, a truth value" + of("a list", "['a']")),
    "a list of lists": (dict(EXTRA=[["a"]]), "The setting EXTRA is [['a']], a list" + of("a list", "['a']")),
    "a list of nothing": (dict(EXTRA=[None]), "The setting EXTRA is [None], a list" + of("a list", "['a']")),
    "no list": (dict(EXTRA=None), "The setting EXTRA is empty" + of("a list", "['a']")),
    "a mapping as a list": (dict(MAPPING=["a"]), "The setting MAPPING is ['a'], a list" + of("a mapping", "{'a': 1}")),
    "a mapping as a text": (dict(MAPPING="a: 1"), "The setting MAPPING is 'a: 1', a text" + of("a mapping", "{'a': 1}")),
    "false as a text": (
        dict(ENABLE_HTTPS="false"),
        "The setting ENABLE_HTTPS is 'false', a text, which templates take for true" + TRUTH,
    ),
    "False of a template": (
        dict(ENABLE_HTTPS="{{ RUN_MYSQL and false }}"),
        "The setting ENABLE_HTTPS is 'False', a text, which templates take for true" + TRUTH,
    ),
    "perhaps": (dict(ENABLE_HTTPS="perhaps"), "The setting ENABLE_HTTPS is 'perhaps', a text, which templates take for true" + TRUTH),
    "a number of truth": (dict(ENABLE_HTTPS=5), "The setting ENABLE_HTTPS is 5, a number" + TRUTH),
    "a list of truth": (dict(RUN_MYSQL=[False]), "The setting RUN_MYSQL is [False], a list" + of("true or false", "True")),
    "a port that is true": (dict(PORT=True), "The setting PORT is True, a truth value" + of("a number", "80")),
    "a list of ports": (dict(PORT=[80]), "The setting PORT is [80], a list" + of("a number", "80")),
    "no port": (dict(PORT=None), "The setting PORT is empty" + of("a number", "80")),
    "a list of hosts": (dict(LMS_HOST=["a.b"]), "The setting LMS_HOST is ['a.b'], a list" + of("a text", "'www.myopenedx.com'")),
    "a mapping of hosts": (dict(LMS_HOST={"a": 1}), "The setting LMS_HOST is {'a': 1}, a mapping" + of("a text", "'www.myopenedx.com'")),
    "no host": (dict(LMS_HOST=None), "The setting LMS_HOST is empty" + of("a text", "'www.myopenedx.com'")),
    "no, which is false in YAML": (
        dict(PLATFORM_NAME=False),
        "The setting PLATFORM_NAME is False, a truth value" + of("a text", "'My Open edX'"),
    ),
    "a secret": (dict(OPENEDX_SECRET_KEY=["s3cr3t"]), "The setting OPENEDX_SECRET_KEY is ********, a list" + of("a text", "'{{ 20|ran")),
}


@pytest.mark.parametrize("settings, message", WRONG.values(), ids=WRONG)
def test_wrong_types(types, settings, message):
    """From a call, and from config.yml."""
    assert types.refused(settings=settings).startswith(message.rstrip(".") if "'{{" not in message else message[:-10])
    types.edit(**settings)
    assert types.refused().startswith(message[:-10])
    assert types.refused("config_info").startswith(message[:-10])
    if "OPENEDX_SECRET_KEY" not in settings:  # a generated secret can't be dropped
        types.ok("config", check=True, unset=list(settings))


RIGHT = [
    dict(MOUNTS=[], EXTRA=["a", 1], MAPPING={}),
    dict(MOUNTS="", EXTRA={}, MAPPING=[]),
    dict(ENABLE_HTTPS="true", RUN_MYSQL=0, PORT="127.0.0.1:81", PLATFORM_NAME=5),
    dict(ENABLE_HTTPS="", RUN_MYSQL=None, PORT=80.5, LMS_HOST="", EMPTY=None),
    dict(EMPTY=False, MADE=True, LOCAL_PROJECT_NAME="x"),
]


@pytest.mark.parametrize("settings", RIGHT)
def test_what_upstream_renders_as_it_is_meant(types, settings):
    types.render(settings=settings)


def test_plugins_may_mean_what_they_set(types):
    """Upstream takes a text for true, and so does the plugin's author; a list that is none fails there as well."""
    types.plugin("p.yml", {"name": "p", "config": {"set": {"ENABLE_HTTPS": "off"}}})
    types.render(plugins=["p"])
    types.plugin("p.yml", {"name": "p", "config": {"set": {"EXTRA": 5}}})
    types.render(plugins=[])
    assert types.refused(plugins=["p"]) == "The setting EXTRA of plugin 'p' is 5, a number" + of("a list", "['a']")


@pytest.mark.parametrize("plugins", ["a", 5, {"a": 1}, [5], [None], None, True])
def test_plugins_that_are_no_list_of_names(plain, plugins):
    """Also where a setting of an old release names one more."""
    for more in ({}, {"ACTIVATE_NOTES": True}, {"ACTIVATE_XQUEUE": True}):
        plain.edit(PLUGINS=plugins, **more)
        assert plain.refused().startswith("PLUGINS in config.yml is ")


FAILING = {
    "a number": ("{% for x in A %}{% endfor %}", dict(A=5), "TypeError in {}: 'int' object is not iterable. A is 5, a number."),
    "nothing": ("x\n{{ A + 1 }}", dict(A=None), "TypeError in {}: unsupported operand type(s) for +: 'NoneType' and 'int'. A is empty."),
    "a text": ("{{ A / 2 }}", dict(A="b"), "TypeError in {}: unsupported operand type(s) for /: 'str' and 'int'. A is 'b', a text."),
    "a key": ("{{ A.b.c }}", dict(A={}), "or enable the plugin that defines it. A is {{}}, a mapping."),
    "two": ("{{ A + B }}", dict(A=1, B="x"), "A is 1, a number; B is 'x', a text."),
    "zero": ("{{ 1 / A }}", dict(A=0), "ZeroDivisionError in {}: division by zero. A is 0, a number."),
    "a secret": ("{{ A_PASSWORD + 1 }}", dict(A_PASSWORD="hidden-1"), "A_PASSWORD is ********, a text."),
}


@pytest.mark.parametrize("text, settings, message", FAILING.values(), ids=FAILING)
def test_template_that_fails_with_a_value(site, text, settings, message):
    """Template, line and the settings in it are named."""
    harness.write(site.templates, {"apps/bad.txt": text})
    found = site.refused(settings=settings)
    line = "template 'apps/bad.txt' line %d ('%s/apps/bad.txt')" % (text.count("\n") + 1, site.templates)
    assert found.endswith(message.format(line)) and line in found, found
    assert "hidden-1" not in found


def test_patch_that_fails_with_a_value(site):
    site.plugin("p.yml", {"name": "p", "patches": {"lms-env": "a\n{{ A + 1 }}"}})
    assert site.refused(plugins=["p"], settings={"A": "x"}) == (
        "TypeError in patch 'lms-env' of plugin 'p' in template 'apps/lms.yml' line 2: can only concatenate str (not \"int\") to str. "
        "A is 'x', a text."
    )


def test_a_variable_of_the_environment_may_be_of_any_type(site):
    """Tutor reads it as YAML, and prints what comes of it."""
    harness.write(site.templates, {"apps/name.txt": "{{ PLATFORM_NAME }}"})
    site.environ["TUTOR_PLATFORM_NAME"] = "[a, yaml list]"
    site.render()
    assert site.text("apps/name.txt") == "['a', 'yaml list']"
