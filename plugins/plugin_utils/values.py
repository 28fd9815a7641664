# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds values that would reach a module as other values, because they travel as JSON. They are reported before anything runs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..module_utils.base.plain import is_text, is_too_long, shown
from ..module_utils.base.serialize import DEPTH, VALUES

# Options whose values are Tutor's data, and where else such a value can be written.
OPTIONS = dict.fromkeys(("settings", "append", "remove"), "into a settings file")
OPTIONS.update(dict.fromkeys(("definitions", "definition"), "into a plugin that is given as text"))
# ansible-core before 2.19 turns the result of a template into text, and that text into data, except for these.
LEFT_AS_TEXT = re.compile(r"datetime\.(date|datetime|time)\(|\b(?:nan|inf)(?=[,}\]])")
KEYS = re.compile(r"['\"]([A-Za-z0-9_-]+)['\"]: ")


def reason_too_large(value: Any) -> str:
    """Return why a value is too large to process, else an empty text. Aliases make a few lines of YAML that large."""
    pending = [(value, 0)]
    count = 0
    while pending:
        item, depth = pending.pop()
        count += 1
        if count > VALUES:
            return f"it holds more than {VALUES} values, each alias (*) written out"
        if depth > DEPTH:
            return f"it is nested deeper than {DEPTH} levels, or contains itself"
        parts = item.values() if isinstance(item, Mapping) else item if isinstance(item, (list, tuple)) else ()
        pending += [(part, depth + 1) for part in parts]
    return ""


def option_errors(value: Any, name: str, way: str) -> Iterator[str]:
    """Yield the errors of a whole option or variable, which a template may have turned into text."""
    reason = reason_too_large(value)
    if reason:
        yield f"{name} can't be handed over: {reason}"
        return
    match = LEFT_AS_TEXT.search(value) if isinstance(value, str) and value.startswith(("{", "[")) else None
    if match is None:
        yield from value_errors(value, name, way)
        return
    keys = KEYS.findall(value[: match.start()])
    kind = "a " + match[1].replace("datetime", "date and time") if match[1] else "no number (.nan, .inf)"
    yield f"{'.'.join([name, *keys[-1:]])} is {kind}: put it in quotes, or {way}"


def value_errors(value: Any, name: str, way: str) -> Iterator[str]:
    """Yield a sentence for each value that JSON can't represent, with its path below ``name``; ``way`` says where it can be written."""
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
