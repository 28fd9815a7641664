# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares folders of files, in names and bytes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path


def read(folder: Path) -> dict[str, bytes]:
    """Content of every file below the folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def states(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Inode, mode and time of change in nanoseconds of everything below the folder but Lectern's own files."""
    paths = [path for path in sorted(folder.rglob("*")) if ".lectern" not in path.parts]
    return {str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mode, path.stat().st_mtime_ns) for path in paths}


def difference(reference: Mapping[str, bytes], written: Mapping[str, bytes]) -> str:
    """What differs, as text to read; empty where nothing does."""
    lines = [f"missing: {name}" for name in reference.keys() - written.keys()]
    lines += [f"too much: {name}" for name in written.keys() - reference.keys()]
    for name in sorted(reference.keys() & written.keys()):
        if reference[name] != written[name]:
            lines += _lines(name, reference[name], written[name])
    return "\n".join(lines)


def _lines(name: str, reference: bytes, written: bytes) -> list[str]:
    before, after = (repr_lines(text) for text in (reference, written))
    return list(difflib.unified_diff(before, after, f"upstream/{name}", f"lectern/{name}", lineterm="", n=1))[:30]


def repr_lines(text: bytes) -> list[str]:
    """Lines with their ends made visible."""
    return [repr(line) for line in text.decode("utf-8", "backslashreplace").splitlines(keepends=True)]
