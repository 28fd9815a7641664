# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules course and theme, as far as they come without an engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.tests.support import courses


@pytest.fixture(autouse=True)
def without_engine(site):
    site.environ["DOCKER_HOST"] = "unix:///nowhere.sock"


@pytest.fixture
def repository(tmp_path):
    repository = courses.Repository(tmp_path / "courses")
    repository.commit(courses.course(folder="bees"))
    return dict(repository=str(repository.path), version="main")


def test_course_that_has_to_be_imported_needs_an_engine(site, repository):
    site.render(plugins=[])
    assert "No Docker engine answers at 'unix:///nowhere.sock'" in site.refused("course", **repository)


def test_course_that_was_imported_needs_none(site, repository):
    site.render(plugins=[])
    commit = courses.Repository(Path(repository["repository"])).git("rev-parse", "HEAD")
    record = dict(repository=repository["repository"], path="", commit=commit, content="1", imported="2026-01-31T08:00:00Z")
    (site.root / ".lectern/courses.json").write_text(json.dumps({"course-v1:Org+Bio+2026": record}))
    before = site.snapshot()
    for check in (True, False):
        result = site.ok("course", check=check, **repository)
        assert (result["changed"], result["missing"], result["needed"]) == (False, "", [])
        assert result["courses"][0]["reason"] == "unchanged since it was imported at 2026-01-31T08:00:00Z"
    assert site.snapshot() == before


def test_archive_that_was_not_imported_is_asked_for(site):
    """The part on the controller answers."""
    options = dict(archive="a.tar.gz", archives={"a.tar.gz": {"digest": "0" * 64}})
    for check in (True, False):
        assert site.ok("course", check=check, **options)["needed"] == ["a.tar.gz"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: repository, archive, courses"),
        (dict(repository="x"), "parameters are required together: repository, version"),
        (dict(archive="a", path="b"), "parameters are mutually exclusive: path|archive|courses"),
        (dict(courses=[dict(archive="a", path="b")]), "parameters are mutually exclusive: path|archive found in courses"),
        (dict(courses=[dict(path="b")]), "one of the following is required: repository, archive found in courses"),
    ],
)
def test_wrong_options_of_a_course_are_refused(site, options, words):
    assert words in site.refused("course", **options)


def test_check_of_a_theme_before_there_is_a_platform(site):
    result = site.ok("theme", check=True, name="indigo")
    assert result["changed"] and result["sites"] == []
    assert "the LMS and Studio where another one is assigned: '%s/config.yml' does not exist yet" % site.root in result["actions"][0]


def test_check_of_a_theme_with_the_settings_of_a_copy(site, tmp_path):
    """The copy has the hosts that are to come; the root that it is a copy of has the sites, but was never rendered."""
    site.render(plugins=[], settings=dict(LMS_HOST="new.example.org"))
    result = site.ok("theme", check=True, name="indigo", copy_of=str(tmp_path / "original"))
    hosts = ["new.example.org", "new.example.org:8000", "studio.new.example.org", "studio.new.example.org:8001"]
    assert [site["domain"] for site in result["sites"]] == hosts
    assert "'%s/original/config.yml' does not exist yet" % tmp_path in result["actions"][0]


def test_check_of_a_theme_in_an_image_that_is_still_to_come(site):
    site.render(plugins=[])
    result = site.ok("theme", check=True, name="indigo", images_to_come=["docker.io/overhangio/openedx:1"])
    assert "image 'docker.io/overhangio/openedx:1' would change before" in result["actions"][0]
