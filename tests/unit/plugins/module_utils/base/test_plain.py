# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of every kind become JSON, and come back as they were."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import plain
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError

UTC = datetime.timezone(datetime.timedelta(0))
HUGE = 7**20000


def kind_of(value):
    return type(value).__name__


class Rude:
    def __str__(self):
        raise RuntimeError("no")


class Name(str):
    pass


class Number(enum.IntEnum):
    one = 1


@pytest.mark.parametrize(
    "value, expected",
    [
        ("caf\udce9.txt", "caf\\xe9.txt"),
        ("half \ud800 é", "half \\ud800 é"),
        (Name("x"), "x"),
        (Number.one, 1),
        (2**64, 2**64),
        (HUGE, hex(HUGE)),
        (True, True),
        (("a", {1}), ["a", [1]]),
        ({3, 1, 2}, [1, 2, 3]),
        (datetime.date(2026, 1, 31), "2026-01-31"),
        (datetime.datetime(2026, 1, 31, 10, tzinfo=UTC), "2026-01-31 10:00:00+00:00"),
        (b"caf\xe9", "b'caf\\xe9'"),
        ({1: 1, None: 2, False: 3, 1.5: 4, (1, 2): 5, datetime.date(2026, 1, 31): 6}, None),
        (Rude(), "<Rude>"),
        (decimal.Decimal("1.50"), "1.50"),
        (collections.OrderedDict(a=(1,)), {"a": [1]}),
    ],
    ids=kind_of,
)
def test_plain(value, expected):
    if expected is None:
        expected = {"1": 1, "null": 2, "false": 3, "1.5": 4, "(1, 2)": 5, "2026-01-31": 6}
    found = plain.plain(value)
    assert found == expected
    assert json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8")) == found


@pytest.mark.parametrize(
    "value",
    [
        *("text", "", 1, 1.5, -0.0, True, None, [], {}, {"a": [1, {"b": None}]}, 2**80, HUGE, -HUGE),
        *((1, (2, [3])), {1: "a", None: {2.5: ()}}, {"tuple": 1}, {1, 2}, frozenset("a"), b"caf\xe9\x00", float("inf")),
        *(datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31, 10, 0, 1, 5, tzinfo=UTC), datetime.time(1, 2)),
        {datetime.date(2026, 1, 31): {"x": (b"y",)}},
    ],
    ids=kind_of,
)
def test_there_and_back(value):
    data = json.loads(json.dumps(plain.typed(value)))
    back = plain.untyped(data)
    assert (back, repr(plain.typed(back))) == (value, repr(plain.typed(value)))
    assert type(back) is type(value)


def test_not_a_number_there_and_back():
    assert repr(plain.untyped(plain.typed([float("nan")]))) == "[nan]"


@pytest.mark.parametrize("value", [range(3), Name("x"), Number.one, collections.OrderedDict(), "\ud800"], ids=kind_of)
def test_what_only_the_host_has(value):
    with pytest.raises(LecternError, match="Python object|no UTF-8"):
        plain.untyped(json.loads(json.dumps(plain.typed([value]))))


@pytest.mark.parametrize(
    "value, exact",
    [
        *(("a", True), (1, True), ([1, {"a": None}], True), ({"tuple": 1}, True), (1.5, True)),
        *(((), False), ({1: 1}, False), ([{"a": {2}}], False), (float("nan"), False), (HUGE, False), (Name("x"), False), ("\ud800", False)),
    ],
    ids=kind_of,
)
def test_what_is_exact_in_json(value, exact):
    assert plain.is_exact(value) is exact
