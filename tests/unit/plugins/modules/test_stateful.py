# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugins whose own code decides what is rendered, by what it knows of the settings or of earlier calls: no file of theirs is ever old."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

CODE = """\
import jinja2
from tutor import hooks
from tutor.hooks import Filters as F
SEEN, CALLS = {}, []
@hooks.Actions.CONFIG_LOADED.add()
def know(config):
    SEEN.update(config)
def port():
    CALLS.append(1)
    return 8000 + len(CALLS)
class Page:
    def __str__(self):
        return SEEN["LMS_HOST"]
    @jinja2.pass_context
    def host(self, context):
        return context.get_all()["LMS_HOST"]
F.ENV_TEMPLATE_VARIABLES.add_items([("host", lambda: SEEN["LMS_HOST"]), ("port", port), ("page", Page()), ("PAGE", Page())])
F.ENV_TEMPLATE_FILTERS.add_item(("at", lambda name: name + "." + SEEN["LMS_HOST"]))
"""
RENDERED = """\
@F.IS_FILE_RENDERED.add()
def is_rendered(rendered, name):
    return rendered and not (name.endswith("/page") and SEEN.get("RAW"))
"""


@pytest.fixture
def knowing(hooked):
    hooked.plugin("knowing.py", CODE)
    return hooked


TEXTS = {
    "function": "{{ host() }}",
    "filter": '{{ "www"|at }}',
    "object": "{{ page }}",
    "object named like a setting": "{{ PAGE }}",
    "method with the context": "{{ page.host() }}",
    "in a macro": "{% macro m() %}{{ host() }}{% endmacro %}{{ m() }}",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_a_plugin_knows_of_the_settings(knowing, text):
    harness.write(knowing.templates, {"apps/page": text})
    knowing.render(plugins=["knowing"], settings={"LMS_HOST": "one.org"})
    assert knowing.text("apps/page").endswith("one.org")
    assert knowing.render(settings={"LMS_HOST": "two.org"})["changed"]
    assert knowing.text("apps/page").endswith("two.org")
    assert not knowing.render(settings={"LMS_HOST": "two.org"})["changed"]


def test_what_a_plugin_decides_to_render(knowing):
    harness.write(knowing.templates, {"apps/page": "{{ PLATFORM_NAME }}"})
    knowing.plugin("knowing.py", CODE + RENDERED)
    knowing.render(plugins=["knowing"], settings={"PLATFORM_NAME": "x"})
    assert knowing.text("apps/page") == "x"
    knowing.render(settings={"RAW": True})
    assert knowing.text("apps/page") == "{{ PLATFORM_NAME }}"


def test_what_a_plugin_counts(knowing):
    harness.write(knowing.templates, {"apps/a": "{{ port() }}", "apps/b": "{{ port() }} {{ LMS_HOST }}"})
    for host in ("one.org", "two.org"):
        knowing.render(plugins=["knowing"], settings={"LMS_HOST": host})
        assert (knowing.text("apps/a"), knowing.text("apps/b")) == ("8001", "8002 " + host)


def test_what_a_plugin_adds_when_it_knows_the_settings(hooked):
    """Patches and variables that come with CONFIG_LOADED, in the same call, and for modules that only read."""
    code = """
        from tutor import hooks
        @hooks.Actions.CONFIG_LOADED.add()
        def know(config):
            hooks.Filters.ENV_PATCHES.add_item(("lms-env", "late: " + config["LMS_HOST"]))
            hooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(("LATE", "late"))
    """
    hooked.plugin("late.py", harness.unindented(code))
    hooked.plugin("user.yml", {"name": "user", "patches": {"lms-env": "{{ LATE }}"}})
    hooked.render(plugins=["late", "user"], settings={"LMS_HOST": "one.org"})
    assert hooked.text("apps/lms.yml").splitlines()[-2:] == ["late", "late: one.org"]
    hooked.render(settings={"LMS_HOST": "two.org"})
    assert hooked.text("apps/lms.yml").splitlines()[-2:] == ["late", "late: two.org"]
    assert not hooked.render()["changed"]
    assert hooked.ok("config_info")["variables"]["LATE"] == "late"
