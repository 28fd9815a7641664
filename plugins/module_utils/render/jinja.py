# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jinja as Tutor uses it for templates, patches and settings: its defaults, but strict about names."""

from __future__ import annotations

import errno
import functools
import importlib
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Any, Callable, Iterator, Sequence

from ..base.errors import LecternError, words_of
from ..base.limits import LARGEST

if TYPE_CHECKING:
    import jinja2

MOST_FILES = 100_000  # in one folder of templates, with its folders; a whole disk has more

MOST_ROUNDS = 1_000_000  # of one loop over a range

# Suffixes of files that are no texts, and characters by which others are known.
BINARY = {
    *(".eot", ".otf", ".ttc", ".ttf", ".woff", ".woff2"),
    *(".avif", ".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".psd", ".tif", ".tiff", ".webp"),
    *(".m4a", ".mov", ".mp3", ".mp4", ".ogg", ".wav", ".webm"),
    *(".7z", ".bz2", ".gz", ".jar", ".pdf", ".rar", ".svgz", ".tar", ".tgz", ".whl", ".xz", ".zip", ".zst"),
    *(".bin", ".db", ".der", ".dll", ".exe", ".jks", ".mmdb", ".mo"),
    *(".p12", ".pfx", ".pyc", ".so", ".sqlite", ".sqlite3", ".wasm"),
}

CONTROLS = re.compile(b"[\\x00-\\x08\\x0e-\\x1a\\x1c-\\x1f]")

JINJA = re.compile(r"\{[{%#]")

# What Jinja 2 took for ends of lines as well; from Jinja 3.0 on they are characters like any other.
OLD_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

NEWLINES = re.compile(r"\r\n|\r")

# The name of a setting and nothing else; in lower case are Jinja's own words.
NAME = re.compile(r"(?<!\{)\{\{\s*([A-Z][A-Z0-9_]*)\s*\}\}")

PROBED = "LECTERN_PROBED_NAME"

# How Jinja marks what takes the context or the environment: from 3.0 on, and before.
MARKS = ("jinja_pass_arg", "contextfilter", "evalcontextfilter", "environmentfilter", "contextfunction", "evalcontextfunction")


def plain_environment(jinja2: Any) -> Any:
    """Jinja's own class of environments."""
    return jinja2.Environment


def environment(
    search_path: Sequence[str], filters: dict[str, Any], globals_: dict[str, Any], kind: Callable[[Any], Any] = plain_environment
) -> jinja2.Environment:
    """An environment over template roots, the first of which wins, with Tutor's defaults; ``kind`` chooses its class.

    Raises LecternError when Jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        raise LecternError(f"Templates need the Python package Jinja2 ({error}): install it for {sys.executable}.") from error
    made = kind(jinja2)(loader=jinja2.FileSystemLoader(list(search_path)), undefined=jinja2.StrictUndefined)
    made.filters.update(filters)
    made.globals.update({"range": checked_range, **globals_})
    return made


def checked_range(*bounds: int) -> range:
    """``range``, but OverflowError for one that nobody can have meant."""
    found = range(*bounds)
    if found[MOST_ROUNDS:]:
        raise OverflowError(f"range{bounds} has more than {MOST_ROUNDS} numbers")
    return found


def sandboxed(_jinja2: Any) -> Any:
    """For texts that came from another machine: they render alike, but reach no Python internals."""
    return importlib.import_module("jinja2.sandbox").SandboxedEnvironment


def watched(code: Callable[[Any, Callable[[], Any]], Any], used: Callable[[str], None]) -> Callable[[Any], Any]:
    """For an environment whose compiled code comes through ``code(source, make)``, and which tells each name that a template uses."""

    def kind(jinja2: Any) -> Any:
        class Context(jinja2.runtime.Context):  # type: ignore[misc]
            def resolve_or_missing(self, key: str) -> Any:
                used(key)
                return super().resolve_or_missing(key)

        class Environment(jinja2.Environment):  # type: ignore[misc]
            context_class = Context

            def compile(self, source: Any, name: Any = None, filename: Any = None, raw: bool = False, defer_init: bool = False) -> Any:
                def make() -> Any:
                    return super(Environment, self).compile(source, name, filename, raw, defer_init)

                return make() if raw or not isinstance(source, str) else code((source, name, filename), make)

        return Environment

    return kind


@functools.lru_cache(maxsize=None)
def tells_names() -> bool:
    """Whether the installed Jinja tells an environment made of ``watched`` the names that a template uses, which is tried."""
    used: set[str] = set()
    environment([], {}, {}, watched(lambda _source, make: make(), used.add)).from_string("{{ %s is defined }}" % PROBED).render()
    return PROBED in used


def plain(text: str) -> str | None:
    """What a text without Jinja renders to, without compiling it; None where only Jinja can tell.

    Line ends become ``\\n``, one of them is dropped from the end: as Jinja does.
    """
    if JINJA.search(text) or OLD_LINE_ENDS.search(text):
        return None
    text = NEWLINES.sub("\n", text)
    return text[:-1] if text.endswith("\n") else text


def names_alone(text: str) -> list[str] | None:
    """A text in which Jinja does nothing but put in the values of settings: text and name in turn; None for any other.

    To look those up takes a hundredth of the time in which Jinja compiles them.
    """
    if OLD_LINE_ENDS.search(text):
        return None
    parts = NAME.split(NEWLINES.sub("\n", text))
    if any(JINJA.search(part) for part in parts[::2]):
        return None
    parts[-1] = parts[-1][:-1] if parts[-1].endswith("\n") else parts[-1]
    return parts


def is_for_jinja(text: str) -> bool:
    """Whether only Jinja can render a text."""
    return plain(text) is None and names_alone(text) is None


def read(path: str) -> str:
    """The text of a template, with its line ends. OSError for what is no regular file, or longer than LARGEST bytes."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise OSError(errno.EFBIG if stat.S_ISREG(status.st_mode) else errno.EINVAL, "no template", path)
    with open(path, encoding="utf-8", newline="") as stream:
        return stream.read()


def files(root: str, named: str) -> Iterator[str]:
    """The paths of all files below a folder of templates; none where it is not there. ``named`` names it in errors.

    Raises LecternError for more than MOST_FILES files and folders, and for a folder that can't be read.
    """

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise LecternError(f"{named}, '{root}', holds '{error.filename}', which can't be read: {words_of(error)}.")

    count = 0
    for folder, folders, names in os.walk(root, onerror=refuse):
        count += len(folders) + len(names)
        if count > MOST_FILES:
            raise LecternError(f"{named}, '{root}', holds more than {MOST_FILES} files: name the folder that holds the templates alone.")
        for name in names:
            yield os.path.join(folder, name)


def is_binary(path: str) -> bool:
    """Whether a file is no text in any encoding: by its suffix, or by characters that texts don't have."""
    if os.path.splitext(path)[1].lower() in BINARY:
        return True
    with open(path, "rb") as stream:
        return bool(CONTROLS.search(stream.read(65536)))


def pass_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a filter that takes the template's context first, by the name that the installed Jinja has for it."""
    import jinja2

    mark: Callable[..., Any] = getattr(jinja2, "pass_context", None) or jinja2.contextfilter  # type: ignore[attr-defined]
    return mark(function)


def takes_context(function: Any) -> bool:
    """Whether Jinja gives a filter or function the template's context, in which all settings are."""
    return callable(function) and any(hasattr(function, mark) for mark in MARKS)
