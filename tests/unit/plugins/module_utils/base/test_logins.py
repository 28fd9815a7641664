# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins in addresses are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import time

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import logins, masking

MASK = masking.MASK


@pytest.mark.parametrize(
    "text, masked",
    [
        ("https://deploy:S3cretPass@git.example.org/edx.git", "https://%s@git.example.org/edx.git"),
        ("git+https://token0123456789:x-oauth-basic@git.example.org/p.git@main", "git+https://%s@git.example.org/p.git@main"),
        ("https://0123456789abcdef0123456789abcdef@sentry.example.org/4", "https://%s@sentry.example.org/4"),
        ("git+https://ghp_abc@github.com/o/r.git", "git+https://%s@github.com/o/r.git"),
        ("https://:tok@h.example.org", "https://%s@h.example.org"),
        ("https://tok:@h.example.org", "https://%s@h.example.org"),
        ("HTTPS://U:P@HOST/x", "HTTPS://%s@HOST/x"),
        ("ssh://u:p@host/x", "ssh://%s@host/x"),
        ("ftp://u:p@10.0.0.1/x", "ftp://%s@10.0.0.1/x"),
        ("https://tok@[::1]:80/x", "https://%s@[::1]:80/x"),
        ("postgresql://u:p@/db?host=/run", "postgresql://%s@/db?host=/run"),
        ("redis://:pa@redis:6379/0", "redis://%s@redis:6379/0"),
        ("redis://pa55@redis:6379/0", "redis://%s@redis:6379/0"),
        ("amqp://guest:guest@rabbit//", "amqp://%s@rabbit//"),
        ("mysql+pymysql://root:pw@mysql:3306/db", "mysql+pymysql://%s@mysql:3306/db"),
        ("jdbc:mysql://root:pw@mysql/db", "jdbc:mysql://%s@mysql/db"),
        ("mongodb://u:p@h1:27017,h2:27017/db?authSource=admin", "mongodb://%s@h1:27017,h2:27017/db?authSource=admin"),
        ("mongodb+srv://u:p%40ss%2F@c0.example.net/db", "mongodb+srv://%s@c0.example.net/db"),
        ("smtp://me@example.org:s3cret@smtp.example.org:587", "smtp://%s@smtp.example.org:587"),
        # odd characters, as people write them
        ("https://user:p@ss@git.example.org/x.git@main", "https://%s@git.example.org/x.git@main"),
        ("https://user:pa/ss@git.example.org/x.git@main", "https://%s@git.example.org/x.git@main"),
        ("https://user:pa#ss@git.example.org/x.git@v1.2#egg=x", "https://%s@git.example.org/x.git@v1.2#egg=x"),
        ("https://user:pa?ss@localhost/x", "https://%s@localhost/x"),
        ("https://user:p@ss/w#rd@git.example.org/x.git@main", "https://%s@git.example.org/x.git@main"),
        ("https://user:p:a$s&s*(@h.example.org/x", "https://%s@h.example.org/x"),
        ("http://user:70000/x@host.example.org", "http://%s@host.example.org"),
        ("https://o'brien:p\"w@host.example.org/x", "https://%s@host.example.org/x"),
        # inside of longer texts
        (
            "pip install --extra-index-url https://u:p@pypi.example.org/simple x",
            "pip install --extra-index-url https://%s@pypi.example.org/simple x",
        ),
        ("--index-url=https://a:b@h1,https://c:d@h2", "--index-url=https://%s@h1,https://%s@h2"),
        ('{"url": "https://u:p@h.example.org"}', '{"url": "https://%s@h.example.org"}'),
        ("<a href='https://u:p@h'>", "<a href='https://%s@h'>"),
        ("fatal: unable to access 'https://t:x@h/': no", "fatal: unable to access 'https://%s@h/': no"),
        # tokens in the query
        ("https://git.example.org/x?private_token=abc&ref=main", "https://git.example.org/x?private_token=%s&ref=main"),
        ("postgres://h/db?user=x&password=abc", "postgres://h/db?user=x&password=%s"),
    ],
)
def test_logins(text, masked):
    assert logins.hide(text, MASK) == masked.replace("%s", MASK)
    assert masking.mask_text(text, []) == logins.hide(text, MASK)
    assert logins.hide(logins.hide(text, MASK), MASK) == logins.hide(text, MASK)


@pytest.mark.parametrize(
    "text",
    [
        *("ssh://git@github.com/o/r.git", "git+ssh://git@github.com/o/r.git@v1", "git@github.com:o/r.git", "ssh://deploy@h/x"),
        *("git+https://github.com/o/r.git@v1.2#egg=x", "git+https://git@github.com/o/r.git@v1", "user@host", "admin@example.org"),
        *("https://example.org/@handle", "https://example.org:8000/@handle", "http://localhost:8000/@scope/pkg", "http://[::1]:8000/@x"),
        *("https://example.org/?email=a@example.org", "https://example.org?email=a@b.org", "https://h:8443/repo.git@main"),
        *(
            "docker-image://openedx@sha256:abc",
            "docker-image://docker.io/openedx:22@sha256:abc",
            "docker-image://localhost:5000/x@sha256:abc",
        ),
        *("file:///home/u@h/x", "mongodb://h1:27017,h2:27017/db", "https://${HOST}:${PORT}/@x", "https://{{ LMS_HOST }}/@x"),
        *("mongodb://${U}:${P}@h/db", "https://{{U}}:{{P}}@host", "https://deploy:${TOKEN}@host", "https://example.org/a:b@c"),
        *("see http://a.b.c/ and mail x@y.z", "mysql://root:%s@db" % MASK, "https://%s@h" % MASK, "://", "x://", "", "https://"),
        "clickhouse://{username}:@{auth['host']}:{auth['http_port']}/",
        "https://fonts.googleapis.com/css2?family=Inter:wght@400;700",
        "https://h/x?public_key=abc&key={{KEY}}",
    ],
)
def test_what_is_no_login(text):
    assert logins.hide(text, MASK) == text
    assert masking.login_texts(text, []) == []


def test_what_is_as_secret_as_a_login():
    """Decoded as well, and wherever else it stands; short and plain words would hide too much."""
    value = ["x https://u:p%40ss-word1@h/", {"smtp://me%40example.org:correct@h": ({"https://0123456789abcdef@s/4"},)}, b"https://a:b@h", 1]
    assert logins.secret_parts_in(value) == [
        *("u:p%40ss-word1", "u:p@ss-word1", "p%40ss-word1", "p@ss-word1"),
        *("me%40example.org:correct", "me@example.org:correct", "0123456789abcdef"),
    ]


def test_an_address_of_a_known_secret_keeps_its_user():
    assert masking.login_texts("mysql://root:rootroot9@db", ["rootroot9"]) == []
    assert masking.mask_text("mysql://root:rootroot9@db", ["rootroot9"]) == "mysql://root:%s@db" % MASK
    assert masking.mask_text("https://0123456789abcdef0:x-oauth-basic@h", ["x-oauth-basic"]) == "https://%s@h" % MASK


@pytest.mark.parametrize(
    "text",
    [
        *(
            "://" * 20000,
            "a" * 10**6 + "://",
            "://" + "@" * 10**5,
            "://" + "a.b@" * 50000,
            "://x:" + "/@a" * 50000,
            "https://" + "a-" * 10**5,
        ),
        *(
            "://h:1," * 20000,
            "://" + "h:1," * 50000 + "!/@a",
            "://x:" + "{{" * 30000 + "/@a",
            "://h" + "?a=" * 10**5,
            "://" + "a." * 50000 + "@a.b.",
        ),
    ],
    ids=lambda text: text[:8],
)
def test_no_text_takes_long(text):
    start = time.process_time()
    logins.hide(text, MASK)
    assert time.process_time() - start < 5
