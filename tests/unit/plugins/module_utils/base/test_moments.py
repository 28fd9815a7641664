# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time, as docker takes them."""

from __future__ import annotations

import subprocess
import time

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import moments
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.moments import parse_moment

NOW = 1769846400.0  # 2026-01-31T08:00:00Z


@pytest.fixture
def in_berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", NOW - 600),
        ("1h30m", NOW - 5400),
        ("1.5h", NOW - 5400),
        ("90s", NOW - 90),
        ("500ms", NOW - 0.5),
        ("2026-01-31T08:00:00Z", NOW),
        ("2026-01-31T08:00:00.25Z", NOW + 0.25),
        ("2026-01-31T09:00:00+01:00", NOW),
        ("2026-01-31T02:30-0530", NOW),
        ("2026-01-31 08:00:00+00:00", NOW),
        ("2026-01-31Z", NOW - 8 * 3600),
        ("1769846400", NOW),
        ("1769846400.5", NOW + 0.5),
        ("10", 10.0),
        (" 10m ", NOW - 600),
    ],
)
def test_moments(text, seconds):
    assert parse_moment("since", text, NOW) == seconds


@pytest.mark.parametrize("text", ["2026-01-31T09:00:00", "2026-01-31T09:00", "2026-01-31 09:00:00"])
def test_time_without_a_zone_is_that_of_the_host(in_berlin, text):
    assert parse_moment("since", text, NOW) == NOW


@pytest.mark.parametrize(
    "text", ["yesterday", "2d", "-10m", "10m ago", "2026-13-01", "2026-02-30T08:00:00Z", "2026-01-31T25:00Z", "9" * 400 + "h", "١m", "m"]
)
def test_what_is_no_moment_is_named(text):
    with pytest.raises(LecternError) as caught:
        parse_moment("until", text, NOW)
    assert str(caught.value).startswith("until is '%s': give a duration such as 10m or 1h30m, or a time such as" % text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-02T00:00:00.25Z", 86400.25),
        ("2026-01-31T08:00:00.123456789Z", 1769846400.123456789),
        ("0001-01-01T00:00:00Z", -62135596800.0),
    ],
)
def test_seconds_of(text, expected):
    assert moments.seconds_of(text) == pytest.approx(expected)


def test_engine_and_kernel_agree_on_time():
    now = subprocess.run(["date", "-u", "+%Y-%m-%dT%H:%M:%SZ"], stdout=subprocess.PIPE, encoding="ascii", check=True).stdout.strip()
    assert abs(moments.seconds_of(now) - time.time()) < 5
