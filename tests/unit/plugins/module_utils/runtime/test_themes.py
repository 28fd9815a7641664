# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Themes of sites, in a stand-in for Django's models that keeps its rows in a file."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import themes
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.themes import Theme
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.runtime.lms_standin import LMS, pythons

# Rows are [domain, name of the site, [themes]].
MODELS = """
import contextlib, json

ROWS = []

class Field(object):
    max_length = 50

class Site(object):
    class _meta(object):
        get_field = staticmethod(lambda name: Field)
    def __init__(self, row):
        self.row = row
    @property
    def themes(self):
        return Themes(self.row)
    class objects(object):
        @staticmethod
        def filter(domain):
            found = [Site(row) for row in ROWS if row[0] == domain]
            class Found(list):
                first = lambda self: found[0] if found else None
            return Found(found)
        @staticmethod
        def create(domain, name):
            assert len(name) <= 50
            ROWS.append([domain, name, []])
            return Site(ROWS[-1])

class Row(object):
    def __init__(self, name):
        self.theme_dir_name = name

class Themes(object):
    def __init__(self, row):
        self.row = row
    def all(self):
        return self
    def __iter__(self):
        return iter([Row(name) for name in self.row[2]])
    def delete(self):
        self.row[2] = []
    def create(self, theme_dir_name):
        if theme_dir_name == "broken":
            raise ValueError("the database is gone")
        self.row[2].append(theme_dir_name)

@contextlib.contextmanager
def atomic():
    with open("rows.json") as stream:
        ROWS[:] = json.load(stream)
    yield
    with open("rows.json", "w") as stream:
        json.dump(ROWS, stream)
"""

FILES = {
    "django/contrib/sites/models.py": MODELS,
    "django/db.py": "from django.contrib.sites import models as transaction\n",
    "openedx/core/djangoapps/theming/helpers.py": """
class Theme(object):
    def __init__(self, name):
        self.theme_dir_name = name
def get_themes():
    return [Theme(name) for name in ("red", "indigo", "broken", "indigo")]
""",
}

CONFIG = {"LMS_HOST": "campus.example.org", "CMS_HOST": "studio.example.org"}


class Campus:
    """A platform whose rows a test sets and reads."""

    def __init__(self, folder, python, monkeypatch):
        (folder / "root").mkdir()
        self.platform = Platform(Places(str(folder / "root"), "/plugins"), dict(CONFIG), [])
        self.lms = LMS(folder, python).install(monkeypatch)
        self.file = folder / "rows.json"
        for name, text in FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for parent in path.parents:
                if folder in parent.parents:
                    (parent / "__init__.py").touch()
            path.write_text(text)
        self.lms.variables["PYTHONPATH"] = str(folder)
        self.lms.variables["PYTHONDONTWRITEBYTECODE"] = "1"
        self.rows = []

    @property
    def rows(self):
        return json.loads(self.file.read_text())

    @rows.setter
    def rows(self, rows):
        self.file.write_text(json.dumps(rows))

    def assign(self, name, domains=(), check=False):
        theme = Theme(name, themes.domains_of(self.platform, Theme(name, domains)))
        return (
            themes.look(self.platform, None, theme) if check else themes.assign(self.platform, None, theme, Logs(self.platform.places, []))
        )


@pytest.fixture(params=pythons())
def campus(request, tmp_path, monkeypatch):
    return Campus(tmp_path, request.param, monkeypatch)


DOMAINS = ["campus.example.org", "campus.example.org:8000", "studio.example.org", "studio.example.org:8001"]


def test_four_runs(campus):
    campus.rows = [[DOMAINS[0], "Campus", ["red"]], [DOMAINS[2], "", ["indigo"]], ["other.org", "Other", ["red"]]]
    before = campus.rows
    check = campus.assign("indigo", check=True)
    assert campus.rows == before
    real = campus.assign("indigo")
    assert campus.rows == [
        [DOMAINS[0], "Campus", ["indigo"]],
        [DOMAINS[2], "", ["indigo"]],
        ["other.org", "Other", ["red"]],
        [DOMAINS[1], DOMAINS[1], ["indigo"]],
        [DOMAINS[3], DOMAINS[3], ["indigo"]],
    ]
    assert [site["changed"] for site in check["sites"]] == [True, True, False, True]
    assert [site["domain"] for site in check["sites"]] == DOMAINS
    words = [sentence.replace("Would assign", "Assigned") for sentence in check.pop("actions")]
    assert words == real.pop("actions")
    assert words[:2] == [
        "Assigned theme 'indigo' to campus.example.org (before: red)",
        "Assigned theme 'indigo' to campus.example.org:8000 (before: no site)",
    ]
    assert check == real
    assert real["diff"][0]["before"] == "campus.example.org: red\n"
    assert real["diff"][0]["after"].splitlines()[0] == "campus.example.org: indigo"
    for again in (campus.assign("indigo", check=True), campus.assign("indigo")):
        assert (again["changed"], again["actions"], again["diff"], again["themes"]) == (False, [], [], ["broken", "indigo", "red"])
    assert len(campus.lms.calls) == 4


def test_default_is_no_theme(campus):
    campus.rows = [["a.org", "a", ["red", "indigo"]], ["b.org", "b", ["default"]]]
    assert campus.assign("default", ["a.org", "b.org", "c.org"])["actions"] == [
        "Assigned theme 'default' to a.org (before: red, indigo)",
        "Assigned theme 'default' to c.org (before: no site)",
    ]
    assert campus.rows == [["a.org", "a", []], ["b.org", "b", ["default"]], ["c.org", "c.org", []]]
    assert not campus.assign("default", ["a.org", "b.org", "c.org"])["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_theme_that_the_image_lacks_is_refused_before_anything_changes(campus, check):
    campus.rows = before = [[DOMAINS[0], "Campus", ["red"]]]
    with pytest.raises(LecternError, match=r"holds no theme 'blue' \(it holds: broken, indigo, red\). Put its folder into") as caught:
        campus.assign("blue", check=check)
    assert caught.value.details == {"themes": ["broken", "indigo", "red"]}
    assert campus.rows == before


def test_all_sites_change_or_none(campus):
    campus.rows = before = [["a.org", "a", ["red"]]]
    with pytest.raises(LecternError, match="Program 'theme' failed in service 'lms': ValueError: the database is gone"):
        campus.assign("broken", ["new.org", "a.org"])
    assert campus.rows == before


def test_name_of_a_site_is_cut(campus):
    domain = "a" * 60 + ".org"
    campus.assign("red", [domain, domain])
    assert campus.rows == [[domain, "a" * 50, ["red"]]]


def test_preview_is_a_site_of_releases_that_have_it(campus):
    campus.platform.config["PREVIEW_LMS_HOST"] = "preview.example.org"
    assert themes.domains_of(campus.platform, Theme("red", ())) == [*DOMAINS, "preview.example.org", "preview.example.org:8000"]


@pytest.mark.parametrize(("stopped", "words"), [("mysql", "these services do not run: mysql")])
def test_check_that_can_not_look_reports_a_change(campus, stopped, words):
    campus.lms.running.remove(stopped)
    result = campus.assign("red", check=True)
    assert result["changed"] and words in result["actions"][0] and campus.lms.calls == []


def test_check_without_a_platform():
    result = themes.describe_unknown(Theme("red", ()), "'/srv/x' does not exist yet")
    assert result["actions"] == [
        "Would assign theme 'red' to the LMS and Studio where another one is assigned: '/srv/x' does not exist yet"
    ]


def test_themes_of_an_image_that_is_still_to_be_built_are_unknown(campus):
    campus.platform.config["DOCKER_IMAGE_OPENEDX"] = "openedx:1"
    assert themes.why_unknown(campus.platform, ["openedx:1"]) == "image 'openedx:1' would change before"
    assert themes.why_unknown(campus.platform, ["mfe:1"]) == ""


@pytest.mark.parametrize(
    ("theme", "words"),
    [
        (Theme("", ()), "'' is no name of a theme"),
        (Theme("a/b", ()), "'a/b' is no name of a theme"),
        (Theme("red", ("https://a.org",)), "'https://a.org' is no domain of a site"),
        (Theme("red", ("a.org", "")), "'' is no domain of a site"),
        (Theme("red", ("a" * 101,)), "of up to 100 characters"),
    ],
)
def test_what_is_no_theme_or_domain_is_refused(theme, words):
    with pytest.raises(LecternError, match=words):
        themes.refuse_bad(theme)
