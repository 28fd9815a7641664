# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled templates, patches and settings, kept between calls: compiling takes longer than rendering.

They are known by a digest of all that Jinja compiles from, so that none is ever older than its source.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import marshal
import os
import sys
import threading
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Tuple

from . import state
from .errors import LecternError
from .limits import limited
from .places import Places
from .questions import unnoticed

Source = Tuple[str, Optional[str], Optional[str]]  # text, name of the template, its path
WORTH_A_PROCESS = 20  # texts to compile


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

    def keep(self, codes: Mapping[Source, bytes]) -> None:
        """Keeps codes, in marshal's format, beside those of an earlier call."""
        self._kept = {**self._kept, **{self._key(source): code for source, code in codes.items()}}

    def ahead(self, sources: Iterable[Source], compile_: Callable[..., Any]) -> None:
        """Has those compiled of which nothing is kept, by two other processes: it takes half of the time, and none of this one's memory.

        What fails is left to whoever asks for it.
        """
        keys = {self._key(source): source for source in sources}
        self.used.update((key, self._kept[key]) for key in keys if key in self._kept)
        missing = sorted((source for key, source in keys.items() if key not in self.used), key=lambda source: len(source[0]))
        if len(missing) >= WORTH_A_PROCESS:
            halves = [beside(functools.partial(self._compile, half, compile_)) for half in (missing[::2], missing[1::2])]
            for result in halves:
                self.used.update(_loads(result()))

    def _compile(self, sources: Iterable[Source], compile_: Callable[..., Any]) -> bytes:
        before, self.used = self.used, {}
        for source in sources:
            with contextlib.suppress(Exception), limited():
                compile_(*source)
        found, self.used = self.used, before
        return marshal.dumps(found)

    def content(self, all_of_them: bool) -> bytes:
        """A file of those that were used and, unless ``all_of_them`` were, the others too."""
        content = marshal.dumps(self.used if all_of_them else self.known)
        return hashlib.sha256(content).digest() + content


def beside(function: Callable[[], bytes]) -> Callable[[], bytes]:
    """Has a forked process call ``function`` meanwhile; what is returned waits for its result, which is empty or cut off where it died.

    Where other threads run it is called here, later: a fork would copy none of them, but the locks that they hold.
    """
    if threading.active_count() > 1:
        return function
    reader, writer = os.pipe()
    with unnoticed():
        child = os.fork()
    if child == 0:
        try:
            os.close(reader)  # so that it ends where nobody waits for it any more
            with unnoticed():
                grandchild = os.fork()  # no child of this process, so that a plugin that waits for its own does not meet it
            if grandchild == 0:
                with os.fdopen(writer, "wb") as stream:
                    stream.write(function())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)

    def result() -> bytes:
        with os.fdopen(reader, "rb") as stream:
            return stream.read()

    return result


def path(places: Places) -> str:
    """Where they are kept."""
    return os.path.join(state.own(places), "compiled")


def load(places: Places) -> Dict[str, bytes]:
    """What an earlier call kept; nothing where there was none, or the file is damaged."""
    with unnoticed(), contextlib.suppress(OSError, LecternError):
        content = state.read_own(path(places), trusted=True)
        return _loads(content[32:]) if hashlib.sha256(content[32:]).digest() == content[:32] else {}
    return {}


def _loads(content: bytes) -> Dict[str, bytes]:
    with contextlib.suppress(ValueError, EOFError, TypeError):
        found = marshal.loads(content)
        return found if isinstance(found, dict) else {}
    return {}
