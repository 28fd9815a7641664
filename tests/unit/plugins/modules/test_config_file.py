# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""config.yml as people and the `tutor` command leave it."""

from __future__ import annotations

import os

import pytest

UNUSABLE = {
    "invalid": ("A: [\n", " line 2 column 1 is not valid YAML: did not find expected node content."),
    "tab": ("A:\n\tb: c\n", " line 2 column 1 is not valid YAML: found character that cannot start any token."),
    "list": ("- a\n", " must hold settings (KEY: value), not a list."),
    "text": ("hello\n", " must hold settings (KEY: value), not a str."),
    "binary": (b"\x89PNG\r\n", " is not UTF-8 text (byte 0): save it as UTF-8."),
    "UTF-16": ("A: b\n".encode("utf-16"), " is not UTF-8 text (byte 0): save it as UTF-8."),
    "null byte": (b"A: \0b\n", " is not valid YAML: unacceptable character #x0000: control characters are not allowed."),
    "number as key": ("1: 2\n", " has the key 1, which is a int: put it in quotes."),
    "truth value as key": ("yes: 2\n", " has the key True, which is a bool: put it in quotes."),
    "list as key": ("[1]: 2\n", " line 1 column 1 is not valid YAML: found unhashable key."),
    "unknown tag": ("A: !vault x\n", " line 1 column 4 is not valid YAML: could not determine a constructor for the tag '!vault'."),
    "two documents": ("A: 1\n---\nB: 2\n", " line 2 column 1 is not valid YAML: but found another document."),
    "impossible date": ("A: 2020-99-01\n", " line 1 column 4 is not valid YAML: A: month must be in 1..12."),
    "anchor in itself": ("A: &x [*x]\n", " holds a value that is nested deeper than 100 levels, or contains itself (&, *): write it flat."),
    "deep": (
        "A: " + "[" * 500 + "]" * 500,
        " holds a value that is nested deeper than 100 levels, or contains itself (&, *): write it flat.",
    ),
}


@pytest.mark.parametrize("content, message", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable(plain, content, message):
    plain.edit()
    plain.config.write_bytes(content if isinstance(content, bytes) else content.encode())
    for module, options in (("environment", {}), ("config", {}), ("plugin", dict(name=["x"])), ("config_info", {}), ("plugin_info", {})):
        assert plain.refused(module, **options) == "'%s'%s" % (plain.config, message)


PLUGINS = ["foo", None, [1], {"a": 1}, True]


@pytest.mark.parametrize("value", PLUGINS, ids=repr)
def test_plugins_is_no_list_of_names(plain, value):
    plain.edit(PLUGINS=value)
    assert plain.refused() == "PLUGINS in config.yml is %r: it must be a list of plugin names." % (value,)


UNDEFINED = "Undefined setting in setting 'A' line 1: 'NOPE' is undefined. Set it in the settings, or enable the plugin that defines it."
JINJA = {
    "undefined": ({"A": "{{ NOPE }}"}, UNDEFINED),
    "syntax": (
        {"A": "{{ x"},
        "Jinja syntax error in setting 'A', line 1: unexpected end of template, expected 'end of print statement'.",
    ),
    "circle": ({"A": "{{ B }}", "B": "{{ A }}"}, "Settings that refer to each other in a circle, or to themselves: A, B."),
    "itself": ({"A": "x{{ A }}"}, "Settings that refer to each other in a circle, or to themselves: A."),
    "a default with itself": (
        {"LMS_HOST": "my.{{ LMS_HOST }}"},
        "Settings that refer to each other in a circle, or to themselves: LMS_HOST.",
    ),
}


@pytest.mark.parametrize("settings, message", JINJA.values(), ids=JINJA)
def test_jinja_that_cannot_be_rendered(plain, settings, message):
    plain.edit(**settings)
    assert plain.refused() == message
    plain.config.unlink()
    assert plain.refused(settings=settings) == message


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "\ufeffA: b\n", "A: b\r\nB: c\r\n"], ids=repr)
def test_odd_but_usable(plain, content):
    plain.edit()
    plain.config.write_bytes(content.encode())
    plain.render()
    assert set(plain.settings()) >= {"ID", "MYSQL_ROOT_PASSWORD", "OPENEDX_SECRET_KEY"}
    assert plain.settings().get("A", "b") == "b"
    assert not plain.render()["changed"]


YAML = """
A: 2020-01-01
B: 2020-01-01T10:00:00Z
C: .inf
D: 1_000
E: 017
F: 12:30:45
G: !!binary aGVsbG8=
H: !!set {a, b}
I: ~
J: &x {a: 1}
K: {<<: *x, b: [2, null, {c: 0.5}]}
L: 'yes'
M: '0123'
N: 'null'
O: ': '
P: ' x '
Q: '#a'
R: '{a'
S: "a\\nb"
T: ''
U: "\\u00e9 \\U0001F600"
V: "\\u2028"
W: "a\\Nb"
'a b': 1
'é': 2
'1': 3
"""


def test_every_type_of_yaml_survives(site):
    import yaml

    site.edit()
    site.config.write_text(YAML)
    given = yaml.safe_load(YAML)
    result = site.render()
    assert result["changed_keys"] == ["ID", "MYSQL_ROOT_PASSWORD", "OPENEDX_SECRET_KEY"]
    assert {key: site.settings()[key] for key in given} == given
    assert not site.render()["changed"]
    shown = site.ok("config_info")["config"]
    assert (shown["A"], shown["K"], shown["U"]) == ("2020-01-01", {"a": 1, "b": [2, None, {"c": 0.5}]}, "é 😀")


def test_references_to_later_settings(site):
    """As upstream, each save renders once; but what this collection saved stays as it is until something else changes it."""
    site.edit(A_URL="https://{{ B_HOST }}/", B_HOST="b.{{ C_HOST }}", C_HOST="c.{{ D }}", D="x", E="{{ CMS_HOST }}", F="{{ A_URL }}")
    site.render()
    saved = site.settings()
    assert (saved["A_URL"], saved["C_HOST"], saved["E"]) == ("https://b.{{ C_HOST }}/", "c.x", "studio.www.myopenedx.com")
    assert site.ok("config_info")["config"]["F"] == "https://b.c.x/"
    assert not site.render()["changed"]
    assert site.render(settings={"NEW": 1})["changed_keys"] == ["NEW"]
    assert not site.render(settings={"NEW": 1})["changed"]


def test_obsolete_name(plain):
    plain.edit(SECRET_KEY="abc")
    plain.render()
    assert plain.settings()["OPENEDX_SECRET_KEY"] == "abc"
    assert "SECRET_KEY" not in plain.settings()


def test_folder_in_its_place(plain):
    plain.config.mkdir(parents=True)
    assert plain.refused() == "'%s' can't be read: Is a directory." % plain.config


def test_dangling_link(plain):
    """A vault that is not mounted must not be answered with new secrets."""
    plain.root.mkdir()
    plain.config.symlink_to("nowhere.yml")
    assert plain.refused() == "'%s' can't be read: No such file or directory." % plain.config


def test_link(plain):
    plain.root.mkdir()
    real = plain.folder / "vault.yml"
    real.write_text("LMS_HOST: mine\n")
    plain.config.symlink_to(real)
    plain.render()
    assert plain.config.is_symlink()
    assert "OPENEDX_SECRET_KEY: " in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600
    assert plain.text("apps/cms.txt").startswith("studio.mine ")
    assert not plain.render()["changed"]


def test_file_of_an_old_tutor(plain):
    plain.root.mkdir()
    (plain.root / "config.json").write_text("{}")
    assert plain.refused() == "'%s' is of a Tutor before 3.0: run `tutor config save` once to convert it." % (plain.root / "config.json")


def test_deleted_after_a_first_run(plain):
    plain.render(plugins=[], settings={"LMS_HOST": "one"})
    plain.render(settings={"LMS_HOST": "two"})
    saved = plain.config.read_text()
    plain.config.unlink()
    own = plain.root / ".lectern"
    assert plain.refused() == (
        "'%s' is gone, but the environment was rendered with it: new secrets would lock the platform out of its data. Restore it (the last "
        "ones are kept in '%s/generations'), or remove '%s' and '%s' to start anew." % (plain.config, own, plain.env, own)
    )
    kept = sorted((own / "generations").iterdir())
    kept[-1].rename(plain.config)
    assert plain.config.read_text() == saved
    assert not plain.render()["changed"]


def test_generations(plain):
    """What was there before the first call is kept as well, and no more than ten states are."""
    plain.edit(LMS_HOST="mine")
    first = plain.config.read_text()
    for number in range(12):
        plain.render(settings={"NUMBER": number})
        kept = sorted((plain.root / ".lectern/generations").iterdir())
        if number == 0:
            assert [path.read_text() for path in kept] == [first, plain.config.read_text()]
    assert [path.read_text() for path in kept[-1:]] == [plain.config.read_text()]
    assert len(kept) == 10
    assert {oct(path.stat().st_mode) for path in kept} == {"0o100600"}
    plain.render()
    assert sorted((plain.root / ".lectern/generations").iterdir()) == kept


def test_generations_beside_files_of_the_user(plain):
    """What else lies there is not counted, not removed, and no reason to fail."""
    plain.render(plugins=[])
    folder = plain.root / ".lectern/generations"
    (folder / "zzz").mkdir()
    (folder / "config-good.yml").write_text("mine")
    for number in range(12):
        plain.render(settings={"NUMBER": number})
    assert len(list(folder.iterdir())) == 12
    assert (folder / "config-good.yml").read_text() == "mine"


def test_mode_is_repaired(plain):
    plain.edit(LMS_HOST="x")
    plain.config.chmod(0o644)
    plain.root.chmod(0o755)
    plain.render()
    plain.config.chmod(0o640)
    os.chmod(plain.root, 0o711)
    result = plain.render()
    assert result["changed"]
    assert result["actions"] == ["Changed %s" % plain.config, "Made %s accessible to its owner alone (mode 0700)" % plain.root]
    assert (plain.config.stat().st_mode & 0o777, plain.root.stat().st_mode & 0o777) == (0o600, 0o700)
