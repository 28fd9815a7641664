# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual environment with one package of its own, so that few have to be asked for their hashes. It sees those of another one, of the
plugins a few.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

OWN = ("idna", "3.10")
PLUGINS = ("tutor_discovery", "tutor_mfe", "tutor_minio", "tutor_xqueue")


def make(folder: Path, other: Path) -> Path:
    """Makes it in a folder, beside the other virtual environment."""
    subprocess.run([other / "bin/python", "-m", "venv", "--without-pip", folder], check=True)
    pip = [other / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", folder / "bin/python"]
    subprocess.run([*pip, "install", "==".join(OWN)], check=True)
    (packages,) = folder.glob("lib/*/site-packages")
    (folder / "seen").mkdir()
    for path in other.glob("lib/*/site-packages/*"):
        if not path.name.startswith("tutor_") or path.name.startswith(PLUGINS):
            (folder / "seen" / path.name).symlink_to(path)
    (packages / "beside.pth").write_text(f"{folder}/seen\n")
    return folder
