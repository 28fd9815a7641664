# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values are secret, and how they are kept out of results and diffs."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, Iterable, List, Set
from urllib.parse import quote

from . import logins, serialize
from .errors import LecternError
from .plain import shown

MASK = "********"

# Names that Tutor and its plugins give to secrets, the OAuth2 "KEY" values among them.
SECRET_KEY = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|PRIVATE|(?<!PUBLIC)_KEYS?$|^KEYS?$", re.IGNORECASE)

# characters: shorter values occur everywhere, so they are masked by their key, not in running text
SHORTEST = 5


def is_secret(key: str) -> bool:
    """Whether a setting is secret by its name."""
    return bool(SECRET_KEY.search(key))


def texts_in(value: Any) -> List[str]:
    """Return the texts in a setting's value that must not be shown: strings and numbers, at any depth, line by line."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_in(item)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [text for item in value for text in texts_in(item)]
    if value is None or isinstance(value, bool):
        return []
    whole = value.decode("latin-1") if isinstance(value, bytes) else shown(value)
    lines = [line.strip() for line in whole.splitlines() if not line.startswith("-----")]
    return [text for text in [whole] + lines if len(text.strip()) >= SHORTEST]


def strings_in(value: Any) -> List[str]:
    """Return all texts in a value, keys among them."""
    items = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, (list, tuple, set, frozenset)) else []
    return [value] if isinstance(value, str) else [text for item in items for text in strings_in(item)]


def is_no_word(text: str) -> bool:
    """Whether a text is long and odd enough to be a secret wherever it occurs."""
    return len(text) >= 8 and bool(re.search(r"[^a-z_.-]", text))


def setting_texts(key: str, value: Any) -> List[str]:
    """Return the texts to mask of a secret setting. Where only a part of a list is secret, the rest may be a host's name."""
    parts = texts_in(value)
    return parts if isinstance(value, str) or SECRET_KEY.search(key) else [text for text in parts if is_no_word(text)]


def secret_texts(value: Any) -> List[str]:
    """Return the texts below keys of secret names, at any depth."""
    if isinstance(value, dict):
        parts = [texts_in(item) if is_secret(shown(key)) else secret_texts(item) for key, item in value.items()]
        return [text for part in parts for text in part]
    return [text for item in value for text in secret_texts(item)] if isinstance(value, (list, tuple)) else []


def login_texts(value: Any, known: Iterable[str]) -> List[str]:
    """Return the texts to mask of the addresses in a value, but for those with a ``known`` secret, which stay readable around it."""
    known = [MASK, *known]
    return [text for text in logins.secret_parts_in(value) if not any(secret in text for secret in known)]


def _spellings_of(secret: str) -> List[str]:
    return [secret, json.dumps(secret)[1:-1], quote(secret, safe=""), secret.replace("'", "''")]


def _pattern(secret: str) -> str:
    """Return the pattern that finds a secret: a plain or short word only where it stands alone, not inside names and paths."""
    if re.fullmatch("[a-z]+", secret):
        return r"(?<![\w./-])%s(?![\w./-])" % secret
    return r"(?<![A-Za-z0-9])%s(?![A-Za-z0-9])" % re.escape(secret) if len(secret) < 8 else re.escape(secret)


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that replaces every secret in a text, and logins in addresses, by the mask."""
    spellings = sorted({form for secret in secrets for form in _spellings_of(secret)}, key=len, reverse=True)

    def mask(text: str) -> str:
        present = [_pattern(form) for form in spellings if form in text]
        return logins.hide(re.sub("|".join(present), MASK, text) if present else text, MASK)

    return mask


def mask_text(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text by the mask."""
    return masker(secrets)(text)


def mask_value(value: Any, secrets: Iterable[str]) -> Any:
    """Replace every secret in a value by the mask; lists, mappings and other values keep their types."""
    secrets = list(secrets)
    return _mask_inside(value, masker(secrets), set(secrets))


def _mask_inside(value: Any, mask: Callable[[str], str], secrets: Set[str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {_mask_inside(key, mask, secrets): _mask_inside(item, mask, secrets) for key, item in value.items()}
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return kind(_mask_inside(item, mask, secrets) for item in value)
    if isinstance(value, bytes):
        return mask(value.decode("latin-1")).encode("latin-1")
    text = shown(value)
    return MASK if text in secrets else value if mask(text) == text else mask(text)


def mask_settings(config: Dict[str, Any], secret_keys: Iterable[str], secrets: Iterable[str]) -> Dict[str, Any]:
    """Return settings to show: the mask for secret ones (empty ones stay), and for secrets inside others."""
    hidden, secrets = set(secret_keys), list(secrets)
    return {
        key: _mask_unless_empty(value) if key in hidden else mask_value(_mask_below_secret_names(value), secrets)
        for key, value in config.items()
    }


def _mask_unless_empty(value: Any) -> Any:
    return value if value in ("", None, [], {}) else MASK


def _mask_below_secret_names(value: Any) -> Any:
    """Return a setting's value with the mask for everything below a secret name."""
    if isinstance(value, dict):
        return {key: _mask_unless_empty(item) if is_secret(shown(key)) else _mask_below_secret_names(item) for key, item in value.items()}
    for kind in (list, tuple):
        if isinstance(value, kind):
            return kind(_mask_below_secret_names(item) for item in value)
    return value


def secrets_in(text: str, generated: Iterable[str] = ()) -> List[str]:
    """Return the secrets in a text that is YAML; none for any other text."""
    try:
        return secrets_of(serialize.load(text, ""), generated)
    except LecternError:
        return []


def secrets_of(settings: Any, generated: Iterable[str]) -> List[str]:
    """Return the secrets in settings: below secret names, and of the keys that were generated."""
    made = [text for key in generated for text in setting_texts(key, settings.get(key))] if isinstance(settings, dict) else []
    known = secret_texts(settings) + made
    return known + login_texts(settings, known)


def secrets_in_options(params: Dict[str, Any]) -> List[str]:
    """Return the secrets in a module's options, those included that plugins and settings files given as YAML text hold."""
    options = {name: value for name, value in params.items() if name != "accept_new_secrets"}  # which holds names of settings
    texts = [options.get(name) for name in ("definitions", "definition", "plugin_files", "settings_files")]
    found = secret_texts(options) + [secret for text in strings_in(texts) for secret in secrets_in(text)]
    return found + login_texts(options, found)
