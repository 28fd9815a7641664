# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs upstream's own `tutor` command, the reference of every comparison."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

INSIDE = Path(__file__).resolve().parent / "inside"


def tutor(venv: Path, environ: Mapping[str, str], *arguments: str) -> str:
    """Runs one command in a fresh process and returns what it printed. AssertionError where it fails."""
    return _run([str(venv / "bin" / "tutor"), *arguments], environ)


def recorded(venv: Path, environ: Mapping[str, str], root: Path, commands: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """`settings`: what `tutor config printvalue` finds; `plan`: by name, what each `tutor` command gave to docker, none of it run."""
    command = [str(venv / "bin" / "python"), "-W", "ignore", str(INSIDE / "record.py"), str(root)]
    return json.loads(_run(command, environ, json.dumps(commands)))


def patches(venv: Path, environ: Mapping[str, str]) -> dict[str, str | None]:
    """What `tutor config patches show` prints for each patch, None where it fails; {} before there was this command."""
    return json.loads(_run([str(venv / "bin" / "python"), "-W", "ignore", str(INSIDE / "patches.py")], environ))


def _run(command: list[str], environ: Mapping[str, str], text: str = "") -> str:
    done = subprocess.run(command, env=dict(environ), input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout
