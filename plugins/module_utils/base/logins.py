# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins in addresses: the part between ``://`` and ``@``, and tokens in a query.

People write passwords with ``@``, ``/``, ``#`` and ``?`` in them where an address needs them percent-encoded. In doubt, more is taken for a
login rather than less.
"""

from __future__ import annotations

import re
from typing import Any, Iterator, List, Tuple
from urllib.parse import unquote

START = "://"

SCHEME = re.compile("[A-Za-z0-9+.-]{0,30}")

END = re.compile(r"[\s\"'<>`]|\\[\"']")

# A text that is nothing but an address may have quotes in its password.
ALONE = re.compile(r"[A-Za-z0-9+.-]+://\S+")

PORT = r"\d{1,4}|[1-5]\d{4}|6[0-5]\d{3}|\$\{\w+\}|\$[A-Z_]+|\{\{[^{}]*\}\}|\{\w+\}|%[sd]|\*"

# The part of an address without a login before the first slash: hosts with ports, or variables for them.
HOSTS = re.compile(r"(?:(?:[\w.*${}-]*|\[[0-9A-Fa-f:.]*\])(?::(?:%s)?)?(?:,|$))+" % PORT)

# An @ before what must be a host (with a dot and a top-level domain, an IP address, a port), and before what may be one.
SURE = re.compile(r"@(?=(?:(?:[\w-]+\.)+[A-Za-z]{2,}|\d+(?:\.\d+){3}|localhost|\[[0-9A-Fa-f:.]+\]|[\w.-]+:\d{1,5})(?![\w@.-]))")

LIKELY = re.compile("@(?!sha256:)")

# Schemes whose users log in by a key.
KEY_SCHEMES = re.compile(r"(?:^|\+)(?:ssh|sftp|scp|rsync|git)$")

VARIABLE = re.compile(r"\$?\{\w+\}|\{\{[^{}]*\}\}|%\(?\w*\)?s")

QUERY = re.compile(r"[?&;#]([\w.-]+)=([^\s&;#\"'<>`]+)")

TOKEN_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|PRIVATE|(?<!PUBLIC)(?<!PUBLIC_)KEY$|SIGNATURE|^SIG$|CREDENTIAL", re.IGNORECASE
)

Span = Tuple[int, int]


def spans(text: str) -> List[Span]:
    """Return the places of the logins and tokens of all addresses in a text, in order."""
    return [span for scheme, start, end in _addresses(text) for span in _secrets(text, scheme, start, end)]


def _addresses(text: str) -> Iterator[Tuple[str, int, int]]:
    """Yield the scheme of each address, and the start and end of the part behind ``://``."""
    mark = -1 if text.count(START) == 1 and ALONE.fullmatch(text) else text.find(START)
    if mark < 0:
        scheme, _mark, rest = text.partition(START)
        yield scheme, len(text) - len(rest), len(text)
    while mark >= 0:
        start, following = mark + len(START), text.find(START, mark + 1)
        limit = len(text) if following < 0 else max(start, following - len(_scheme(text, following)))
        ending = END.search(text, start, limit)
        yield _scheme(text, mark), start, ending.start() if ending else limit
        mark = following


def _scheme(text: str, mark: int) -> str:
    match = SCHEME.match(text[max(0, mark - 30) : mark][::-1])
    return match[0][::-1] if match else ""


def _secrets(text: str, scheme: str, start: int, end: int) -> Iterator[Span]:
    address = text[start:end]
    length = _login(address)
    if length and not _is_open(scheme, address[:length]):
        yield start, start + length
    for match in QUERY.finditer(text, start + length, end):
        if TOKEN_NAME.search(match[1]) and not VARIABLE.fullmatch(match[2]):
            yield match.span(2)


def _login(address: str) -> int:
    """Return how many characters of an address are its login, without the ``@``; 0 for none."""
    authority = re.split("[/?#]", address, maxsplit=1)[0]
    sure = [match.start() for match in SURE.finditer(address)]
    likely = [match.start() for match in LIKELY.finditer(address)]
    if "@" not in authority:
        # An odd character in the password cuts it short. Without a colon it is a host and its path: https://example.org/@handle.
        return 0 if HOSTS.fullmatch(authority) else (sure or likely or [0])[-1]
    within = [place for place in likely if place < len(authority)]
    if not within:
        return 0
    if within[-1] in sure or within[-1] == likely[-1]:
        return within[-1]
    return (sure if sure and sure[-1] > within[-1] else likely)[-1]


def _is_open(scheme: str, login: str) -> bool:
    """Whether a login is no secret: a user who logs in by key, ``git``, or variables in place of user and password."""
    user, colon, _password = login.partition(":")
    if not colon and (user == "git" or KEY_SCHEMES.search(scheme.lower())):
        return True
    rest, variables = VARIABLE.subn("", login)
    return variables > 0 and re.fullmatch("[a-z_.-]*:?" if colon else "", rest) is not None


def hide(text: str, mask: str) -> str:
    """Return a text with the mask for each login; one whose password is masked already keeps its user."""
    parts, end = [], 0
    for start, stop in spans(text) if START in text else []:
        user, _colon, password = text[start:stop].rpartition(":")
        is_masked = password == mask and not _is_telling(user, True)
        parts += [text[end:start], text[start:stop] if is_masked else mask]
        end = stop
    return "".join([*parts, text[end:]])


def secret_parts(text: str) -> List[str]:
    """Return the texts to mask wherever they occur: logins, passwords and tokens of the addresses in a text, and their decoded forms.

    Short and plain words are left out, as they occur everywhere.
    """
    forms = []
    for start, end in spans(text) if START in text else []:
        user, colon, password = text[start:end].partition(":")
        parts = [user + colon + password] if colon else []
        parts += [part for part in (user, password) if _is_telling(part, part == user)]
        forms += [form for part in parts for form in (part, unquote(part))]
    return [part for part in dict.fromkeys(forms) if len(part) >= 5]


def _is_telling(part: str, is_user: bool) -> bool:
    """Whether a part of a login can only be a secret: a password that is no plain word, a user that looks like a token."""
    if is_user:
        return len(part) >= 16 and bool(re.search(r"\d", part)) and "@" not in unquote(part)
    return bool(re.search("[^a-z_.-]", part)) or len(part) >= 12


def secret_parts_in(value: Any) -> List[str]:
    """Return the texts to mask of all texts in a value, at any depth."""
    if isinstance(value, str):
        return secret_parts(value)
    if isinstance(value, bytes):
        return secret_parts(value.decode("latin-1"))
    items = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, (list, tuple, set, frozenset)) else []
    return [part for item in items for part in secret_parts_in(item)]
