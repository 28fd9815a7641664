# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What core contributes, out of a folder of templates."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import releases
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core
from ansible_collections.lectern.tutor.plugins.module_utils.plugins.contributions import InitTask, Setting

NEW, OLD = releases.release_of("22.0.3"), releases.release_of("3.12.6")


@pytest.fixture
def alone(ground, monkeypatch):
    """As if Tutor was not installed."""
    monkeypatch.setattr(core, "package_folder", lambda: None)
    return ground


def test_the_layout_tells_the_release(alone):
    assert core.installed_release(alone.places).version == releases.NEWEST
    old = alone.folder / "old"
    alone.write(old, {"config.yml": "A: 1\n"})
    assert core.installed_release(alone.places._replace(templates=str(old))).version == releases.OLDEST


def test_neither_package_nor_templates(alone):
    with pytest.raises(LecternError, match="The package 'tutor' is not installed for this interpreter: add it to tutor_packages"):
        core.templates_folder(alone.places._replace(templates=None))
    (alone.folder / "empty").mkdir()
    with pytest.raises(LecternError, match="templates '.*empty' is empty: copy the templates there first[.]"):
        core.templates_folder(alone.places._replace(templates=str(alone.folder / "empty")))


def test_settings(ground):
    base, defaults = core.read_settings(ground.places, NEW)
    assert base == [Setting("MYSQL_ROOT_PASSWORD", "{{ 8|random_string }}", "core")]
    assert [item.key for item in defaults] == ["LMS_HOST", "CMS_HOST", "LIST", "DOCKER_IMAGE_OPENEDX"]


def test_contributions(ground):
    found = core.contribute(ground.places, NEW, core.read_settings(ground.places, NEW))
    assert [target.src for target in found.targets] == ["apps/", "build/", "dev/", "k8s/", "local/", "version", "kustomization.yml"]
    assert (found.variables["TUTOR_VERSION"], found.variables["TUTOR_APP"]) == ("22.0.3", "tutor")
    assert found.variables["TUTOR_BRANCH_IS_MAIN"] is False
    assert {"random_string", "common_domain", "list_if"} <= set(found.filters)
    assert found.roots[0].path == str(ground.templates)


def test_the_name_of_the_application(ground, monkeypatch):
    monkeypatch.setenv("TUTOR_APP", "my-app")
    assert core.template_variables(ground.places, NEW)["TUTOR_APP"] == "my_app"


def test_images_are_those_that_templates_build_and_settings_name(ground):
    images = core.contribute(ground.places, NEW, core.read_settings(ground.places, NEW)).images
    config = {"DOCKER_IMAGE_OPENEDX": "x", "DOCKER_IMAGE_CADDY": "x", "DOCKER_IMAGE_MYSQL": "x", "RUN_MYSQL": False}
    assert [(image.name, image.tag, image.path) for image in images("build", config)] == [
        ("openedx", "{{ DOCKER_IMAGE_OPENEDX }}", "build/openedx")
    ]
    assert [image.name for image in images("pull", config)] == ["caddy", "openedx"]
    assert [image.name for image in images("push", config)] == ["openedx"]
    assert images("build", {}) == []


def test_tasks_in_the_order_of_the_release(ground):
    plugins = {"pre-init": [InitTask("mysql", "early", "p", "pre-init")], "init": [InitTask("lms", "late", "p")]}
    assert [(task.owner, task.text) for task in core.init_tasks(ground.places, NEW, plugins)] == [
        ("p", "early"),
        ("mysql", "echo mysql\n"),
        ("lms", "echo {{ LMS_HOST }}\n"),
        ("p", "late"),
    ]
    ground.write(ground.templates, {"hooks/mysql/init": "old mysql", "hooks/lms/init": "old lms"})
    assert [task.text for task in core.init_tasks(ground.places, OLD, plugins)] == ["old mysql", "early", "old lms", "late"]


def test_the_installed_package():
    about = pytest.importorskip("tutor.__about__")
    assert core.installed_version() == about.__version__
    assert core.has_hooks(releases.release_of(core.installed_version()))
