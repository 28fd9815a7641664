# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which registry a tag belongs to, logins that are written nowhere, and what the engine's streams say."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.images import registry

docker = pytest.importorskip("docker")
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
TAG = "registry.example.com/openedx:1"
LOGIN = {"url": "https://registry.example.com/v2/", "username": "ann", "password": "open sesame"}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("redis", ("docker.io", "redis")),
        ("docker.io/library/redis:7", ("docker.io", "redis")),
        ("index.docker.io/overhangio/openedx:1", ("docker.io", "overhangio/openedx")),
        ("overhangio/openedx@" + DIGEST, ("docker.io", "overhangio/openedx")),
        ("localhost/a:1", ("localhost", "a")),
        ("127.0.0.1:5000/a/b:1", ("127.0.0.1:5000", "a/b")),
    ],
)
def test_split(tag, expected):
    assert registry.split_tag(tag) == expected


@pytest.mark.parametrize("tag", ["", " ", "a b", "/a", "http://a/b", "-x.y/a"])
def test_what_is_no_tag(tag):
    with pytest.raises(LecternError, match="^'%s' is not the tag of an image" % tag):
        registry.split_tag(tag)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "docker.io"),
        ("Registry.Example.com:5000/some/path", "registry.example.com:5000"),
        (" http://127.0.0.1:5000 ", "127.0.0.1:5000"),
    ],
)
def test_host_of(url, expected):
    assert registry.registry_host(url) == expected


@pytest.mark.parametrize("url", ["", "https://", "/path"])
def test_what_is_no_registry(url):
    with pytest.raises(LecternError, match="'%s' is not the address of a registry" % url):
        registry.registry_host(url)


@pytest.mark.parametrize("url", ["https://ann:open-sesame@r.example.com/x", "ann@r.example.com"])
def test_address_with_a_login(url):
    with pytest.raises(LecternError, match="^registries: the address of 'r.example.com' contains a login: give it as username and"):
        registry.registry_host(url)


def test_login_of_the_registry_that_a_tag_belongs_to():
    logins = registry.Credentials([LOGIN, dict(LOGIN, url="docker.io", username="bob")])
    assert logins.login_for(TAG) == {"username": "ann", "password": "open sesame"}
    assert logins.login_for("redis:7")["username"] == "bob"
    assert logins.login_for("ghcr.io/a/b") is None


def test_two_logins_for_one_registry():
    registry.Credentials([LOGIN, dict(LOGIN)])
    with pytest.raises(LecternError, match=r"^registries: 'registry\.example\.com' is listed twice") as caught:
        registry.Credentials([LOGIN, dict(LOGIN, password="another")])
    assert "another" not in str(caught.value)


def test_docker_config_is_private_complete_and_removed(tmp_path, monkeypatch):
    home = tmp_path / "docker"
    (home / "cli-plugins").mkdir(parents=True)
    (home / "config.json").write_text(json.dumps({"credsStore": "pass", "auths": {"ghcr.io": {"auth": "x"}}, "currentContext": "far"}))
    monkeypatch.setenv("DOCKER_CONFIG", str(home))
    monkeypatch.delenv("BUILDX_CONFIG", raising=False)
    with registry.Credentials([LOGIN, dict(LOGIN, url="docker.io")]).as_docker_config() as env:
        folder = env["DOCKER_CONFIG"]
        assert env["BUILDX_CONFIG"] == str(home / "buildx")
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert os.path.realpath(os.path.join(folder, "cli-plugins")) == str(home / "cli-plugins")
        assert stat.S_IMODE(os.stat(os.path.join(folder, "config.json")).st_mode) == 0o600
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as stream:
            config = json.load(stream)
    assert not os.path.exists(folder)
    assert (home / "cli-plugins").is_dir()
    assert base64.b64decode(config["auths"]["registry.example.com"]["auth"]) == b"ann:open sesame"
    assert set(config["auths"]) == {"ghcr.io", "registry.example.com", registry.HUB_KEY}
    # An empty helper for a registry: its login is taken from this file, not from the user's store.
    assert config["credHelpers"] == {"registry.example.com": "", registry.HUB_KEY: ""}
    assert (config["credsStore"], config["currentContext"]) == ("pass", "far")
    assert "sesame" not in (home / "config.json").read_text()


@pytest.mark.parametrize("content", [None, "not json", "[]"])
def test_docker_config_beside_an_unusable_one(tmp_path, monkeypatch, content):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with registry.Credentials([LOGIN]).as_docker_config() as env:
        config = json.loads(Path(env["DOCKER_CONFIG"], "config.json").read_text())
    assert list(config["auths"]) == ["registry.example.com"]


def test_no_logins_leave_the_environment_alone():
    with registry.Credentials([]).as_docker_config() as env:
        assert env == {}


class Engine:
    """A fake docker.DockerClient: one image, and a registry that tells a digest or refuses."""

    def __init__(self, image=None, remote=None, lines=(), after=None):
        self.image, self.remote, self.lines, self.after = image, remote, lines, after
        self.calls = []
        self.refuses = self.untaggable = None
        self.unasked, self.elsewhere = "manifest unknown", {}
        self.api = self.images = self

    def inspect_image(self, tag):
        found = self.elsewhere.get(tag) if "@" in tag else self.image
        if found is None:
            raise docker.errors.ImageNotFound("none")
        return found

    def get_registry_data(self, tag, auth_config=None):
        self.calls.append(("ask", auth_config))
        if self.remote is None:
            raise docker.errors.APIError("gone", explanation=self.unasked)
        return type("Data", (), {"id": self.remote})

    def _send(self, repository, tag, stream, decode, auth_config):
        self.calls.append((repository, tag, auth_config))
        if isinstance(self.lines, Exception):
            raise self.lines
        if "@" not in repository and not tag.startswith("sha256:"):
            self.image = self.after or self.image
        return iter(self.lines)

    pull = push = _send

    def login(self, username, password, registry, reauth):
        self.calls.append(("login", registry, username))
        if self.refuses:
            raise docker.errors.APIError("no", explanation=self.refuses)

    def tag(self, reference, repository, tag, force):
        self.calls.append(("tag", reference, "%s:%s" % (repository, tag)))
        if self.untaggable:
            raise docker.errors.APIError("no", explanation=self.untaggable)
        self.image = self.after or self.image


def image(id_="sha256:1", *digests):
    return {"Id": id_, "RepoDigests": ["registry.example.com/openedx@" + digest for digest in digests]}


def test_local_digests_are_those_of_the_same_repository():
    found = {"RepoDigests": ["redis@" + DIGEST, "registry.example.com/redis@" + OTHER, "<none>@<none>"]}
    assert registry.local_digests(found, "docker.io/library/redis:7") == [DIGEST]
    assert registry.local_digests({"RepoDigests": None}, "redis") == registry.local_digests(None, "redis") == []


def test_pull_changes_what_differs():
    engine = Engine(image("sha256:1", OTHER), after=image("sha256:2", DIGEST), lines=[{"status": "Digest: " + DIGEST}])
    outcome = registry.pull(engine, TAG, {"username": "ann"})
    assert outcome == (True, DIGEST, "Pulled " + TAG, "sha256:1", "sha256:2")
    assert engine.calls == [("registry.example.com/openedx", "1", {"username": "ann"})]


def test_pull_of_what_is_there():
    outcome = registry.pull(Engine(image("sha256:1", DIGEST), lines=[{"status": "Digest: " + DIGEST}, {"status": "up to date"}]), TAG, None)
    assert (outcome.changed, outcome.digest, outcome.action) == (False, DIGEST, None)


@pytest.mark.parametrize(
    ("local", "remote", "changed"),
    [(None, DIGEST, True), (image("sha256:1", DIGEST), DIGEST, False), (image("sha256:1", OTHER), DIGEST, True), (None, None, True)],
)
def test_pull_in_check_mode_only_asks(local, remote, changed):
    engine = Engine(local, remote)
    assert registry.pull(engine, TAG, None, check=True).changed is changed
    assert engine.calls == [("ask", None)]


def test_pull_in_check_mode_of_what_can_not_be_had_says_so():
    action = registry.pull(Engine(None, None), TAG, None, check=True).action
    assert action.startswith("Would pull %s, which is not available now: " % TAG)
    assert "manifest unknown" in action


@pytest.mark.parametrize(
    ("remote", "options", "changed", "pushed"),
    [
        (DIGEST, {}, False, False),
        (OTHER, {}, True, True),
        (None, {}, True, True),
        (DIGEST, {"force": True}, False, True),
        (None, {"check": True}, True, False),
    ],
)
def test_push_what_the_registry_does_not_hold(remote, options, changed, pushed):
    engine = Engine(image("sha256:1", DIGEST), remote, lines=[{"status": "Pushed"}, {"aux": {"Tag": "1", "Digest": DIGEST}}])
    outcome = registry.push(engine, TAG, None, **options)
    assert (outcome.changed, len(engine.calls) == 2) == (changed, pushed)


def test_push_of_an_image_that_is_not_here():
    with pytest.raises(LecternError, match="^Image '%s' is not on this host: build it" % TAG):
        registry.push(Engine(None, None), TAG, None)
    assert registry.push(Engine(None, None), TAG, None, check=True).changed


PINNED = "registry.example.com/openedx@" + DIGEST


def test_pinned_image_that_is_here_asks_nobody():
    engine = Engine(image("sha256:1", OTHER, DIGEST))
    assert registry.pull_pinned(engine, TAG, DIGEST, None) == (False, DIGEST, None, None, None)
    assert engine.calls == []


@pytest.mark.parametrize("before", [None, image("sha256:1", OTHER), image("sha256:1")])
def test_pinned_image_is_pulled_by_its_digest_and_tagged(before):
    engine = Engine(before, after=image("sha256:2", DIGEST))
    outcome = registry.pull_pinned(engine, TAG, DIGEST, {"username": "ann"})
    assert outcome == (True, DIGEST, "Pulled %s at %s" % (TAG, DIGEST), before and "sha256:1", "sha256:2")
    assert engine.calls == [("registry.example.com/openedx", DIGEST, {"username": "ann"}), ("tag", PINNED, TAG)]


def test_pinned_image_that_is_here_without_its_tag_is_tagged():
    engine = Engine(image("sha256:1", OTHER), after=image("sha256:2", DIGEST))
    engine.elsewhere[PINNED] = image("sha256:2", DIGEST)
    foreseen = registry.pull_pinned(engine, TAG, DIGEST, None, check=True)
    assert (foreseen.action, engine.calls) == ("Would tag %s as %s" % (PINNED, TAG), [])
    assert registry.pull_pinned(engine, TAG, DIGEST, None).action == "Tagged %s as %s" % (PINNED, TAG)
    assert engine.calls == [("tag", PINNED, TAG)]


@pytest.mark.parametrize(("remote", "says"), [(DIGEST, "$"), (None, ", which is not available now: .*manifest unknown.*check it in pins")])
def test_pinned_image_in_check_mode_only_asks(remote, says):
    engine = Engine(image("sha256:1", OTHER), remote)
    outcome = registry.pull_pinned(engine, TAG, DIGEST, None, check=True)
    assert re.match("Would pull %s at %s%s" % (TAG, DIGEST, says), outcome.action)
    assert (outcome.changed, outcome.digest, engine.calls) == (True, remote, [("ask", None)])


def test_pinned_image_that_the_registry_does_not_hold():
    engine = Engine(image("sha256:1", OTHER), lines=[{"error": "manifest unknown"}])
    with pytest.raises(LecternError) as caught:
        registry.pull_pinned(engine, TAG, DIGEST, None)
    todo = "registry 'registry.example.com' does not hold this digest, check it in pins."
    assert str(caught.value) == "Could not pull image '%s': manifest unknown: %s" % (PINNED, todo)
    assert engine.image == image("sha256:1", OTHER)


def test_pinned_image_that_can_not_be_tagged():
    engine = Engine(None)
    engine.untaggable = "refusing to create a tag with a digest reference"
    with pytest.raises(LecternError, match="^The Docker engine could not tag image '%s' as '%s': refusing to create" % (PINNED, TAG)):
        registry.pull_pinned(engine, TAG, DIGEST, None)


@pytest.mark.parametrize(
    ("words", "auth", "todo"),
    [
        ("unauthorized: authentication required", None, "give the login of registry 'registry.example.com' in registries"),
        ("denied: requested access", {"username": "ann", "password": "x"}, "is accepted but may not pull this image"),
        ("manifest unknown: manifest unknown", None, "check the image's name and version"),
        ("dial tcp: connection refused", None, "check that registry 'registry.example.com' can be reached"),
        ("tls: failed to verify certificate: x509: unknown authority", None, "/etc/docker/certs.d/registry.example.com/ca.crt"),
    ],
)
def test_refusal_in_the_stream_or_at_once(words, auth, todo):
    for lines in ([{"status": "Pulling"}, {"errorDetail": {}, "error": words}], docker.errors.APIError("x", explanation=words)):
        with pytest.raises(LecternError) as caught:
            registry.pull(Engine(None, lines=lines), TAG, auth)
        assert str(caught.value).startswith("Could not pull image '%s': %s: " % (TAG, words))
        assert todo in str(caught.value)


def test_name_of_an_image_is_no_reason():
    words = "manifest for registry.example.com/denied/forbidden:1 not found"
    with pytest.raises(LecternError, match="not found: check the image's name and version"):
        registry.pull(Engine(None, lines=[{"error": words}]), "registry.example.com/denied/forbidden:1", None)


REFUSED = (
    "registry 'registry.example.com' refuses user 'ann' (401 Unauthorized): check url, username and password of its entry in registries."
)


@pytest.mark.parametrize("verb", [registry.pull, registry.push])
@pytest.mark.parametrize("check", [True, False])
def test_refused_login_names_image_registry_and_user_but_no_password(verb, check):
    engine = Engine(image("sha256:1"), lines=[{"error": "unauthorized"}])
    engine.refuses = "401 Unauthorized"
    engine.unasked = "unauthorized"
    with pytest.raises(LecternError) as caught:
        verb(engine, TAG, registry.Credentials([LOGIN]).login_for(TAG), check=check)
    assert str(caught.value).endswith(REFUSED)
    assert "image '%s': unauthorized: " % TAG in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_logins_that_the_classic_builder_needs():
    engine = Engine()
    registry.Credentials([LOGIN, dict(LOGIN, url="docker.io")]).log_in(engine)
    assert engine.calls == [("login", registry.HUB_KEY, "ann"), ("login", "registry.example.com", "ann")]
    engine.refuses = "dial tcp: i/o timeout"
    with pytest.raises(LecternError, match=r"^Could not log in to registry 'docker\.io' \(dial tcp: i/o timeout\): check that registry"):
        registry.Credentials([dict(LOGIN, url="docker.io")]).log_in(engine)


class Silent(BaseHTTPRequestHandler):
    """Stands in for an engine that waits for a registry: it begins to answer, and nothing follows."""

    def answer(self):
        if "/json" in self.path and "distribution" not in self.path:
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "Pulling"}\n' if self.server.begins else b"")
        self.wfile.flush()
        self.server.done.wait(30)

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


@pytest.fixture(params=[True, False])
def silent_engine(request):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    server.begins, server.done, server.daemon_threads = request.param, threading.Event(), True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield docker.DockerClient(base_url="tcp://127.0.0.1:%d" % server.server_port, version="1.44", timeout=60)
    server.done.set()
    server.shutdown()
    server.server_close()


def test_silence_in_a_transfer_is_an_error(silent_engine, monkeypatch):
    monkeypatch.setattr(registry, "SILENCE", 0.5)
    reach = "check that registry 'registry.example.com' can be reached from this host."
    with pytest.raises(LecternError, match="^Could not pull image '%s': nothing came for 0.5 s: %s$" % (TAG, reach)):
        registry.pull(silent_engine, TAG, None)


def test_silence_after_a_question_is_an_error(silent_engine, monkeypatch):
    monkeypatch.setattr(registry, "ANSWER", 0.5)
    with pytest.raises(LecternError, match="^Could not ask for image '%s': nothing came for 0.5 s: check that" % TAG):
        registry.remote_digest(silent_engine, TAG, None)
    assert registry.digest_or_none(silent_engine, TAG, None) is None
