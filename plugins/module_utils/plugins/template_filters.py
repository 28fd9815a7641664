# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tutor's template filters without the ``tutor`` package, and the names that templates of each release know."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import itertools
import json
import re
import secrets
import string
import sys
import uuid as uuids
import warnings
from typing import Any, Callable, NamedTuple, Sequence

from ..base.errors import LecternError
from ..base.releases import NEWEST, numbers, release_of

# What a filter makes: a secret, or a text that is as secret as its argument.
SECRET, AS_ARGUMENT = "secret", "as argument"


class TemplateName(NamedTuple):
    """A name that templates know, as a ``filter`` or a ``global``: from which release on, and from which no more."""

    name: str
    kind: str
    since: str
    until: str | None = None
    makes: str = ""  # SECRET or AS_ARGUMENT; empty where it makes no secret


TABLE = [
    TemplateName("common_domain", "filter", "3.4.0"),
    TemplateName("encrypt", "filter", "3.11.8", makes=SECRET),
    TemplateName("list_if", "filter", "3.8.0"),
    TemplateName("long_to_base64", "filter", "10.0.0", makes=AS_ARGUMENT),
    TemplateName("random_string", "filter", "3.4.0", makes=SECRET),
    TemplateName("reverse_host", "filter", "3.4.0"),
    TemplateName("rsa_import_key", "filter", "14.2.0"),
    TemplateName("rsa_private_key", "filter", "10.0.0", makes=SECRET),
    TemplateName("uid_master_hash", "filter", "19.0.0", makes=SECRET),
    TemplateName("uuid", "filter", "19.0.0", makes=SECRET),
    TemplateName("walk_templates", "filter", "3.4.0"),
    TemplateName("HOST_USER_ID", "global", "13.0.0"),
    TemplateName("TUTOR_APP", "global", "12.1.5"),
    TemplateName("TUTOR_BRANCH_IS_MAIN", "global", "18.2.0"),
    TemplateName("TUTOR_VERSION", "global", "3.4.0"),
    TemplateName("TUTOR_VERSION_MAJOR", "global", "18.2.1"),
    TemplateName("TUTOR_VERSION_MINOR", "global", "18.2.1"),
    TemplateName("is_buildkit_enabled", "global", "16.0.0", "17.0.0"),
    TemplateName("is_docker_rootless", "global", "16.1.8", "19.0.0"),
    TemplateName("iter_cms_celery_parameters", "global", "18.2.0"),
    TemplateName("iter_lms_celery_parameters", "global", "18.2.0"),
    TemplateName("iter_mounted_directories", "global", "16.1.8"),
    TemplateName("iter_mounts", "global", "16.0.0"),
    TemplateName("iter_values_named", "global", "12.0.0"),
    TemplateName("patch", "global", "3.9.1"),
    TemplateName("rsa_import_key", "global", "10.0.0", "14.2.0"),
]

SECRET_FILTERS = {row.name for row in TABLE if row.makes}

GENERATING = re.compile(r"\|\s*(%s)\b" % "|".join(row.name for row in TABLE if row.makes == SECRET))


def generates_secret(template: Any) -> bool:
    """Whether an unrendered setting makes, at any depth, a secret: something to save once, and to hide under any name."""
    if isinstance(template, str):
        return bool(GENERATING.search(template))
    items = template.values() if isinstance(template, dict) else template if isinstance(template, (list, tuple)) else []
    return any(generates_secret(item) for item in items)


def names_for(version: str | None, kind: str) -> list[str]:
    """Return the names of a kind in the templates of a release, of the newest when it is None."""
    rows = [row for row in TABLE if row.kind == kind]
    if version is None:
        return [row.name for row in rows if row.until is None]
    number = numbers(version)
    return [row.name for row in rows if numbers(row.since) <= number and (row.until is None or number < numbers(row.until))]


def filters_for(version: str | None = None) -> dict[str, Callable[..., Any]]:
    """Return the filters of a release that depend on their arguments alone, by name (all but ``walk_templates``)."""
    filters = {name: FUNCTIONS[name] for name in names_for(version, "filter") if name in FUNCTIONS}
    if "encrypt" in filters:
        filters["encrypt"] = ENCRYPT[release_of(version or NEWEST).encrypt]
    return filters


def globals_for(version: str | None = None) -> dict[str, Callable[..., Any]]:
    """Return the template functions of a release that depend on their arguments alone, by name."""
    return {name: FUNCTIONS[name] for name in names_for(version, "global") if name in FUNCTIONS}


def common_domain(d1: str, d2: str) -> str:
    """Return the end that two domain names share: ``my.org`` for ``studio.my.org`` and ``lms.my.org``."""
    pairs = zip(reversed(d1.split(".")), reversed(d2.split(".")))
    shared = [left for left, _right in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)]
    return ".".join(reversed(shared))


def reverse_host(domain: str) -> str:
    """Return a domain name backwards: ``org.my.www`` for ``www.my.org``."""
    return ".".join(reversed(domain.split(".")))


def list_if(services: Sequence[Sequence[Any]]) -> str:
    """Return the names of the (name, condition) pairs whose condition holds, as JSON."""
    return json.dumps([pair[0] for pair in services if pair[1]])


def random_string(length: int) -> str:
    """Return random ASCII letters and digits."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _number in range(length))


def uuid(size: int) -> str:
    """Return a new UUID; ``size`` is its version, 1 or 4."""
    return str(getattr(uuids, f"uuid{size}")())


def uid_master_hash(master_key: str, uid: str) -> str:
    """Return the API key that Meilisearch derives from its master key for the key ``uid``, in hexadecimal."""
    return hmac.new(master_key.encode(), uid.encode(), hashlib.sha256).hexdigest()


def long_to_base64(n: int) -> str:
    """Return a natural number as JSON Web Keys write it: big-endian bytes in URL-safe base64 without padding."""
    number = n.to_bytes(max(1, (n.bit_length() + 7) // 8), "big")
    return base64.urlsafe_b64encode(number).rstrip(b"=").decode()


def encrypt(text: str) -> str:
    """Return a bcrypt hash that ``htpasswd`` accepts, with a new salt each time."""
    return str(_crypto("encrypt", "Protocol.KDF").bcrypt(text.encode(), 12).decode())


def encrypt_with_system(text: str) -> str:
    """Return a hash made by the system's ``crypt``; by bcrypt where Python has none (3.13 and newer)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            crypt = importlib.import_module("crypt")
    except ImportError:
        return encrypt(text)
    return str(crypt.crypt(text))


def rsa_private_key(bits: int = 2048) -> str:
    """Return a new private key in PEM."""
    return str(_crypto("rsa_private_key", "PublicKey.RSA").generate(bits).export_key().decode())


def rsa_import_key(key: str) -> Any:
    """Return the key object (with ``n``, ``e``, ``d``, ``p``, ``q`` …) of a PEM text."""
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
