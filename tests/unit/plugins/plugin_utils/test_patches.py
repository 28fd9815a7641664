# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a patch does with a masked value, it is refused and the setting is named; all else works as if nothing were masked."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.plugin_utils.patches import PatchRenderer, contributions_of

CONFIG = {"OPEN": "a", "SECRET": "********", "MIXED": {"list": ["x", "redis://:********@redis"]}}


def render(text):
    found = contributions_of([{"name": "p", "patches": {"x": [text]}}], {}, {}, None)
    renderer = PatchRenderer(found, CONFIG)
    return renderer.render_patch("x", renderer.settings)


@pytest.mark.parametrize(
    "expression",
    [
        *("SECRET", "SECRET ~ 'a'", "'a' + SECRET", "SECRET + 'a'", "SECRET * 2", "'%s' % SECRET", "SECRET == 'a'", "SECRET < 'a'"),
        *("SECRET in ['a']", "SECRET in 'abc'", "'a' in SECRET", "SECRET[0]", "SECRET.strip()", "SECRET()", "{SECRET: 1}", "-SECRET"),
        *("SECRET|upper", "SECRET|length", "SECRET|int", "SECRET|list", "SECRET|e", "SECRET|tojson", "{'a': SECRET}|tojson"),
        *("SECRET|replace('*', '')", "SECRET|default('x')", "SECRET|encrypt", "SECRET|uid_master_hash('1')", "SECRET|wordcount"),
        *("SECRET|urlencode", "SECRET|pprint", "[SECRET]|join", "', '.join([SECRET])", "'%s'|format(SECRET)", "'{}'.format(SECRET)"),
        *("[('a', SECRET)]|list_if", "[(SECRET, 1)]|list_if", "1 if SECRET else 2", "iter_values_named(suffix='RET')|list"),
    ],
)
def test_masked_value_is_refused(expression):
    with pytest.raises(LecternError, match="The setting 'SECRET' in patch 'x' of plugin 'p' is masked"):
        render("{{ %s }}" % expression)


@pytest.mark.parametrize("expression", ["MIXED", "MIXED.list", "MIXED.list[1]", "MIXED|tojson", "MIXED.list|join"])
def test_masked_part_is_refused(expression):
    with pytest.raises(LecternError, match="The setting 'MIXED' in patch 'x' of plugin 'p' is masked"):
        render("{{ %s }}" % expression)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ SECRET is defined }}", "True"),
        ("{{ SECRET is string }}", "True"),
        ("{{ SECRET is none }}", "False"),
        ("{% if OPEN == 'b' %}{{ SECRET }}{% endif %}", ""),
        ("{{ MIXED.list[0] }}", "x"),
        ("{{ iter_values_named(prefix='O')|list }}", "['a']"),
    ],
)
def test_what_needs_no_secret_works(text, expected):
    assert render(text) == expected


def test_error_that_has_nothing_to_do_with_a_mask():
    with pytest.raises(LecternError, match="TypeError in patch 'x' of plugin 'p'"):
        render("{{ OPEN + 1 }}")
