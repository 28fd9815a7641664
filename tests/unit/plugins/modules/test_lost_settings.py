# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A config.yml that lost what the data of the platform depends on is refused, on roots of Lectern and of the `tutor` command."""

from __future__ import annotations

import json
import shutil

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

READERS = ["config_info"]
WRITERS = ["environment", "config"]
EMPTY = ["", "# nothing\n", "---\n", "null\n", "~", " \n\t\n", "{}\n", "---\n...\n", "\n\n# a\n", "\ufeff"]
NEWER = harness.CORE["config/base.yml"].rstrip() + '\n        NEW_SECRET: "{{ 8|random_string }}"\n'
SECRETS = ["ID", "MYSQL_ROOT_PASSWORD", "OPENEDX_SECRET_KEY"]


@pytest.fixture
def ours(plain):
    plain.plugin("p.yml", {"name": "p", "config": {"add": {"KEY": "{{ 20|random_string }}"}}, "patches": {"lms-env": "key: {{ P_KEY }}"}})
    plain.render(plugins=["p"], settings={"LMS_HOST": "learn.example.org"})
    return plain


@pytest.fixture
def theirs(ours):
    """The same as `tutor` leaves it: nothing of Lectern's."""
    shutil.rmtree(ours.root / ".lectern")
    return ours


@pytest.fixture
def of_22(theirs):
    """The same, and it is known which release rendered it."""
    (theirs.env / "version").write_text("22.0.3")
    return theirs


@pytest.fixture(params=["ours", "theirs"])
def known(request):
    return request.getfixturevalue(request.param)


def refused_by_all(site, **options):
    """The message, which all modules have in common."""
    messages = {site.refused(module, **options) for module in WRITERS}
    messages.add(site.refused("plugin", name=["p"]))
    messages.update(site.refused(module) for module in READERS if site.config.exists())
    (message,) = messages
    return message


@pytest.mark.parametrize("content", EMPTY, ids=repr)
def test_emptied(known, content):
    known.config.write_text(content)
    message = refused_by_all(known)
    assert message.startswith("'%s' is empty, but the environment was rendered with it: new secrets would lock" % known.config)
    assert message.endswith(" or remove '%s' and '%s' to start anew." % (known.env, known.root / ".lectern"))


def test_gone(known):
    known.config.unlink()
    assert refused_by_all(known).startswith("'%s' is gone, but the environment was rendered with it: new secrets would" % known.config)


def test_where_to_find_it(ours):
    ours.config.write_text("")
    assert "Restore it (the last ones are kept in '%s/generations'), or remove" % (ours.root / ".lectern") in ours.refused()
    shutil.rmtree(ours.root / ".lectern")
    assert "Restore it from a backup, or remove" in ours.refused()


def test_to_start_anew(ours):
    ours.config.write_text("")
    shutil.rmtree(ours.root / ".lectern")
    shutil.rmtree(ours.env)
    ours.render(plugins=["p"])


@pytest.mark.parametrize("content", EMPTY[:3], ids=repr)
def test_a_new_root_may_be_empty(plain, content):
    """Also where somebody has put overrides, themes and requirements there."""
    plain.edit()
    plain.config.write_text(content)
    mine = {
        "local/docker-compose.override.yml": "services: {}\n",
        "build/openedx/themes/mine/x": "",
        "build/openedx/requirements/private.txt": "",
    }
    harness.write(plain.env, mine)
    assert set(plain.render()["changed_keys"]) >= set(SECRETS)


def test_every_beginning_of_it(ours):
    text = ours.config.read_text()
    for end in range(1, len(text) - 1, 9):
        ours.config.write_text(text[:end])
        assert ours.run("environment", check=True).failed, text[:end]
    ours.config.write_text(text[:-1])  # only the last line's end
    assert ours.render()["changed_keys"] == []


def test_beginning_without_the_last_lines(ours):
    ours.render(settings={"Y_ONE": 1, "Z_LAST": 1})
    text = ours.config.read_text()
    (ours.config).write_text(text[: text.index("Y_ONE")])
    kept = sorted((ours.root / ".lectern/generations").iterdir())[-1]
    message = (
        "'%s' is truncated: it lacks Y_ONE, Z_LAST. Restore it from '%s'. If you removed these "
        "settings yourself, name them in unset." % (ours.config, kept)
    )
    assert ours.refused() == ours.refused("config_info") == message
    assert ours.refused("config", unset=["Y_ONE"]) == message.replace("Y_ONE, ", "")
    assert ours.render(unset=["Y_ONE"], settings={"Z_LAST": 2})["changed_keys"] == ["Z_LAST"]


@pytest.mark.parametrize("end", ["\nMYSQL_ROOT_PASSWORD", "\nOPENEDX_SECRET_KEY"])
def test_beginning_of_what_tutor_saved(of_22, end):
    text = of_22.config.read_text()
    of_22.config.write_text(text[: text.index(end) + 1])
    assert "OPENEDX_SECRET_KEY (no kept state of config.yml has it; look in a backup, or in the files of" in refused_by_all(of_22)


def test_beginning_of_what_tutor_saved_with_all_its_secrets(of_22):
    harness.write(of_22.templates, {"config/base.yml": harness.CORE["config/base.yml"].rstrip() + "\n        PLUGINS: []\n"})
    text = of_22.config.read_text()
    of_22.config.write_text(text[: text.index("PLUGINS")])
    message = (
        "'%s' lacks %s, which tutor saves with every environment: it is truncated. Restore it from a backup, or, if you removed that "
        "yourself, run `tutor config save`."
    )
    assert of_22.refused() == of_22.refused("config_info") == message % (of_22.config, "PLUGINS")
    of_22.config.write_text(text[:-2])
    assert of_22.refused() == of_22.refused("config_info") == message % (of_22.config, "the end of its last line")
    of_22.config.write_text(text[: text.index("PLUGINS")])
    of_22.render(plugins=["p"], settings={"P_KEY": "again"})


def without(site, *keys):
    kept = {key: value for key, value in site.settings().items() if key not in keys}
    site.config.write_text(json.dumps(kept))


@pytest.mark.parametrize("key", [*SECRETS, "P_KEY"])
def test_a_secret_that_vanished(ours, key):
    without(ours, key)
    kept = sorted((ours.root / ".lectern/generations").iterdir())[-1]
    assert refused_by_all(ours) == (
        "'%s' lacks %s ('%s' has it), generated once: new secrets would lock the platform out of its data. Copy them back, or, if that "
        "data is gone, name them in accept_new_secrets." % (ours.config, key, kept)
    )
    assert ours.refused("environment", accept_new_secrets=["OTHER"]) == ours.refused(
        "environment", settings={key: "{{ 20|random_string }}"}
    )


@pytest.mark.parametrize("module", ["environment", "config", "plugin"])
def test_a_secret_that_may_be_made_anew(ours, module):
    old = ours.settings()
    without(ours, "MYSQL_ROOT_PASSWORD")
    names = dict(name=["p"]) if module == "plugin" else {}
    checked = ours.ok(module, check=True, accept_new_secrets=["MYSQL_ROOT_PASSWORD"], **names)
    assert checked["changed"]
    assert module == "plugin" or checked["changed_keys"] == ["MYSQL_ROOT_PASSWORD"]
    ours.ok(module, accept_new_secrets=["MYSQL_ROOT_PASSWORD"], **names)
    new = ours.settings()
    assert new.pop("MYSQL_ROOT_PASSWORD") != old.pop("MYSQL_ROOT_PASSWORD")
    assert new == old
    ours.render(accept_new_secrets=["MYSQL_ROOT_PASSWORD"])
    assert not ours.render(accept_new_secrets=["MYSQL_ROOT_PASSWORD"])["changed"]


def test_the_kept_state_that_has_it_is_named(ours):
    """Not the newest, where that lost it as well."""
    kept = sorted((ours.root / ".lectern/generations").iterdir())[-1]
    without(ours, "P_KEY")
    ours.render(accept_new_secrets=["P_KEY"], plugins=[], settings={"LMS_HOST": "other"})
    assert "P_KEY" not in ours.settings()
    assert "P_KEY ('%s' has it)" % kept in ours.refused(plugins=["p"])
    kept.unlink()
    assert "P_KEY (no kept state of config.yml has it;" in ours.refused(plugins=["p"])
    ours.render(plugins=["p"], accept_new_secrets=["P_KEY"])


def test_a_value_of_ones_own_in_place_of_a_secret(ours):
    without(ours, "MYSQL_ROOT_PASSWORD")
    ours.render(settings={"MYSQL_ROOT_PASSWORD": "from the vault"})
    assert ours.settings()["MYSQL_ROOT_PASSWORD"] == "from the vault"


def test_a_config_yml_that_a_template_overwrote(known):
    known.edit(LMS_HOST="learn.example.org")
    for module, options in (("environment", {}), ("config", {}), ("plugin", dict(name=["p"])), ("config_info", {})):
        assert "MYSQL_ROOT_PASSWORD" in known.refused(module, **options)


def test_a_secret_that_vanished_of_what_tutor_saved(of_22):
    without(of_22, "ID")
    assert "lacks ID (no kept state of config.yml has it" in refused_by_all(of_22)
    of_22.render(plugins=["p"], accept_new_secrets=["ID"])


def test_secrets_of_a_newer_release_are_made(theirs):
    """What core or a plugin generates for the first time is no loss, whoever rendered the environment."""
    harness.write(theirs.templates, {"config/base.yml": NEWER})
    (theirs.env / "version").write_text("21.0.0")
    theirs.plugin("q.yml", {"name": "q", "config": {"add": {"KEY": "{{ 20|random_string }}"}}})
    assert {"NEW_SECRET", "Q_KEY"} <= set(theirs.render(plugins=["p", "q"])["changed_keys"])


def test_secrets_of_a_newer_release_are_made_on_a_root_of_lectern(ours):
    harness.write(ours.templates, {"config/base.yml": NEWER})
    assert ours.render()["changed_keys"] == ["NEW_SECRET"]


def test_secrets_that_a_plugin_sets_go_and_come_with_it(ours):
    ours.plugin("q.yml", {"name": "q", "config": {"set": {"PEPPER": "{{ 20|random_string }}"}, "add": {"KEY": "{{ 20|random_string }}"}}})
    ours.render(plugins=["p", "q"])
    saved = ours.settings()
    ours.render(plugins=["p"])
    ours.render(settings={"LMS_HOST": "other"})
    ours.render(plugins=["p", "q"])
    assert ours.settings()["PEPPER"] != saved["PEPPER"]
    assert ours.settings()["Q_KEY"] == saved["Q_KEY"]
    without(ours, "PEPPER")
    assert "lacks PEPPER ('" in ours.refused()


def test_random_settings_of_ones_own(ours):
    random = "{{ 20|random_string }}"
    ours.render(settings={"MINE": random})
    without(ours, "MINE")
    assert "lacks MINE ('" in ours.refused(settings={"MINE": random})
    ours.render()  # nothing makes another one
    ours.render(settings={"MINE": random}, accept_new_secrets=["MINE"])
    ours.render(unset=["MINE"])
    ours.render(settings={"MINE": random})
