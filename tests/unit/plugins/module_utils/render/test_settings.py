# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of settings: which wins, when it is rendered, what is saved, where it comes from."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import releases
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins.contributions import Contributions, Setting
from ansible_collections.lectern.tutor.plugins.module_utils.render import settings, user_config
from ansible_collections.lectern.tutor.plugins.module_utils.render.changes import Changes
from ansible_collections.lectern.tutor.plugins.module_utils.render.origin import Origin
from ansible_collections.lectern.tutor.plugins.module_utils.render.renderer import Renderer

NEW, OLD = "22.0.3", "3.12.6"
NOTHING = Changes()


def layer(owner="core", **values):
    return [Setting(key, value, owner) for key, value in values.items()]


def merge(version=NEW, user=None, changes=NOTHING, plugins=("p",), past=settings.NEVER_SAVED, **layers):
    found = Contributions(plugins=list(plugins), filters={"random_string": lambda length: "r" * length}, **layers)
    renderer = Renderer(found, releases.release_of(version), 0)
    return settings.merge(dict(user or {}), renderer, changes, past)


def test_precedence_from_13_on():
    """config.yml, then `set`, then `add`, then base; of defaults the last one."""
    found = merge(
        user={"A": "user"},
        base=layer(A="base", B="base", C="base", D="base"),
        unique=layer("p", A="add", B="add", C="add"),
        overrides=layer("p", A="set", B="set"),
        defaults=layer(A="core", E="core", F="core") + layer("p", E="p") + layer("q", E="q"),
    )
    assert found.full == {"A": "user", "B": "set", "C": "add", "D": "base", "E": "q", "F": "core"}
    assert found.saved == {"A": "user", "B": "set", "C": "add", "D": "base"}
    assert found.origin == {
        "A": Origin("user", "p"),
        "B": Origin("overrides", "p"),
        "C": Origin("unique", "p"),
        "D": Origin("base", "core"),
        "E": Origin("defaults", "q"),
        "F": Origin("defaults", "core"),
    }


def test_precedence_before_13():
    """The first plugin that gives a key keeps it; only what the release requires is saved of core."""
    found = merge(
        OLD,
        user={"A": "user"},
        defaults=layer(A="core", ID="{{ 3|random_string }}", X="{{ ID }}") + layer("p", Y="y"),
        unique=layer("p", A="add", P_B="{{ ID }}") + layer("q", Q_B="q"),
        overrides=layer("p", C="p") + layer("q", C="p"),
        plugins=("p", "q"),
    )
    assert found.saved == {"A": "user", "ID": "rrr", "P_B": "rrr", "C": "p", "Q_B": "q"}
    assert found.full == dict(found.saved, X="rrr", Y="y")


def test_values_of_config_yml_are_not_rendered_before_13():
    assert merge(OLD, user={"A": "{{ B }}"}, defaults=layer(X="{{ A }}")).full == {"A": "{{ B }}", "X": "{{ B }}"}


def test_defaults_are_rendered_once_in_order():
    """A default that refers to a later one gets that one's text, as upstream has it."""
    found = merge(defaults=layer(A="{{ B }}", B="{{ C }}", C="c"))
    assert found.full == {"A": "{{ C }}", "B": "c", "C": "c"}


def test_what_is_saved_is_rendered_once_in_order_and_then_kept():
    """As upstream's `config save`; only what Lectern saved itself is not rendered again."""
    user = {"A": "{{ B }}", "B": "{{ C }}", "C": "{{ D }}", "D": "d", "E": "line\n\n"}
    found = merge(user=user, defaults=layer(F="{{ A }}"))
    assert found.saved == {"A": "{{ C }}", "B": "{{ D }}", "C": "d", "D": "d", "E": "line\n"}
    assert found.full == {"A": "d", "B": "d", "C": "d", "D": "d", "E": "line", "F": "d"}
    assert merge(user=found.saved).saved == {"A": "d", "B": "d", "C": "d", "D": "d", "E": "line"}
    again = merge(user=found.saved, defaults=layer(F="{{ A }}"), past=settings.LastSave(True, {}))
    assert (again.saved, again.full) == (found.saved, found.full)


def test_a_reference_to_a_random_setting_gets_its_value():
    """Its text would make another value with each call."""
    calls = []
    found = Contributions(
        filters={"random_string": lambda length: calls.append(1) or "r%d" % len(calls)},
        unique=layer("p", P_A="{{ P_B }}", P_B="{{ P_C }}", P_C="{{ 9|random_string }}"),
    )
    merged = settings.merge({}, Renderer(found, releases.release_of(NEW), 0), NOTHING)
    assert merged.full["P_A"] == merged.full["P_B"] == merged.full["P_C"] == merged.saved["P_C"]


def test_lists_and_mappings_by_release():
    values = layer(A="x", L=["{{ A }}"], M={"{{ A }}": "{{ A }}"})
    assert merge(defaults=values).full == {"A": "x", "L": ["x"], "M": {"{{ A }}": "x"}}
    assert merge("16.0.0", defaults=values).full["L"] == ["{{ A }}"]
    assert merge("3.12.6", defaults=values).full == {"A": "x", "L": ["{{ A }}"], "M": {"{{ A }}": "{{ A }}"}}


def test_what_is_saved_may_refer_to_defaults():
    found = merge(user={"A": "{{ D }}"}, unique=layer("p", B="{{ D }}/{{ A }}"), defaults=layer(D="{{ E }}", E="e"))
    assert found.saved == {"A": "e", "B": "e/e"}


def test_environment_variables(monkeypatch):
    monkeypatch.setenv("TUTOR_A", "5")
    monkeypatch.setenv("TUTOR_B", "no: [")
    monkeypatch.setenv("TUTOR_UNIQUE", "ignored")
    found = merge(user={"A": 1}, unique=layer("p", UNIQUE="x"), defaults=layer(B="b"))
    assert (found.saved, found.full["B"]) == ({"A": 5, "UNIQUE": "x"}, "no: [")
    assert found.origin["B"] == Origin("user", "core")


def test_environment_variables_before_13(monkeypatch):
    """Those for core's settings are saved, those for plugins' are not looked at."""
    monkeypatch.setenv("TUTOR_B", "b")
    monkeypatch.setenv("TUTOR_P_PORT", "99")
    found = merge(OLD, defaults=layer(B="core") + layer("p", P_PORT=1))
    assert (found.saved, found.full) == ({"B": "b"}, {"B": "b", "P_PORT": 1})


def test_config_user_beats_everything():
    safe = Contributions(user=layer("p", A="safe"))
    renderer = Renderer(safe, releases.release_of(NEW), 0)
    assert settings.merge({"A": "mine"}, renderer, NOTHING).full == {"A": "safe"}


def test_two_plugins_that_set_one_key():
    overrides = layer("p", A=1) + layer("q", A=2)
    with pytest.raises(LecternError, match="Plugins 'p' and 'q' both set A, to different values"):
        merge(overrides=overrides)
    assert merge(user={"A": 3}, overrides=overrides).full == {"A": 3}
    assert merge(changes=Changes(settings={"A": 4}), overrides=overrides).full == {"A": 4}
    assert merge(overrides=layer("p", A=1) + layer("q", A=1)).full == {"A": 1}
    assert merge(overrides=layer("p", A=1) + layer("p", A=2)).full == {"A": 2}


def test_given_settings_in_any_order():
    given = {"A": "{{ B }}!", "B": "{{ C }}", "C": "{{ D }}"}
    assert merge(changes=Changes(settings=given), defaults=layer(D="d")).saved == {"A": "d!", "B": "d", "C": "d"}


@pytest.mark.parametrize("given", [{"A": "{{ A }}"}, {"A": "{{ B }}", "B": "{{ A }}"}, {"A": "x{{ A }}"}, {"D": "{{ D }}{{ D }}"}])
@pytest.mark.parametrize("place", ["user", "settings"])
def test_circles(given, place):
    arguments = dict(user=given) if place == "user" else dict(changes=Changes(settings=given))
    with pytest.raises(LecternError, match="in a circle, or to themselves: %s[.]" % ", ".join(sorted(given))):
        merge(defaults=layer(D="d"), **arguments)


def test_a_circle_names_those_that_make_it():
    user = {"A": "{{ B }}", "B": "{{ C }}", "C": ["{{ B }}"], "D": "{{ HOST }}", "HOST": "x"}
    with pytest.raises(LecternError, match="or to themselves: B, C[.]"):
        merge(user=user)


def test_random_given_settings_are_kept():
    calls = []
    found = Contributions(filters={"random_string": lambda length: calls.append(1) or "r%d" % len(calls)})
    given = {"A": "{{ 5|random_string }}", "B": "{{ A }}"}
    first = settings.merge({}, Renderer(found, releases.release_of(NEW), 0), Changes(settings=given)).saved
    assert first["A"] == first["B"]
    assert settings.merge(first, Renderer(found, releases.release_of(NEW), 0), Changes(settings=given)).saved == first


@pytest.mark.parametrize("version", [NEW, OLD])
@pytest.mark.parametrize("host", ["lms.org", "{{ NAME }}.org"])
def test_what_a_plugin_adds_is_rendered_with_what_is_given_in_the_same_call(version, host):
    """As if the settings had been saved by a call before: directly, through a default, and through one another."""
    layers = dict(
        unique=layer("p", P_URL="https://{{ HOST }}", P_PAGE="{{ P_URL }}/page"),
        overrides=layer("p", MAIL="me@{{ CMS }}", OTHER="{{ ELSE }}"),
        defaults=layer(HOST="default.org", CMS="studio.{{ HOST }}", NAME="x", ELSE="else"),
    )
    given = {"LINK": "{{ P_URL }}/link", "HOST": host, "NAME": "lms"}
    once = merge(version, changes=Changes(settings=given), **layers).saved
    expected = {"P_URL": "https://lms.org", "P_PAGE": "https://lms.org/page", "MAIL": "me@studio.lms.org", "OTHER": "else"}
    assert once == dict(expected, LINK="https://lms.org/link", HOST="lms.org", NAME="lms")
    user = merge(version, changes=Changes(settings={"HOST": host, "NAME": "lms"}), defaults=layers["defaults"]).saved
    assert merge(version, user=user, **layers).saved == dict(user, **expected)


def test_what_a_plugin_adds_may_need_what_only_the_call_gives():
    plugins = dict(unique=layer("p", P_URL="{{ MINE }}/x"), overrides=layer("p", MAIL=["{{ P_URL }}"]))
    assert merge(changes=Changes(settings={"MINE": "y"}), **plugins).saved == {"P_URL": "y/x", "MAIL": ["y/x"], "MINE": "y"}


def test_what_a_plugin_added_before_stays():
    changes = Changes(settings={"HOST": "new.org"})
    assert merge(user={"P_URL": "old"}, changes=changes, unique=layer("p", P_URL="{{ HOST }}")).saved == {"P_URL": "old", "HOST": "new.org"}


def test_randomness_with_what_is_given_is_made_once():
    calls = []
    found = Contributions(
        filters={"random_string": lambda length: calls.append(1) or "r%d" % len(calls)},
        unique=layer("p", P_DSN="{{ P_PASS }}@{{ HOST }}", P_PASS="{{ HOST }}{{ 9|random_string }}", P_OTHER="{{ 9|random_string }}"),
    )
    renderer = Renderer(found, releases.release_of(NEW), 0)
    saved = settings.merge({"HOST": "old"}, renderer, Changes(settings={"HOST": "{{ NAME }}", "NAME": "new"})).saved
    assert saved["P_DSN"] == saved["P_PASS"] + "@new"
    assert saved["P_PASS"].startswith("newr")
    assert saved["P_OTHER"].startswith("r")


def test_given_circle_through_a_plugin_or_a_default():
    layers = dict(unique=layer("p", P_URL="{{ HOST }}"), defaults=layer(CMS="{{ LMS }}x", HOST="h"))
    for given in ({"HOST": "{{ P_URL }}"}, {"LMS": "{{ CMS }}"}):
        with pytest.raises(LecternError, match="in a circle, or to themselves: "):
            merge(changes=Changes(settings=given), **layers)


def test_no_number_is_not_taken_for_random():
    assert repr(merge(user={"A": 5}, changes=Changes(settings={"A": float("nan")})).saved) == "{'A': nan}"


def test_append_and_remove():
    changes = Changes(append={"L": ["b", "{{ D }}", "b"]}, remove={"K": ["x"]})
    found = merge(user={"K": ["x", "y"]}, changes=changes, defaults=layer(L=["a", "{{ D }}"], D="d"))
    assert found.saved == {"K": ["y"], "L": ["a", "d", "b"]}
    again = merge(user=found.saved, changes=changes, defaults=layer(L=["a", "{{ D }}"], D="d"))
    assert again.saved == found.saved


def test_items_of_another_type_are_others():
    """In Python 1 is True."""
    assert merge(user={"L": [True, "a"]}, changes=Changes(append={"L": [1]})).saved == {"L": [True, "a", 1]}
    assert merge(user={"L": [0, False]}, changes=Changes(remove={"L": [False]})).saved == {"L": [0]}
    assert merge(user={"L": [{"a": 1, "b": 2}]}, changes=Changes(append={"L": [{"b": 2, "a": 1}]})).saved == {"L": [{"a": 1, "b": 2}]}


@pytest.mark.parametrize("changes, verb", [(Changes(append={"D": ["x"]}), "append to"), (Changes(remove={"D": ["x"]}), "remove from")])
def test_lists_only(changes, verb):
    with pytest.raises(LecternError, match="Can't %s D: it is a str, not a list[.]" % verb):
        merge(changes=changes, defaults=layer(D="d"))


def test_unset():
    assert merge(user={"A": 1, "B": 2}, changes=Changes(unset=["A", "NOTHING"]), defaults=layer(A="a")).full == {"A": "a", "B": 2}
    with pytest.raises(LecternError, match="P_KEY is a secret that was generated once"):
        merge(user={"P_KEY": "x"}, changes=Changes(unset=["P_KEY"]), unique=layer("p", P_KEY="{{ 8|random_string }}"))


@pytest.mark.parametrize("layers", ["unique", "overrides"])
@pytest.mark.parametrize("value", ["{{ 8|random_string }}", {"login": "{{ 8|random_string }}"}, ["x", "{{ 8|random_string }}"]])
def test_generated_by_a_plugin(layers, value):
    """At any depth and in any layer: secret, the plugin's, never dropped, and remembered when the plugin is gone."""
    found = merge(**{layers: layer("p", P_SALT=value)})
    assert (found.secret_keys, found.generated) == (["P_SALT"], {"P_SALT": "p"})
    assert merge(user=found.saved, **{layers: layer("p", P_SALT=value)}).origin["P_SALT"] == Origin(layers, "p")
    past = settings.LastSave(True, found.generated)
    disabled = merge(user=found.saved, past=past)
    assert (disabled.secret_keys, disabled.generated) == (["P_SALT"], {"P_SALT": "p"})
    for arguments in ({layers: layer("p", P_SALT=value)}, dict(past=past)):
        with pytest.raises(LecternError, match="P_SALT is a secret that was generated once"):
            merge(user=found.saved, changes=Changes(unset=["P_SALT"]), **arguments)


def test_generated_for_the_operator():
    """Secret for good, but whoever asked for it may give another value or drop it."""
    given = Changes(settings={"SALT": "{{ 8|random_string }}"})
    found = merge(changes=given)
    past = settings.LastSave(True, found.generated)
    assert (found.secret_keys, found.generated) == (["SALT"], {"SALT": None})
    assert merge(user=found.saved, past=past).secret_keys == merge(user=found.saved, past=past, changes=given).secret_keys == ["SALT"]
    assert merge(user=found.saved, past=past, changes=Changes(settings={"SALT": "plain"})).secret_keys == []
    assert merge(user=found.saved, past=past, changes=Changes(unset=["SALT"])).saved == {}


def test_names_beside_a_secret_in_a_mapping_are_no_secrets():
    found = Contributions(
        unique=layer("p", P={"host": "mysql.local", "pass": "{{ 9|random_string }}"}), filters={"random_string": "R{}".format}
    )
    secret = settings.merge({"P": {"host": "mysql.local", "pass": "Secret4711"}}, Renderer(found, releases.release_of(NEW), 0), NOTHING)
    assert secret.secrets == ["Secret4711"]


def test_values_that_yaml_cannot_hold():
    with pytest.raises(LecternError, match="Plugin 'p' gives A the value <object .* which config.yml can't hold"):
        merge(unique=layer("p", A=object()))
    assert merge(unique=layer("p", A=(1, "{{ B }}")), defaults=layer(B="b")).saved == {"A": [1, "b"]}


def test_secrets():
    """By their names, or because they are random; what is only a default of core hides nothing else."""
    found = merge(
        user={"SMTP_PASSWORD": "usersecret", "HOST": "shown-host"},
        base=layer(KEPT="{{ 9|random_string }}"),
        defaults=layer(MYSQL_PASSWORD="plain-default", PUBLIC_KEY="public", JWT="{{ SMTP_PASSWORD }}"),
    )
    assert set(found.secret_keys) == {"SMTP_PASSWORD", "KEPT", "MYSQL_PASSWORD"}
    assert set(found.secrets) >= {"usersecret", "r" * 9}
    assert not {"shown-host", "public", "plain-default"} & set(found.secrets)


def test_the_secret_before_a_change_is_hidden_too():
    found = merge(user={"SMTP_PASSWORD": "old-secret"}, changes=Changes(settings={"SMTP_PASSWORD": "new-secret"}))
    assert {"old-secret", "new-secret"} <= set(found.secrets)


def test_read_user(tmp_path):
    path = tmp_path / "config.yml"
    release = releases.release_of(NEW)
    assert user_config.read_user_config(str(path), release) == {}
    path.write_text("SECRET_KEY: abc\nLMS_HOST: x\n")
    assert user_config.read_user_config(str(path), release) == {"OPENEDX_SECRET_KEY": "abc", "LMS_HOST": "x"}
    path.unlink()
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(LecternError, match="config.json' is of a Tutor before 3.0"):
        user_config.read_user_config(str(path), release)


def test_plugin_names():
    base = [Setting("PLUGINS", ["mfe", "indigo"], "core")]
    assert user_config.enabled_names({}, base, ["indigo", "x"]) == ["indigo"]
    assert user_config.enabled_names({"PLUGINS": ["gone"]}, base, []) == ["gone"]
    assert user_config.enabled_names({}, [], ["x"]) == []
    for value in ("x", None, [1], {"a": 1}):
        with pytest.raises(LecternError, match="PLUGINS in config.yml is .* it must be a list of plugin names"):
            user_config.enabled_names({"PLUGINS": value}, base, [])
