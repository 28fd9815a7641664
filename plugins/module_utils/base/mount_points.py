# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where file systems are mounted. A file can't be renamed from one mount to another, nor onto a file that is a mount itself."""

from __future__ import annotations

import os
import re
from typing import Set, Tuple

TABLE = "/proc/self/mountinfo"


def mount_points() -> Set[str]:
    """Return the folders and files that something is mounted on; none where the system does not tell."""
    try:
        with open(TABLE, "rb") as table:
            return {os.fsdecode(_plain(line.split()[4])) for line in table}
    except OSError:
        return set()


def _plain(text: bytes) -> bytes:
    """Return a path without the octal escapes of the table."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found.group(1), 8)]), text)


def mount_of(path: str, known: Set[str]) -> Tuple[str, int]:
    """Return what identifies the mount that a folder lies on. ``known`` are the mount points."""
    device = os.stat(path).st_dev
    while path not in known and path != os.sep:
        path = os.path.dirname(path)
    return path, device


def is_read_only(path: str) -> bool:
    """Whether nobody can write where this file or folder lies, whatever its permissions."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
