# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled templates, patches and settings, kept between calls: compiling takes longer than rendering.

They are known by a digest of all that Jinja compiles from, so that none is ever older than its source.
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


class Compiled:
    """``made_from`` is what they depend on beside their text; ``kept`` come from an earlier call."""

    def __init__(self, made_from: Any, kept: Dict[str, bytes]) -> None:
        self._made_from = repr((sys.version, made_from)).encode("utf-8", "surrogateescape")
        self._kept = kept
        self.used: Dict[str, bytes] = {}

    def code(self, source: Any, make: Callable[[], Any]) -> Any:
        """The code of ``source``, made where none is kept of it."""
        key = self._key(source)
        kept = self.used.get(key) or self._kept.get(key)
        code = marshal.loads(kept) if kept else make()
        self.used[key] = kept or marshal.dumps(code)
        return code

    def _key(self, source: Any) -> str:
        return hashlib.sha256(self._made_from + repr(source).encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def known(self) -> Dict[str, bytes]:
        """Those of an earlier call and those that were used."""
        return {**self._kept, **self.used}

    def content(self, all_of_them: bool) -> bytes:
        """A file of those that were used and, unless ``all_of_them`` were, the others too."""
        content = marshal.dumps(self.used if all_of_them else self.known)
        return hashlib.sha256(content).digest() + content


def path(places: Places) -> str:
    """Where they are kept."""
    return files.own_path(places, "compiled")


def load(places: Places) -> Dict[str, bytes]:
    """What an earlier call kept; nothing where there was none, or the file is damaged."""
    with unnoticed(), contextlib.suppress(OSError, LecternError):
        content = files.read_own(path(places), trusted=True)
        return _loads(content[32:]) if hashlib.sha256(content[32:]).digest() == content[:32] else {}
    return {}


def _loads(content: bytes) -> Dict[str, bytes]:
    with contextlib.suppress(ValueError, EOFError, TypeError):
        found = marshal.loads(content)
        return found if isinstance(found, dict) else {}
    return {}
