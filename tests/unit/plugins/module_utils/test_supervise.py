# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one script gets into its container."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import compose, supervise

SCRIPT = "mysql --password=sesame -e 'SELECT 1'\nfalse\necho not reached"


def test_script_is_not_among_the_arguments(monkeypatch):
    """A list of processes shows arguments to every user of the host."""
    calls = []

    def run(_platform, arguments, jobs=False, env=None, timeout=None):
        calls.append((arguments, env))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(compose, "run", run)
    monkeypatch.setattr(compose, "project_name", lambda platform: "tutor_local")
    monkeypatch.setattr(supervise, "find", lambda client, name: None)
    monkeypatch.setattr(supervise, "_finish", lambda client, name, deadline: 0)
    assert supervise.run_script(SimpleNamespace(secrets=[]), None, "mysql-job", SCRIPT).rc == 0
    ((arguments, env),) = calls
    assert "sesame" not in " ".join(arguments)
    assert env == {"LECTERN_SCRIPT": SCRIPT}


@pytest.mark.parametrize(
    ("script", "expected"), [(SCRIPT.split("\n", 1)[1], (1, "")), ("echo \"${LECTERN_SCRIPT-gone}\" '$HOME'", (0, "gone $HOME\n"))]
)
def test_shell_runs_it_as_upstream_does(script, expected):
    done = subprocess.run(
        supervise.SHELL, env={"PATH": "/usr/bin:/bin", "LECTERN_SCRIPT": script}, stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == expected
