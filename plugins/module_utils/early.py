# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nothing is compiled yet, another process compiles templates and patches while this one still imports the plugins.

Which there will be is a guess: those of core, and those in the folders ``templates`` and ``patches`` of the plugins' packages, where
nearly every plugin has them. What it finds is used for texts that are rendered, and for no others.
"""

from __future__ import annotations

import contextlib
import importlib.util
import marshal
import os
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from . import jinja
from .compiled import Source, beside
from .discover import Plugin
from .errors import LecternError
from .filters import filters_for
from .limits import limited
from .releases import Release

# Filters that the renderer adds, or has called anew.
OWN_FILTERS = ("walk_templates", "random")


class Found(NamedTuple):
    """The code of a text, and the names of the filters in it, which decide about the code as well."""

    code: bytes
    filters: List[str]


def start(facts: Release, templates: str, plugins: List[Plugin]) -> Callable[[], Dict[Source, Found]]:
    """Begins, with core's folder of templates and the plugins that are enabled; what is returned waits for the result."""
    result = beside(lambda: marshal.dumps({source: tuple(found) for source, found in _compiled(facts, templates, plugins)}))

    def found() -> Dict[Source, Found]:
        with contextlib.suppress(ValueError, EOFError, TypeError):
            return {source: Found(*found) for source, found in marshal.loads(result()).items()}
        return {}

    return found


def known_filters(facts: Release) -> List[str]:
    """The filters that the code takes for ones that the renderer wraps: Tutor's own."""
    return [*filters_for(facts.version), *OWN_FILTERS]


def _compiled(facts: Release, templates: str, plugins: List[Plugin]) -> Iterator[Tuple[Source, Found]]:
    from jinja2 import nodes

    stub = jinja.pass_context(lambda _context, value, *_args, **_kwargs: value)
    environment = jinja.environment([], dict.fromkeys(known_filters(facts), stub), {})
    for text, name, path in {*_sources(templates, plugins)}:
        if jinja.is_for_jinja(text):
            with contextlib.suppress(Exception), limited():
                parsed = environment.parse(text, name, path)
                filters = sorted({node.name for node in parsed.find_all(nodes.Filter)})
                code = environment.compile(parsed, name, path)
                yield (text, name, path), Found(marshal.dumps(code), filters)


def _sources(templates: str, plugins: List[Plugin]) -> Iterator[Source]:
    yield from _templates(templates)
    for folder in filter(None, map(_package, plugins)):
        yield from _templates(os.path.join(folder, "templates"))
        yield from ((text, None, None) for _path, text in _texts(os.path.join(folder, "patches")))


def _templates(root: str) -> Iterator[Source]:
    return ((text, os.path.relpath(path, root), path) for path, text in _texts(root))


def _texts(folder: str) -> Iterable[Tuple[str, str]]:
    with contextlib.suppress(LecternError):  # told when it is rendered
        for path in jinja.files(folder, "The folder"):
            with contextlib.suppress(OSError, UnicodeDecodeError):
                yield path, jinja.read(path)


def _package(plugin: Plugin) -> Optional[str]:
    spec: Any = importlib.util.find_spec(plugin.value.split(".", 1)[0]) if plugin.source == "entrypoint" else None
    return os.path.dirname(spec.origin) if spec and spec.origin else None
