# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tutor's template filters without the ``tutor`` package, and which release has which name in its templates."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import itertools
import json
import secrets
import string
import sys
import uuid as uuids
import warnings
from typing import Any, Callable, Sequence

from ..base.errors import LecternError
from ..base.releases import NEWEST, numbers, release_of

# (name, kind, first release that has it, first release that has it no more)
TABLE: list[tuple[str, str, str, str | None]] = [
    ("common_domain", "filter", "3.4.0", None),
    ("encrypt", "filter", "3.11.8", None),
    ("list_if", "filter", "3.8.0", None),
    ("long_to_base64", "filter", "10.0.0", None),
    ("random_string", "filter", "3.4.0", None),
    ("reverse_host", "filter", "3.4.0", None),
    ("rsa_import_key", "filter", "14.2.0", None),
    ("rsa_private_key", "filter", "10.0.0", None),
    ("uid_master_hash", "filter", "19.0.0", None),
    ("uuid", "filter", "19.0.0", None),
    ("walk_templates", "filter", "3.4.0", None),
    ("HOST_USER_ID", "global", "13.0.0", None),
    ("TUTOR_APP", "global", "12.1.5", None),
    ("TUTOR_BRANCH_IS_MAIN", "global", "18.2.0", None),
    ("TUTOR_VERSION", "global", "3.4.0", None),
    ("TUTOR_VERSION_MAJOR", "global", "18.2.1", None),
    ("TUTOR_VERSION_MINOR", "global", "18.2.1", None),
    ("is_buildkit_enabled", "global", "16.0.0", "17.0.0"),
    ("is_docker_rootless", "global", "16.1.8", "19.0.0"),
    ("iter_cms_celery_parameters", "global", "18.2.0", None),
    ("iter_lms_celery_parameters", "global", "18.2.0", None),
    ("iter_mounted_directories", "global", "16.1.8", None),
    ("iter_mounts", "global", "16.0.0", None),
    ("iter_values_named", "global", "12.0.0", None),
    ("patch", "global", "3.9.1", None),
    ("rsa_import_key", "global", "10.0.0", "14.2.0"),
]


def names_for(version: str | None, kind: str) -> list[str]:
    """The names of ``kind`` ('filter' or 'global') in the templates of a release, of the newest when it is None."""
    if version is None:
        return [name for name, its_kind, _since, until in TABLE if its_kind == kind and until is None]
    number = numbers(version)
    return [
        name
        for name, its_kind, since, until in TABLE
        if its_kind == kind and numbers(since) <= number and (until is None or number < numbers(until))
    ]


def filters_for(version: str | None = None) -> dict[str, Callable[..., Any]]:
    """The filters of a release that depend on their arguments alone, by name (all but ``walk_templates``)."""
    found = {name: FUNCTIONS[name] for name in names_for(version, "filter") if name in FUNCTIONS}
    if "encrypt" in found:
        found["encrypt"] = ENCRYPT[release_of(version or NEWEST).encrypt]
    return found


def globals_for(version: str | None = None) -> dict[str, Callable[..., Any]]:
    """The template functions of a release that depend on their arguments alone, by name."""
    return {name: FUNCTIONS[name] for name in names_for(version, "global") if name in FUNCTIONS}


def common_domain(d1: str, d2: str) -> str:
    """The end that two domain names share: ``studio.my.org`` and ``lms.my.org`` give ``my.org``."""
    pairs = zip(reversed(d1.split(".")), reversed(d2.split(".")))
    shared = [left for left, _right in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)]
    return ".".join(reversed(shared))


def reverse_host(domain: str) -> str:
    """``www.my.org`` gives ``org.my.www``."""
    return ".".join(reversed(domain.split(".")))


def list_if(services: Sequence[Sequence[Any]]) -> str:
    """The names of the (name, condition) pairs whose condition holds, as JSON."""
    return json.dumps([pair[0] for pair in services if pair[1]])


def random_string(length: int) -> str:
    """ASCII letters and digits."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _number in range(length))


def uuid(size: int) -> str:
    """A new UUID; ``size`` is its version, 1 or 4."""
    return str(getattr(uuids, f"uuid{size}")())


def uid_master_hash(master_key: str, uid: str) -> str:
    """The API key that Meilisearch derives from its master key for the key ``uid``, in hexadecimal."""
    return hmac.new(master_key.encode(), uid.encode(), hashlib.sha256).hexdigest()


def long_to_base64(n: int) -> str:
    """A natural number as JSON Web Keys write it: big-endian bytes in URL-safe base64 without padding."""
    number = n.to_bytes(max(1, (n.bit_length() + 7) // 8), "big")
    return base64.urlsafe_b64encode(number).rstrip(b"=").decode()


def encrypt(text: str) -> str:
    """A bcrypt hash that ``htpasswd`` accepts, with a new salt each time."""
    return str(_crypto("encrypt", "Protocol.KDF").bcrypt(text.encode(), 12).decode())


def encrypt_with_system(text: str) -> str:
    """The same by the system's ``crypt``; by bcrypt where Python has none (3.13 and newer)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            crypt = importlib.import_module("crypt")
    except ImportError:
        return encrypt(text)
    return str(crypt.crypt(text))


def rsa_private_key(bits: int = 2048) -> str:
    """A new private key in PEM."""
    return str(_crypto("rsa_private_key", "PublicKey.RSA").generate(bits).export_key().decode())


def rsa_import_key(key: str) -> Any:
    """The key object (with ``n``, ``e``, ``d``, ``p``, ``q`` …) of a PEM text."""
    return _crypto("rsa_import_key", "PublicKey.RSA").import_key(key.encode())


def _crypto(filter_name: str, module: str) -> Any:
    try:
        return importlib.import_module("Crypto." + module)
    except ImportError as error:
        raise LecternError(
            f"The template filter '{filter_name}' needs the Python package pycryptodome ({error}): install it for {sys.executable}."
        ) from error


ENCRYPT: dict[str, Callable[..., Any]] = {"bcrypt": encrypt, "crypt": encrypt_with_system}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        common_domain,
        encrypt,
        list_if,
        long_to_base64,
        random_string,
        reverse_host,
        rsa_import_key,
        rsa_private_key,
        uid_master_hash,
        uuid,
    )
}
