# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time: as results and records have them, as the engine writes them, and as the ``docker`` command takes them."""

from __future__ import annotations

import calendar
import re
import time

from .errors import LecternError

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

DURATION = re.compile(r"(?:\d{1,12}(?:\.\d{1,9})?(?:h|ms|m|s))+", re.ASCII)

DATE_AND_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)

SINCE_1970 = re.compile(r"\d{1,11}(?:\.\d{1,9})?", re.ASCII)


FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """Return this moment in UTC, as ``2026-01-31T08:00:00Z``."""
    return time.strftime(FORMAT, time.gmtime())


def seconds_of(moment: str) -> float:
    """Return a point in time as the engine writes it (2026-01-31T08:00:00.123456789Z) in seconds since 1970."""
    whole, _dot, fraction = moment.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole + "Z", FORMAT)) + float("0." + (fraction or "0"))


def parse_moment(option: str, text: str, now: float) -> float:
    """Return a point in time in seconds since 1970: a duration before now, a date and time, or such seconds. Without a zone, it is in the
    time zone of this host.

    Raises LecternError, which names the option, for anything else.
    """
    text = text.strip()
    if DURATION.fullmatch(text):
        return now - sum(float(count) * UNITS[unit] for count, unit in re.findall(r"([\d.]+)(h|ms|m|s)", text))
    if SINCE_1970.fullmatch(text):
        return float(text)
    match = DATE_AND_TIME.fullmatch(text)
    try:
        if match:
            return _seconds(match)
    except (ValueError, OverflowError):
        pass  # there is no such day or hour
    raise LecternError(
        "%s is '%s': give a duration such as 10m or 1h30m, or a time such as 2026-01-31T08:00:00Z (without a zone: the host's)."
        % (option, text)
    )


def _seconds(match: re.Match[str]) -> float:
    day, minute, second, fraction, zone = match.groups()
    parts = time.strptime("%s %s%s" % (day, minute or "00:00", second or ":00"), "%Y-%m-%d %H:%M:%S")
    rest = float("0." + (fraction or "0"))
    if zone is None:
        return time.mktime(parts) + rest
    return calendar.timegm(parts) + rest - _offset(zone)


def _offset(zone: str) -> float:
    if zone == "Z":
        return 0.0
    return float(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)
