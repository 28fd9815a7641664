# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates whose compiled code is kept render to what they rendered to when they were compiled."""

from __future__ import annotations

import pytest

PLUGIN = """\
import os
import jinja2, tutor.env
from tutor import hooks
hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(os.path.join(os.path.dirname(__file__), "templates"))
hooks.Filters.ENV_TEMPLATE_TARGETS.add_item(("boxed/apps", "plugins"))
with open(os.path.join(os.path.dirname(__file__), "patches/lms-env")) as patch:
    hooks.Filters.ENV_PATCHES.add_item(("lms-env", patch.read()))
{then}
"""
ADD = "hooks.Filters.ENV_TEMPLATE_FILTERS.add_item"
# (what else the plugin does, template, what it renders to)
FILTERS = {
    "none": ("", "{{ 'a'|upper }}", "A"),
    "own": (ADD + "(('shout', lambda text: text + '!'))", "{{ 'a'|shout }}", "a!"),
    "one-of-jinja": (ADD + "(('upper', lambda text: 'other'))", "{{ 'a'|upper }}", "other"),
    "one-of-tutor": (ADD + "(('common_domain', lambda *_: 'other'))", "{{ 'a'|common_domain('b') }}", "other"),
    "with-context": (
        ADD + "(('named', jinja2.pass_context(lambda context, key: context[key])))",
        "{{ 'LMS_HOST'|named }}",
        "www.myopenedx.com",
    ),
    "one-of-tutor-with-context": (
        ADD + "(('common_domain', jinja2.pass_context(lambda context, key: context[key])))",
        "{{ 'LMS_HOST'|common_domain }}",
        "www.myopenedx.com",
    ),
    "with-environment": (ADD + "(('upper', jinja2.pass_environment(lambda env, text: env.block_start_string)))", "{{ 'a'|upper }}", "{%"),
    "in-a-condition": (
        ADD + "(('named', jinja2.pass_context(lambda context, key: context[key])))",
        "{% if true %}{{ 'LMS_HOST'|named }}{% endif %}",
        "www.myopenedx.com",
    ),
}


@pytest.mark.parametrize("kind", FILTERS)
def test_filters_of_a_plugin(hooked, memory, kind):
    hooked.environ["LECTERN_MEMORY"] = memory
    then, text, expected = FILTERS[kind]
    files = {"templates/boxed/apps/file": text, "patches/lms-env": "patched: " + text}
    hooked.package("boxed", PLUGIN.format(then=then), "v1", files)
    for _run in ("compiled", "kept"):
        hooked.render(plugins=["boxed"])
        assert hooked.text("plugins/boxed/apps/file") == expected
        assert "patched: %s\n" % expected in hooked.text("apps/lms.yml") + "\n"
        hooked.config.write_text(hooked.config.read_text() + "NEW: 1\n")


def test_a_template_that_can_not_be_compiled(hooked):
    files = {"templates/boxed/apps/file": "{% if %}", "patches/lms-env": "x"}
    hooked.package("boxed", PLUGIN.format(then=""), "v1", files)
    assert "Jinja syntax error in template 'boxed/apps/file' of plugin 'boxed', line 1" in hooked.refused(plugins=["boxed"])
