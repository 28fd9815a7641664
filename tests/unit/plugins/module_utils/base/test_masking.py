# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are known by their names, and masked in every spelling."""

from __future__ import annotations

import datetime
import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import masking

MASK = masking.MASK


@pytest.mark.parametrize(
    "key", ["SMTP_PASSWORD", "OPENEDX_SECRET_KEY", "API_TOKEN", "MY_KEY", "MY_KEYS", "JWT_RSA_PRIVATE_KEY", "key", "passwd"]
)
def test_secret_names(key):
    assert masking.is_secret(key)


@pytest.mark.parametrize("key", ["LMS_HOST", "PUBLIC_KEY", "MONKEY", "KEYBOARD_LAYOUT", "ID"])
def test_other_names(key):
    assert not masking.is_secret(key)


def test_texts():
    value = {"a": ["secret1", {"b": 123456}], "c": True, "d": None, "e": "ab", "f": "-----BEGIN X-----\nline-one\nline-two"}
    assert set(masking.texts_in(value)) == {"secret1", "123456", value["f"], "line-one", "line-two"}


def test_secret_texts_below_secret_names():
    params = {"settings": {"LMS_HOST": "shown", "SMTP_PASSWORD": "hidden1", "DEEP": [{"API_TOKEN": {"x": "hidden2"}}]}, "root": "/srv"}
    assert set(masking.secret_texts(params)) == {"hidden1", "hidden2"}


SECRET = "a\"b'c\\d/é\n2"


@pytest.mark.parametrize("spelling", [SECRET, json.dumps(SECRET)[1:-1], "a%22b%27c%5Cd%2F%C3%A9%0A2", SECRET.replace("'", "''")])
def test_spellings(spelling):
    assert masking.mask_text("<%s>" % spelling, [SECRET]) == "<%s>" % MASK


def test_the_longest_secret_is_masked_first():
    assert masking.mask_text("secret-and-more secret", ["secret-and-more", "secret"]) == "%s %s" % (MASK, MASK)


def test_plain_words_only_where_they_stand_alone():
    assert masking.mask_text("openedx /build/openedx openedx-dev 'openedx'", ["openedx"]) == "%s /build/openedx openedx-dev '%s'" % (
        MASK,
        MASK,
    )
    assert masking.mask_text("xAb12cx Ab12c", ["Ab12c"]) == "xAb12cx %s" % MASK
    assert masking.mask_text("xAb12cAb12cx", ["Ab12cAb12c"]) == "x%sx" % MASK


def test_values():
    day = datetime.date(2020, 1, 2)
    value = {"a": ["my secret1", 987654, 1.5, True, None], "b": ("secret1",), "c": {"secret1"}, "d": day, "e": b"secret1", "secret1": 1}
    assert masking.mask_value(value, ["secret1", "987654"]) == {
        "a": ["my " + MASK, MASK, 1.5, True, None],
        "b": (MASK,),
        "c": {MASK},
        "d": day,
        "e": MASK.encode(),
        MASK: 1,
    }
    assert masking.mask_value(day, ["2020-01-02"]) == MASK


def test_settings():
    config = {"A_PASSWORD": "x", "EMPTY_PASSWORD": "", "NO_PASSWORD": None, "URL": "x://secret1@h", "N": 1}
    hidden = ["A_PASSWORD", "EMPTY_PASSWORD", "NO_PASSWORD"]
    assert masking.mask_settings(config, hidden, ["secret1"]) == {
        "A_PASSWORD": MASK,
        "EMPTY_PASSWORD": "",
        "NO_PASSWORD": None,
        "URL": "x://%s@h" % MASK,
        "N": 1,
    }
