# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as Tutor reads and writes it."""

from __future__ import annotations

import os
import re
import stat
from typing import Any, Dict, List, Optional, Tuple

from .errors import LecternError, LimitError, words_of

try:
    import yaml

    class WrongValue(yaml.constructor.ConstructorError):
        """A text that looks like a date or a number, and is none."""

    class _LOADER(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """PyYAML's safe loader, which also tells the place of a wrong date or number."""

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            try:
                return super().construct_object(node, deep)
            except (ValueError, OverflowError, AttributeError, LookupError) as error:
                reason = str(error).partition(":")[0] if isinstance(error, (ValueError, OverflowError)) else "it is not what its tag says"
                raise WrongValue(None, None, reason, node.start_mark) from None

except ImportError:  # the module says what to install
    yaml = None  # type: ignore[assignment]

DEPTH = 100  # levels of lists and mappings

VALUES = 100_000  # of one file or setting; real ones have hundreds

DIGITS = 4000  # of an integer; newer releases of Python refuse to write longer ones

TOO_LONG = 10**DIGITS

LARGEST = 4 * 2**20  # bytes of one text, each of which takes microseconds to write

# The indentation of such nesting without brackets.
DEEP = re.compile(r"^[ \t?:-]{%d}" % DEPTH, re.MULTILINE)

ENDLESS = "%s holds a value that is nested deeper than %d levels, or contains itself (&, *): write it flat."


def load(text: str, where: str) -> Any:
    """Parse YAML; ``where`` names its source in errors.

    Raises LecternError with line and column for a text that is not YAML, and for one beyond ``DEPTH``, ``VALUES`` or ``LARGEST``.
    """
    if len(text) > LARGEST:
        raise too_long(where)
    try:
        _refuse_overgrown(text, where)
        content = yaml.load(text, Loader=_LOADER)  # nosec: a safe loader
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        place = " line %d column %d" % (mark.line + 1, mark.column + 1) if mark else ""
        reason = getattr(error, "problem", None) or (str(error).splitlines() or [type(error).__name__])[0]
        reason = _setting_at(text, mark.line) + reason if mark and isinstance(error, WrongValue) else reason
        raise LecternError("%s%s is not valid YAML: %s." % (where, place, reason)) from None
    refuse_overgrown(content, where)
    return content


def _setting_at(text: str, line: int) -> str:
    """Return the setting that a line belongs to, by the last key without indentation, and a colon; empty for none."""
    keys = re.findall(r"^([A-Za-z0-9_-]+) *:", "\n".join(text.split("\n")[: line + 1]), re.MULTILINE)
    return "%s: " % keys[-1] if keys else ""


def too_long(where: str) -> LimitError:
    """Return the error for a text of more than LARGEST bytes."""
    return LimitError("%s is longer than %d MiB, which is the limit: make it shorter." % (where, LARGEST // 2**20))


def _too_many_values(where: str) -> LimitError:
    message = "%s holds more than %d values or %d MiB of text, each alias (*) written out: make it shorter."
    return LimitError(message % (where, VALUES, LARGEST // 2**20))


def _refuse_overgrown(text: str, where: str) -> None:
    """Raise LecternError for a short text that takes too much to parse or to hold.

    Aliases double with each level at which they refer to each other, and some releases of libyaml overflow their stack.
    """
    may_have_aliases = "*" in text and "&" in text
    if not may_have_aliases and len(text) < 2 * VALUES and text.count("[") + text.count("{") < DEPTH and not DEEP.search(text):
        return
    values = characters = 0  # so far, each alias written out
    above: List[Tuple[Optional[str], int, int]] = []  # the enclosing lists and mappings: anchor, values and characters before it
    known: Dict[Optional[str], Tuple[int, int]] = {}  # by anchor: values and characters
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            above.append((event.anchor, values, characters))
            values += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, values_before, characters_before = above.pop()
            known[anchor] = values - values_before, characters - characters_before
        elif isinstance(event, yaml.ScalarEvent):
            known[event.anchor] = 1, len(event.value)
            values, characters = values + 1, characters + len(event.value)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in [anchor for anchor, _values, _characters in above]:
                raise LimitError(ENDLESS % (where, DEPTH))
            more_values, more_characters = known.get(event.anchor, (1, 0))  # an alias without an anchor is an error of the parser
            values, characters = values + more_values, characters + more_characters
        if len(above) > DEPTH:
            raise LimitError(ENDLESS % (where, DEPTH))
        if values > VALUES or characters > LARGEST:
            raise _too_many_values(where)


def refuse_overgrown(value: Any, where: str) -> None:
    """Raise LecternError for a value that holds itself, is nested too deep, or has too many values or too long a number."""
    try:
        values, characters, height = _extent(value, {}, 0)
    except OverflowError:
        long = [str(key) for key, item in value.items() if _has_long_number(item)] if isinstance(value, dict) else []
        name = ": %s" % long[0] if long else ""
        raise LimitError("%s%s holds a number of more than %d digits: put it in quotes." % (where, name, DIGITS)) from None
    if height > DEPTH:
        raise LimitError(ENDLESS % (where, DEPTH))
    if values > VALUES or characters > LARGEST:
        raise _too_many_values(where)


def _has_long_number(value: Any) -> bool:
    try:
        _extent(value, {}, 0)
    except OverflowError:
        return True
    return False


def _extent(value: Any, known: Dict[int, Tuple[int, int, int]], level: int) -> Tuple[int, int, int]:
    """Return how many values a value holds, characters its texts have, and levels it is deep.

    What occurs twice counts twice but is visited once: ``known`` are the visited lists and mappings, by identity.
    """
    items = value if isinstance(value, (list, tuple)) else value.values() if isinstance(value, dict) else ()
    if isinstance(value, int) and not -TOO_LONG < value < TOO_LONG:
        raise OverflowError
    if not items or level > DEPTH:
        return 1, len(value) if isinstance(value, (str, bytes)) else 0, 1
    if id(value) not in known:
        known[id(value)] = 0, 0, DEPTH + 1  # in case it holds itself
        values, characters, heights = zip(*(_extent(item, known, level + 1) for item in items))
        known[id(value)] = 1 + sum(values), sum(characters), 1 + max(heights)
    return known[id(value)]


def read(path: str) -> str:
    """Return the text of a file.

    Raises LecternError when it can't be read, is no regular file, is too long or is not UTF-8.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):  # reading a pipe would wait for a writer
            raise LecternError("'%s' is not a regular file: move it away." % path)
        with open(path, encoding="utf-8", opener=_open_at_once) as stream:
            text = stream.read(LARGEST + 1) if status.st_size <= LARGEST else ""
    except UnicodeDecodeError as error:
        raise LecternError("'%s' is not UTF-8 text (byte %d): save it as UTF-8." % (path, error.start)) from None
    except OSError as error:
        raise LecternError("'%s' can't be read: %s." % (path, words_of(error))) from None
    if max(len(text), status.st_size) > LARGEST:
        raise too_long("'%s'" % path)
    return text


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def load_mapping(path: str) -> Dict[str, Any]:
    """Return the settings in a YAML file; an empty file holds none.

    Raises LecternError when it holds anything but a mapping with text keys.
    """
    return parse_mapping(read(path), path)


def parse_mapping(text: str, path: str) -> Dict[str, Any]:
    """Return the settings in the text of a file. Raises LecternError as ``load_mapping`` does."""
    content = load(text, "'%s'" % path) if text.strip() else None  # YAML refuses a text of tabs alone
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise LecternError("'%s' must hold settings (KEY: value), not a %s." % (path, type(content).__name__))
    odd = [key for key in content if not isinstance(key, str)]
    if odd:
        raise LecternError("'%s' has the key %r, which is a %s: put it in quotes." % (path, odd[0], type(odd[0]).__name__))
    return content


def dump(content: Any, allow_unicode: bool) -> str:
    """Return YAML text as upstream's ``serialize.dump`` writes it: block style, sorted keys.

    Raises LecternError for a value that is not plain data.
    """
    try:
        text: str = yaml.dump(content, Dumper=yaml.SafeDumper, default_flow_style=False, allow_unicode=allow_unicode)
        # PyYAML writes this character unescaped, but reads it as a space.
        return yaml.dump(content, Dumper=yaml.SafeDumper, default_flow_style=False) if "\x85" in text else text
    except (yaml.YAMLError, ValueError) as error:
        raise LecternError("A setting can't be written as YAML: %s." % str(error).splitlines()[0]) from None


def are_equal(one: Any, other: Any) -> bool:
    """Whether two values are the same in YAML, where 1 is not ``true``, as it is in Python, and ``.nan`` equals itself."""
    return repr(one) == repr(other) or dump(one, True) == dump(other, True)


def exists(path: str) -> bool:
    """Whether a file exists; a dangling link counts as a file that can't be read."""
    return os.path.lexists(path)
