# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: content_errors
short_description: Why a theme or courses can't be used
version_added: 1.1.0
author: The Lectern contributors (@lectern)
description:
  - Finds what is wrong with the variables C(tutor_theme) and C(tutor_courses), before anything runs on a host.
options:
  _input:
    description: The variables, by name. Those that are not set can be missing.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Check the courses
  ansible.builtin.assert:
    that: _errors | length == 0
    fail_msg: "{{ _errors | join(' ') }}"
  vars:
    _errors: "{{ {'tutor_courses': tutor_courses} | lectern.tutor.content_errors }}"
"""

RETURN = r"""
_value:
  description: One sentence for each error.
  type: list
  elements: str
  sample: ["tutor_courses[0] has no version: give the branch, tag or commit of 'https://github.com/openedx/openedx-demo-course'."]
"""

from collections.abc import Iterator, Mapping
from typing import Any, Callable, Dict, List

from ansible_collections.lectern.tutor.plugins.module_utils.base.masking import mask_text
from ansible_collections.lectern.tutor.plugins.plugin_utils.results import to_plain_data

COURSE = ("repository", "version", "path", "archive")


def content_errors(variables: Mapping[str, Any]) -> List[str]:
    """Return what is wrong with a theme and courses."""
    variables = to_plain_data(variables)  # an address with a login may be a vaulted value, which older releases of Ansible keep
    errors = [*_theme_errors(variables.get("tutor_theme")), *_course_list_errors(variables.get("tutor_courses"))]
    return [mask_text(error, []) for error in errors]


def _theme_errors(theme: Any) -> Iterator[str]:
    if isinstance(theme, Mapping):
        yield from _key_errors("tutor_theme", theme, ("name", "domains"))
        if "name" not in theme:
            yield "tutor_theme has no name: give that of a theme, or 'default'."
        yield from _text_errors("tutor_theme.name", theme.get("name"))
        domains = theme.get("domains")
        if domains is not None and not isinstance(domains, (list, tuple)):
            yield f"tutor_theme.domains is '{domains}': give a list of domains."
            return
        for number, domain in enumerate(domains or ()):
            yield from _text_errors(f"tutor_theme.domains[{number}]", domain)
    else:
        yield from _text_errors("tutor_theme", theme)


def _course_list_errors(courses: Any) -> Iterator[str]:
    if courses is None:
        return
    if not isinstance(courses, (list, tuple)):
        yield f"tutor_courses is '{courses}': give a list of courses."
        return
    for number, course in enumerate(courses):
        yield from _course_errors(f"tutor_courses[{number}]", course)


def _course_errors(name: str, course: Any) -> Iterator[str]:
    if not isinstance(course, Mapping):
        yield f"{name} is '{course}': give a repository with its version, or an archive."
        return
    yield from _key_errors(name, course, COURSE)
    for key in COURSE:
        yield from _text_errors(f"{name}.{key}", course.get(key))
    if ("repository" in course) == ("archive" in course):
        yield f"{name} must have either a repository or an archive."
    elif "repository" in course and "version" not in course:
        yield f"{name} has no version: give the branch, tag or commit of '{course['repository']}'."
    elif "archive" in course and ("version" in course or "path" in course):
        yield f"{name} is an archive, which has neither version nor path."


def _key_errors(name: str, value: Mapping[Any, Any], known: tuple[str, ...]) -> Iterator[str]:
    for key in value:
        if key not in known:
            yield f"{name} has '{key}', which is unknown: it can have {', '.join(known)}."


def _text_errors(name: str, value: Any) -> Iterator[str]:
    if value is not None and not isinstance(value, str):
        yield f"{name} is {value}, which is no text: put it in quotes."
    elif value is not None and not value.strip():
        yield f"{name} is empty."


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"content_errors": content_errors}
