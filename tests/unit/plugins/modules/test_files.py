# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files the environment holds, byte for byte, and which of them are touched."""

from __future__ import annotations

import os

from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

PLUGIN = "import os\ntemplates = os.path.join(os.path.dirname(__file__), 'templates')\n"
# name of the template -> its content, and what is written (None: nothing)
FILES = {
    "p/apps/plain": (b"x\n", b"x"),
    "p/apps/two-lines-at-the-end": (b"x\n\n", b"x\n"),
    "p/apps/empty": (b"", b""),
    "p/apps/newline": (b"\n", b""),
    "p/apps/crlf": (b"a\r\nb\r\n", b"a\nb"),
    "p/apps/cr": (b"a\rb", b"a\nb"),
    "p/apps/bom": (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfa"),
    "p/apps/raw": (b"{% raw %}{{ x }}{% endraw %}\n", b"{{ x }}"),
    "p/apps/logo.png": (b"\x89PNG\n{{ nope }}\n", b"\x89PNG\n{{ nope }}\n"),
    "p/apps/logo.PNG": (b"{{ LMS_HOST }}\n", b"www.myopenedx.com"),
    "p/apps/picture.svg": (b"<svg/>\n", b"<svg/>"),
    "p/apps/a name {{ LMS_HOST }} \xc3\xa9": (b"x", b"x"),
    "p/apps/two\nlines": (b"x", b"x"),
    "p/apps/.hidden": (b"{{ nope }}", None),
    "p/apps/.folder/x": (b"{{ nope }}", None),
    "p/apps/partials/x": (b"{{ nope }}", None),
    "p/apps/a/partials/b/x": (b"{{ nope }}", None),
    "p/apps/__pycache__/x": (b"{{ nope }}", None),
    "p/apps/x.pyc": (b"{{ nope }}", None),
    "p/apps/pyc": (b"x", b"x"),
    "p/apps-too/x": (b"x", b"x"),
    "p/build/image/Dockerfile": (b"FROM x\n", b"FROM x"),
    "p/hooks/lms/init": (b"{{ nope }}", None),
    "p/else": (b"{{ nope }}", None),
    "q/apps/x": (b"{{ nope }}", None),
}


def test_templates_of_a_plugin(site):
    given = {"templates/" + os.fsdecode(name.encode("latin-1")): content for name, (content, _written) in FILES.items()}
    folder = site.package("p", PLUGIN, files=given)
    os.symlink("plain", folder / "templates/p/apps/link")
    os.symlink("a", folder / "templates/p/apps/link-to-folder")
    site.render(plugins=["p"])
    found = {str(path.relative_to(site.env / "plugins")): path for path in (site.env / "plugins").rglob("*") if path.is_file()}
    expected = {os.fsdecode(name.encode("latin-1")): written for name, (_content, written) in FILES.items() if written is not None}
    assert {name: path.read_bytes() for name, path in found.items()} == dict(expected, **{"p/apps/link": b"x"})
    assert not any(path.is_symlink() for path in found.values())
    assert not site.render()["changed"]


def test_core_wins_and_plugins_add_beside_it(site):
    site.package(
        "p", PLUGIN, files={"templates/apps/cms.txt": "theirs", "templates/apps/extra.txt": "{{ LMS_HOST }}", "templates/version-x": "v"}
    )
    site.render(plugins=["p"])
    assert site.text("apps/cms.txt") == "studio.www.myopenedx.com My Open edX"
    assert (site.text("apps/extra.txt"), site.text("version-x")) == ("www.myopenedx.com", "v")


def test_execute_permission_comes_from_the_template(site):
    harness.write(site.templates, {"apps/run.sh": "#!/bin/sh\n"})
    (site.templates / "apps/run.sh").chmod(0o764)
    (site.templates / "apps/cms.txt").chmod(0o600)
    site.render(plugins=[])
    path = site.env / "apps/run.sh"
    assert (path.stat().st_mode & 0o777, (site.env / "apps/cms.txt").stat().st_mode & 0o777) == (0o755, 0o644)
    path.chmod(0o644)
    result = site.render(diff=True)
    assert result["files"]["changed"] == ["apps/run.sh"]
    assert [(one["before"], one["after"]) for one in result["diff"]] == [("mode: 0644\n#!/bin/sh", "mode: 0755\n#!/bin/sh")]
    assert path.stat().st_mode & 0o777 == 0o755


def test_an_unchanged_file_is_not_touched(site):
    site.render(plugins=[])
    before = site.snapshot()
    assert not site.render()["changed"]
    assert site.snapshot() == before
    site.render(settings={"CMS_HOST": "other"})
    after = site.snapshot()
    changed = {os.path.relpath(path, site.root) for path in after if after[path] != before.get(path)}
    own = {path for path in changed if path.startswith(".lectern")}
    assert changed - own == {".", "config.yml", "env/apps", "env/apps/cms.txt"}


def test_edited_by_hand(site):
    site.render(plugins=[])
    path = site.env / "apps/cms.txt"
    wanted = path.read_text()
    path.write_text("edited")
    (site.env / "build/openedx/Dockerfile").unlink()
    drift = {name: found["drift"] for name, found in site.ok("environment_info")["files"].items()}
    assert drift == {"apps/cms.txt": True, "apps/lms.yml": False, "build/openedx/Dockerfile": True, "local/docker-compose.yml": False}
    result = site.render(diff=True)
    assert result["files"] == {"created": ["build/openedx/Dockerfile"], "changed": ["apps/cms.txt"], "removed": [], "unchanged_count": 2}
    assert ("edited", wanted) in [(one["before"], one["after"]) for one in result["diff"]]
    assert path.read_text() == wanted
    assert not any(found["drift"] for found in site.ok("environment_info")["files"].values())


def test_files_that_nothing_makes_any_more(site):
    harness.write(site.templates, {"apps/old/deep/x": "x", "apps/old/y": "y"})
    site.render(plugins=[])
    harness.write(site.env, {"apps/old/mine": "mine"})
    (site.env / "apps/old/y").write_text("edited by hand")
    for name in ("deep/x", "y"):
        (site.templates / "apps/old" / name).unlink()
    assert site.render(prune=False)["files"]["removed"] == []
    assert site.text("apps/old/deep/x") == "x"
    result = site.render(diff=True)
    assert result["files"]["removed"] == ["apps/old/deep/x", "apps/old/y"]
    assert [(one["before"], one["after"], one["after_header"]) for one in result["diff"]] == [
        ("x", "", "/dev/null"),
        ("edited by hand", "", "/dev/null"),
    ]
    assert sorted(os.listdir(site.env / "apps/old")) == ["mine"]
    assert not site.render()["changed"]


def test_files_of_the_user(site):
    mine = {
        "env/local/docker-compose.override.yml": "services: {}\n",
        "env/apps/mine.txt": "x",
        "env/mine/x": "x",
        "env/plugins/index/cache.yml": "x",
        "data/mysql/x": "x",
        "notes.txt": "x",
    }
    harness.write(site.root, mine)
    before = {name: (site.root / name).stat().st_mtime_ns for name in mine}
    site.plugin("p.yml", {"name": "p"})
    site.render(plugins=["p"])
    site.render(plugins=[])
    assert {name: (site.root / name).read_text() for name in mine} == mine
    assert {name: (site.root / name).stat().st_mtime_ns for name in mine} == before
    assert site.ok("environment_info")["files"].keys() == {
        "apps/cms.txt",
        "apps/lms.yml",
        "build/openedx/Dockerfile",
        "local/docker-compose.yml",
    }


def test_folder_in_the_way_of_a_removal_stays(site):
    harness.write(site.templates, {"apps/old": "x"})
    site.render(plugins=[])
    (site.templates / "apps/old").unlink()
    (site.env / "apps/old").unlink()
    harness.write(site.env, {"apps/old/mine": "mine"})
    assert site.render()["files"]["removed"] == []
    assert site.text("apps/old/mine") == "mine"


def test_file_becomes_a_folder_and_back(site):
    harness.write(site.templates, {"apps/thing": "file"})
    site.render(plugins=[])
    (site.templates / "apps/thing").unlink()
    harness.write(site.templates, {"apps/thing/inside": "x"})
    site.render()
    assert site.text("apps/thing/inside") == "x"
    (site.templates / "apps/thing/inside").unlink()
    (site.templates / "apps/thing").rmdir()
    harness.write(site.templates, {"apps/thing": "file"})
    site.render()
    assert site.text("apps/thing") == "file"


def test_a_thousand_patches_and_files(plain):
    patches = {"lms-env": "\n".join("k%d: {{ LMS_HOST }}" % number for number in range(1000))}
    patches.update({"other-%d" % number: "x" for number in range(1000)})
    folder = plain.package("p", PLUGIN + "patches = %r\n" % patches)
    harness.write(folder / "templates/p/apps", {"%d/%d.txt" % (number % 10, number): "{{ LMS_HOST }}\n" for number in range(1000)})
    assert len(plain.render(plugins=["p"])["files"]["created"]) == 1004
    assert plain.text("apps/lms.yml").count(": www.myopenedx.com") == 1001
    result = plain.render()
    assert (result["changed"], result["files"]["unchanged_count"]) == (False, 1004)
    assert len(plain.render(plugins=[])["files"]["removed"]) == 1000
    assert not (plain.env / "plugins").exists()


def test_environment_info(site):
    site.package("p", PLUGIN + "patches = {'lms-env': 'x', 'lms-env-more': ''}\n", files={"templates/p/apps/x": "{{ patch('lms-env') }}"})
    site.plugin("q.yml", {"name": "q", "patches": {"lms-env": "y"}})
    site.render(plugins=["q", "p"])
    files = site.ok("environment_info")["files"]
    assert (files["plugins/p/apps/x"]["owner"], files["plugins/p/apps/x"]["template"]) == ("p", "p/apps/x")
    assert files["apps/lms.yml"]["patches"] == {"lms-env": ["p", "q"]}
    assert (files["apps/lms.yml"]["owner"], files["apps/cms.txt"]["patches"]) == ("core", {})
    assert files["apps/cms.txt"]["digest"].startswith("sha256:")
    chosen = site.ok("environment_info", paths=["plugins/", "./apps/cms.txt", "app", "nothing"])["files"]
    assert sorted(chosen) == ["apps/cms.txt", "plugins/p/apps/x"]


def test_environment_info_where_nothing_was_rendered(plain):
    assert plain.ok("environment_info")["files"] == {}
    assert not plain.root.exists()
