# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin that takes long to import and only adds data is imported once. Of every other kind, each call imports it: it may do anything.

The libraries of one that adds functions are imported when they are used.
"""

from __future__ import annotations

import shutil

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.replay import MANY
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

# A plugin that tells each time it is imported.
PLUGIN = """\
import os, sys
import click, jinja2, many, tutor.env, yaml
from tutor import hooks
with open({log!r}, "a") as log:
    log.write("imported\\n")
hooks.Filters.CONFIG_DEFAULTS.add_items([("GREETING", "Hello {{{{ LMS_HOST }}}}"), ("PLACES", ("a", ["b", {{"c": None}}]))])
hooks.Filters.ENV_PATCHES.add_item(("lms-env", "greeting: {{{{ GREETING }}}} {{{{ PLACES }}}}"), priority=5)
hooks.Filters.CLI_COMMANDS.add_item(click.Command("serve"))
{then}
"""
OTHER = """\
from tutor import hooks
hooks.Filters.ENV_PATCHES.add_item(("lms-env", "other: {{ LMS_HOST }}"))
"""


class Heavy:
    """A platform with a plugin "heavy", which imports many modules, and with "other", which is loaded after it."""

    def __init__(self, site, then="", other=OTHER):
        self.site, self.log = site, site.folder / "log"
        names = ["m%d" % number for number in range(MANY)]
        tell = "with open(%r, 'a') as log:\n    log.write('used\\n')\nVALUE = 'of many'\n" % str(site.folder / "used")
        files = {"__init__.py": "from . import %s\n%s" % (", ".join(names), tell), **{name + ".py": "" for name in names}}
        harness.write(site.packages / "many", files)
        self.package = site.package("heavy", PLUGIN.format(log=str(self.log), then=then), "v1")
        site.plugin("other.py", other)

    def render(self, host):
        self.site.render(plugins=["heavy", "other"], settings={"LMS_HOST": host})
        return self.site.text("apps/lms.yml")

    @property
    def imports(self):
        return len(self.log.read_text().splitlines())

    @property
    def uses(self):
        """How often the library was imported."""
        return len((self.site.folder / "used").read_text().splitlines())

    def is_imported_again(self):
        """When a setting changes. What comes of it is what comes where nothing is remembered."""
        self.render("one.example")
        before = self.imports
        text = self.render("two.example")
        again = self.imports > before
        shutil.rmtree(self.site.root / ".lectern")
        assert self.render("two.example") == text
        return again


def test_one_that_only_adds_data_is_imported_once(hooked):
    heavy = Heavy(hooked)
    text = heavy.render("one.example")
    assert "greeting: Hello one.example ('a', ['b', {'c': None}])\nother: one.example" in text
    assert heavy.render("two.example") == text.replace("one.", "two.")
    assert heavy.render("three.example") == text.replace("one.", "three.")
    assert heavy.imports == 1
    assert not heavy.is_imported_again()


@pytest.mark.parametrize("place", ["tutorheavy/plugin.py", "many/m1.py"])
def test_one_that_changed_after_it_was_not_imported(hooked, place):
    heavy = Heavy(hooked)
    heavy.render("one.example")
    heavy.render("two.example")
    path = hooked.packages / place
    path.write_text(path.read_text().replace("Hello", "Good day,") + "\n# changed\n")
    before = heavy.imports
    text = heavy.render("two.example")
    assert heavy.imports == before + 1
    assert ("Good day," in text) == (place == "tutorheavy/plugin.py")


def test_an_entry_point_that_names_another_module(hooked):
    heavy = Heavy(hooked)
    heavy.render("one.example")
    heavy.render("two.example")
    harness.write(heavy.package, {"new.py": (heavy.package / "plugin.py").read_text().replace("Hello", "Good day,")})
    path = hooked.packages / "tutor_heavy-1.0.dist-info/entry_points.txt"
    path.write_text(path.read_text().replace("tutorheavy.plugin", "tutorheavy.new"))
    assert "Good day," in heavy.render("two.example")


DOES_MORE = {
    "function-of-tutor": "tutor.env.value = lambda: 'changed'",
    "replaced-function": "tutor.env.is_binary_file = lambda path: False",
    "class-of-jinja": "jinja2.Environment.block_start_string = '[%'",
    "defaults-of-jinja": "jinja2.defaults.DEFAULT_FILTERS['upper'] = str.lower",
    "list-of-tutor": "tutor.env.VERSION_SAMPLE = []",
    "module-of-python": "os.path.sep_of_mine = 1",
    "built-in-function": "__builtins__['mine'] = str",
    "search-path": "sys.path.append('/nowhere')",
    "variable": "os.environ['SITE_COLOUR'] = 'red'",
    "filter": "hooks.Filters.ENV_TEMPLATE_FILTERS.add_item(('shout', str.upper))",
    "value-that-is-no-data": "hooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(('thing', object()))",
    "own-callback": "hooks.Filters.CONFIG_DEFAULTS.add()(lambda items: items + [('MADE', '1')])",
    "action": "hooks.Actions.CONFIG_LOADED.add()(lambda config: None)",
    "other-context": "with hooks.Contexts.app('other').enter():\n    hooks.Filters.CONFIG_DEFAULTS.add_item(('MADE', '1'))",
    "clearing": "hooks.Filters.ENV_PATTERNS_IGNORE.clear()",
    "settings": (
        "from tutor import config\nhooks.Filters.CONFIG_DEFAULTS.add_item(('SEEN', config.load_full(os.environ['TUTOR_ROOT'])['LMS_HOST']))"
    ),
}


@pytest.mark.parametrize("kind", DOES_MORE)
def test_one_that_does_more_is_imported_each_time(hooked, kind):
    assert Heavy(hooked, then=DOES_MORE[kind]).is_imported_again()


SHOUT = "hooks.Filters.ENV_TEMPLATE_FILTERS.add_item(('shout', lambda text: %s))\nhooks.Filters.ENV_PATCHES.add_item(('lms-env', '%s'))"
LIBRARY = {
    "idle": (SHOUT % ("text.upper()", "{{ LMS_HOST|shout }}"), False),
    "used-by-a-filter": (SHOUT % ("text + many.VALUE", "{{ LMS_HOST|shout }}"), True),
    "used-at-once": (SHOUT % ("text", "{{ LMS_HOST|shout }}' + many.VALUE + '"), True),
    "changing-another": (SHOUT % ("text", "") + "\nos.path.mine = 1", True),
}


@pytest.mark.parametrize("kind", LIBRARY)
def test_a_library_is_imported_when_it_is_used(hooked, kind):
    then, is_used = LIBRARY[kind]
    heavy = Heavy(hooked, then=then)
    heavy.render("one.example")
    text = heavy.render("two.example")
    assert (heavy.imports, heavy.uses) == (2, 2 if is_used else 1)
    shutil.rmtree(hooked.root / ".lectern")
    assert heavy.render("two.example") == text


def test_a_library_that_changed_while_it_was_not_imported(hooked):
    heavy = Heavy(hooked, then=LIBRARY["used-by-a-filter"][0])
    heavy.render("one.example")
    heavy.render("two.example")
    path = hooked.packages / "many/__init__.py"
    path.write_text(path.read_text().replace("of many", "of few"))
    assert "two.exampleof few" in heavy.render("two.example")


def test_a_library_that_makes_a_plugin_itself_is_imported(hooked):
    heavy = Heavy(hooked, then=LIBRARY["idle"][0])
    path = hooked.packages / "many/__init__.py"
    path.write_text(path.read_text() + "from tutor import hooks\nhooks.Filters.ENV_PATCHES.add_item(('lms-env', 'from many'))\n")
    heavy.render("one.example")
    assert "from many" in heavy.render("two.example")


USES = {
    "module": "import tutorheavy.plugin",
    "name": "from tutorheavy.plugin import hooks",
}


@pytest.mark.parametrize("kind", USES)
def test_one_that_another_plugin_uses_is_imported_each_time(hooked, kind):
    """There it would add everything once more, and for the other one."""
    assert Heavy(hooked, other=USES[kind] + "\n" + OTHER).is_imported_again()


def test_one_that_another_plugin_imports_unseen(hooked):
    """Nothing tells beforehand: all is loaded anew as soon as that shows, and comes to the same."""
    assert Heavy(hooked, other="def use():\n    import tutorheavy.plugin\nuse()\n" + OTHER).is_imported_again()


def test_another_plugin_is_told_of_one_that_is_not_imported(hooked):
    told = """\
from tutor import hooks
@hooks.Actions.PLUGIN_LOADED.add()
def loaded(name):
    hooks.Filters.ENV_PATCHES.add_item(("lms-env", "told: " + name))
"""
    hooked.plugin("early.py", told)
    heavy = Heavy(hooked)
    options = dict(plugins=["early", "heavy", "other"])
    hooked.render(**options, settings={"LMS_HOST": "one.example"})
    text = hooked.text("apps/lms.yml")
    assert "told: heavy" in text
    hooked.render(**options, settings={"LMS_HOST": "two.example"})
    assert hooked.text("apps/lms.yml") == text.replace("one.", "two.")
    assert heavy.imports == 1
