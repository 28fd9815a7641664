# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

UNDEFINED = "'LMS_HOST' is undefined"


def test_every_value_is_found_and_named(look_up, trusted):
    settings = {"CMS_HOST": trusted("studio.{{ LMS_HOST }}"), "DEEP": {"list": ["fine", trusted("{{ 8 | random_string }}")]}, "PORT": 80}
    errors = look_up("template_errors", "tutor_settings", variables={"tutor_settings": settings})
    assert [error["name"] for error in errors] == ["tutor_settings.CMS_HOST", "tutor_settings.DEEP.list.1"]
    assert errors[0]["reason"] == UNDEFINED
    assert "o filter named 'random_string'" in errors[1]["reason"]


def test_a_variable_that_is_a_template_as_a_whole(look_up, trusted):
    errors = look_up("template_errors", "a", variables={"a": trusted("{{ {'b': LMS_HOST} }}")})
    assert errors == [{"name": "a", "reason": UNDEFINED}]


def test_what_is_not_ansibles_is_no_error(look_up, returned):
    settings = returned({"CMS_HOST": "studio.{{ LMS_HOST }}"})
    assert look_up("template_errors", "a", "b", "none", variables={"a": settings, "b": "{ braces }"}) == []


def test_what_ansible_can_render_is_no_error(look_up, trusted):
    variables = {"a": [trusted("{{ name }}")], "name": trusted("{{ 1 + 1 }}")}
    assert look_up("template_errors", "a", variables=variables) == []


@pytest.mark.parametrize("text", ["{{ 'Kept-Secret", "{% if %}Kept-Secret", "{{ 'Kept-Secret' | mandatory('Kept-Secret', 1, 2) }}"])
def test_values_are_never_shown(look_up, trusted, text):
    (error,) = look_up("template_errors", "a", variables={"a": {"PASSWORD": trusted(text)}})
    assert error["name"] == "a.PASSWORD"
    assert "Kept-Secret" not in str(error)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ lookup('ansible.builtin.file', '/Kept-Secret') }}", "the lookup plugin 'ansible.builtin.file' failed"),
        ("{{ 1 / 0 }}", "its template fails"),
        ("{{ 'Kept-Secret", "it is no valid template of Ansible's"),
    ],
)
def test_reason_is_the_true_one(look_up, trusted, text, reason):
    (error,) = look_up("template_errors", "a", variables={"a": trusted(text)})
    assert error["reason"].lower() == reason.lower()
