# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Git repositories in folders, and courses in them."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Dict

IDENTITY = {f"GIT_{who}_{what}": "somebody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Repository:
    """A repository with the branch ``main``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(path)], check=True)

    def git(self, *arguments: str) -> str:
        environment = {**os.environ, **IDENTITY, "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, check=True, capture_output=True, encoding="utf-8"
        ).stdout.strip()

    def commit(self, files: Dict[str, str]) -> str:
        """Write files, and return the commit."""
        for name, content in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=more")
        return self.git("rev-parse", "HEAD")


def course(run: str = "2026", name: str = "Bees", folder: str = "") -> Dict[str, str]:
    """Return the files of a course, as Studio exports them, by path."""
    files = {"course.xml": f'<course url_name="{run}" org="Org" course="Bio"/>', f"course/{run}.xml": f'<course display_name="{name}"/>'}
    return {os.path.join(folder, path): content for path, content in files.items()}


def archive(path: Path, files: Dict[str, str]) -> Path:
    """Write an archive of these files."""
    with tarfile.open(path, "w:gz") as content:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            content.addfile(member, io.BytesIO(text.encode()))
    return path
