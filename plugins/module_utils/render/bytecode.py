# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled templates, patches and settings, kept between calls: compiling takes longer than rendering.

Each is kept under a digest of all that Jinja compiles it from, so none is ever older than its source.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import sys
from typing import Any, Callable, Dict

from ..base import files
from ..base.errors import LecternError
from ..base.observation import unnoticed
from ..base.places import Places
from ..memory import store


class TemplateCode:
    """Compiled templates. ``made_from`` is what they depend on beside their text; ``kept`` come from an earlier call."""

    def __init__(self, made_from: Any, kept: Dict[str, bytes]) -> None:
        self._made_from = repr((sys.version, made_from)).encode("utf-8", "surrogateescape")
        self.kept = kept
        self.used: Dict[str, bytes] = {}

    def get(self, source: Any, compile_source: Callable[[], Any]) -> Any:
        """Return the code of ``source``, compiled where none is kept."""
        key = hashlib.sha256(self._made_from + repr(source).encode("utf-8", "surrogateescape")).hexdigest()
        kept = self.used.get(key) or self.kept.get(key)
        code = marshal.loads(kept) if kept else compile_source()
        self.used[key] = kept or marshal.dumps(code)
        return code

    def content(self) -> bytes:
        """Return the file that keeps those that were used."""
        content = marshal.dumps(self.used)
        return hashlib.sha256(content).digest() + content


def path(places: Places) -> str:
    """Return where they are kept."""
    return files.own_path(places, "compiled")


def load(places: Places) -> Dict[str, bytes]:
    """Return what an earlier call kept, by key; nothing where the memory is off, or the file is missing or damaged."""
    if not store.is_on():
        return {}
    with unnoticed(), contextlib.suppress(OSError, LecternError, ValueError, EOFError, TypeError):
        content = files.read_own(path(places), trusted=True)
        if hashlib.sha256(content[32:]).digest() == content[:32]:
            kept = marshal.loads(content[32:])
            return kept if isinstance(kept, dict) else {}
    return {}
