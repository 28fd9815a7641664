# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a maintenance page into a Caddyfile, as the first thing that each of its sites does, and takes it out again."""

from __future__ import annotations

import html
import re
from typing import List, NamedTuple, Tuple

from ..base.errors import LecternError
from .caddyfile import Outline, read_outline, read_tokens

CADDYFILE = "apps/caddy/Caddyfile"  # below env/

NAME = "lectern_maintenance"  # of the snippet, the matcher and the named route

PASS = "Lectern-Pass"  # the header with the token that gets past the page

# Every page holds these markers: an opening brace in the operator's page is encoded, so that it can't hold them itself.
BEGIN, END = "\n# {lectern maintenance: added}\n", "\n# {lectern maintenance: end}\n"

ADDED = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)

# What would mean something to Caddy in a quoted text: its placeholders, their escape, and the quotation itself. Each becomes a
# placeholder of a request header that is set just before. No escape would do: from 2.7 on, Caddy removes it where it imports a snippet.
ENCODED = {"{": "Lectern-Brace", "`": "Lectern-Backtick", "\\": "Lectern-Backslash"}

DIRECTIVES = ("route", "invoke")  # either may come first of all directives where no site uses it; invoke came with Caddy 2.7

BUILT_IN = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>%(name)s: maintenance</title>
<style>
:root { color-scheme: light dark; }
body { font: 1.125rem/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 36rem; padding: 15vh 1.5rem 2rem; }
h1 { font-size: 1.75rem; line-height: 1.25; }
</style>
</head>
<body>
<main>
<h1>%(name)s is down for maintenance</h1>
<p>We are working on the site. Please try again %(later)s.</p>
</main>
</body>
</html>
"""


class Page(NamedTuple):
    """What visitors see: an HTML text, with ``Retry-After`` in seconds. ``allow`` are addresses and networks that get the site, by the
    matcher of Caddy that reads a visitor's address; so does a request with the ``token``."""

    text: str
    allow: Tuple[str, ...]
    retry_after: int
    token: str
    matcher: str


def built_in_page(platform_name: str, retry_after: int) -> str:
    """Return the page of those who give none."""
    minutes = -(-retry_after // 60)
    later = "in a minute" if minutes == 1 else "in about %d minutes" % minutes
    if minutes >= 120:
        later = "in about %d hours" % round(minutes / 60)
    return BUILT_IN % dict(name=html.escape(platform_name), later=later)


def is_in(text: str) -> bool:
    """Whether a Caddyfile holds a maintenance page."""
    return ADDED.search(text) is not None


def without_page(text: str) -> str:
    """Return a Caddyfile as it was before a page was put into it."""
    return ADDED.sub("", text)


def with_page(text: str, page: Page) -> str:
    """Return a Caddyfile whose sites answer with the page first.

    The directive that does this is put before all others, which must not move any that the sites use themselves.
    Raises LecternError for a Caddyfile that can't be read, has no site, or uses every directive that would do.
    """
    text = without_page(text)
    outline = read_outline(text)
    if not outline.sites:
        raise LecternError("The Caddyfile has no site that could show a maintenance page.")
    directive = _unused_directive(outline)
    snippet = _snippet(page, directive)
    order = "\torder %s first" % directive
    if outline.options_end is None:
        insertions = [(0, "{\n%s\n}\n%s" % (order, snippet))]
    else:
        insertions = [(outline.options_end, order), (outline.after_options, snippet)]
    insertions += [(place, "\timport " + NAME) for place in outline.sites]
    return _insert(text, insertions)


def matchers(text: str) -> Tuple[str, ...]:
    """Return Caddy's matchers that read a visitor's address as the Caddyfile says, the best first.

    Behind another proxy that it trusts it is in a header. Caddy 2.6 has no matcher for that but one that trusts everybody's.
    """
    outline = read_outline(without_page(text))
    options = without_page(text)[: outline.after_options]
    return ("client_ip", "remote_ip forwarded") if "trusted_proxies" in {token.text for token in read_tokens(options)} else ("remote_ip",)


def _unused_directive(outline: Outline) -> str:
    unused = [directive for directive in DIRECTIVES if directive not in outline.directives]
    if not unused:
        raise LecternError(
            "The sites of the Caddyfile use 'route' and 'invoke' themselves, so that neither can come before all else that they do: "
            "a maintenance page needs one of them unused. Write one of the plugins' patches with 'handle' instead."
        )
    return unused[0]


def _insert(text: str, insertions: List[Tuple[int, str]]) -> str:
    for place, added in reversed(insertions):
        text = text[:place] + BEGIN + added + END + text[place:]
    return text


def _snippet(page: Page, directive: str) -> str:
    body = _indented(_answer(page))
    own = ["not header %s %s" % (PASS, page.token)]
    if page.allow:
        own.insert(0, "not %s %s" % (page.matcher, " ".join(page.allow)))
    matcher = "\t@%s {\n%s\n\t}\n" % (NAME, "\n".join("\t\t" + line for line in own))
    if directive == "route":
        return "(%s) {\n%s\troute @%s {\n%s\n\t}\n}" % (NAME, matcher, NAME, body)
    named = "&(%s) {\n\troute {\n%s\n\t}\n}" % (NAME, body)  # without route in it, Caddy takes its first directive alone
    return "%s\n(%s) {\n%s\tinvoke @%s %s\n}" % (named, NAME, matcher, NAME, NAME)


def _answer(page: Page) -> List[str]:
    """Return the directives that answer, in the order in which they must run, which ``route`` and a named route keep."""
    used = [(character, header) for character, header in ENCODED.items() if character in page.text]
    lines = []
    for character, header in used:
        quote = '"' if character == "`" else "`"
        lines.append("request_header %s %sx%s%s" % (header, quote, character, quote))  # Caddy takes a brace alone for a block
        lines.append('request_header %s "x(.)" "$1"' % header)
    lines.append("header Retry-After %d" % page.retry_after)
    lines.append("header Cache-Control no-store")
    lines.append('header Content-Type "text/html; charset=utf-8"')
    return [*lines, "respond `%s` 503" % encode(page.text)]


def encode(text: str) -> str:
    """Return a text as Caddy has to read it between backticks, so that it arrives as it is."""
    return "".join("{http.request.header.%s}" % ENCODED[each] if each in ENCODED else each for each in text)


def _indented(lines: List[str]) -> str:
    return "\n".join("\t\t" + line for line in lines)
