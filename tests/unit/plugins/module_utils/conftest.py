# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small platform in a temporary folder, for the engine without Tutor's hooks."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import places, serialize
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core
from ansible_collections.lectern.tutor.plugins.module_utils.render.changes import Changes
from ansible_collections.lectern.tutor.plugins.module_utils.root import platform, prepare, transaction

CORE = {
    "config/base.yml": 'MYSQL_ROOT_PASSWORD: "{{ 8|random_string }}"\n',
    "config/defaults.yml": """
        LMS_HOST: local.org
        CMS_HOST: "studio.{{ LMS_HOST }}"
        LIST: [a, "{{ LMS_HOST }}"]
        DOCKER_IMAGE_OPENEDX: openedx:1
    """,
    "apps/lms.txt": '{{ LMS_HOST }} {{ patch("lms") }}\n',
    "build/openedx/Dockerfile": "FROM scratch\n",
    "jobs/init/lms.sh": "echo {{ LMS_HOST }}\n",
    "jobs/init/mysql.sh": "echo mysql\n",
}


class Ground:
    """Places with small templates of core's, and shortcuts to work on them."""

    def __init__(self, folder):
        self.folder = folder
        self.root, self.plugins_root, self.templates = folder / "root", folder / "plugins", folder / "templates"
        self.env = self.root / "env"
        self.write(self.templates, CORE)
        self.plugins_root.mkdir()
        self.places = places.resolve_places(str(self.root), str(self.plugins_root), str(self.templates))

    @staticmethod
    def write(folder, files):
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())

    def plugin(self, name, **attributes):
        """A YAML plugin."""
        path = self.plugins_root / (name + ".yml")
        path.write_text(json.dumps(dict(attributes, name=name)))
        return path

    def call(self, checking=False, settings=None, append=None, remove=None, unset=(), **request):
        changes = Changes(settings or {}, append or {}, remove or {}, list(unset))
        return transaction.execute(self.places, prepare.Request(changes=changes, **request), checking)

    def edit(self, **settings):
        self.root.mkdir(mode=0o700, exist_ok=True)
        (self.root / "config.yml").write_text(json.dumps(settings))

    def saved(self):
        return serialize.load_mapping(self.places.config)

    def platform(self):
        return platform.load_platform(self.places)

    def text(self, name):
        return (self.env / name).read_text()


@pytest.fixture
def without_hooks(monkeypatch):
    """Tutor's hooks belong to the process: they are left alone, also where the package is installed."""
    monkeypatch.setattr(core, "has_hooks", lambda release: False)


@pytest.fixture
def ground(tmp_path, monkeypatch, without_hooks):
    for name in ("TUTOR_ROOT", "TUTOR_PLUGINS_ROOT", "TUTOR_APP"):
        monkeypatch.delenv(name, raising=False)
    return Ground(Path(str(tmp_path)))
