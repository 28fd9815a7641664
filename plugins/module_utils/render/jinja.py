# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jinja as Tutor configures it for templates, patches and settings: its defaults, but strict about undefined names."""

from __future__ import annotations

import errno
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

MOST_FILES = 100_000  # files and folders in one folder of templates; a whole disk has more

MOST_ROUNDS = 1_000_000  # of one loop over a range

# Suffixes of files that are no texts, and characters that no text has.
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

# Further line ends of Jinja 2; from Jinja 3.0 on they are characters like any other.
OLD_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

NEWLINES = re.compile(r"\r\n|\r")

# A setting's name alone; names in lower case are Jinja's own words.
NAME = re.compile(r"(?<!\{)\{\{\s*([A-Z][A-Z0-9_]*)\s*\}\}")

# Jinja's marks of functions that take the context or the environment: from 3.0 on, and before.
MARKS = ("jinja_pass_arg", "contextfilter", "evalcontextfilter", "environmentfilter", "contextfunction", "evalcontextfunction")


def plain_environment(jinja2: Any) -> Any:
    """Return Jinja's own class of environments."""
    return jinja2.Environment


def environment(
    search_path: Sequence[str], filters: dict[str, Any], globals_: dict[str, Any], kind: Callable[[Any], Any] = plain_environment
) -> jinja2.Environment:
    """Return an environment over template roots, the first of which wins, with Tutor's defaults. ``kind`` chooses its class.

    Raises LecternError when Jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        raise LecternError(f"Templates need the Python package Jinja2 ({error}): install it for {sys.executable}.") from error
    result = kind(jinja2)(loader=jinja2.FileSystemLoader(list(search_path)), undefined=jinja2.StrictUndefined)
    result.filters.update(filters)
    result.globals.update({"range": checked_range, **globals_})
    return result


def checked_range(*bounds: int) -> range:
    """Return ``range(*bounds)``. Raises OverflowError for more than MOST_ROUNDS numbers."""
    numbers = range(*bounds)
    if numbers[MOST_ROUNDS:]:
        raise OverflowError(f"range{bounds} has more than {MOST_ROUNDS} numbers")
    return numbers


def sandboxed(_jinja2: Any) -> Any:
    """Return the class for texts from another machine: they render alike, but reach no Python internals."""
    return importlib.import_module("jinja2.sandbox").SandboxedEnvironment


def compiling_by(code: Callable[[Any, Callable[[], Any]], Any]) -> Callable[[Any], Any]:
    """Return a function that chooses an environment whose compiled code comes from ``code(source, make)``."""

    def kind(jinja2: Any) -> Any:
        class Environment(jinja2.Environment):  # type: ignore[misc]
            def compile(self, source: Any, name: Any = None, filename: Any = None, raw: bool = False, defer_init: bool = False) -> Any:
                def make() -> Any:
                    return super(Environment, self).compile(source, name, filename, raw, defer_init)

                return make() if raw or not isinstance(source, str) else code((source, name, filename), make)

        return Environment

    return kind


def render_plain(text: str) -> str | None:
    """Return what a text without Jinja renders to, without compiling it; None for any other text.

    Line ends become ``\\n``, and the last one is dropped, as Jinja does.
    """
    if JINJA.search(text) or OLD_LINE_ENDS.search(text):
        return None
    text = NEWLINES.sub("\n", text)
    return text[:-1] if text.endswith("\n") else text


def split_names(text: str) -> list[str] | None:
    """Return a text in which Jinja only puts in values of settings as text and name in turn; None for any other text.

    Looking the values up takes a hundredth of the time that compiling takes.
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
    return render_plain(text) is None and split_names(text) is None


def read(path: str) -> str:
    """Return the text of a template, with its line ends. Raises OSError for no regular file, and for one longer than LARGEST bytes."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise OSError(errno.EFBIG if stat.S_ISREG(status.st_mode) else errno.EINVAL, "no template", path)
    with open(path, encoding="utf-8", newline="") as stream:
        return stream.read()


def list_files(root: str, named: str) -> Iterator[str]:
    """Yield the paths of all files below a folder of templates; none where it is missing. ``named`` names it in errors.

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
    """Mark a filter that takes the template's context first, in the way of the installed Jinja."""
    import jinja2

    mark: Callable[..., Any] = getattr(jinja2, "pass_context", None) or jinja2.contextfilter  # type: ignore[attr-defined]
    return mark(function)


def takes_context(function: Any) -> bool:
    """Whether Jinja passes a filter or function the template's context, in which all settings are."""
    return callable(function) and any(hasattr(function, mark) for mark in MARKS)
