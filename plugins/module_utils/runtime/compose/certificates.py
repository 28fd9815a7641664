# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads when the certificates of the public hosts expire, from what the web proxy shows to visitors."""

from __future__ import annotations

import calendar
import math
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ...base import moments
from .health import ANSWER, Proxy

RENEWED = 6  # the web proxy renews when a third of a certificate's time is left; less than a sixth means that it can't

SEQUENCE, UTC_TIME, FORMAT = 0x30, 0x17, 0xA0  # tags of DER


class Validity(NamedTuple):
    """From when to when a certificate is valid, in seconds since 1970."""

    begins: float
    ends: float


def read_certificates(proxy: Optional[Proxy], hosts: Sequence[str]) -> List[Dict[str, Any]]:
    """Return ``{host, expires, days, problem}`` for each host; none where the proxy serves no HTTPS. Whom it is from is not examined."""
    if proxy is None or not proxy.https:
        return []
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda host: _describe(proxy, host.partition("/")[0].partition(":")[0]), hosts))


def _describe(proxy: Proxy, host: str) -> Dict[str, Any]:
    try:
        validity = read_validity(_certificate(proxy, host))
    except OSError as error:
        return dict(host=host, expires=None, days=None, problem="shows no certificate: %s" % (error or type(error).__name__))
    except (ValueError, IndexError):
        return dict(host=host, expires=None, days=None, problem="shows a certificate that can't be read")
    left = validity.ends - time.time()
    expires = time.strftime(moments.FORMAT, time.gmtime(validity.ends))
    return dict(host=host, expires=expires, days=math.floor(left / 86400), problem=_problem(validity, left, expires))


def _problem(validity: Validity, left: float, expires: str) -> Optional[str]:
    if left <= 0:
        return "has a certificate that expired at %s" % expires
    if left < (validity.ends - validity.begins) / RENEWED:
        return "has a certificate that expires at %s and should have been renewed: look at the logs of the web proxy" % expires
    return None


def _certificate(proxy: Proxy, host: str) -> bytes:
    """Return what the proxy shows for a host, in DER. It is not verified: an expired one has to be read too."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = socket.create_connection((proxy.address, proxy.port), timeout=ANSWER)
    with connection, context.wrap_socket(connection, server_hostname=host) as secured:
        return secured.getpeercert(binary_form=True) or b""


def read_validity(certificate: bytes) -> Validity:
    """Return the validity in a certificate (RFC 5280, section 4.1). Raises ValueError or IndexError for what is none."""
    _tag, certificate, _rest = _element(certificate)
    _tag, signed, _rest = _element(certificate)
    tag, _number, rest = _element(signed)
    fields = 3 if tag == FORMAT else 2  # before the validity: serial number, algorithm, issuer; the format may be left out
    for _field in range(fields):
        _tag, _value, rest = _element(rest)
    tag, validity, _rest = _element(rest)
    if tag != SEQUENCE:
        raise ValueError("no validity")
    begins_tag, begins, rest = _element(validity)
    ends_tag, ends, _rest = _element(rest)
    return Validity(_seconds(begins_tag, begins), _seconds(ends_tag, ends))


def _element(data: bytes) -> Tuple[int, bytes, bytes]:
    """Return tag and content of the first element of DER, and what comes after it."""
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    return data[0], data[start : start + length], data[start + length :]


def _seconds(tag: int, moment: bytes) -> float:
    """Return a time of a certificate in seconds since 1970; years of two digits are those from 1950 to 2049."""
    text = moment.decode("ascii")
    if tag == UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ"))
