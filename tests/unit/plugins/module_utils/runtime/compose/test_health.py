# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as up, where the proxy is found, and which answers of a host are good."""

from __future__ import annotations

import http.server
import re
import socket
import ssl
import subprocess
import threading
import time
from typing import Any, NamedTuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import health, job_container, project
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.health import Proxy


class Platform(NamedTuple):
    config: Any
    secrets: Any = ("open sesame",)
    places: Any = Places("/nonexistent/root", "/nonexistent/plugins", None)


def attrs(status="running", code=0, policy="unless-stopped", age=60.0, healthy=None):
    state = {"Status": status, "ExitCode": code}
    state["StartedAt"] = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - age)) + ".0Z"
    if healthy:
        state["Health"] = {"Status": healthy}
    return {"State": state, "RestartCount": 2, "HostConfig": {"RestartPolicy": {"Name": policy}}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (attrs(), None),
        (attrs(healthy="healthy"), None),
        (attrs(healthy="none"), None),
        (attrs(healthy="starting"), "runs, but its health check says 'starting'"),
        (attrs(healthy="unhealthy"), "runs, but its health check says 'unhealthy'"),
        (attrs("restarting", 1), "is restarting (last exit code 1, restarted 2 times)"),
        (attrs("created"), "is created (last exit code 0, restarted 2 times)"),
        (attrs("paused"), "is paused (last exit code 0, restarted 2 times)"),
        (attrs("exited", 0, "no"), None),
        (attrs("exited", 0, "on-failure"), None),
        (attrs("exited", 0, ""), None),
        (attrs("exited", 0, "unless-stopped"), "exited with code 0"),
        (attrs("exited", 0, "always"), "exited with code 0"),
        (attrs("exited", 137, "no"), "exited with code 137"),
    ],
)
def test_problem_of_a_container(found, expected):
    assert health.problem_of(found) == expected


def test_container_that_has_only_just_started():
    assert re.fullmatch(r"started only [0-3] s ago \(restarted 2 times\)", health.problem_of(attrs(age=0)))


def port(published, target=80, **more):
    return dict({"mode": "ingress", "target": target, "published": published, "protocol": "tcp"}, **more)


@pytest.mark.parametrize(
    ("config", "ports", "expected"),
    [
        ({"CADDY_HTTP_PORT": 80}, [port("80")], Proxy("caddy", "127.0.0.1", 80, False)),
        ({"CADDY_HTTP_PORT": 81, "ENABLE_HTTPS": True, "ENABLE_WEB_PROXY": False}, [port("81")], Proxy("caddy", "127.0.0.1", 81, False)),
        ({"CADDY_HTTP_PORT": 80, "ENABLE_HTTPS": True}, [port("80"), port("443", 443)], Proxy("caddy", "127.0.0.1", 443, True)),
        ({"CADDY_HTTP_PORT": "10.0.0.5:81"}, [port("81", host_ip="10.0.0.5")], Proxy("caddy", "10.0.0.5", 81, False)),
        ({"CADDY_HTTP_PORT": 81}, [port("81", host_ip="0.0.0.0")], Proxy("caddy", "127.0.0.1", 81, False)),
        ({"CADDY_HTTP_PORT": 81}, [port("81", host_ip="::")], Proxy("caddy", "::1", 81, False)),
        ({"NGINX_HTTP_PORT": 82}, [port(82)], Proxy("caddy", "127.0.0.1", 82, False)),
        ({}, [port("80")], Proxy("caddy", "127.0.0.1", 80, False)),
        ({"CADDY_HTTP_PORT": 81}, [port("80")], None),
        ({"CADDY_HTTP_PORT": 80}, [port("80", protocol="udp")], None),
        ({"CADDY_HTTP_PORT": 80}, None, None),
    ],
)
def test_proxy_is_the_service_that_publishes_the_port(config, ports, expected):
    assert health.proxy_of(Platform(config), {"caddy": {"ports": ports}, "lms": {}}) == expected


class Site(NamedTuple):
    server: Any
    proxy: Proxy


@pytest.fixture
def site():
    """A web server that answers with the status that the Host header begins with."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status = self.headers["Host"].partition(".")[0]
            if not status.isdigit():
                return  # closes the connection without an answer
            self.send_response(int(status))
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(server, Proxy("caddy", "127.0.0.1", server.server_address[1], False))
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("status", [200, 301, 403, 404, 499])
def test_host_that_answers(site, status):
    host = "%d.example.org" % status
    assert health._host(site.proxy, host, ["c"]) == (host, str(status), None, ["c"])


@pytest.mark.parametrize("status", [500, 502, 503])
def test_host_that_answers_badly(site, status):
    assert health._host(site.proxy, "%d.example.org" % status, []).problem == "answers with status %d" % status


def test_host_with_port_and_path(site):
    assert health._host(site.proxy, "200.example.org:8000/path", []).problem is None


def test_host_that_closes_the_connection(site):
    problem = health._host(site.proxy, "close.example.org", []).problem
    assert problem.startswith("does not answer through 'caddy': ")


def test_https_with_a_certificate_that_nobody_knows(site, tmp_path):
    pem = str(tmp_path / "pem")
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", pem, "-out", pem + ".crt"]
    try:
        subprocess.run(request, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl command to make a certificate with")
    names = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem + ".crt", pem)
    context.sni_callback = lambda socket, name, _context: names.append(name)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    assert health._host(site.proxy._replace(https=True), "404.example.org", []).state == "404"
    assert names == ["404.example.org"]
    assert health._host(site.proxy, "200.example.org", []).state != "200"


def test_nobody_listens(site):
    problem = health._host(site.proxy._replace(port=1), "200.example.org", []).problem
    assert problem.startswith("does not answer through 'caddy': ") and "refused" in problem


class Container:
    """A fake container of a service."""

    def __init__(self, service, **options):
        self.name, self.attrs = "campus-%s-1" % service, attrs(**options)
        self.status = self.attrs["State"]["Status"]
        self.labels = {"com.docker.compose.service": service}


def test_missing_services_and_those_that_nobody_wants():
    found = health.examine([Container("lms")], {"lms": {}, "cms": {}, "off": {"deploy": {"replicas": 0}}, "none": {"scale": 0}}, None, [])
    assert health.problems(found) == ["Service 'cms' has no container: start the platform first"]
    assert [(one.name, one.state) for one in found.services] == [("cms", "missing"), ("lms", "running")]


@pytest.mark.parametrize(("name", "https"), [("\u5b66.example.org", False), ("a\nb", False), ("", True)])
def test_host_that_is_none(name, https):
    with socket.create_server(("127.0.0.1", 0)) as server:
        finding = health._host(health.Proxy("caddy", "127.0.0.1", server.getsockname()[1], https), name, [])
    assert finding.state == "no answer" and finding.problem.startswith("does not answer through 'caddy': ")


def test_without_a_proxy_no_host_is_asked_and_this_is_said():
    found = health.examine([Container("lms")], {"lms": {}}, None, ["a.example.org"])
    assert (found.hosts, found.notes) == ([], ["Asked no host: no service publishes the platform's web port on this host"])


def test_hosts_are_asked_when_services_are_well(site):
    definitions = {"caddy": {}}
    good = health.examine([Container("caddy")], definitions, site.proxy, ["200.example.org", "502.example.org"])
    assert health.problems(good) == ["Host '502.example.org' answers with status 502"]
    bad = health.examine([Container("caddy", status="exited", code=1)], definitions, site.proxy, ["200.example.org"])
    assert (health.problems(bad), bad.hosts) == (["Service 'caddy' exited with code 1"], [])


def test_explanation_shows_the_logs_without_secrets(monkeypatch, site):
    monkeypatch.setattr(job_container, "output_of", lambda client, name, lines: "log of %s: open sesame" % name)
    found = health.examine([Container("caddy")], {"caddy": {}}, site.proxy, ["502.example.org", "503.example.org"])
    assert health.explain(Platform({}), None, found) == (
        "Host '502.example.org' answers with status 502.\n"
        "Host '503.example.org' answers with status 503.\n"
        "Last lines of campus-caddy-1:\nlog of campus-caddy-1: ********"
    )


def test_wait_ends_when_all_is_well_or_time_is_up(monkeypatch):
    looks = [health.HealthReport([health.Finding("lms", "created", problem, [])], [], []) for problem in ("is created", "is created", None)]
    monkeypatch.setattr(health, "PAUSE", 0.0)
    monkeypatch.setattr(health, "public_hosts", lambda platform: [])
    monkeypatch.setattr(project, "services", lambda platform: {})
    monkeypatch.setattr(project, "containers", lambda platform, client: [])
    monkeypatch.setattr(health, "examine", lambda *arguments: looks.pop(0))
    assert health.problems(health.wait_until_healthy(Platform({}), None, 60)) == [] and looks == []
    looks += [health.HealthReport([health.Finding("lms", "created", "is created", [])], [], [])] * 2
    assert health.problems(health.wait_until_healthy(Platform({}), None, -1))
    assert health.problems(health.wait_until_healthy(Platform({}), None, 60, once=True)) and looks == []
