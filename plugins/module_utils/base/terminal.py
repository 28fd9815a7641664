# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of containers, builders, registries and plugins, made fit to be shown: they can't drive a terminal, and their size is bounded."""

from __future__ import annotations

import re
from typing import Callable, Iterable, Iterator, List, Sequence

WIDEST = 2000  # characters of a line that results show

LONGEST = 65536  # bytes that are read of a line; the rest is counted and left out

OVERLAP = 8192  # bytes that are read beyond that, so that a secret on the cut is recognized and masked

# Control sequences, strings such as titles and the clipboard (one that does not end takes the rest of its line), and other escapes.
ESCAPES = re.compile(
    "\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]|"
    "[]PX^_][^\x07\x1b\x9c\n\r]*(?:\x07|\x1b\\\\|\x9c)?|"
    "[ -/]*[0-~])"
)

# C0 and C1 except tab and line ends, and characters that change the direction of writing.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

ENDS = re.compile("\r\n|\r")

ENDS_OF_LINES = re.compile(rb"\r\n|\n|\r(?=[^\n])")


def clean(text: str) -> str:
    """Return the text without what a terminal would obey.

    A carriage return, as progress bars use it, ends a line.
    """
    return CONTROLS.sub("", ENDS.sub("\n", ESCAPES.sub("", text)))


def lines_of(text: str) -> List[str]:
    """Return the lines of a text, cleaned; a line end at its end begins no further line."""
    lines = clean(text).split("\n")
    return lines if lines[-1] or len(lines) == 1 else lines[:-1]


def last_lines(lines: Sequence[str], count: int) -> str:
    """Return the last ``count`` lines, each shortened to WIDEST characters."""
    return "\n".join(shorten(line) for line in lines[-count:])


def shorten(line: str, width: int = WIDEST) -> str:
    """Return the beginning of a line, with a note of how much was cut."""
    return line if len(line) <= width else "%s… (%d more characters)" % (line[:width], len(line) - width)


def read_lines(chunks: Iterable[bytes], mask: Callable[[str], str] = str) -> Iterator[str]:
    """Yield the lines of a stream that comes in pieces of any size, as UTF-8; what is no UTF-8 is replaced.

    A line longer than LONGEST bytes is cut and masked, with a note of how much was left out.
    """
    held, left_out = b"", 0
    for chunk in chunks:
        if len(held) >= LONGEST + OVERLAP and b"\n" not in chunk and b"\r" not in chunk:
            left_out += len(chunk)
            continue
        *ended, held = ENDS_OF_LINES.split(held + chunk)
        for line in ended:
            yield _decode_line(line, left_out, mask)
            left_out = 0
        left_out += max(0, len(held) - LONGEST - OVERLAP)
        held = held[: LONGEST + OVERLAP]
    if held:
        yield _decode_line(held[:-1] if held.endswith(b"\r") else held, left_out, mask)


def _decode_line(line: bytes, left_out: int, mask: Callable[[str], str]) -> str:
    if len(line) + left_out <= LONGEST + OVERLAP:
        return line.decode("utf-8", "replace")
    kept = mask(clean(line[: LONGEST + OVERLAP].decode("utf-8", "replace")))[:LONGEST]
    return "%s… (%d more bytes of this line were left out)" % (kept, len(line) + left_out - len(kept.encode("utf-8")))
