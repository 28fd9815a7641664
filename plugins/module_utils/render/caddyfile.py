# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the outline of a Caddyfile: where its global options end, and where the block of each site begins.

Caddy replaces ``{$NAME}`` before it reads the text, and imports files that only it can see. So whoever changes a text by this outline has
Caddy itself adapt the result (runtime/compose/maintenance.py).
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Set, Tuple

from ..base.errors import LecternError

HEREDOC = re.compile(r"<<([A-Za-z0-9_-]+)\r?\n")

WORD = re.compile(r"(?:\{\$[^}]*\}|\\(?!\r?\n)|[^\s\\])+")  # a placeholder of the environment may hold spaces in its default

BLANK = re.compile(r"(?:\s|\\\r?\n)+")

QUOTED = {'"': re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL), "`": re.compile(r"`[^`]*`")}


class Token(NamedTuple):
    """One word of a Caddyfile, by its place in the text. ``begins_line`` is false after a line that a backslash continues."""

    text: str
    start: int
    end: int
    begins_line: bool


class Outline(NamedTuple):
    """Positions in the text: before the brace that closes the global options (None: there are none), after it (else 0), and after what
    opens each site. ``directives`` are the words that begin a line in any block."""

    options_end: Optional[int]
    after_options: int
    sites: List[int]
    directives: Set[str]


def read_tokens(text: str) -> List[Token]:
    """Split a Caddyfile into its words, without comments. Raises LecternError for a quotation that does not end."""
    found: List[Token] = []
    position, begins_line = 0, True
    while position < len(text):
        blank = BLANK.match(text, position)
        if blank:
            begins_line = begins_line or "\n" in re.sub(r"\\\r?\n", "", blank.group())
            position = blank.end()
        elif text[position] == "#":
            position = _find(text, "\n", position)
        else:
            end = _end_of(text, position)
            found.append(Token(text[position:end], position, end, begins_line))
            position, begins_line = end, False
    return found


def _find(text: str, wanted: str, start: int) -> int:
    place = text.find(wanted, start)
    return len(text) if place < 0 else place


def _end_of(text: str, start: int) -> int:
    quoted = QUOTED.get(text[start])
    heredoc = HEREDOC.match(text, start)
    if quoted:
        match = quoted.match(text, start)
        if match is None:
            raise LecternError("Line %d of the Caddyfile opens a quotation that does not end." % _line(text, start))
        return match.end()
    if heredoc:
        return _find(text, heredoc.group(1), heredoc.end()) + len(heredoc.group(1))
    word = WORD.match(text, start)
    return word.end() if word else start + 1


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def read_outline(text: str) -> Outline:
    """Find the global options and the sites. Raises LecternError for a block that does not end."""
    tokens = read_tokens(text)
    options_end, after_options, sites = None, 0, []
    position = 0
    if tokens and tokens[0].text == "{":
        position = _after_block(text, tokens, 0)
        options_end, after_options = tokens[position - 1].start, tokens[position - 1].end
    while position < len(tokens):
        first, (opening, is_block) = tokens[position], _heading(tokens, position)
        is_site = first.text != "import" and not first.text.startswith(("(", "&("))
        if is_site:
            sites.append(tokens[opening].end)
        if is_block:
            position = _after_block(text, tokens, opening)
        else:  # the only site may do without braces: all that follows is its block
            position = len(tokens) if is_site else opening + 1
    return Outline(options_end, after_options, sites, {token.text for token in tokens if token.begins_line})


def _heading(tokens: List[Token], position: int) -> Tuple[int, bool]:
    """Return the last word of the line that names a block, and whether it opens one. A comma continues the line."""
    while True:
        token = tokens[position]
        is_last = position + 1 == len(tokens) or (tokens[position + 1].begins_line and not token.text.endswith(","))
        if token.text == "{" or is_last:
            return position, token.text == "{"
        position += 1


def _after_block(text: str, tokens: List[Token], opening: int) -> int:
    """Return the position after the block that this token opens."""
    depth = 0
    for position in range(opening, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[position].text, 0)
        if depth == 0:
            return position + 1
    raise LecternError("Line %d of the Caddyfile opens a block that does not end." % _line(text, tokens[opening].start))
