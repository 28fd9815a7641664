# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No path depends on the working directory of a module, on who logs in, or on variables of the host."""

from __future__ import annotations

import pytest

IMPORTS = "from tutor.hooks import Filters as F\n"
WHOLE = "give an absolute path, such as /srv/edx-platform, without '~' and variables."
RELATIVE = {
    "beside the configuration": "./edx-platform",
    "one folder up": "../edx-platform",
    "a name": "edx-platform",
    "empty": "",
    "a space in front": " /srv/edx-platform",
    "home": "~/edx-platform",
    "home of another": "~deploy/edx-platform",
    "variable": "$HOME/edx-platform",
    "variable in braces": "${HOME}/edx-platform",
    "variable further down": "/home/$USER/edx-platform",
    "variable in lower case": "/srv/$site/edx-platform",
    "variable with a default": "/srv/${SITE:-campus}/edx-platform",
    "address": "file:///srv/edx-platform",
    "Windows": "C:\\Users\\me\\edx-platform",
    "Windows with slashes": "C:/Users/me/edx-platform",
    "drive in lower case": "d:/edx-platform",
    "Windows share": "\\\\server\\edx-platform",
    "explicit": "lms:./data:/mnt/data",
    "explicit, of several services": "authn,lms:./mfe/authn:/openedx/app",
    "explicit, home": "lms: ~/data:/mnt/data",
    "explicit, variable": "lms:$PWD/data:/mnt/data",
    "explicit, options": "lms:data:/mnt/data:ro",
    "explicit, Windows": "lms:C:/data:/mnt/data",
    "Windows and a container": "C:/data:/mnt/data",
    "Windows and a container, with backslashes": "C:\\data:/mnt/data",
    "in the container": "lms:/srv/data:data",
    "home in the container": "lms:/srv/data:~/data",
    "variable in the container": "lms:/srv/data:$HOME/data",
}
ABSOLUTE = ["/srv/edx-platform", "/srv/a b/~c", "/srv/$$x", "lms:/a:/b", "lms, cms:/a:/b:ro", "lms-worker:/a:/b:z", "/a:/b", "/srv/5$"]


@pytest.mark.parametrize("entry", RELATIVE.values(), ids=RELATIVE)
def test_mounts_that_depend_on_the_working_directory(plain, entry):
    plain.edit(MOUNTS=["/srv/one", entry], PLUGINS=[])
    message = "MOUNTS in config.yml has '%s': %s" % (entry, WHOLE)
    for module in ("environment", "config", "config_info"):
        assert plain.refused(module) == message


@pytest.mark.parametrize("entry", [5, None, ["/a"], {"/a": "/b"}, True])
def test_mounts_that_are_no_text(plain, entry):
    plain.edit(MOUNTS=[entry], PLUGINS=[])
    assert plain.refused() == "MOUNTS in config.yml has %r, a %s: expected the path of a folder, as text." % (entry, type(entry).__name__)


def test_mounts_that_no_file_can_have(plain):
    plain.edit(MOUNTS=["/srv/\0"], PLUGINS=[])
    assert plain.refused() == "MOUNTS in config.yml has '/srv/\\x00': " + WHOLE


def test_mounts_from_the_root_of_the_file_system(site):
    site.edit(MOUNTS=ABSOLUTE, PLUGINS=[])
    site.render()
    assert site.settings()["MOUNTS"] == ABSOLUTE
    assert site.render()["changed"] is False


def test_where_a_relative_mount_comes_from(plain):
    plain.render(plugins=[])
    message = "MOUNTS %s has './x': " + WHOLE
    assert plain.refused(settings={"MOUNTS": ["./x"]}) == message % "in the settings of this call"
    assert plain.refused("config", append={"MOUNTS": ["/srv/x", "./x"]}) == message % "in config.yml, as appended by this call,"
    plain.plugin("p.yml", {"name": "p", "config": {"set": {"MOUNTS": ["./x"]}}})
    assert plain.refused(plugins=["p"]) == message % "of plugin 'p'"
    plain.environ["TUTOR_MOUNTS"] = "[./x]"
    assert plain.refused() == "TUTOR_MOUNTS in the environment of the host has './x': " + WHOLE


def test_relative_mount_of_a_template(plain):
    plain.edit(MOUNTS=["{{ LMS_HOST }}/x"], PLUGINS=[])
    message = "MOUNTS %s has 'www.myopenedx.com/x' ('{{ LMS_HOST }}/x'): " + WHOLE
    assert plain.refused() == message % "in config.yml"
    plain.edit(PLUGINS=[])
    assert plain.refused(settings={"MOUNTS": ["/a", "{{ LMS_HOST }}/x"]}) == message % "in the settings of this call"
    assert plain.refused("config", append={"MOUNTS": ["{{ LMS_HOST }}/x"]}) == message % "in config.yml, as appended by this call,"


@pytest.mark.parametrize(
    "options",
    [{"remove": {"MOUNTS": ["./x"]}}, {"settings": {"MOUNTS": ["/y"]}}, {"unset": ["MOUNTS"]}],
    ids=["remove", "settings", "unset"],
)
def test_relative_mount_can_be_taken_out(plain, options):
    plain.edit(MOUNTS=["./x", "/y"], PLUGINS=[])
    plain.ok("config", **options)
    assert plain.settings().get("MOUNTS", ["/y"]) == ["/y"]


def test_relative_mounts_that_a_plugin_has_by_itself(hooked):
    hooked.plugin("p.py", IMPORTS + "F.ENV_PATCHES.add_item(('lms-env', \"{{ iter_mounts(['./x'], 'lms')|list }}\"))\n")
    assert hooked.refused(plugins=["p"]) == ("iter_mounts in patch 'lms-env' of plugin 'p' in template 'apps/lms.yml' has './x': " + WHOLE)


def test_folders_and_project_are_named_after_the_app(site):
    site.environ.update(TUTOR_APP="my-campus", HOME=str(site.folder))
    data = site.folder / ".local/share"
    (data / "my-campus-plugins").mkdir(parents=True)
    (data / "my-campus-plugins/p.yml").write_text("name: p\n")
    result = site.render(root=None, plugins_root=None, plugins=["p"])
    assert result["compose"]["project_name"] == "my_campus_local"
    assert result["compose"]["files"] == [str(data / "my-campus/env/local/docker-compose.yml")]
    assert sorted(path.name for path in data.iterdir()) == ["my-campus", "my-campus-plugins"]


def test_relative_place_in_a_container(hooked):
    hooked.plugin("p.py", IMPORTS + "F.COMPOSE_MOUNTS.add()(lambda mounts, name: mounts + [('lms', 'openedx/x')])\n")
    hooked.plugin("q.py", IMPORTS + "F.ENV_PATCHES.add_item(('lms-env', \"{{ iter_mounts(MOUNTS, 'lms')|list }}\"))\n")
    assert hooked.refused(plugins=["p", "q"], settings={"MOUNTS": ["/srv/x"]}) == (
        "iter_mounts in patch 'lms-env' of plugin 'q' in template 'apps/lms.yml' has the volume '/srv/x:openedx/x': a plugin gives the "
        "relative place 'openedx/x' (COMPOSE_MOUNTS), which no container can have."
    )
