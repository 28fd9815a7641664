# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of Python and YAML on their way through JSON, which has no tuples, sets, dates, bytes and keys other than text."""

from __future__ import annotations

import datetime
import json
import os
from typing import Any, Callable, Dict, Mapping

from .errors import LecternError

TOO_LONG = 10**4000  # newer releases of Python refuse to write longer numbers in decimal

SCALARS = (str, bool, type(None))

DATES = (datetime.datetime, datetime.date, datetime.time)


def plain(value: Any) -> Any:
    """Return a value as JSON holds it, valid UTF-8 throughout; what JSON lacks becomes the nearest list, mapping or text.

    Never raises: results are made plain when everything is written already.
    """
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return hex(value) if is_too_long(value) else int(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=repr)
    return text(shown(value))


def text(value: str) -> str:
    """Return a text as UTF-8 can hold it: bytes of a file name that is no UTF-8 as ``\\xe9``, half a surrogate pair as ``\\ud800``."""
    try:
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return value.encode("utf-8", "backslashreplace").decode()


def is_text(value: str) -> bool:
    """Whether UTF-8 can hold a text. It can't hold file names in other encodings, nor halves of surrogate pairs."""
    return text(value) == value


def refuse_name(path: str, owner: str = "") -> None:
    """Raise LecternError for a file whose name is not UTF-8: no result could name it."""
    folder, name = map(text, os.path.split(path))
    if os.path.join(folder, name) != path:
        raise LecternError("The file '%s' in '%s'%s has a name that is not UTF-8 text: rename it." % (name, folder, owner))


def is_too_long(value: int) -> bool:
    """Whether a number has too many digits for some Pythons to write it."""
    return not -TOO_LONG < value < TOO_LONG


def shown(value: Any) -> str:
    """Return ``str(value)``: in hexadecimal where a number is too long for that, and only the type where ``str`` fails."""
    try:
        return hex(value) if isinstance(value, int) and is_too_long(value) else str(value)
    except Exception:  # a plugin's class may raise anything
        return "<%s>" % type(value).__name__


def _key(key: Any) -> str:
    """Return a mapping's key as JSON writes it."""
    if isinstance(key, str):
        return text(key)
    return json.dumps(key) if key is None or isinstance(key, (bool, float)) else text(shown(key))


def is_exact(value: Any) -> bool:
    """Whether a value comes out of JSON as it went in."""
    kind = type(value)
    if kind is dict:
        return all(typed(key) is key and isinstance(key, str) and is_exact(item) for key, item in value.items())
    if kind is list:
        return all(map(is_exact, value))
    return typed(value) is value


def typed(value: Any) -> Any:
    """Return a value so that JSON holds it and ``untyped`` gives it back: what JSON lacks becomes ``{type: content}``."""
    kind = type(value)
    if kind in SCALARS:
        return value if kind is not str or is_text(value) else {"other": "text that is no UTF-8"}
    if kind is int:
        return {"int": hex(value)} if is_too_long(value) else value
    if kind is float:
        return value if value - value == 0 else {"float": repr(value)}
    if kind is dict:
        return {"dict": [[typed(key), typed(item)] for key, item in value.items()]}
    if kind is list:
        return [typed(item) for item in value]
    if kind in (tuple, set, frozenset):
        return {kind.__name__: [typed(item) for item in value]}
    if kind is bytes:
        return {"bytes": value.decode("latin-1")}
    return {kind.__name__: value.isoformat()} if kind in DATES else {"other": "a Python object (%s)" % kind.__name__}


MAKERS: Dict[str, Callable[[Any], Any]] = {
    "int": lambda content: int(content, 16),
    "float": float,
    "dict": lambda content: {untyped(key): untyped(item) for key, item in content},
    "tuple": lambda content: tuple(map(untyped, content)),
    "set": lambda content: set(map(untyped, content)),
    "frozenset": lambda content: frozenset(map(untyped, content)),
    "bytes": lambda content: content.encode("latin-1"),
    **{kind.__name__: kind.fromisoformat for kind in DATES},
}


def untyped(data: Any) -> Any:
    """Return the value that ``typed`` turned into this.

    Raises LecternError, with what it was, for one that only exists where it comes from.
    """
    if isinstance(data, list):
        return [untyped(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind, content = next(iter(data.items()))
    if kind == "other":
        raise LecternError(content)
    return MAKERS[kind](content)
