# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the newest lines of the services' logs from the engine: in order of time, secrets masked, bounded in size."""

from __future__ import annotations

import collections
import itertools
import re
from typing import Any, Callable, Deque, Dict, Iterable, Iterator, List, NamedTuple, Optional, Pattern, Sequence, Tuple

from ...base import docker_engine
from ...base.errors import LecternError
from ...base.limits import Endless, in_time
from ...base.masking import masker
from ...base.terminal import lines_of, read_lines, shorten
from ...root import compose_files
from ...root.platform import Platform
from . import project

MOST = 100000  # lines of a service that a call returns, and of a container that it searches

LARGEST = 4 * 2**20  # characters of a result, all lines together

AROUND = 150  # characters that each line takes beside its text

WIDEST = 8192  # characters of a line

BLOCK = 2000  # lines that are masked at a time, which is much faster than one by one

EARLIEST = 0.001  # the SDK takes no point in time before that

STAMP = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+Z) ?")


class Selection(NamedTuple):
    """Which lines to read: of these services (none: of all), between two points in time in seconds since 1970, ``tail`` of each service."""

    services: Sequence[str]
    since: Optional[float]
    until: Optional[float]
    tail: int
    pattern: Optional[Pattern[str]]


class Line(NamedTuple):
    """A line of a container; ``time`` is that of the engine, in UTC, which sorts as text."""

    time: str
    service: str
    container: str
    text: str


class LogReport(NamedTuple):
    """Lines in order of time, and sentences on what was left out, and why."""

    lines: List[Line]
    remarks: List[str]


def compile_pattern(text: Optional[str]) -> Optional[Pattern[str]]:
    """Return the regular expression that lines must contain; None for any line. Raises LecternError with the position of a mistake."""
    try:
        return re.compile(text) if text else None
    except re.error as error:
        place = "" if error.pos is None else " at position %d" % error.pos
        raise LecternError("grep '%s' is not a regular expression: %s%s." % (text, error.msg, place)) from None
    except (OverflowError, RecursionError) as error:
        raise LecternError("grep '%s' is not a regular expression: %s." % (text, error)) from None


def read_logs(platform: Platform, client: Any, selection: Selection) -> LogReport:
    """Read the logs of the selected services. A container whose log can't be read is a remark, not an error.

    Raises LecternError for a service that the project does not have, and for an expression that takes too long.
    """
    containers, remarks = _containers(platform, client, selection.services)
    by_service: Dict[str, List[Line]] = {}
    mask = masker(platform.secrets)
    for container in containers:
        newest, remark = _read_container(container, selection, mask)
        by_service.setdefault(project.service_of(container), []).extend(newest)
        remarks += [remark] if remark else []
    lines = [line for found in by_service.values() for line in sorted(found, key=_time)[-selection.tail :]]
    kept = _cut(sorted(lines, key=_time))
    if len(kept) < len(lines):
        remarks.append(
            "The oldest %d of %d lines were left out, as a result has at most %d MB: select fewer by services, since, tail or grep"
            % (len(lines) - len(kept), len(lines), LARGEST >> 20)
        )
    return LogReport(kept, remarks)


def _time(line: Line) -> str:
    return line.time


def _containers(platform: Platform, client: Any, services: Sequence[str]) -> Tuple[List[Any], List[str]]:
    """Return the containers of these services, or of all, and a sentence for each service without any."""
    containers = project.containers(platform, client)
    having = {project.service_of(container) for container in containers}
    missing = [name for name in dict.fromkeys(services) if name not in having]
    known = {*having, *project.services(platform)} if missing or not containers else having
    unknown = [name for name in missing if name not in known]
    if unknown:
        raise LecternError("There is no service '%s'. Known are: %s." % ("', '".join(unknown), ", ".join(sorted(known)) or "none"))
    if not containers:
        return [], ["Project '%s' has no containers" % compose_files.project_name(platform)]
    selected = [container for container in containers if not services or project.service_of(container) in services]
    return selected, ["Service '%s' has no container" % name for name in missing]


class Newest:
    """The newest lines of a container that match, bounded in number and size."""

    def __init__(self, container: Any, selection: Selection, mask: Callable[[str], str]) -> None:
        self.lines: Deque[Line] = collections.deque()
        self.count = 0
        self.mask = mask
        self._of = (project.service_of(container), container.name)
        self._selection, self._size = selection, 0

    def add(self, block: Sequence[Tuple[str, str]]) -> None:
        """Mask lines, given as time and text, and keep those that match. A search sees them masked, or it would tell what secrets are."""
        texts = self.mask("\n".join(text for _stamp, text in block)).split("\n")
        if len(texts) != len(block):  # a secret of several lines
            texts = [self.mask(text) for _stamp, text in block]
        self.count += len(block)
        for (stamp, _text), text in zip(block, texts):
            if self._selection.pattern is None or self._selection.pattern.search(text):
                line = Line(stamp, *self._of, shorten(text, WIDEST))
                self.lines.append(line)
                self._size += _size(line)
        while len(self.lines) > self._selection.tail or self._size > LARGEST:
            self._size -= _size(self.lines.popleft())

    def drop(self, first: Sequence[Line]) -> None:
        """Drop these lines if they are still among those that are kept."""
        for line in first:
            if self.lines and self.lines[0] is line:
                self._size -= _size(self.lines.popleft())


def _size(line: Line) -> int:
    return len(line.text) + AROUND


def _read_container(container: Any, selection: Selection, mask: Callable[[str], str]) -> Tuple[Sequence[Line], Optional[str]]:
    """Return the newest lines of a container, and a sentence where they may not be all."""
    import docker
    import requests

    newest = Newest(container, selection, mask)
    try:
        with in_time():
            _read(container, selection, newest)
    except docker.errors.NotFound:
        return newest.lines, "Container '%s' was removed while it was read" % container.name
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        return newest.lines, "The log of container '%s' can't be read: %s" % (container.name, docker_engine.words_of(error))
    except Endless:
        if selection.pattern:
            raise LecternError("grep '%s' takes too long: simplify it, or give since." % selection.pattern.pattern) from None
        return newest.lines, "Reading the log of container '%s' took too long: give since, or a smaller tail" % container.name
    if selection.pattern and selection.until is None and newest.count >= MOST:
        return newest.lines, "Only the last %d lines of container '%s' were searched: give since to search others" % (MOST, container.name)
    return newest.lines, None


def _read(container: Any, selection: Selection, newest: Newest) -> None:
    """Read a container's log into ``newest``, in blocks. Raises what the SDK raises."""
    moments = {"since": selection.since, "until": selection.until}
    options: Dict[str, Any] = {name: max(moment, EARLIEST) for name, moment in moments.items() if moment is not None}
    wanted = MOST if selection.pattern else selection.tail
    if selection.until is None:  # else the engine would count lines that are later, too
        # The engine counts pieces of 16 KB. One more is asked for, as the first may begin in the midst of a line.
        options["tail"] = wanted + 1
    pieces = Pieces(container, options)
    lines = _split(pieces, newest.mask)
    newest.add([*itertools.islice(lines, 1)])
    first = [*newest.lines]
    block = [*itertools.islice(lines, BLOCK)]
    while block:
        newest.add(block)
        block = [*itertools.islice(lines, BLOCK)]
    if selection.until is None and pieces.count > wanted:
        newest.drop(first)


class Pieces:
    """The pieces of a container's log, counted. A line has its time once, though the engine puts it before each piece."""

    def __init__(self, container: Any, options: Dict[str, Any]) -> None:
        self.count = 0
        self._pieces = container.logs(stream=True, follow=False, timestamps=True, **options)
        self._is_terminal = bool((container.attrs.get("Config") or {}).get("Tty"))  # its log comes as it is, in parts of any size

    def __iter__(self) -> Iterator[bytes]:
        is_continued = False
        for piece in self._pieces:
            self.count += 1
            yield piece.partition(b" ")[2] if is_continued else piece
            is_continued = not (piece.endswith(b"\n") or self._is_terminal)


def _split(pieces: Iterable[bytes], mask: Callable[[str], str]) -> Iterator[Tuple[str, str]]:
    """Yield time and text of each line. What a carriage return ends has the time of the whole."""
    stamp = ""
    for line in read_lines(pieces, mask):
        match = STAMP.match(line)
        if match:
            stamp, line = match[1], line[match.end() :]
        for text in lines_of(line):
            yield stamp, text


def _cut(lines: List[Line]) -> List[Line]:
    """Return the newest lines that fit into a result."""
    size = 0
    for count, line in enumerate(reversed(lines)):
        size += _size(line)
        if size > LARGEST:
            return lines[len(lines) - count :]
    return lines
