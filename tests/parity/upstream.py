# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs upstream's own `tutor` command, the reference of every comparison."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

INSIDE = Path(__file__).resolve().parent / "inside"


def tutor(venv: Path, environ: Mapping[str, str], *arguments: str) -> str:
    """Runs one command in a fresh process and returns what it printed. AssertionError where it fails."""
    return _run([str(venv / "bin" / "tutor"), *arguments], environ)


def settings(venv: Path, environ: Mapping[str, str], root: Path) -> dict[str, Any]:
    """Every setting as `tutor config printvalue` finds it."""
    return json.loads(_run([str(venv / "bin" / "python"), "-W", "ignore", str(INSIDE / "settings.py"), str(root)], environ))


def recorded(venv: Path, environ: Mapping[str, str], *arguments: str) -> list[list[str]]:
    """The arguments of every docker and docker-compose command that one `tutor` command runs, none of them run really."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "record")
        tutor(venv, {**environ, "PATH": f"{INSIDE}:{environ['PATH']}", "RECORD": str(record)}, *arguments)
        return [json.loads(line) for line in record.read_text().splitlines()]


def _run(command: list[str], environ: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout
