# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import yaml
from ansible_collections.lectern.tutor.plugins.filter.mask_logins import mask_logins

ROLES = Path(__file__).resolve().parents[4] / "roles"


def test_logins_are_masked() -> None:
    assert mask_logins("git+https://t0ken@git.example.org/x.git@main") == "git+https://********@git.example.org/x.git@main"
    assert mask_logins("tutor==22.0.3") == "tutor==22.0.3"


def test_tasks_that_have_packages_hide_their_logins() -> None:
    """Ansible shows what a task was given, and its own modules know no logins."""
    for path in sorted((ROLES / "plugins/tasks").glob("*.yml")):
        for task in yaml.safe_load(path.read_text()):
            if re.search("_tutor_python_packages|_tutor_pip_arguments", str(task)) and "mask_logins" not in str(task):
                assert task.get("no_log") == "{{ _tutor_packages_hold_logins }}", (path.name, task["name"])
