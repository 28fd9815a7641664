# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime

DAY = datetime.date(2026, 1, 31)


def test_values_that_would_arrive_as_others(look_up, trusted):
    variables = {"a": {"DAY": DAY, "FINE": [1, "x"]}, "b": trusted("{{ {'c': day} }}"), "day": DAY, "d": trusted("{{ missing }}")}
    assert look_up("value_errors", "a", "b", "d", "none", variables=variables) == [
        "a.DAY is a date: put it in quotes, or into a settings file",
        "b.c is a date: put it in quotes, or into a settings file",
    ]
    assert look_up("value_errors", "a", variables=variables, way="elsewhere") == ["a.DAY is a date: put it in quotes, or elsewhere"]
