# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks, builds and transfers say while they run: kept below ``<root>/.lectern/logs``, and shown to a person who watches."""

from __future__ import annotations

import collections
import contextlib
import os
import re
import threading
import time
from io import FileIO
from typing import Callable, Deque, Iterable, Iterator, List, Optional, Tuple

from . import masking, state
from .errors import LecternError
from .places import Places

KEPT = 10  # logs of each task
SHOWN = 50  # lines that are shown at a time, the newest ones: a person reads no more in a second
LONGEST = 500  # characters of a line that are shown
LIVE_PREFIX = "live-"  # of the name of the file that the controller follows
LIVE = "LECTERN_LIVE"  # the environment variable with the rest of that name
UNSEEN = "lectern_live"  # the key of a module's result with the last lines, which the controller takes out
IDENTITY = re.compile("[0-9a-f]{32}")
STALE = 86400.0  # seconds after which a file that nobody follows any more is removed
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Write = Callable[[str], None]
Numbered = Tuple[int, str]


def nowhere(_text: str) -> None:
    """A Write that keeps nothing."""


class Logs:
    """The logs of one module call. Every line is masked before it is written.

    ``live``: 32 hexadecimal digits in the name of the file that the controller follows; None where nobody follows.
    """

    def __init__(self, places: Places, secrets: Iterable[str], live: Optional[str] = None) -> None:
        self._places = places
        self._mask = masking.masker(secrets)
        self._live = live if live and IDENTITY.fullmatch(live) else None
        self._stream: Optional[FileIO] = None
        self._last: Deque[Numbered] = collections.deque(maxlen=SHOWN)
        self._lock = threading.Lock()  # images are worked on in threads

    @contextlib.contextmanager
    def of(self, verb: str, name: str) -> Iterator[Write]:
        """Yields what appends to the log ``VERB-NAME-TIME.log`` of one task; the file is made with its first line."""
        made: List[FileIO] = []

        def file() -> FileIO:
            if not made:
                made.append(self._make(verb, name))
            return made[0]

        def write(text: str) -> None:
            for line in lines_of(text):
                self._append(file(), name, self._mask(line))

        try:
            yield write
        except LecternError as error:
            self._keep(file(), self._mask(str(error)))
            raise
        finally:
            for stream in made:
                with self._lock:
                    stream.close()

    def end(self) -> List[Numbered]:
        """Removes the file that the controller follows, and returns its last lines, which may not have been seen."""
        with self._lock:
            if self._stream is not None:
                self._stream.close()
                with contextlib.suppress(OSError):
                    os.unlink(self._stream.name)
            self._live = self._stream = None
            return list(self._last)

    def _make(self, verb: str, name: str) -> FileIO:
        stem = re.sub(r"[^A-Za-z0-9_.]+", "-", "%s-%s" % (verb, name))[:100]
        folder = _folder(self._places)
        return _create_next(self._places, folder, stem, _rotate(folder, stem))

    def _append(self, stream: FileIO, name: str, line: str) -> None:
        self._keep(stream, line)
        with self._lock:
            if self._live and line.strip():
                self._show("%s | %s" % (name, line if len(line) <= LONGEST else line[:LONGEST] + "…"))

    def _keep(self, stream: FileIO, text: str) -> None:
        # A full disk is no reason to stop a migration, and a thread may come late.
        with self._lock, contextlib.suppress(OSError, ValueError):
            stream.write((text + "\n").encode("utf-8", "replace"))

    def _show(self, text: str) -> None:
        self._last.append((self._last[-1][0] + 1 if self._last else 1, text))
        with contextlib.suppress(OSError):
            if self._stream is None:
                folder = _folder(self._places)
                _remove_stale(folder)
                self._stream = _create(self._places, os.path.join(folder, "%s%s" % (LIVE_PREFIX, self._live)))
            self._stream.write(("%d:%s\n" % self._last[-1]).encode("utf-8", "replace"))


def lines_of(text: str) -> List[str]:
    """The lines of a text without what a terminal would obey; a carriage return, as progress bars use it, ends a line too."""
    found = re.split(r"\r\n|\n|\r", ESCAPES.sub("", text))
    return [CONTROLS.sub("", line) for line in (found if found[-1] or len(found) == 1 else found[:-1])]


def _folder(places: Places) -> str:
    path = os.path.join(state.folder(places), "logs")
    state.refuse_link(path)
    state.make_folder(path)
    return path


def _create(places: Places, path: str) -> FileIO:
    """A new file, open to be written, that nobody but its owner can read; a link in its place is an error."""
    stream = FileIO(path, "x", opener=lambda path, flags: os.open(path, flags, 0o600))
    state.adopt(path, places)
    return stream


def _name(stem: str, moment: int) -> str:
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(moment // 1000))
    return "%s-%s.%03dZ.log" % (stem, stamp, moment % 1000)


def _create_next(places: Places, folder: str, stem: str, kept: List[str]) -> FileIO:
    """A log named after this moment, or after the next one that is later than the logs that are kept."""
    moment = int(time.time() * 1000)
    # Only many in one moment are ahead of it; what is further ahead was made before the clock was set back.
    newest = max((name for name in kept if name < _name(stem, moment + 1000)), default="")
    while True:
        name = _name(stem, moment)
        moment += 1
        with contextlib.suppress(FileExistsError):
            if name > newest:
                return _create(places, os.path.join(folder, name))


def _rotate(folder: str, stem: str) -> List[str]:
    """Makes room for one more log of that name, and returns the names of those that stay."""
    named = re.compile(re.escape(stem) + r"-\d{8}T\d{6}\.\d{3}Z\.log")
    names = sorted(name for name in os.listdir(folder) if named.fullmatch(name))
    for name in names[: 1 - KEPT]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name))
    return names[1 - KEPT :]


def _remove_stale(folder: str) -> None:
    """What calls left that were killed."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        with contextlib.suppress(FileNotFoundError):
            if name.startswith(LIVE_PREFIX) and os.stat(path).st_mtime < time.time() - STALE:
                os.unlink(path)
