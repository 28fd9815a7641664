# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jinja as Tutor uses it for templates, patches and settings: its defaults, but strict about names."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Callable, Sequence

from .errors import LecternError

if TYPE_CHECKING:
    import jinja2

JINJA = re.compile(r"\{[{%#]")
# What Jinja 2 took for ends of lines as well; from Jinja 3.0 on they are characters like any other.
OLD_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
NEWLINES = re.compile(r"\r\n|\r")


def environment(
    search_path: Sequence[str], filters: dict[str, Any], globals_: dict[str, Any], sandboxed: bool = False
) -> jinja2.Environment:
    """An environment over template roots, the first of which wins, with Tutor's defaults.

    ``sandboxed`` is for texts that came from another machine: they render alike, but reach no Python internals.
    Raises LecternError when Jinja2 is not installed.
    """
    try:
        import jinja2
        import jinja2.sandbox
    except ImportError as error:
        raise LecternError(f"Templates need the Python package Jinja2 ({error}): install it for {sys.executable}.") from error
    kind = jinja2.sandbox.SandboxedEnvironment if sandboxed else jinja2.Environment
    made = kind(loader=jinja2.FileSystemLoader(list(search_path)), undefined=jinja2.StrictUndefined)
    made.filters.update(filters)
    made.globals.update(globals_)
    return made


def plain(text: str) -> str | None:
    """What a text without Jinja renders to, without compiling it; None where only Jinja can tell.

    Line ends become ``\\n``, one of them is dropped from the end: as Jinja does.
    """
    if JINJA.search(text) or OLD_LINE_ENDS.search(text):
        return None
    text = NEWLINES.sub("\n", text)
    return text[:-1] if text.endswith("\n") else text


def pass_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a filter that takes the template's context first, by the name that the installed Jinja has for it."""
    import jinja2

    mark: Callable[..., Any] = getattr(jinja2, "pass_context", None) or jinja2.contextfilter  # type: ignore[attr-defined]
    return mark(function)
