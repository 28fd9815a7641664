# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of some plugins run `docker info`; a host without Docker renders them nevertheless."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.isolation import docker_command


def test_a_missing_docker_answers_as_one_without_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    with docker_command():
        assert subprocess.run(["docker", "info"], check=False).returncode == 1
    assert os.environ["PATH"] == str(tmp_path)
    with pytest.raises(FileNotFoundError):
        subprocess.run(["docker", "info"], check=False)


def test_the_docker_that_is_there_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "docker"
    command.write_text("#!/bin/sh\nexit 7\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with docker_command():
        assert subprocess.run(["docker", "info"], check=False).returncode == 7
