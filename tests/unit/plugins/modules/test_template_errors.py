# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong while templates, patches and settings are rendered: named with file and line, and nothing is written."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

ADVICE = "Set it in the settings, or enable the plugin that defines it."
TEMPLATES = {
    "undefined": (
        "a\nb\n{{ NOPE }}\n",
        "Undefined setting in template 'apps/x' line 3 ('{templates}/apps/x'): 'NOPE' is undefined. " + ADVICE,
    ),
    "undefined attribute": (
        "{{ LMS_HOST.port }}",
        "Undefined setting in template 'apps/x' line 1 ('{templates}/apps/x'): 'str object' has no attribute 'port'. "
        + ADVICE
        + " LMS_HOST is 'www.myopenedx.com', a text.",
    ),
    "undefined in an include": (
        "a\n{% include 'apps/partials/p' %}",
        "Undefined setting in template 'apps/x' line 2 ('{templates}/apps/partials/p'): 'NOPE' is undefined. " + ADVICE,
    ),
    "syntax": (
        "a\n{% if %}\n{% endif %}",
        "Jinja syntax error in template 'apps/x', line 2 ('{templates}/apps/x'): Expected an expression, got 'end of statement block'.",
    ),
    "not closed": (
        "a\n{{ LMS_HOST\n",
        "Jinja syntax error in template 'apps/x', line 2 ('{templates}/apps/x'): unexpected end of template, expected 'end of print "
        "statement'.",
    ),
    "unknown filter": (
        "a\n{{ LMS_HOST | nope }}",
        "Jinja syntax error in template 'apps/x', line 2 ('{templates}/apps/x'): No filter named 'nope'.",
    ),
    "filter that raises": (
        "a\n{{ 3 | common_domain('x') }}",
        "AttributeError in template 'apps/x' line 2 ('{templates}/apps/x'): 'int' object has no attribute 'split'.",
    ),
    "division": ("a\n{{ 1 / 0 }}", "ZeroDivisionError in template 'apps/x' line 2 ('{templates}/apps/x'): division by zero."),
    "missing include": (
        "a\n{% include 'apps/nope' %}",
        "Template 'apps/nope' is needed in template 'apps/x' line 2 ('{templates}/apps/x'), but no template root holds it.",
    ),
    "include of a parent folder": (
        "{% include '../packages' %}",
        "Template '../packages' is needed in template 'apps/x' line 1 ('{templates}/apps/x'), but no template root holds it.",
    ),
    "includes itself": ("{% include 'apps/x' %}", "Endless recursion in template 'apps/x': a patch or template includes itself."),
    "not UTF-8": (b"a\n\xff\n", "Not UTF-8 text in template 'apps/x' (byte 2): save it as UTF-8."),
}


@pytest.mark.parametrize("text, message", TEMPLATES.values(), ids=TEMPLATES)
def test_template_of_core(plain, text, message):
    plain.render(plugins=[])
    harness.write(plain.templates, {"apps/x": text, "apps/partials/p": "1\n{{ NOPE }}"})
    assert plain.refused() == message.format(templates=plain.templates)


PLUGIN = "import os\ntemplates = os.path.join(os.path.dirname(__file__), 'templates')\n"


def test_template_of_a_plugin(site):
    folder = site.package("bad", PLUGIN, files={"templates/bad/apps/deep/x": "1\n2\n{% nope %}\n"})
    message = "Jinja syntax error in template 'bad/apps/deep/x' of plugin 'bad', line 3 ('%s/templates/bad/apps/deep/x'): "
    assert site.refused(plugins=["bad"]) == message % folder + "Encountered unknown tag 'nope'."
    harness.write(folder, {"templates/bad/apps/deep/x": "1\n{{ NOPE }}\n"})
    message = "Undefined setting in template 'bad/apps/deep/x' of plugin 'bad' line 2 ('%s/templates/bad/apps/deep/x'): "
    assert site.refused(plugins=["bad"]) == message % folder + "'NOPE' is undefined. " + ADVICE


IN_PATCH = "patch 'lms-env' of plugin 'bad' in template 'apps/lms.yml'"
PATCHES = {
    "undefined": ("x\n{{ NOPE }}", "Undefined setting in %s line 2: 'NOPE' is undefined. %s" % (IN_PATCH, ADVICE)),
    "syntax": ("x\n{% if %}", "Jinja syntax error in %s, line 2: Expected an expression, got 'end of statement block'." % IN_PATCH),
    "missing include": ("{% include 'x' %}", "Template 'x' is needed in %s line 1, but no template root holds it." % IN_PATCH),
    "itself": (
        "{{ patch('lms-env') }}",
        "Endless recursion in template 'apps/lms.yml' in patch 'lms-env' of plugin 'bad' in patch 'lms-env' of plugin 'bad': a patch or "
        "template includes itself.",
    ),
    "each other": (
        "{{ patch('other') }}",
        "Endless recursion in template 'apps/lms.yml' in patch 'lms-env' of plugin 'bad' in patch 'other' of plugin 'bad': a patch or "
        "template includes itself.",
    ),
}


@pytest.mark.parametrize("text, message", PATCHES.values(), ids=PATCHES)
def test_patch(hooked, text, message):
    hooked.plugin("bad.yml", {"name": "bad", "patches": {"lms-env": text, "other": "{{ patch('lms-env') }}"}})
    assert hooked.refused(plugins=["bad"]) == message


@pytest.mark.parametrize("section, key", [("add", "BAD_A"), ("defaults", "BAD_A"), ("set", "A")])
def test_setting_of_a_plugin(site, section, key):
    site.plugin("bad.yml", {"name": "bad", "config": {section: {"A": {"x": ["a\n{{ NOPE }}"]}}}})
    message = "Undefined setting in setting '%s' of plugin 'bad' line 2: 'NOPE' is undefined. %s"
    assert site.refused(plugins=["bad"]) == message % (key, ADVICE)


def test_setting_of_a_plugin_with_a_syntax_error(site):
    site.plugin("bad.yml", {"name": "bad", "config": {"defaults": {"A": "{{ x"}}})
    message = (
        "Jinja syntax error in setting 'BAD_A' of plugin 'bad', line 1: unexpected end of template, expected 'end of print statement'."
    )
    assert site.refused(plugins=["bad"]) == message


def test_init_task(site):
    """Scripts are rendered when they are needed: by the module job, which fails before it runs anything."""
    site.package("bad", PLUGIN + "hooks = {'init': ['lms']}\n", files={"templates/bad/hooks/lms/init": "echo\necho {{ NOPE }}\n"})
    site.render(plugins=["bad"])
    message = "Undefined setting in init task of 'bad' in service 'lms' line 2: 'NOPE' is undefined. " + ADVICE
    assert site.run("job", check=True, name="init").msg == message


def test_image_tag(site):
    site.plugin("bad.yml", {"name": "bad", "hooks": {"build-image": {"worker": "x:{{ NOPE }}"}}})
    site.render(plugins=["bad"])
    message = "Undefined setting in image 'worker' of bad line 1: 'NOPE' is undefined. " + ADVICE
    assert site.run("image", check=True, names=["worker"], state="built").msg == message


def test_text_that_utf8_cannot_hold(site):
    site.package("bad", "patches = {'lms-env': '\\ud800'}\n")
    assert site.refused(plugins=["bad"]).startswith("UnicodeEncodeError in template 'apps/lms.yml': 'utf-8' codec can't encode")


def test_file_and_folder_of_one_name(site):
    harness.write(site.templates, {"apps/x": "file"})
    site.package("bad", PLUGIN, files={"templates/apps/x/y": "file in a folder"})
    assert (
        site.refused(plugins=["bad"])
        == "'apps/x' would be both a file (template 'apps/x' of core) and a folder (template 'apps/x/y' of plugin 'bad')."
    )


TARGETS = {
    "above": ("../..", "'../..'"),
    "absolute": ("/etc", "'/etc'"),
    "above in the middle": ("plugins/../../x", "'plugins/../../x'"),
}


@pytest.mark.parametrize("target, shown", TARGETS.values(), ids=TARGETS)
def test_target_outside_of_the_environment(hooked, target, shown):
    hooked.plugin(
        "bad.py",
        """
        import os
        from tutor import hooks
        folder = os.path.join(os.path.dirname(__file__), "t")
        hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(folder)
        hooks.Filters.ENV_TEMPLATE_TARGETS.add_item(("bad", %r))
        """
        % target,
    )
    harness.write(hooked.plugins_root, {"t/bad/x": "x"})
    assert hooked.refused(plugins=["bad"]) == (
        "Plugin 'bad' wants to write template 'bad/x' to %s, outside of the environment: refused." % shown
    )


def test_images_outside_of_the_environment(plain):
    plain.plugin("bad.yml", {"name": "bad", "hooks": {"build-image": {"../../../../x": "tag"}}})
    plain.render(plugins=["bad"])
    assert plain.run("image", check=True, names=["../../../../x"], state="built").msg == (
        "The folder of image '../../../../x' of bad, 'plugins/bad/build/../../../../x', is outside of the environment: refused."
    )


@pytest.mark.parametrize(
    "text, message",
    [
        ("A: [\n", "line 2 column 1 is not valid YAML: did not find expected node content."),
        ("- A\n", "must hold settings (KEY: value), not a list."),
        (b"A: \xff\n", "is not UTF-8 text (byte 3): save it as UTF-8."),
        ("1: 2\n", "has the key 1, which is a int: put it in quotes."),
    ],
)
def test_settings_of_core(plain, text, message):
    harness.write(plain.templates, {"config/defaults.yml": text})
    assert plain.refused(plugins=[]) == "'%s/config/defaults.yml' %s" % (plain.templates, message)
