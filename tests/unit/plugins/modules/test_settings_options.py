# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options settings, append, remove and unset."""

from __future__ import annotations

import pytest

GENERATED = ["ID", "MYSQL_ROOT_PASSWORD", "OPENEDX_SECRET_KEY"]


def unchanged_by_a_second_call(site, **options):
    before = site.snapshot()
    result = site.ok("config", **options)
    assert (result["changed"], result["changed_keys"]) == (False, [])
    assert site.snapshot() == before


VALUES = {
    "INTEGER": 1,
    "TRUE": True,
    "NOTHING": None,
    "FLOAT": 1.5,
    "LIST": [1, "x", None, {"a": []}],
    "MAPPING": {"a": {"b": "c"}},
    "EMPTY": "",
    "YES": "yes",
    "OCTAL": "0123",
    "NULL": "null",
    "COLON": ": ",
    "SPACES": " x ",
    "HASH": "#a",
    "BRACE": "{a: b}",
    "DASH": "- a",
    "LINES": "a\n\nb",
    "TAB": "\t",
    "UNICODE": "é 😀 \u2028 \x85",
    "CONTROL": "\x01",
    "BACKSLASH": "\\n",
    "QUOTES": "'\"",
    "BRACES": "{ { } }",
    "LONG": "x" * 5000,
}


def test_values_survive_as_they_are(site):
    site.ok("config", settings=VALUES)
    assert {key: site.settings()[key] for key in VALUES} == VALUES
    unchanged_by_a_second_call(site, settings=VALUES)
    unchanged_by_a_second_call(site)


def test_end_of_line_is_dropped_as_jinja_does(site):
    """Tutor drops one with each save; what this collection saved stays as it is."""
    given = {"A": "x\n", "B": "x\r\ny\n\n", "C": ["a\n"]}
    site.ok("config", settings=given)
    assert {key: site.settings()[key] for key in given} == {"A": "x", "B": "x\ny\n", "C": ["a"]}
    unchanged_by_a_second_call(site, settings=given)
    unchanged_by_a_second_call(site)


def test_references_among_given_settings_in_any_order(site):
    given = {
        "A": "{{ B }}/a",
        "B": "{{ C }}",
        "C": ["{{ D }}"],
        "D": "{{ LMS_HOST }}",
        "LMS_HOST": "x.{{ Z }}",
        "Z": "z",
        "E": "{{ CMS_HOST }}",
    }
    site.ok("config", settings=given)
    found = {key: value for key, value in site.settings().items() if key in given}
    assert found == {"A": "['x.z']/a", "B": "['x.z']", "C": ["x.z"], "D": "x.z", "LMS_HOST": "x.z", "Z": "z", "E": "studio.x.z"}
    unchanged_by_a_second_call(site, settings=given)


def test_what_renders_to_a_template(plain):
    """As upstream, it is saved as one and rendered when settings are read; but not one of a default, which upstream fails to read."""
    given = {"A": "{{ '{{' }} B }}", "B": "b", "C": "{{ '{{' }} LMS_HOST }}"}
    result = plain.ok("config", settings=given)
    saved = plain.settings()
    assert (saved["A"], result["config"]["A"], saved["C"]) == ("{{ B }}", "b", "www.myopenedx.com")
    unchanged_by_a_second_call(plain)


def test_raw_jinja_cannot_be_saved(plain):
    """Tutor renders config.yml each time it reads it, so that such a value would break it."""
    assert plain.refused("config", settings={"A": "{% raw %}{{ x }}{% endraw %}"}) == (
        "Undefined setting in setting 'A' line 1: 'x' is undefined. Set it in the settings, or enable the plugin that defines it."
    )


def test_random_settings_are_made_once(site):
    given = {"A_PASSWORD": "{{ 20|random_string }}", "URL": "x:{{ A_PASSWORD }}", "LIST": ["{{ 5|random_string }}"]}
    site.ok("config", settings=given)
    saved = site.settings()
    assert (len(saved["A_PASSWORD"]), saved["URL"], len(saved["LIST"][0])) == (20, "x:" + saved["A_PASSWORD"], 5)
    unchanged_by_a_second_call(site, settings=given)
    assert site.settings() == saved


def test_random_settings_keep_what_is_there(plain):
    plain.edit(A_PASSWORD="mine")
    plain.ok("config", settings={"A_PASSWORD": "{{ 20|random_string }}", "MYSQL_ROOT_PASSWORD": "{{ 30|random_string }}"})
    assert plain.settings()["A_PASSWORD"] == "mine"
    assert len(plain.settings()["MYSQL_ROOT_PASSWORD"]) == 30


KEYS = [" ", "", "a b", "A.B", "é", "A\n", "A/B", "{{ A }}"]


@pytest.mark.parametrize("key", KEYS, ids=repr)
@pytest.mark.parametrize("option", ["settings", "append", "remove"])
def test_keys_that_tutor_cannot_have(plain, option, key):
    message = "%s has the key %r: a setting's name is made of letters, digits, '_' and '-'."
    assert plain.refused("config", **{option: {key: ["x"]}}) == message % (option, key)
    assert plain.refused("config", unset=[key]) == message % ("unset", key)


def test_plugins_are_no_setting(plain):
    message = "%s has the key PLUGINS: use the option plugins, or the module lectern.tutor.plugin."
    assert plain.refused(settings={"PLUGINS": []}) == message % "settings"
    assert plain.refused("config", append={"PLUGINS": ["x"]}) == message % "append"
    assert plain.refused(unset=["PLUGINS"]) == message % "unset"


def test_text_that_no_file_can_hold(plain):
    message = "%s holds half of a surrogate pair: no file of UTF-8 text can hold that."
    assert plain.refused("config", settings={"A": {"b": ["\ud800"]}}) == message % "settings.A"
    assert plain.refused("config", append={"A": ["x\udfff"]}) == message % "append.A"


def test_append(site):
    site.ok("config", append={"MOUNTS": ["/a", "/{{ LMS_HOST }}", "/a"], "NEW": [{"x": 1}]})
    assert (site.settings()["MOUNTS"], site.settings()["NEW"]) == (["/a", "/www.myopenedx.com"], [{"x": 1}])
    unchanged_by_a_second_call(site, append={"MOUNTS": ["/{{ LMS_HOST }}", "/a"], "NEW": [{"x": 1}]})
    site.ok("config", append={"MOUNTS": ["/b"]}, remove={"MOUNTS": ["/a", "/nothing"]})
    assert site.settings()["MOUNTS"] == ["/www.myopenedx.com", "/b"]


def test_append_and_remove_that_change_nothing_save_nothing(plain):
    plain.ok("config", append={"MOUNTS": []}, remove={"MOUNTS": ["/a"], "UNKNOWN": ["x"]})
    assert sorted(plain.settings()) == GENERATED


@pytest.mark.parametrize("option, verb", [("append", "append to"), ("remove", "remove from")])
def test_lists_only(plain, option, verb):
    assert plain.refused("config", **{option: {"MOUNTS": "/a"}}) == "%s.MOUNTS is a str: expected a list of values." % option
    assert plain.refused("config", **{option: {"MOUNTS": None}}) == "%s.MOUNTS is a NoneType: expected a list of values." % option
    assert plain.refused("config", **{option: {"LMS_HOST": ["/a"]}}) == "Can't %s LMS_HOST: it is a str, not a list." % verb
    assert plain.refused("config", settings={"N": 5}, **{option: {"N": [5]}}) == "Can't %s N: it is a int, not a list." % verb


@pytest.mark.parametrize("item", ["a\n\n\n", "{{ 'a' }}\n\n", ["b\n\n"], "{{ LMS_HOST }}"], ids=repr)
def test_append_and_remove_find_what_they_appended(site, item):
    site.ok("config", append={"LIST": ["x", item]})
    assert not site.ok("config", append={"LIST": [item]})["changed"]
    site.ok("config", remove={"LIST": [item]})
    assert site.settings()["LIST"] == ["x"]


def test_append_of_randomness(plain):
    message = (
        "append.LIST: '{{ 8|random_string }}' renders to another value each time. Give the value itself, or the whole list in settings."
    )
    assert plain.refused("config", append={"LIST": ["{{ 8|random_string }}"]}) == message


def test_append_of_something_undefined(plain):
    assert plain.refused("config", append={"MOUNTS": ["{{ NOPE }}"]}).startswith("Undefined setting in setting 'MOUNTS' line 1: ")


def test_unset(site):
    site.ok("config", settings={"LMS_HOST": "x", "OTHER": 1})
    result = site.ok("config", unset=["LMS_HOST", "OTHER", "NEVER_THERE"])
    assert (result["changed_keys"], result["config"]["LMS_HOST"]) == (["LMS_HOST", "OTHER"], "www.myopenedx.com")
    unchanged_by_a_second_call(site, unset=["LMS_HOST", "OTHER"])


LOST = (
    "%s is a secret that was generated once: dropping it would make a new one and lock the platform out of its data. Give it another value "
    "in the settings instead."
)


def test_unset_of_a_generated_secret(site):
    site.plugin("safe.yml", {"name": "safe", "config": {"add": {"PASSWORD": "{{ 8|random_string }}", "PLAIN": "x"}}})
    site.render(plugins=["safe"], settings={"SAFE_PLAIN": "y"})
    assert site.refused("config", unset=["MYSQL_ROOT_PASSWORD"]) == LOST % "MYSQL_ROOT_PASSWORD"
    assert site.refused(unset=["SAFE_PASSWORD"]) == LOST % "SAFE_PASSWORD"
    site.ok("config", unset=["SAFE_PLAIN"])
    assert site.settings()["SAFE_PLAIN"] == "x"


def test_user_wins_over_a_plugin(site):
    site.plugin("one.yml", {"name": "one", "config": {"set": {"LMS_HOST": "theirs", "ANY": 1}, "defaults": {"A": "b"}}})
    site.render(plugins=["one"], settings={"LMS_HOST": "mine", "ONE_A": "mine too"})
    assert (site.settings()["LMS_HOST"], site.settings()["ANY"], site.settings()["ONE_A"]) == ("mine", 1, "mine too")
    assert "PLATFORM_NAME" not in site.settings()


def test_environment_variables_do_not_choose_plugins(site):
    """The list that is saved is that of the call, or of config.yml: another one would break the next call, or change it."""
    site.plugin("p.yml", {"name": "p", "patches": {"lms-env": "p"}})
    site.edit(PLUGINS=[])
    for value in ("nope", "[]"):
        site.environ["TUTOR_PLUGINS"] = value
        site.render(plugins=["p"])
        assert site.settings()["PLUGINS"] == ["p"]
        assert not site.render()["changed"]
        assert site.text("apps/lms.yml").endswith("p")


def test_environment_variable_that_is_no_text(plain):
    plain.environ["TUTOR_LMS_HOST"] = "\udcff"
    assert plain.refused() == "The environment variable TUTOR_LMS_HOST is not UTF-8 text."


def test_environment_variables_of_tutor(site):
    """TUTOR_X wins over config.yml and is saved then; over a default it wins without being saved; else it is nothing."""
    site.edit(LMS_HOST="mine")
    site.environ.update(TUTOR_LMS_HOST="theirs", TUTOR_PLATFORM_NAME="'x: y'", TUTOR_UNKNOWN="x")
    site.render()
    assert site.text("apps/cms.txt") == "studio.theirs x: y"
    assert site.settings()["LMS_HOST"] == "theirs"
    assert not {"PLATFORM_NAME", "UNKNOWN"} & set(site.settings())
    assert not site.render()["changed"]


def test_another_type_is_a_change(plain):
    """In Python 1 is True, and no number is itself that is none."""
    plain.ok("config", settings={"A": 1, "B": {"a": [0]}, "C": float("nan"), "D": 1.0})
    result = plain.ok("config", settings={"A": True, "B": {"a": [False]}, "C": float("nan"), "D": 1})
    assert (result["changed"], result["changed_keys"]) == (True, ["A", "B", "D"])
    assert plain.ok("config", settings={"A": True, "C": float("nan")})["changed_keys"] == []
