# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that would reach a module as something else than what YAML makes of them, as they travel as JSON: named before anything is run."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..module_utils.base.plain import is_text, is_too_long, shown
from ..module_utils.base.serialize import DEPTH, VALUES

# Options whose values are Tutor's data, with the way by which such a value arrives.
OPTIONS = dict.fromkeys(("settings", "append", "remove"), "into a settings file")
OPTIONS.update(dict.fromkeys(("definitions", "definition"), "into a plugin that is given as text"))
# ansible-core before 2.19 makes a text of what a template returns, and data of that text, but for these.
LEFT_AS_TEXT = re.compile(r"datetime\.(date|datetime|time)\(|\b(?:nan|inf)(?=[,}\]])")
KEYS = re.compile(r"['\"]([A-Za-z0-9_-]+)['\"]: ")


def too_much(value: Any) -> str:
    """What makes a value more than can be walked; empty where nothing does. Aliases of YAML may make one of a few lines."""
    left = [(value, 0)]
    count = 0
    while left:
        item, depth = left.pop()
        count += 1
        if count > VALUES:
            return f"it holds more than {VALUES} values, each alias (*) written out"
        if depth > DEPTH:
            return f"it is nested deeper than {DEPTH} levels, or in itself"
        parts = item.values() if isinstance(item, Mapping) else item if isinstance(item, (list, tuple)) else ()
        left += [(part, depth + 1) for part in parts]
    return ""


def option_errors(value: Any, name: str, way: str) -> Iterator[str]:
    """Yields what ``value_errors`` does of a whole option or variable, which may have become a text on its way."""
    reason = too_much(value)
    if reason:
        yield f"{name} can't be handed over: {reason}"
        return
    found = LEFT_AS_TEXT.search(value) if isinstance(value, str) and value.startswith(("{", "[")) else None
    if found is None:
        yield from value_errors(value, name, way)
        return
    keys = KEYS.findall(value[: found.start()])
    kind = "a " + found[1].replace("datetime", "date and time") if found[1] else "no number (.nan, .inf)"
    yield f"{'.'.join([name, *keys[-1:]])} is {kind}: put it in quotes, or {way}"


def value_errors(value: Any, name: str, way: str) -> Iterator[str]:
    """Yields a sentence for each value that JSON can't hold, with its place below ``name``; ``way`` says where it can stand instead."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                yield f"{name} has the key {shown(key)}, which is {_kind(key)}: put it in quotes, or {way}"
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, item in items:
        yield from value_errors(item, f"{name}.{shown(key)}", way)
    if isinstance(value, str) and not is_text(value):
        yield f"{name} holds half of a surrogate pair: no file of UTF-8 text can hold that"
    if isinstance(value, int) and is_too_long(value):
        yield f"{name} is a number of more than 4000 digits: put it in quotes"
    if isinstance(value, (datetime.date, datetime.time)):
        yield f"{name} is {_kind(value)}: put it in quotes, or {way}"
    if isinstance(value, (bytes, bytearray, set, frozenset)):
        yield f"{name} is {_kind(value)}: put it {way}"


def _kind(value: Any) -> str:
    kinds = (
        (datetime.datetime, "a date and time"),
        (datetime.date, "a date"),
        (datetime.time, "a time"),
        ((bytes, bytearray), "binary (!!binary)"),
        ((set, frozenset), "a set (!!set)"),
        (bool, "a truth value"),
        ((int, float), "a number"),
        (type(None), "null"),
    )
    return next((name for types, name in kinds if isinstance(value, types)), "no text")
