# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a theme and courses of an inventory."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.filter.content_errors import FilterModule

content_errors = FilterModule().filters()["content_errors"]
DEMO = {"repository": "https://example.org/x", "version": "main"}


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"tutor_theme": None, "tutor_courses": None},
        {"tutor_theme": "indigo", "tutor_courses": []},
        {"tutor_theme": {"name": "indigo", "domains": ["a.org"]}, "tutor_courses": [DEMO, {**DEMO, "path": "a"}, {"archive": "a.tar.gz"}]},
    ],
)
def test_nothing_is_wrong(variables):
    assert content_errors(variables) == []


class Vaulted:
    """As ansible-core before 2.19 has values of a vault: no text, but one when it is used."""

    def __str__(self):
        return "https://me:hush@example.org/x"


def test_address_may_be_vaulted():
    assert content_errors({"tutor_courses": [{**DEMO, "repository": Vaulted()}]}) == []


@pytest.mark.parametrize(
    ("name", "value", "errors"),
    [
        ("theme", "", ["tutor_theme is empty."]),
        ("theme", 1, ["tutor_theme is 1, which is no text: put it in quotes."]),
        ("theme", {"domains": []}, ["tutor_theme has no name: give that of a theme, or 'default'."]),
        ("theme", {"name": "a", "domain": "b"}, ["tutor_theme has 'domain', which is unknown: it can have name, domains."]),
        ("theme", {"name": "a", "domains": "b.org"}, ["tutor_theme.domains is 'b.org': give a list of domains."]),
        ("theme", {"name": "a", "domains": [1]}, ["tutor_theme.domains[0] is 1, which is no text: put it in quotes."]),
        ("courses", {"a": 1}, ["tutor_courses is '{'a': 1}': give a list of courses."]),
        ("courses", ["a"], ["tutor_courses[0] is 'a': give a repository with its version, or an archive."]),
        ("courses", [{}], ["tutor_courses[0] must have either a repository or an archive."]),
        ("courses", [{**DEMO, "archive": "a"}], ["tutor_courses[0] must have either a repository or an archive."]),
        ("courses", [DEMO, {**DEMO, "version": 1.1}], ["tutor_courses[1].version is 1.1, which is no text: put it in quotes."]),
        (
            "courses",
            [{**DEMO, "ref": "x"}],
            ["tutor_courses[0] has 'ref', which is unknown: it can have repository, version, path, archive."],
        ),
        ("courses", [{"archive": "a", "path": "b"}], ["tutor_courses[0] is an archive, which has neither version nor path."]),
        (
            "courses",
            [{"repository": "https://me:dragonfire99@example.org/x"}],
            ["tutor_courses[0] has no version: give the branch, tag or commit of 'https://********@example.org/x'."],
        ),
    ],
)
def test_what_is_wrong_is_said(name, value, errors):
    assert content_errors({"tutor_" + name: value}) == errors
