# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the interpreters on this machine and makes the virtual environments of the releases from them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .cases import Release

PROJECT = Path(__file__).resolve().parents[2]
CONTROLLER = PROJECT / ".build" / "controller" / "bin"


class NotOnThisMachine(Exception):
    """No interpreter here can run the release; the message says which are wanted."""


def environment(release: Release) -> Path:
    """Makes the release's virtual environment unless it is there, and returns its folder."""
    subprocess.run(
        [PROJECT / "scripts" / "venv", release.requirements, _interpreter(release)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=PROJECT,
    )
    return PROJECT / ".build" / release.requirements


def _interpreter(release: Release) -> str:
    """Returns the path of a Python that the release runs on, that of the project's other virtual environments if it does."""
    oldest = _oldest_target()
    wanted = [version for version in release.pythons if _numbers(version) >= oldest]
    usual = "%d.%d" % sys.version_info[:2]
    for version in sorted(wanted, key=lambda version: version != usual):
        found = subprocess.run([PROJECT / "scripts" / "find-python", version], capture_output=True, text=True, check=False).stdout.strip()
        if found:
            return found
    text = " or ".join(wanted) or f"{'.'.join(map(str, oldest))} or newer, as this ansible-core demands of a target,"
    raise NotOnThisMachine(f"Tutor {release.name}: no Python {text} on this machine")


def _oldest_target() -> tuple[int, int]:
    """The oldest Python on which the controller's ansible-core runs modules."""
    program = "from ansible.module_utils import basic; print('%d.%d' % basic._PY_MIN)"
    run = subprocess.run([CONTROLLER / "python", "-c", program], capture_output=True, text=True, check=True)
    return _numbers(run.stdout)


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)
