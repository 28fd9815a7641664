# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""config_info renders patches on the host: what `tutor config patches show` prints, and all that the lookup `patch` needs."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.plugin_utils.patches import PatchRenderer, contributions_of
from ansible_collections.lectern.tutor.plugins.plugin_utils.results import exact_settings_of, order_of, plugins_of, variables_of
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

OFFICIAL = ["android", "cairn", "credentials", "deck", "discovery", "forum", "indigo", "jupyter", "livedeps", "mfe", "minio", "notes"]
OFFICIAL += ["xqueue"]
MASK = "********"


def upstream(site):
    """What upstream's own command prints for each patch."""
    places = {"TUTOR_ROOT": str(site.root), "TUTOR_PLUGINS_ROOT": str(site.plugins_root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [site.server.python, "-W", "ignore", str(harness.CHECKOUT / "tests/parity/inside/patches.py")]
    done = subprocess.run(command, env={**os.environ, **places}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def on_controller(site, config_info, name):
    """The lookup's way without a rendered patch."""
    result = site.ok("plugin_info")
    found = contributions_of(plugins_of(result), order_of(result), variables_of(config_info), config_info["release"])
    renderer = PatchRenderer(found, exact_settings_of(config_info), config_info["release"])
    return renderer.render_patch(name, renderer.settings)


@pytest.fixture
def official(hooked):
    """A platform of Tutor 22 as it is, with its own templates."""
    hooked.options["templates"] = None
    return hooked


def test_every_patch_of_the_official_plugins(official):
    official.render(plugins=OFFICIAL, settings={"LMS_HOST": "learn.test", "ENABLE_HTTPS": True})
    expected = upstream(official)
    result = official.ok("config_info", patches=["all"], reveal=True)
    # Its own text calls itself; nothing but a file of documentation.
    assert expected.pop("Example.jsx") is None
    assert {name: text + "\n" if text else "" for name, text in result["patches"].items()} == expected
    assert list(result["patch_errors"]) == ["Example.jsx"]
    assert result["patch_errors"]["Example.jsx"].startswith("Endless recursion in patch 'Example.jsx' of plugin 'indigo'")
    assert len(expected) > 40 and "MFE_CONFIG" in expected["openedx-lms-common-settings"]
    assert result["masked_patches"] == []
    assert {name: "\n".join(texts) for name, texts in result["patch_texts"].items()} == result["patches"]


def test_secrets_are_masked_and_their_patches_named(site):
    site.plugin(
        "p.yml",
        {"name": "p", "patches": {"a": "{{ OPENEDX_SECRET_KEY }}", "b": "{{ LMS_HOST }} /********/", "c": "{{ 20|random_string }}"}},
    )
    site.render(plugins=["p"])
    result = site.ok("config_info", patches=["all"])
    assert result["patches"] == {"a": MASK, "b": "www.myopenedx.com /********/", "c": MASK}
    assert result["masked_patches"] == ["a", "c"]
    revealed = site.ok("config_info", patches=["a", "c"], reveal=True)
    assert revealed["patches"]["a"] == site.settings()["OPENEDX_SECRET_KEY"]
    assert (len(revealed["patches"]["c"]), revealed["masked_patches"]) == (20, [])


def test_names(site):
    site.plugin("p.yml", {"name": "p", "patches": {"one": "1\n", "two": "{{ patch('one') }}2", "empty": ""}})
    site.plugin("q.yml", {"name": "q", "patches": {"one": "q\n\n"}})
    site.render(plugins=["p", "q"])
    assert site.ok("config_info")["patches"] == {}
    result = site.ok("config_info", patches=["two", "nobody-adds-here", "empty"])
    assert result["patches"] == {"two": "1\nq\n2", "nobody-adds-here": "", "empty": ""}
    assert result["patch_texts"] == {"two": ["1\nq\n2"], "nobody-adds-here": [], "empty": [""]}
    assert sorted(site.ok("config_info", patches=["all"])["patches"]) == ["empty", "one", "two"]


def test_a_patch_that_fails_is_named(site):
    site.plugin("p.yml", {"name": "p", "patches": {"x": "{{ NOT_THERE }}", "y": "fine"}})
    site.render(plugins=["p"])
    words = "in patch 'x' of plugin 'p' line 1: 'NOT_THERE' is undefined"
    assert words in site.run("config_info", patches=["x", "y"]).msg
    result = site.ok("config_info", patches=["all"])
    assert words in result["patch_errors"]["x"]
    assert result["patches"] == {"y": "fine"}


def test_what_json_lacks_arrives_as_it_is(hooked):
    """Tuples, keys, dates: on the controller's own path, and rendered on the host."""
    hooked.plugin(
        "tup.py",
        """
        import datetime
        from tutor import hooks
        hooks.Filters.CONFIG_DEFAULTS.add_items([
            ("TUP_FIELDS", [("course", "other"), {"k": (1,)}]),
            ("TUP_LEVELS", {1: "one", None: 2, True: 3, "t": {2.5: ()}}),
            ("TUP_DAY", datetime.date(2026, 1, 31)),
            ("TUP_DAYS", [datetime.datetime(2026, 1, 31, 10, tzinfo=datetime.timezone.utc), datetime.time(10, 30)]),
            ("TUP_BYTES", b"caf\\xe9"),
            ("TUP_SET", {7}),
            ("TUP_HUGE", 10**30),
            ("TUP_NAN", [float("nan"), float("-inf")]),
            ("TUP_ODD", range(3)),
        ])
        names = ["FIELDS", "LEVELS", "DAY", "DAYS", "BYTES", "SET", "HUGE", "NAN"]
        text = "\\n".join("{{ TUP_%s }}" % name for name in names) + "\\n{{ TUP_DAY.year }} {{ TUP_LEVELS[1] }}"
        hooks.Filters.ENV_PATCHES.add_items([("lms-env", text), ("odd", "{{ TUP_ODD }}")])
        """,
    )
    hooked.render(plugins=["tup"])
    expected = hooked.text("apps/lms.yml").partition("secret: ")[2].partition("\n")[2]
    result = hooked.ok("config_info", patches=["lms-env", "odd"])
    assert result["patches"]["lms-env"] == expected.rstrip("\n")
    assert result["patches"]["lms-env"].splitlines()[:3] == [
        "[('course', 'other'), {'k': (1,)}]",
        "{1: 3, None: 2, 't': {2.5: ()}}",
        "2026-01-31",
    ]
    assert result["config"]["TUP_FIELDS"] == [["course", "other"], {"k": [1]}]
    assert on_controller(hooked, result, "lms-env") == result["patches"]["lms-env"]
    with pytest.raises(LecternError, match="The setting 'TUP_ODD' in patch 'odd' of plugin 'tup' holds a Python object .range."):
        on_controller(hooked, result, "odd")
    assert result["patches"]["odd"] == "range(0, 3)"
