# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays out the folders of a case."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from .cases import Case

FILES = Path(__file__).resolve().parent / "files"
STAND_INS = Path(__file__).resolve().parent / "inside"
"""Holds `docker`: releases 16 to 18 ask it about the engine while they render. Its folder `python` holds modules."""


@dataclass(frozen=True)
class Site:
    """A case in its own folder, with the interpreter that holds its Tutor."""

    case: Case
    venv: Path
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def plugins_root(self) -> Path:
        return self.folder / "plugins"

    @property
    def environ(self) -> dict[str, str]:
        """What both sides find in the environment: nothing of the user's own."""
        return {
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join([str(STAND_INS), str(self.venv / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "PYTHONPATH": os.pathsep.join([str(STAND_INS / "python"), *(str(FILES / "packages" / name) for name in self.case.packages)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TUTOR_ROOT": str(self.root),
            "TUTOR_PLUGINS_ROOT": str(self.plugins_root),
            **self.case.environ,
        }

    @property
    def places(self) -> dict[str, str]:
        """The options that every module takes."""
        return {"root": str(self.root), "plugins_root": str(self.plugins_root)}


def lay_out(case: Case, venv: Path, folder: Path) -> Site:
    """Makes the folders of the case, all but the root."""
    site = Site(case, venv, folder)
    for name in ("home", "plugins", *case.folders):
        (folder / name).mkdir(parents=True)
    for name in case.plugins_root:
        source = FILES / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, site.plugins_root / name)
    for name, text in case.texts.items():
        path = site.plugins_root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    return site


def fresh_root(site: Site) -> None:
    """Makes the root anew, with nothing in it but the config.yml of the case."""
    if site.root.exists():
        shutil.rmtree(site.root)
    site.root.mkdir()
    settings = json.loads(json.dumps(dict(site.case.settings)).replace("CASE/", f"{site.folder}/"))
    config = yaml.safe_load((FILES / site.case.release.config).read_text(encoding="utf-8"))
    text = yaml.safe_dump({**config, **settings}, allow_unicode=True, sort_keys=False)
    (site.root / "config.yml").write_text(text, encoding="utf-8")
