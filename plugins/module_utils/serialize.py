# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as Tutor reads and writes it."""

from __future__ import annotations

import os
from typing import Any, Dict, Tuple

from .errors import LecternError

try:
    import yaml

    _LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
except ImportError:  # the module's front says what to install
    yaml = None  # type: ignore[assignment]

DEPTH = 100  # lists and mappings in each other


def load(text: str, where: str) -> Any:
    """Parses YAML; ``where`` names its source in the error.

    Raises LecternError with line and column when it is not YAML, and for an anchor that holds itself.
    """
    try:
        content = yaml.load(text, Loader=_LOADER)  # nosec: a safe loader
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        place = " line %d column %d" % (mark.line + 1, mark.column + 1) if mark else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise LecternError("%s%s is not valid YAML: %s." % (where, place, reason)) from None
    if is_endless(content):
        raise LecternError("%s holds a value that is nested deeper than %d levels, or in itself (&, *): write it flat." % (where, DEPTH))
    return content


def is_endless(value: Any, above: Tuple[int, ...] = ()) -> bool:
    """Whether a list or mapping is among its own items, or nested so deep that nothing could work on it."""
    items = value if isinstance(value, (list, tuple)) else list(value.values()) if isinstance(value, dict) else []
    return id(value) in above or len(above) > DEPTH or any(is_endless(item, (*above, id(value))) for item in items)


def read(path: str) -> str:
    """The text of a file.

    Raises LecternError when it can't be read or is not UTF-8.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        raise LecternError("'%s' is not UTF-8 text (byte %d): save it as UTF-8." % (path, error.start)) from None
    except OSError as error:
        raise LecternError("'%s' can't be read: %s." % (path, error.strerror)) from None


def load_mapping(path: str) -> Dict[str, Any]:
    """The settings in a YAML file; an empty file holds none.

    Raises LecternError when it holds anything but a mapping with text keys.
    """
    content = load(read(path), "'%s'" % path)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise LecternError("'%s' must hold settings (KEY: value), not a %s." % (path, type(content).__name__))
    odd = [key for key in content if not isinstance(key, str)]
    if odd:
        raise LecternError("'%s' has the key %r, which is a %s: put it in quotes." % (path, odd[0], type(odd[0]).__name__))
    return content


def dump(content: Any, allow_unicode: bool) -> str:
    """YAML text as upstream's ``serialize.dump`` writes it: block style, sorted keys.

    Raises LecternError when a value is not plain data.
    """
    try:
        text: str = yaml.dump(content, Dumper=yaml.SafeDumper, default_flow_style=False, allow_unicode=allow_unicode)
        # PyYAML reads this one character, which it writes as it is, as a space.
        return yaml.dump(content, Dumper=yaml.SafeDumper, default_flow_style=False) if "\x85" in text else text
    except (yaml.YAMLError, ValueError) as error:
        raise LecternError("A setting can't be written as YAML: %s." % str(error).splitlines()[0]) from None


def same(one: Any, other: Any) -> bool:
    """Whether two values are one and the same in YAML, where 1 is not ``true``, as it is in Python, and ``.nan`` is itself."""
    return repr(one) == repr(other) or dump(one, True) == dump(other, True)


def exists(path: str) -> bool:
    """Whether a file stands there; a dangling link counts as a file that can't be read."""
    return os.path.lexists(path)
