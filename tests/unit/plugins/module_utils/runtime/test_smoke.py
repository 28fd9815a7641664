# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smoke test against a stand-in of the LMS on this machine, what its verdict says, and how long that holds."""

from __future__ import annotations

import http.server
import json
import threading
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.render.maintenance_page import CADDYFILE
from ansible_collections.lectern.tutor.plugins.module_utils.root import manifest
from ansible_collections.lectern.tutor.plugins.module_utils.root.manifest import Manifest
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import programs, smoke, smoke_login, smoke_suite, smoke_verdict
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import health, job_container, project, settled
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.lms import visitor
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

ENTRY = {"digest": manifest.digest(b"x"), "template": "t/x", "owner": "core", "patches": {}}


class LMS:
    """What the LMS and Studio answer, and the program that makes a user, whose end is told by ``exec_run``."""

    def __init__(self):
        self.users, self.seen, self.broken = {}, [], {}
        self.told = threading.Event()
        self.errors = []

    def answer(self, method, host, path, headers, body):
        """Return status, cookies and data."""
        self.seen.append((method, host, path, headers))
        if path in self.broken:
            return self.broken[path]
        if path == smoke_login.HEARTBEAT:
            return 200, [], {"sql": {"status": True}}
        if path == smoke_login.LOGIN and method == "GET":
            return 200, ["csrftoken=tok; Path=/; SameSite=Lax"], {"fields": []}
        cookies = headers.get("Cookie", "")
        if path == smoke_login.LOGIN:
            form = {name: value for name, (value,) in parse_qs(body).items()}
            has_token = "csrftoken=tok" in cookies and headers.get("X-CSRFToken") == "tok" and headers["Referer"].endswith(path)
            if not has_token or self.users.get(form["email"]) != form["password"]:
                return 400, [], {"success": False, "value": "Email or password is incorrect."}
            return 200, ["sessionid=s-" + form["email"] + "; HttpOnly; Path=/", 'edx-user-info="a\\054b"; Path=/'], {"success": True}
        if path == smoke_login.OWN_NAME and "sessionid=s-" in cookies:
            return 200, [], {"username": cookies.partition("sessionid=s-")[2].partition("@")[0]}
        return 401, [], {"detail": "Authentication credentials were not provided."}

    def carry_out(self, platform, client, call, logs, watch):
        if self.errors:
            raise self.errors[0]
        self.told.clear()
        self.users[call.data["email"]] = call.data["password"]
        watch("noise")
        watch(visitor.READY)
        assert self.told.wait(10)
        self.users.clear()
        return programs.Answer({"done": True})

    def exec_run(self, command):
        assert command == ["touch", visitor.DONE]
        self.told.set()


@pytest.fixture
def lms(monkeypatch):
    lms = LMS()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self, body=""):
            status, cookies, data = lms.answer(self.command, self.headers["Host"], self.path, self.headers, body)
            self.send_response(status)
            for cookie in cookies:
                self.send_header("Set-Cookie", cookie)
            self.send_header("Content-Type", "application/json" if isinstance(data, dict) else "text/html")
            self.end_headers()
            self.wfile.write((json.dumps(data) if isinstance(data, dict) else data).encode())

        def do_POST(self):
            self.do_GET(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    proxy = health.Proxy("caddy", "127.0.0.1", server.server_address[1], False)
    monkeypatch.setattr(smoke_suite, "why_not", lambda platform: "Tutor 22.0.3 has no smoke tests of its own")
    monkeypatch.setattr(project, "services", lambda platform: {})
    monkeypatch.setattr(health, "proxy_of", lambda platform, definitions: proxy)
    monkeypatch.setattr(programs, "carry_out", lms.carry_out)
    monkeypatch.setattr(job_container, "container_name", lambda platform, service: "campus-" + service)
    monkeypatch.setattr(job_container, "find", lambda client, name: SimpleNamespace(exec_run=lms.exec_run))
    yield lms
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def platform(tmp_path):
    (tmp_path / "root").mkdir()
    config = {"LMS_HOST": "learn.example.org", "CMS_HOST": "studio.example.org", "ENABLE_HTTPS": True}
    return Platform(Places(str(tmp_path / "root"), "/plugins"), config, ["open sesame"])


def run(platform):
    return smoke.run_smoke_test(platform, None, Logs(platform.places, []))


def failed(verdict):
    return [(trial.name, trial.message) for trial in verdict.tests if not trial.passed]


def test_platform_that_works(lms, platform):
    verdict = run(platform)
    assert verdict.passed and failed(verdict) == []
    assert verdict.reason == "Tutor 22.0.3 has no smoke tests of its own"
    assert [trial.name for trial in verdict.tests] == [
        "heartbeat of the LMS",
        "heartbeat of Studio",
        "log in as a new user",
        "ask the API who that is",
        "make and remove a user",
    ]
    assert lms.users == {}
    assert {(host, headers["X-Forwarded-Proto"]) for _method, host, _path, headers in lms.seen} == {
        ("learn.example.org", "https"),
        ("studio.example.org", "https"),
    }


@pytest.mark.parametrize(
    ("path", "answer", "expected"),
    [
        (
            smoke_login.HEARTBEAT,
            (503, [], {"sql": {"message": "open sesame", "status": False}}),
            [
                ("heartbeat of the LMS", '/heartbeat answered with status 503 ({"sql": {"message": "********", "status": false}})'),
                ("heartbeat of Studio", '/heartbeat answered with status 503 ({"sql": {"message": "********", "status": false}})'),
            ],
        ),
        (smoke_login.LOGIN, (404, [], "<html>lost</html>"), [("log in as a new user", smoke_login.LOGIN + " answered with status 404")]),
        (
            smoke_login.LOGIN,
            (200, ["=; broken", "csrftoken=other"], {"success": False}),
            [("log in as a new user", smoke_login.LOGIN + ' refused it with status 200 ({"success": false})')],
        ),
        (
            smoke_login.OWN_NAME,
            (200, [], {"username": "somebody"}),
            [("ask the API who that is", smoke_login.OWN_NAME + ' answered with status 200 ({"username": "somebody"})')],
        ),
        (
            smoke_login.OWN_NAME,
            (200, [], "<html>maintenance</html>"),
            [("ask the API who that is", smoke_login.OWN_NAME + " answered with status 200")],
        ),
    ],
)
def test_what_fails_is_told(lms, platform, path, answer, expected):
    lms.broken[path] = answer
    verdict = run(platform)
    assert not verdict.passed and failed(verdict) == expected
    assert smoke.explain(verdict) == "; ".join("%s: %s" % pair for pair in expected)
    assert lms.users == {}


def test_user_that_can_not_be_made_is_told(lms, platform):
    lms.errors.append(LecternError("Program 'smoke test' could not run (exit code 1); have all init tasks succeeded in service 'lms'."))
    assert failed(run(platform)) == [("make and remove a user", str(lms.errors[0]))]


def test_proxy_that_does_not_answer(lms, platform, monkeypatch):
    monkeypatch.setattr(health, "proxy_of", lambda platform, definitions: health.Proxy("caddy", "127.0.0.1", 1, False))
    (name, message), _studio = failed(run(platform))
    assert name == "heartbeat of the LMS" and message.startswith("no answer: ") and "refused" in message


@pytest.mark.parametrize("name", ["\u5b66.example.org", "a\nb"])
def test_host_that_is_none(lms, platform, name):
    platform.config.update(LMS_HOST=name)
    assert [message.partition(":")[0] for _name, message in failed(run(platform))] == ["no answer"]


def test_without_a_proxy_it_is_refused(lms, platform, monkeypatch):
    monkeypatch.setattr(health, "proxy_of", lambda platform, definitions: None)
    with pytest.raises(LecternError, match=r"^The smoke test needs the web proxy, but no service publishes"):
        run(platform)
    assert smoke_verdict.read_verdict(platform.places) is None


def test_program_whose_output_does_not_arrive(lms, platform, monkeypatch):
    monkeypatch.setattr(programs, "carry_out", lambda *arguments: programs.Answer({"done": False}))
    ((name, message),) = failed(run(platform))
    assert name == "make and remove a user" and message.startswith("The engine did not pass on in time")


def test_verdict_holds_until_the_platform_changes_or_fails(lms, platform):
    places = platform.places
    assert smoke_verdict.why_due(places) == "there was none yet"
    assert smoke_verdict.describe_last(places) is None
    verdict = run(platform)
    assert smoke_verdict.why_due(places) is None
    assert smoke_verdict.describe_last(places) == dict(verdict.describe(), current=True)
    record = smoke_verdict.read_verdict(places)
    assert {name: record[name] for name in ("passed", "how", "finished")} == {
        "passed": True,
        "how": "lectern",
        "finished": verdict.finished,
    }
    for path, text in (
        (manifest.path(places), manifest.to_bytes(Manifest(files={"apps/lms.yml": ENTRY})).decode()),
        (settled.path(places), '{"containers": []}'),
    ):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
        assert smoke_verdict.why_due(places) == "the platform has changed since the last one"
        assert smoke_verdict.describe_last(places)["current"] is False
        run(platform)
        assert smoke_verdict.why_due(places) is None
    with open(manifest.path(places), "wb") as stream:
        stream.write(manifest.to_bytes(Manifest(files={"apps/lms.yml": ENTRY, CADDYFILE: ENTRY})))
    assert smoke_verdict.why_due(places) is None  # a maintenance began or ended
    lms.broken[smoke_login.OWN_NAME] = (500, [], "")
    run(platform)
    assert smoke_verdict.why_due(places) == "the last one failed"


@pytest.mark.parametrize("text", ["[]", "{}", '"passed"', '{"passed": true}'])
def test_damaged_record_is_refused(platform, text):
    folder = smoke.files.make_own_folder(platform.places)
    with open(folder + "/smoke.json", "w", encoding="utf-8") as stream:
        stream.write(text)
    with pytest.raises(LecternError, match=r"smoke\.json' is damaged: remove it, and Lectern recreates it\."):
        smoke_verdict.why_due(platform.places)
