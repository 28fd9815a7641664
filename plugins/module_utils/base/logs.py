# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of tasks, builds and transfers while they run: kept below ``<root>/.lectern/logs``, and shown to a person who watches.

A very long log keeps its beginning and its end, with a note in between of how much was left out.
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import threading
import time
from io import FileIO
from typing import Callable, Deque, Iterable, Iterator, List, Optional, Tuple

from . import files, masking
from .errors import LecternError
from .places import Places
from .terminal import lines_of

KEPT = 10  # logs of each task

SHOWN = 50  # newest lines that are shown at a time: nobody reads more in a second

LONGEST = 500  # characters of a line that are shown

HEAD = TAIL = 4 * 1024 * 1024  # bytes that are kept of a log's beginning and, at least, of its end

LIVE_BYTES = 1024 * 1024  # size at which the file that the controller follows is cut down to the newest lines

LIVE_PREFIX = "live-"  # of the name of the file that the controller follows

LIVE = "LECTERN_LIVE"  # the environment variable with the rest of that name

UNSEEN = "lectern_live"  # the key of the last lines in a module's result, which the controller removes

IDENTITY = re.compile("[0-9a-f]{32}")

STALE = 86400.0  # seconds after which an abandoned file is removed

Write = Callable[[str], None]

Numbered = Tuple[int, str]


def ignore_text(_text: str) -> None:
    """Ignore a text."""


class LogFile:
    """A new file of at most HEAD + 2 * TAIL bytes and a note. It is on disk at any moment, so a killed call leaves its log."""

    def __init__(self, stream: FileIO) -> None:
        self._stream = stream
        self._head = self._size = self._note = 0  # bytes of the kept beginning, of the whole file, of the note
        self._lines = self._bytes = 0

    @property
    def left_out(self) -> str:
        """Say how much was left out; empty where nothing was."""
        return "%d lines (%d bytes) were left out" % (self._lines, self._bytes) if self._bytes else ""

    @property
    def path(self) -> str:
        """The path of the file."""
        return os.fsdecode(self._stream.name)

    def write(self, content: bytes) -> None:
        """Append whole lines."""
        self._stream.write(content)
        self._size += len(content)
        if self._size > HEAD + self._note + 2 * TAIL:
            self._leave_out()

    def close(self) -> None:
        """Close the file. Writing to it later raises ValueError."""
        self._stream.close()

    def _leave_out(self) -> None:
        handle = self._stream.fileno()
        self._head = self._head or os.pread(handle, HEAD, 0).rfind(b"\n") + 1
        rest = os.pread(handle, self._size, self._head + self._note)
        start = rest.index(b"\n", len(rest) - TAIL) + 1
        self._lines += rest.count(b"\n", 0, start)
        self._bytes += start
        note = ("(… %s here …)\n" % self.left_out).encode()
        self._note, self._size = len(note), self._head + len(note) + len(rest) - start
        os.ftruncate(handle, self._head)
        self._stream.seek(self._head)
        self._stream.write(note + rest[start:])


class Log:
    """Appends texts to the log of one task when called. The first line makes the file."""

    def __init__(self, make: Callable[[], FileIO], append: Callable[[LogFile, str], None]) -> None:
        self._make, self._append = make, append
        self._file: Optional[LogFile] = None

    def __call__(self, text: str) -> None:
        for line in lines_of(text):
            self._append(self.file(), line)

    def file(self) -> LogFile:
        """Return the file; make it where it is missing."""
        if self._file is None:
            self._file = LogFile(self._make())
        return self._file

    def note(self, output: str) -> str:
        """Return the output below a note of what its log lacks."""
        left_out = self._file.left_out if self._file else ""
        return "(of all that it said, %s of the log)\n%s" % (left_out, output) if left_out else output

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()


class Logs:
    """The logs of one module call. Every line is masked before it is written.

    ``live`` are 32 hexadecimal digits in the name of the file that the controller follows; None where nobody follows.
    """

    def __init__(self, places: Places, secrets: Iterable[str], live: Optional[str] = None) -> None:
        self._places = places
        self._mask = masking.masker(secrets)
        self._live = live if live and IDENTITY.fullmatch(live) else None
        self._stream: Optional[FileIO] = None
        self._last: Deque[Numbered] = collections.deque(maxlen=SHOWN)
        self._lock = threading.Lock()  # images are built in several threads

    @contextlib.contextmanager
    def of(self, verb: str, name: str) -> Iterator[Log]:
        """Yield the Log ``VERB-NAME-TIME.log`` of one task."""
        log = Log(lambda: self._make(verb, name), lambda file, line: self._append(file, name, self._mask(line)))
        try:
            yield log
        except LecternError as error:
            self._keep(log.file(), self._mask(str(error)))
            raise
        finally:
            with self._lock:
                log.close()

    def end(self) -> List[Numbered]:
        """Remove the file that the controller follows. Returns its last lines, which the controller may not have read."""
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
        return _create_next(folder, stem, _rotate(folder, stem))

    def _append(self, file: LogFile, name: str, line: str) -> None:
        self._keep(file, line)
        with self._lock:
            if self._live and line.strip():
                self._show("%s | %s" % (name, line if len(line) <= LONGEST else line[:LONGEST] + "…"))

    def _keep(self, file: LogFile, text: str) -> None:
        # A full disk must not stop a migration, and a thread may write after the file is closed.
        with self._lock, contextlib.suppress(OSError, ValueError):
            file.write((text + "\n").encode("utf-8", "replace"))

    def _show(self, text: str) -> None:
        self._last.append((self._last[-1][0] + 1 if self._last else 1, text))
        with contextlib.suppress(OSError):
            if self._stream is None:
                folder = _folder(self._places)
                _remove_stale(folder)
                self._stream = _create(os.path.join(folder, "%s%s" % (LIVE_PREFIX, self._live)))
            lines = self._last if self._stream.tell() > LIVE_BYTES else [self._last[-1]]
            if len(lines) > 1:
                self._stream.truncate(0)
                self._stream.seek(0)
            self._stream.write("".join("%d:%s\n" % line for line in lines).encode("utf-8", "replace"))


def _folder(places: Places) -> str:
    path = os.path.join(files.make_own_folder(places), "logs")
    files.refuse_link(path)
    files.make_folder(path)
    return path


def _create(path: str) -> FileIO:
    """Create a file that only its owner can read, open to be written. Raises FileExistsError where anything has that name, even a link."""
    return FileIO(path, "x+", opener=lambda path, flags: os.open(path, flags, 0o600))


def _log_name(stem: str, moment: int) -> str:
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(moment // 1000))
    return "%s-%s.%03dZ.log" % (stem, stamp, moment % 1000)


def _create_next(folder: str, stem: str, kept: List[str]) -> FileIO:
    """Create a log named after this moment, or after the next one that is later than the logs that are kept."""
    moment = int(time.time() * 1000)
    # Logs of the same moment may be ahead by some milliseconds; one further ahead was made before the clock was set back.
    newest = max((name for name in kept if name < _log_name(stem, moment + 1000)), default="")
    while True:
        name = _log_name(stem, moment)
        moment += 1
        with contextlib.suppress(FileExistsError):
            if name > newest:
                return _create(os.path.join(folder, name))


def _rotate(folder: str, stem: str) -> List[str]:
    """Make room for one more log of that name. Returns the names of those that stay."""
    named = re.compile(re.escape(stem) + r"-\d{8}T\d{6}\.\d{3}Z\.log")
    names = sorted(name for name in os.listdir(folder) if named.fullmatch(name))
    for name in names[: 1 - KEPT]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name))
    return names[1 - KEPT :]


def _remove_stale(folder: str) -> None:
    """Remove the files of killed calls."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        with contextlib.suppress(FileNotFoundError):
            if name.startswith(LIVE_PREFIX) and os.stat(path).st_mtime < time.time() - STALE:
                os.unlink(path)


def last_lines(text: str, count: int) -> str:
    """Return the last ``count`` lines that are not empty, cleaned."""
    return "\n".join([line.rstrip() for line in lines_of(text) if line.strip()][-count:])
