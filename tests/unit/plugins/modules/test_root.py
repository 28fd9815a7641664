# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roots in odd places, of other users, and folders that are not what they should be."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
OTHER = 1234


@pytest.mark.parametrize("root", ["/", "///", "/tmp/.."])
def test_slash(plain, root):
    assert plain.refused(root=root) == "root is '/': name a folder of its own for the platform, such as /srv/tutor."


def test_file_in_the_way(plain):
    plain.root.write_text("x")
    message = "root '%s' is not a folder: remove the file or name another path." % plain.root
    assert plain.refused() == message
    assert plain.refused(root=str(plain.root / "below/it")) == message
    assert plain.refused("plugin_info", root=str(plain.root)) == message
    assert plain.refused(root=None, plugins_root=str(plain.root)) == message.replace("root '", "plugins_root '", 1)


def test_plugins_root_is_the_root(plain):
    assert plain.refused(plugins_root=str(plain.root)) == (
        "root and plugins_root are both '%s': config.yml would be taken for a plugin. Name two folders." % plain.root
    )


def test_templates(plain):
    missing = plain.folder / "missing"
    message = "templates '%s' is not a folder on this host: copy the templates there first."
    assert plain.refused(templates=str(missing)) == message % missing
    assert plain.refused(templates=str(plain.templates / "apps/lms.yml")) == message % (plain.templates / "apps/lms.yml")
    missing.mkdir()
    assert plain.refused(templates=str(missing)) == "templates '%s' is empty: copy the templates there first." % missing


def test_neither_tutor_nor_templates(plain):
    assert plain.refused(templates=None) == (
        "The package 'tutor' is not installed for this interpreter: add it to tutor_packages (such as tutor==22.0.3), or name a folder of "
        "templates."
    )


def test_null_byte(plain):
    assert plain.refused(root="a\0b") == "The path 'a\\x00b' holds a null byte: no file can be named so."


def test_name_that_no_file_can_have(plain):
    assert plain.refused(root=str(plain.folder / ("a" * 300))).endswith(
        " can't be used by the user with id %d: File name too long." % os.geteuid()
    )


@pytest.mark.parametrize("name", ["a/b/c", "ein Ordner 'é' \"x\" $y {{ q }} 😀", "a\nb", "a[b]*?", ".hidden", "-x"])
def test_names(site, name):
    root, plugins_root = site.folder / name / "root", site.folder / name / "plugins"
    options = dict(root=str(root), plugins_root=str(plugins_root))
    definition = {"name": "one", "patches": {"lms-env": "x: y"}}
    site.render(plugins=["one"], definitions=[definition], **options)
    assert (root / "env/apps/lms.yml").read_text().endswith("x: y")
    assert (plugins_root / "one.yml").is_file()
    before = harness.snapshot(site.folder / name)
    assert not site.render(plugins=["one"], definitions=[definition], **options)["changed"]
    assert harness.snapshot(site.folder / name) == before


def test_link_to_a_folder(plain):
    real = plain.folder / "real"
    real.mkdir()
    plain.root.symlink_to(real)
    plain.render(plugins=[])
    assert plain.root.is_symlink()
    assert (real / "env/apps/lms.yml").is_file()


def test_home_is_expanded(plain):
    plain.render(root="~/tutor", plugins_root="~/tutor-plugins")
    assert (plain.folder / "tutor/config.yml").is_file()


def test_defaults_are_those_of_tutor(plain):
    plain.environ.update(TUTOR_ROOT=str(plain.folder / "one"), TUTOR_PLUGINS_ROOT=str(plain.plugins_root))
    plain.plugin("x.yml", {"name": "x"})
    plain.render(root=None, plugins_root=None, plugins=["x"])
    assert (plain.folder / "one/config.yml").is_file()
    for name in ("TUTOR_ROOT", "TUTOR_PLUGINS_ROOT"):
        plain.environ[name] = ""
    plain.render(root=None, plugins_root=None)
    assert (plain.folder / ".local/share/tutor/config.yml").is_file()


def test_missing_plugins_root_is_no_problem(site):
    site.plugins_root.rmdir()
    site.render(plugins=[])
    assert not site.plugins_root.exists()
    assert not site.render()["changed"]


def test_link_in_place_of_env(plain):
    plain.render(plugins=[])
    plain.env.rename(plain.folder / "elsewhere")
    plain.env.symlink_to(plain.folder / "elsewhere")
    assert plain.refused() == "'%s' is a symbolic link: refused to write through it. Put a folder in its place." % plain.env


def test_link_in_place_of_a_folder(plain):
    plain.render(plugins=[])
    (plain.env / "apps").rename(plain.folder / "elsewhere")
    (plain.env / "apps").symlink_to(plain.folder / "elsewhere")
    assert plain.refused() == "'%s/apps' is a symbolic link: refused to write through it. Put a folder in its place." % plain.env


def test_link_in_place_of_a_file(plain):
    """The link goes, what it leads to stays as it is."""
    plain.render(plugins=[])
    victim = plain.folder / "victim"
    victim.write_text("precious")
    (plain.env / "apps/lms.yml").unlink()
    (plain.env / "apps/lms.yml").symlink_to(victim)
    assert plain.render()["files"]["changed"] == ["apps/lms.yml"]
    assert victim.read_text() == "precious"
    assert not (plain.env / "apps/lms.yml").is_symlink()


def test_folder_in_place_of_a_file(plain):
    path = plain.env / "apps/lms.yml"
    path.mkdir(parents=True)
    assert plain.refused() == "'%s' is a folder, but a file has to be written there: move it away." % path


def test_file_in_place_of_a_folder(plain):
    plain.env.mkdir(parents=True)
    (plain.env / "apps").write_text("x")
    assert plain.refused() == "'%s/apps/cms.txt' can't be written: a file is in the place of its folder." % plain.env


def test_pipe_in_place_of_a_file(plain):
    path = plain.env / "apps/lms.yml"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert plain.refused() == "'%s' is not a regular file: move it away." % path


def test_link_in_place_of_own_folder(plain):
    plain.root.mkdir()
    (plain.root / ".lectern").symlink_to(plain.folder)
    result = plain.run("environment")
    assert result.msg == "'%s/.lectern' is a symbolic link: put a folder in its place, or remove it." % plain.root
    assert sorted(os.listdir(plain.root)) == [".lectern"]


MANIFESTS = {
    "cut off": '{"files": {',
    "list": "[]",
    "other types": '{"files": {"a": 5}, "overrides": {}}',
    "outside": '{"files": {"../../precious": {"owner": "core", "digest": ""}}, "overrides": {}}',
    "absolute": '{"files": {"/precious": {"owner": "core", "digest": ""}}, "overrides": {}}',
}


@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS)
def test_damaged_manifest(plain, text):
    plain.render(plugins=[])
    path = plain.root / ".lectern/manifest.json"
    path.write_text(text)
    message = plain.refused()
    assert message.startswith("'%s' is damaged" % path)
    assert message.endswith(": remove it, and Lectern recreates it.")
    assert plain.refused("environment_info") == message
    path.unlink()
    assert plain.render()["actions"] == ["Created %s" % path]


@pytest.mark.parametrize("text", ["{", "[1]", '{"moves": 5}', '{"moves": [["a"]], "removals": []}', '{"moves": [], "removals": [1]}'])
def test_damaged_journal(plain, text):
    plain.render(plugins=[])
    path = plain.root / ".lectern/journal.json"
    path.write_text(text)
    before = plain.snapshot()
    message = plain.run("environment").msg
    assert message.startswith("'%s' is damaged" % path)
    assert message.endswith(": remove it, and Lectern recreates it.")
    assert plain.snapshot() == before


@as_root
def test_root_of_another_user(shared):
    shared.root.mkdir(mode=0o755)
    assert shared.refused() == "'%s' belongs to the user with id 0: run as that user (become_user)." % shared.root


@as_root
def test_root_as_a_user_without_rights_above(shared):
    above = shared.folder / "above"
    above.mkdir(mode=0o755)
    message = "'%s' can't be written by the user with id %d: give it to that user (chown), or make it writable."
    assert shared.run("environment", root=str(above / "a/root")).msg == message % (above, OTHER)
    assert list(above.iterdir()) == []
    # In check mode the root may be one that an earlier task of the play would have made.
    assert shared.ok("environment", check=True, root=str(above / "a/root"))["changed"]


@as_root
def test_folder_that_cannot_be_written(shared):
    shared.render(plugins=[])
    os.chown(shared.env / "apps", 0, 0)
    message = "'%s' can't be written by the user with id %d: give it to that user (chown), or make it writable."
    assert shared.refused(settings={"LMS_HOST": "x"}) == message % (shared.env / "apps", OTHER)
    shared.plugins_root.chmod(0o555)
    assert shared.refused(definitions=[{"name": "x"}]) == message % (shared.plugins_root, OTHER)


@as_root
@pytest.mark.parametrize(
    "name", ["templates/apps/lms.yml", "templates/apps/x.png", "plugins/x.yml", "root/config.yml", "root/env/apps/lms.yml"]
)
def test_file_that_cannot_be_read(shared, name):
    harness.write(shared.folder, {"templates/apps/x.png": b"x", "plugins/x.yml": "name: x\n"})
    shared.render(plugins=[])
    path = shared.folder / name
    path.chmod(0)
    os.chown(path, 0, 0)
    message = shared.refused()
    assert str(path) in message
    assert "Permission denied" in message


@as_root
def test_root_works_on_the_root_of_another_user(shared):
    """Everything it makes belongs to that user, who can go on alone."""
    shared.uid = 0
    shared.root.mkdir()
    os.chown(shared.root, OTHER, OTHER)
    shared.render(plugins=[], settings={"A": 1})
    assert {path.stat().st_uid for path in [shared.root, *shared.root.rglob("*")]} == {OTHER}
    shared.uid = OTHER
    assert shared.render(settings={"A": 2})["changed_keys"] == ["A"]


@pytest.mark.parametrize("umask", [0o077, 0o000, 0o022])
def test_modes_do_not_depend_on_the_umask(plain, umask):
    plain.umask = umask
    plain.render(plugins=[])
    modes = {str(path.relative_to(plain.root)): oct(path.stat().st_mode & 0o7777) for path in [plain.root, *plain.root.rglob("*")]}
    assert modes.pop(".") == "0o700"
    assert modes.pop("config.yml") == "0o600"
    own = {name: mode for name, mode in modes.items() if name.startswith(".lectern")}
    assert set(own.values()) == {"0o700", "0o600"}
    assert {mode for name, mode in modes.items() if name not in own} == {"0o755", "0o644"}
    assert json.loads((plain.root / ".lectern/manifest.json").read_text())["files"]
