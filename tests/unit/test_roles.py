# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python that a role runs on the host by itself."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"
SCRIPT = yaml.safe_load((ROLES / "plugins/vars/main.yml").read_text())["_tutor_python_installed"]
PYTEST = metadata.version("pytest")


@pytest.mark.parametrize(
    ("requirements", "met"),
    [
        ([], True),
        (["pytest"], True),
        ([f"pytest=={PYTEST}", "PyYAML>=5", "jinja2"], True),
        (["pytest<1"], False),
        (["pytest", "no-such-package"], False),
        ([f"pytest[dev]=={PYTEST}"], False),
        ([f"pytest=={PYTEST}; python_version < '3'"], False),
        (["pytest @ https://example.com/pytest.whl"], False),
        (["git+https://example.com/tutor.git"], False),
        (["./wheels/tutor.whl"], False),
    ],
)
def test_packages_that_pip_need_not_look_at(requirements: list[str], met: bool) -> None:
    done = subprocess.run([sys.executable, "-I", "-c", SCRIPT, *requirements], capture_output=True, check=False)
    assert (done.returncode == 0) == met, done.stderr
