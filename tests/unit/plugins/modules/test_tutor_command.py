# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `tutor` command and the collection on one root, with Tutor's own templates: neither undoes what the other did."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

PLUGIN = {
    "name": "shared",
    "version": "1.0",
    "config": {"add": {"PASSWORD": "{{ 12|random_string }}"}, "set": {"PLATFORM_NAME": "Shared"}, "defaults": {"A": "b"}},
    "patches": {"openedx-lms-common-settings": "SHARED = '{{ SHARED_PASSWORD }} {{ SHARED_A }}'"},
}


@pytest.fixture
def real(hooked):
    """A platform with Tutor's own templates, and its command."""
    hooked.options["templates"] = None
    hooked.plugin("shared.yml", PLUGIN)
    environ = dict(os.environ, TUTOR_ROOT=str(hooked.root), TUTOR_PLUGINS_ROOT=str(hooked.plugins_root), HOME=str(hooked.folder))

    def tutor(*arguments):
        command = [str(Path(hooked.server.python).with_name("tutor")), *arguments]
        done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    hooked.tutor = tutor
    return hooked


def contents(site):
    return {str(path.relative_to(site.env)): path.read_bytes() for path in site.env.rglob("*") if path.is_file()}


def test_adopting_a_root_and_giving_it_back(real):
    real.root.mkdir(mode=0o700)
    real.edit(PLUGINS=["shared"], LMS_HOST="learn.org")
    real.tutor("config", "save")
    settings, files = real.settings(), contents(real)

    result = real.render()
    assert (result["files"]["created"], result["files"]["removed"], result["changed_keys"]) == ([], [], [])
    assert contents(real) == files
    assert not real.render()["changed"]

    real.tutor("config", "save")
    assert (real.settings(), contents(real)) == (settings, files)
    assert not real.render()["changed"]
    assert real.tutor("config", "printvalue", "SHARED_A").strip() == "b"


def test_disabling_what_the_command_enabled(real):
    real.root.mkdir(mode=0o700)
    real.edit(PLUGINS=[])
    real.tutor("plugins", "enable", "shared")
    real.tutor("config", "save")
    assert real.settings()["PLATFORM_NAME"] == "Shared"
    real.ok("plugin", name=["shared"], state="disabled")
    assert "PLATFORM_NAME" not in real.settings()
    real.render()
    assert "SHARED" not in real.text("apps/openedx/settings/lms/production.py")
    assert "shared" not in real.tutor("plugins", "list", "--enabled")


def test_the_command_sees_the_secret_of_a_plugin_that_was_enabled(real):
    """Upstream's own `plugins enable` saves it later, and another one."""
    real.ok("plugin", name=["shared"])
    secret = real.settings()["SHARED_PASSWORD"]
    assert real.tutor("config", "printvalue", "SHARED_PASSWORD").strip() == secret
    real.render()
    assert "SHARED = '%s b'" % secret in real.text("apps/openedx/settings/lms/production.py")


def test_v0_plugins_with_init_hooks(real):
    """The command can't load them since Tutor 15."""
    real.package(
        "hooked", "import os\ntemplates = os.path.dirname(__file__)\nhooks = {'init': ['lms']}\n", files={"hooked/hooks/lms/init": "echo"}
    )
    real.render(plugins=["hooked"])
    (found,) = real.ok("plugin_info", names=["hooked"])["plugins"]
    assert (found["enabled"], found["hooks"]["init"]) == (True, ["lms"])


def test_every_file_has_an_owner(real):
    real.render(plugins=["shared", "mfe", "indigo"])
    files = real.ok("environment_info")["files"]
    assert {found["owner"] for found in files.values()} == {"core", "mfe", "indigo"}
    assert files["apps/openedx/settings/lms/production.py"]["patches"]["openedx-lms-common-settings"][-1] == "shared"
    assert yaml.safe_load(real.text("local/docker-compose.yml"))["services"]
