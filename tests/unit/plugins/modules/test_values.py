# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values and names that JSON or UTF-8 can't hold: as upstream has them, or refused by name; no result that can't be read."""

from __future__ import annotations

import datetime
import json
import os

import pytest
import yaml
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

TEXT = """
DAY: 2026-01-31
TIME: 2026-01-31T10:00:00Z
BYTES: !!binary Y2Fm6Q==
NAMES: !!set {a, b}
PAIRS: !!pairs [a: 1, a: 2]
MAP: {1: a, 2.5: b, true: c, null: d, 2026-01-31: [e]}
NUMBERS: [.nan, -.inf, 1234567890123456789012345678901234567890]
SECRETS_TOKEN: {2026-01-31: hidden-secret-1, [x]: y}
"""
TEXT = TEXT.replace(", [x]: y", "")
LEVELS = "{{ DAY }} {{ TIME }} {{ BYTES }} {{ MAP }} {{ NUMBERS }}\n"


def given(*texts):
    return [dict(name="/settings/%d.yml" % number, text=text) for number, text in enumerate(texts)]


def is_readable(result):
    """Whether any reader of JSON takes what a module printed."""
    json.loads(result.printed.encode("utf-8", "strict"))
    return True


def test_settings_files_arrive_as_yaml(site):
    harness.write(site.templates, {"apps/levels": LEVELS})
    first = site.render(plugins=[], settings_files=given(TEXT, "LMS_HOST: later"), settings={"CMS_HOST": "latest"}, diff=True)
    expected = {**yaml.safe_load(TEXT), "PAIRS": [["a", 1], ["a", 2]], "LMS_HOST": "later", "CMS_HOST": "latest"}
    assert repr({key: site.settings()[key] for key in expected}) == repr(expected)
    assert site.text("apps/levels").startswith(
        "2026-01-31 2026-01-31 10:00:00+00:00 b'caf\\xe9' {1: 'c', 2.5: 'b', None: 'd', datetime.date("
    )
    assert not site.render(plugins=[], settings_files=given(TEXT, "LMS_HOST: later"), settings={"CMS_HOST": "latest"})["changed"]
    results = [first, site.ok("config_info"), site.ok("config_info", reveal=True), site.ok("config", settings={"A": 1}, diff=True)]
    assert all(map(is_readable, results))
    assert all("hidden-secret-1" not in result.printed for result in (first, results[1], results[3]))
    shown = results[1]["config"]
    assert (shown["DAY"], shown["TIME"], shown["NAMES"]) == ("2026-01-31", "2026-01-31 10:00:00+00:00", ["a", "b"])
    assert shown["MAP"] == {"1": "c", "2.5": "b", "null": "d", "2026-01-31": ["e"]}
    assert results[1]["typed"]["DAY"] == {"date": "2026-01-31"}


@pytest.mark.parametrize(
    "text, says",
    [
        ("[1]", "'/settings/0.yml' must hold settings (KEY: value), not a list"),
        ("1: x", "'/settings/0.yml' has the key 1, which is a int: put it in quotes"),
        ("A B: x", "'/settings/0.yml' has the key 'A B': a setting's name is made of"),
        ("PLUGINS: []", "'/settings/0.yml' has the key PLUGINS: use the option plugins"),
        ("A: 1\nDAY: 2026-13-01", "'/settings/0.yml' line 2 column 6 is not valid YAML: DAY: month must be in 1..12"),
        ("A: 1\nBIG: 0x" + "f" * 5000, "'/settings/0.yml': BIG holds a number of more than 4000 digits: put it in quotes"),
        ("A: [1", "'/settings/0.yml' line "),
    ],
)
def test_settings_files_that_are_none(plain, text, says):
    assert says in plain.refused(settings_files=given(text))


def test_numbers_that_are_too_long_name_the_entry(plain):
    plain.edit(PLUGINS=[])
    with plain.config.open("w") as stream:
        stream.write("PLUGINS: []\nBIG: %s\n" % ("9" * 5000))
    assert "config.yml" in plain.refused() and "BIG" in plain.refused()


def test_defaults_of_every_kind(hooked):
    """What a plugin gives in Python, in every module that shows it."""
    hooked.plugin(
        "p.py",
        """
        import datetime
        from tutor import hooks
        hooks.Filters.CONFIG_DEFAULTS.add_items([
            ("P_DAY", datetime.date(2026, 1, 31)), ("P_BYTES", b"caf\\xe9"), ("P_TUPLE", (1, ("a",))), ("P_SET", {1, 2}),
            ("P_MAP", {1: "a", (1, 2): "b", datetime.date(2026, 1, 31): "c"}), ("P_LONG", 7**200), ("P_HALF", "x\\ud800"),
            ("P_NAN", float("nan")), ("P_TOKEN", {(1,): b"hidden-secret-1"}), ("P_OBJECT", object),
        ])
        """,
    )
    results = [hooked.render(plugins=["p"], diff=True), hooked.ok("config_info"), hooked.ok("plugin_info", names=["p"])]
    assert all(map(is_readable, results)) and all("hidden-secret-1" not in result.printed for result in results)
    assert results[2]["plugins"][0]["error"] == ""
    for config in (results[1]["config"], results[2]["plugins"][0]["config"]["defaults"]):
        assert (config["P_DAY"], config["P_TUPLE"], config["P_SET"], config["P_HALF"]) == ("2026-01-31", [1, ["a"]], [1, 2], "x\\ud800")
        assert config["P_MAP"] == {"1": "a", "(1, 2)": "b", "2026-01-31": "c"}
        assert config["P_LONG"] == 7**200


ODD = os.fsdecode(b"caf\xe9")


def test_templates_whose_names_are_no_utf_8(hooked):
    """Refused before anything is written, in each place of the name: file, folder, target."""
    hooked.plugin(
        "p.py",
        """
        import os
        from tutor import hooks
        hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(os.path.join(os.path.dirname(__file__), "tp"))
        hooks.Filters.ENV_TEMPLATE_TARGETS.add_item(("tp", "plugins"))
        """,
    )
    folder = hooked.plugins_root / "tp"
    harness.write(folder, {"tp/fine.txt": "x", "tp/%s.txt" % ODD: "x"})
    says = "The file 'caf\\xe9.txt' in '%s/tp' of plugin 'p' has a name that is not UTF-8 text: rename it." % folder
    assert hooked.refused(plugins=["p"]) == says
    os.rename(folder / "tp" / (ODD + ".txt"), folder / "other.txt")
    harness.write(folder, {"tp/%s/x.txt" % ODD: "x"})
    assert "in '%s/tp/caf\\xe9' of plugin 'p' has a name that is not UTF-8" % folder in hooked.refused(plugins=["p"])
    os.rename(folder / "tp" / ODD, folder / ODD)
    assert is_readable(hooked.render(plugins=["p"]))


def test_files_that_a_plugin_writes_under_such_names(hooked):
    hooked.plugin(
        "p.py",
        """
        import os
        from tutor import hooks
        @hooks.Actions.ENV_SAVED.add()
        def write(root, config):
            open(os.path.join(root, os.fsdecode(b"caf\\xe9.txt")), "w").close()
        """,
    )
    assert "The file 'caf\\xe9.txt' in '%s', which plugin 'p' writes, has a name" % hooked.env in hooked.refused(plugins=["p"])


@pytest.mark.parametrize("name, text", [("%s.yml" % ODD, "name: cafe\nversion: '1'\n"), ("%s.py" % ODD, "")])
def test_plugins_whose_files_have_such_names(site, name, text):
    """Not enabled, it is nobody's business, but it is told; enabled, it is refused."""
    site.plugin(name, text)
    says = "The file 'caf\\xe9%s' in '%s' has a name that is not UTF-8 text: rename it." % (name[-4:].lstrip(ODD[-1]), site.plugins_root)
    assert is_readable(site.render(plugins=[]))
    (found,) = [plugin for plugin in site.ok("plugin_info")["plugins"] if plugin["source"] in ("yaml", "file")]
    assert (found["error"], found["path"]) == (says, "%s/caf\\xe9%s" % (site.plugins_root, name[-4:].lstrip(ODD[-1])))
    if name.endswith(".yml"):
        assert site.refused(plugins=["cafe"]) == says


def test_folders_of_such_names(plain):
    root = str(plain.folder / ODD)
    assert (
        plain.refused(root=root)
        == "root '%s/caf\\xe9' has a name that is not UTF-8 text: no result could name it. Rename it." % plain.folder
    )
    assert "plugins_root" in plain.refused(plugins_root=root)


def test_half_a_surrogate_pair_at_any_depth(plain):
    for settings in ({"A": [{"b": "x\ud800"}]}, {"A": {"\udce9": 1}}):
        assert "settings.A holds half of a surrogate pair" in plain.refused(settings=settings)


def test_dates_of_the_call_are_remembered(plain):
    """The same file again is the same request, another day is another one."""
    plain.render(plugins=[], settings_files=given("DAY: 2026-01-31"))
    assert not plain.render(plugins=[], settings_files=given("DAY: 2026-01-31"))["changed"]
    assert plain.render(plugins=[], settings_files=given("DAY: 2026-02-01"))["changed_keys"] == ["DAY"]
    assert plain.settings()["DAY"] == datetime.date(2026, 2, 1)
