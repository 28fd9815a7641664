# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules of the collection as users do: through ansible-playbook, in the interpreter that holds Tutor."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .pythons import CONTROLLER, PROJECT

HERE = Path(__file__).resolve().parent
Task = tuple[str, Mapping[str, Any]]
"""Name of the module without its namespace, and its options."""


def run(venv: Path, tasks: Sequence[Task], environ: Mapping[str, str], check: bool = False) -> list[dict[str, Any]]:
    """Runs the tasks on this machine with that environment and returns their results. A failed task raises AssertionError."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results")
        playbook = Path(folder, "playbook.yml")
        playbook.write_text(json.dumps(_playbook(venv, tasks, environ)))
        command = [CONTROLLER / "ansible-playbook", "--inventory", "localhost,", playbook, *(["--check"] if check else [])]
        done = subprocess.run(
            command, env=_controller_environ(results), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in results.read_text().splitlines()]


def _playbook(venv: Path, tasks: Sequence[Task], environ: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"ansible_connection": "local", "ansible_python_interpreter": str(venv / "bin" / "python")},
            "environment": dict(environ),
            "tasks": [{"name": name, f"lectern.tutor.{name}": options} for name, options in tasks],
        }
    ]


def _controller_environ(results: Path) -> dict[str, str]:
    """The environment of ansible-playbook: the user's, less what would reach the engine or steer Tutor."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUTOR_", "ANSIBLE_", "PYTHON"))}
    return {
        **kept,
        "ANSIBLE_CALLBACK_PLUGINS": str(PROJECT / "tests" / "support" / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "results",
        "ANSIBLE_COLLECTIONS_PATH": str(PROJECT / ".build" / "collections"),
        "ANSIBLE_HOME": str(PROJECT / ".build" / "parity" / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "LECTERN_TEST_RESULTS": str(results),
    }
