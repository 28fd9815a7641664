# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template filters give what Tutor's own give: values recorded from 22.0.3 and, where it has the filter, 3.12.6."""

from __future__ import annotations

import importlib
import re
import sys
import uuid

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import template_filters

RECORDED = [
    ("common_domain", ("studio.demo.myopenedx.com", "lms.demo.myopenedx.com"), "demo.myopenedx.com"),
    ("common_domain", ("a.b", "c.d"), ""),
    ("common_domain", ("my.org", "my.org"), "my.org"),
    ("common_domain", ("sub.my.org", "my.org"), "my.org"),
    ("common_domain", ("", ""), ""),
    ("common_domain", ("org", ""), ""),
    ("common_domain", ("a..b", "c..b"), ".b"),
    ("common_domain", ("x.my.org", "ymy.org"), "org"),
    ("common_domain", ("LMS.my.org", "lms.my.ORG"), ""),
    ("reverse_host", ("www.google.com",), "com.google.www"),
    ("reverse_host", ("",), ""),
    ("reverse_host", ("localhost",), "localhost"),
    ("reverse_host", (".x.",), ".x."),
    ("reverse_host", ("bücher.example",), "example.bücher"),
    ("list_if", ([["mysql", True], ["mongodb", False], ["redis", 1]],), '["mysql", "redis"]'),
    ("list_if", ([],), "[]"),
    ("list_if", ([["a", ""], ["b", "false"]],), '["b"]'),
    ("list_if", ([["é", True], ['q"', 2, "more"]],), '["\\u00e9", "q\\""]'),
    ("list_if", ([[1, True], [None, True]],), "[1, null]"),
    ("long_to_base64", (0,), "AA"),
    ("long_to_base64", (1,), "AQ"),
    ("long_to_base64", (127,), "fw"),
    ("long_to_base64", (128,), "gA"),
    ("long_to_base64", (255,), "_w"),
    ("long_to_base64", (256,), "AQA"),
    ("long_to_base64", (65537,), "AQAB"),
    ("long_to_base64", (2**64,), "AQAAAAAAAAAA"),
    ("uid_master_hash", ("master", "uid"), "4cc2a685608a03e0d8f0e2fd51eedb69eb83326e924b2fbc33acaaa42554b226"),
    ("uid_master_hash", ("", ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    (
        "uid_master_hash",
        ("ключ", "4b1f5ff2-5c4a-4d8e-9d5e-000000000000"),
        "bae64d3a83555cb61439400f8153337d018ec2052fa93e6b7dc08adf7954bf2e",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), RECORDED)
def test_filter_gives_what_tutor_gives(name, arguments, expected):
    assert template_filters.filters_for("22.0.3")[name](*arguments) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("3.4.0", {"common_domain", "random_string", "reverse_host"}),
        ("3.12.6", {"common_domain", "encrypt", "list_if", "random_string", "reverse_host"}),
        (
            "14.1.2",
            {
                "common_domain",
                "encrypt",
                "list_if",
                "long_to_base64",
                "random_string",
                "reverse_host",
                "rsa_private_key",
            },
        ),
        ("22.0.3-main", set(template_filters.FUNCTIONS)),
        (None, set(template_filters.FUNCTIONS)),
    ],
)
def test_filters_of_a_release(version, expected):
    assert set(template_filters.filters_for(version)) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.12.6", []), ("10.0.0", ["rsa_import_key"]), ("14.1.2", ["rsa_import_key"]), ("14.2.0", []), (None, [])],
)
def test_plain_globals_of_a_release(version, expected):
    assert list(template_filters.globals_for(version)) == expected


@pytest.mark.parametrize(
    "template", ["{{ 8|random_string }}", "x {{ 2048 | rsa_private_key }}", "{{ 4|uuid }}", "{{ A|uid_master_hash(B) }}", "{{ A|encrypt }}"]
)
def test_templates_that_generate_a_secret(template):
    assert template_filters.generates_secret(template)
    assert template_filters.generates_secret({"deep": ["x", {"er": template}]})
    assert not template_filters.generates_secret({template: ["x", 1, None]})


@pytest.mark.parametrize("template", ["{{ LMS_HOST|reverse_host }}", "{{ 1|long_to_base64 }}", "random_string", "{{ A|uuids }}"])
def test_templates_that_generate_none(template):
    assert not template_filters.generates_secret(template)


def test_filters_that_make_secrets():
    generating = {"encrypt", "random_string", "rsa_private_key", "uid_master_hash", "uuid"}
    assert generating | {"long_to_base64"} == template_filters.SECRET_FILTERS
    assert {name for name in template_filters.SECRET_FILTERS if template_filters.generates_secret("{{ 1|%s }}" % name)} == generating


def test_names_of_what_the_renderer_sets():
    assert set(template_filters.names_for("3.12.6", "global")) == {"TUTOR_VERSION", "patch"}
    assert "walk_templates" in template_filters.names_for("3.12.6", "filter")
    assert "is_buildkit_enabled" in template_filters.names_for("16.0.5", "global")
    assert "is_buildkit_enabled" not in template_filters.names_for("17.0.0", "global")


def test_random_string():
    made = {template_filters.random_string(24) for _number in range(50)}
    assert len(made) == 50
    assert all(re.match(r"[A-Za-z0-9]{24}$", text) for text in made)
    assert template_filters.random_string(0) == ""


def test_uuid():
    assert uuid.UUID(template_filters.uuid(4)).version == 4
    assert uuid.UUID(template_filters.uuid(1)).version == 1
    assert template_filters.uuid(4) != template_filters.uuid(4)


def test_encrypt_makes_a_bcrypt_hash_of_the_text():
    kdf = importlib.import_module("Crypto.Protocol.KDF")
    hashed = template_filters.encrypt("pä55")
    assert re.match(r"\$2a\$12\$[./A-Za-z0-9]{53}$", hashed)
    kdf.bcrypt_check("pä55".encode(), hashed.encode())
    with pytest.raises(ValueError):
        kdf.bcrypt_check(b"other", hashed.encode())


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="Python 3.13 has no crypt module")
def test_encrypt_of_old_releases_is_the_systems():
    hashed = template_filters.filters_for("10.4.0")["encrypt"]("pw")
    crypt = importlib.import_module("crypt")
    assert hashed.startswith("$6$")
    assert crypt.crypt("pw", hashed) == hashed


def test_encrypt_of_old_releases_without_the_systems(monkeypatch):
    monkeypatch.setitem(sys.modules, "crypt", None)
    assert template_filters.filters_for("3.12.6")["encrypt"]("pw").startswith("$2a$12$")


def test_encrypt_changed_with_10_4_1():
    assert template_filters.filters_for("10.4.0")["encrypt"] is template_filters.encrypt_with_system
    assert template_filters.filters_for("10.4.1")["encrypt"] is template_filters.encrypt


def test_rsa_keys():
    text = template_filters.rsa_private_key(1024)
    assert text.startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    assert text.endswith("\n-----END RSA PRIVATE KEY-----")
    key = template_filters.rsa_import_key(text)
    assert key.n == key.p * key.q
    assert key.n.bit_length() == 1024
    assert template_filters.long_to_base64(key.e) == "AQAB"


@pytest.mark.parametrize(("name", "argument"), [("encrypt", "text"), ("rsa_private_key", 1024), ("rsa_import_key", "-----BEGIN")])
def test_missing_pycryptodome_names_filter_and_package(monkeypatch, name, argument):
    monkeypatch.setitem(sys.modules, "Crypto", None)
    for module in ("Crypto.Protocol.KDF", "Crypto.PublicKey.RSA", "Crypto.Protocol", "Crypto.PublicKey"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(LecternError, match=f"'{name}' needs the Python package pycryptodome .*: install it"):
        template_filters.FUNCTIONS[name](argument)
