# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When certificates expire, read from a server and from their bytes."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess
import threading
import time

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import certificates
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.certificates import Validity, read_validity
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.health import Proxy

# Made by openssl on 2026-11-30: for 90 days, until 2126, and without a version for a day.
NINETY_DAYS = (
    "MIIBZzCCAQ2gAwIBAgIUeHAmpROvyf1aMQLlHtRdjl6Wr6swCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYTAeFw0yNjExMzAwODE0MjNaFw0yNzAyMjgwODE0"
    "MjNaMAwxCjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ1H5NMojLsoXXjwwrtuWRXG87rP6rwC18X3HB/oZ+0+BEHjying8OS+iUzUNy3"
    "1oL/+UsAcratLuPZjFtPK3Aho00wSzAdBgNVHQ4EFgQUkzH6LDGNb2YecLyODLbe8uF25UIwHwYDVR0jBBgwFoAUkzH6LDGNb2YecLyODLbe8uF25UIwCQYD"
    "VR0TBAIwADAKBggqhkjOPQQDAgNIADBFAiA8QUnldwQPxHcXDyLvYaclQB0hsvI/16O+j14fGu4DLgIhALFGBYo8JGIsYjtVjrK7ObZ4Ab2aBtQg3ED58a5d"
    "f71C"
)
HUNDRED_YEARS = (
    "MIIBbjCCARWgAwIBAgIUKny52DbbdBT3+RYb14YnlmqJWzcwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYjAgFw0yNjExMzAwODE0MjRaGA8yMTI2MTEwNjA4"
    "MTQyNFowDDEKMAgGA1UEAwwBYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDUfk0yiMuyhdePDCu25ZFcbzus/qvALXxfccH+hn7T4EQePKKeDw5L6JTNQ"
    "3LfWgv/5SwBytq0u49mMW08rcCGjUzBRMB0GA1UdDgQWBBSTMfosMY1vZh5wvI4Mtt7y4XblQjAfBgNVHSMEGDAWgBSTMfosMY1vZh5wvI4Mtt7y4XblQjAP"
    "BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIAeBu0nWJqNCNHJjUQpaVI+M6QVl4mgXBGcZNKIkbzD8AiAULYVFqVAEhUurs7GXod1XUqrzG71O"
    "6VX9jpg59V1ODA=="
)
FIRST_VERSION = (
    "MIIBETCBuQIUDlNhgXQ2DIjZxKpxFx9j3QDUobswCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYzAeFw0yNjExMzAwODE0MjRaFw0yNjEyMDEwODE0MjRaMAwx"
    "CjAIBgNVBAMMAWMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ1H5NMojLsoXXjwwrtuWRXG87rP6rwC18X3HB/oZ+0+BEHjying8OS+iUzUNy31oL/+UsA"
    "cratLuPZjFtPK3AhMAoGCCqGSM49BAMCA0cAMEQCICHRfHV39ac0YeAo366RoNXIgd4eF70nOQ8GGIN6OAVqAiBDx0MEy6OJK31IgElT/QF+ehSJNHcSEFxh"
    "DNo/mVSJtA=="
)
DAY = 86400
BEGIN = 1796026463  # 2026-11-30T08:14:23Z


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (NINETY_DAYS, Validity(BEGIN, BEGIN + 90 * DAY)),
        (HUNDRED_YEARS, Validity(BEGIN + 1, BEGIN + 1 + 36500 * DAY)),
        (FIRST_VERSION, Validity(BEGIN + 1, BEGIN + 1 + DAY)),
    ],
)
def test_validity(certificate, expected):
    assert read_validity(base64.b64decode(certificate)) == expected


@pytest.mark.parametrize("length", [0, 1, 2, 4, 30, 60])
def test_what_is_no_certificate(length):
    with pytest.raises((ValueError, IndexError)):
        read_validity(base64.b64decode(NINETY_DAYS)[:length])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with a certificate for 90 days, which closes connections for closed.example.org, and the names that it was asked for."""
    pem = str(tmp_path_factory.mktemp("tls") / "pem")
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "90",
        "-subj",
        "/CN=x",
        "-keyout",
        pem,
        "-out",
        pem + ".crt",
    ]
    try:
        subprocess.run(request, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl command to make a certificate with")
    names, context = [], ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem + ".crt", pem)

    def note(_socket, name, _context):
        names.append(name)
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME if name == "closed.example.org" else None

    context.sni_callback = note
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield Proxy("caddy", "127.0.0.1", listening.getsockname()[1], True), names
    listening.close()


def test_each_host_is_asked_by_its_name(server):
    proxy, names = server
    found = certificates.read_certificates(proxy, ["a.example.org", "b.example.org:8000/path"])
    assert [(one["host"], one["days"], one["problem"]) for one in found] == [("a.example.org", 89, None), ("b.example.org", 89, None)]
    assert abs(time.time() + 90 * DAY - certificates.calendar.timegm(time.strptime(found[0]["expires"], "%Y-%m-%dT%H:%M:%SZ"))) < 60
    assert sorted(names) == ["a.example.org", "b.example.org"]


@pytest.mark.parametrize(
    ("passed", "days", "problem"),
    [
        (74 * DAY, 15, None),
        (75 * DAY + 60, 14, "has a certificate that expires at %s and should have been renewed: look at the logs of the web proxy"),
        (90 * DAY - 60, 0, "has a certificate that expires at %s and should have been renewed: look at the logs of the web proxy"),
        (90 * DAY + 60, -1, "has a certificate that expired at %s"),
    ],
)
def test_certificate_that_was_not_renewed(server, monkeypatch, passed, days, problem):
    now = time.time()
    monkeypatch.setattr(certificates.time, "time", lambda: now + passed)
    (found,) = certificates.read_certificates(server[0], ["a.example.org"])
    assert (found["days"], found["problem"]) == (days, problem and problem % found["expires"])


def test_no_certificate(server):
    (refused,) = certificates.read_certificates(server[0], ["closed.example.org"])
    assert (refused["days"], refused["expires"]) == (None, None)
    assert refused["problem"].startswith("shows no certificate: ")
    (nobody,) = certificates.read_certificates(server[0]._replace(port=1), ["a.example.org"])
    assert nobody["problem"].startswith("shows no certificate: ") and "refused" in nobody["problem"]


def test_certificate_that_is_none(server, monkeypatch):
    monkeypatch.setattr(certificates, "_certificate", lambda proxy, host: b"")
    (found,) = certificates.read_certificates(server[0], ["a.example.org"])
    assert (found["days"], found["problem"]) == (None, "shows a certificate that can't be read")


def test_no_https(server):
    assert certificates.read_certificates(server[0]._replace(https=False), ["a.example.org"]) == []
    assert certificates.read_certificates(None, ["a.example.org"]) == []
