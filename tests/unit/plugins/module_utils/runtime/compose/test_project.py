# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exactly upstream's list of compose files, and its project name."""

from __future__ import annotations

import subprocess
from typing import Any, NamedTuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine, releases
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root import compose_files
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import project


class Platform(NamedTuple):
    places: Places
    config: Any
    secrets: Any = ("s3cr3t-value",)
    release: Any = releases.release_of("22.0.3")


@pytest.fixture
def platform(tmp_path):
    local = tmp_path / "env" / "local"
    local.mkdir(parents=True)
    for name in ("docker-compose.yml", "docker-compose.prod.yml", "docker-compose.jobs.yml"):
        (local / name).write_text("services: {}\n")
    return Platform(Places(str(tmp_path), "/plugins"), {"LOCAL_PROJECT_NAME": "campus_local"})


def test_files_that_exist_in_upstreams_order(platform, tmp_path):
    local = str(tmp_path / "env" / "local") + "/"
    assert compose_files.files(platform) == [local + "docker-compose.yml", local + "docker-compose.prod.yml"]
    for name in ("docker-compose.jobs.override.yml", "docker-compose.prod.override.yml", "docker-compose.override.yml"):
        (tmp_path / "env" / "local" / name).write_text("")
    assert compose_files.files(platform, jobs=True) == [
        local + "docker-compose.yml",
        local + "docker-compose.prod.yml",
        local + "docker-compose.override.yml",
        local + "docker-compose.prod.override.yml",
        local + "docker-compose.jobs.yml",
        local + "docker-compose.jobs.override.yml",
    ]


@pytest.mark.parametrize("version, prod, jobs", [("12.1.5", 0, 0), ("12.1.6", 0, 1), ("18.2.2", 0, 1), ("19.0.0", 1, 1)])
def test_overrides_that_a_release_knows(platform, tmp_path, version, prod, jobs):
    for name in ("jobs", "prod"):
        (tmp_path / "env/local" / f"docker-compose.{name}.override.yml").write_text("")
    found = " ".join(compose_files.files(platform._replace(release=releases.release_of(version)), jobs=True))
    assert (found.count("prod.override"), found.count("jobs.override")) == (prod, jobs)


def test_command(platform, tmp_path):
    local = str(tmp_path / "env" / "local") + "/"
    assert project.command(platform, jobs=True) == [
        "docker",
        "compose",
        "-f",
        local + "docker-compose.yml",
        "-f",
        local + "docker-compose.prod.yml",
        "-f",
        local + "docker-compose.jobs.yml",
        "--project-name",
        "campus_local",
    ]


def test_nothing_rendered_yet(platform, tmp_path):
    (tmp_path / "env" / "local" / "docker-compose.yml").unlink()
    with pytest.raises(LecternError, match=r"^There is no '.*/env/local/docker-compose.yml': render the environment first"):
        project.command(platform)


def answers(monkeypatch, *results):
    left = list(results)

    def run(arguments, env=None, timeout=None):
        code, out, err = left.pop(0)
        return subprocess.CompletedProcess(arguments, code, out, err)

    monkeypatch.setattr(docker_engine, "run", run)


def test_composes_own_words_without_secrets(platform, monkeypatch):
    answers(monkeypatch, (15, "", "services.lms: bad s3cr3t-value\n"), (0, "v2", ""))
    with pytest.raises(
        LecternError, match=r"^'docker compose config --format json' failed for project 'campus_local': services.lms: bad \*+$"
    ):
        project.services(platform)


def test_no_compose(platform, monkeypatch):
    answers(monkeypatch, (1, "", ""), (1, "", "docker: 'compose' is not a docker command.\n"))
    with pytest.raises(LecternError, match=r"^'docker compose' does not work on this host \(docker: 'compose' is not a docker command\.\)"):
        project.services(platform)


@pytest.mark.parametrize(("printed", "expected"), [('{"services": {"lms": {}}}', {"lms": {}}), ('{"services": null}', {}), ("{}", {})])
def test_services(platform, monkeypatch, printed, expected):
    answers(monkeypatch, (0, printed, "a warning"))
    assert project.services(platform) == expected


def test_image_of_a_service(platform):
    assert project.image_of(platform, "lms", {"image": "a:1"}) == "a:1"
    assert project.image_of(platform, "lms", {"build": "."}) == "campus_local-lms"
