# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A root that several administrators share through a group."""

from __future__ import annotations

import os
import stat

import pytest

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to a group that it is not in")
GROUP = 4242


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def modes(site):
    """The modes in the root that an operator sees, by path."""
    return {str(path.relative_to(site.root)): mode(path) for path in site.root.rglob("*") if ".lectern" not in path.parts}


@pytest.fixture
def many(site):
    """A platform with more than one level of folders."""
    (site.templates / "apps/deep/er").mkdir(parents=True)
    (site.templates / "apps/deep/er/x.txt").write_text("x")
    return site


@as_root
@pytest.mark.parametrize("root_mode", ["2775", "2770"])
def test_access_that_a_site_chose_is_kept(many, root_mode):
    """By every module that writes, whether something changes or not; nothing is open to others."""
    many.root.mkdir()
    os.chown(many.root, 0, GROUP)
    many.root.chmod(int(root_mode, 8))
    first = many.render(plugins=[], root_mode=root_mode)
    assert not [action for action in first["actions"] if "mode" in action]
    before = many.snapshot()
    for check in (True, False):
        assert not many.ok("environment", check, root_mode=root_mode)["changed"]
        assert not many.ok("config", check, root_mode=root_mode)["changed"]
        assert not many.ok("plugin", check, root_mode=root_mode, name=["x"], state="disabled")["changed"]
    assert many.snapshot() == before
    many.ok("config", settings={"A": 1}, root_mode=root_mode)
    many.render(settings={"LMS_HOST": "x"}, root_mode=root_mode)
    assert mode(many.root) == int(root_mode, 8)
    found = modes(many)
    assert found.pop("config.yml") == 0o660
    assert found.pop("env") == (0o2770 if root_mode == "2775" else 0o2775)
    assert set(found.values()) == {0o2775, 0o664}
    assert {path.stat().st_gid for path in many.root.rglob("*") if ".lectern" not in path.parts} == {GROUP}
    own = [many.root / ".lectern", *(many.root / ".lectern").rglob("*")]
    assert {mode(path) for path in own} == {0o700, 0o600}


@as_root
def test_a_root_becomes_one_that_is_shared_and_back(many):
    many.render(plugins=[])
    os.chown(many.root, 0, GROUP)
    closed = modes(many)
    checked = many.ok("environment", True, root_mode="2775")
    assert f"Gave {many.root} the mode 2775" in checked["actions"]
    assert f"Gave {many.env} the mode 2770" in checked["actions"]
    assert modes(many) == closed
    done = many.render(root_mode="2775")
    assert (done["changed"], done["actions"]) == (True, checked["actions"])
    assert not many.render(root_mode="2775")["changed"]
    found = modes(many)
    assert (mode(many.root), found.pop("env"), found.pop("config.yml")) == (0o2775, 0o2770, 0o660)
    assert set(found.values()) == {0o2775, 0o664}
    assert {path.stat().st_gid for path in many.env.rglob("*")} == {GROUP}
    assert f"Made {many.root} accessible to its owner alone (mode 0700)" in many.render()["actions"]
    assert (mode(many.root), mode(many.config), mode(many.env / "apps/lms.yml")) == (0o700, 0o600, 0o644)
    assert not many.render()["changed"]


def test_a_new_root(many):
    many.render(plugins=[], root_mode="0750")
    found = modes(many)
    assert (mode(many.root), found.pop("config.yml")) == (0o750, 0o640)
    assert set(found.values()) == {0o755, 0o644}
    assert not many.render(root_mode=750)["changed"]
    assert not many.render(root_mode=0o750)["changed"]


def test_modes_that_are_refused(plain):
    for given in ("0777", "2777", "0600", "u+rwx", ""):
        for module, options in (("environment", {}), ("config", {}), ("plugin", {"name": ["x"]})):
            assert plain.refused(module, root_mode=given, **options) == (
                f"root_mode is '{given}': give the mode of a folder in octal and in quotes, such as '0700' or '2775', that lets its owner "
                "do all and does not let everybody write."
            )


@as_root
def test_a_link_in_the_place_of_a_folder_gets_no_other_mode(many):
    """Whoever is in the group can put one there."""
    many.render(plugins=[], root_mode="2770")
    target = many.folder / "target"
    target.mkdir(mode=0o755)
    (many.env / "apps").rename(many.folder / "apps")
    (many.env / "apps").symlink_to(target)
    assert many.run("environment", root_mode="2770").failed
    assert mode(target) == 0o755
