# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which registry a tag belongs to, logins that are written nowhere, and what the engine's streams say."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import registry
from ansible_collections.lectern.tutor.plugins.module_utils.errors import LecternError

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
    assert registry.split(tag) == expected


@pytest.mark.parametrize("tag", ["", " ", "a b", "/a", "http://a/b", "-x.y/a"])
def test_what_is_no_tag(tag):
    with pytest.raises(LecternError, match="^'%s' is not the tag of an image" % tag):
        registry.split(tag)


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
    assert registry.host_of(url) == expected


@pytest.mark.parametrize("url", ["", "https://", "/path"])
def test_what_is_no_registry(url):
    with pytest.raises(LecternError, match="'%s' is not the address of a registry" % url):
        registry.host_of(url)


def test_login_of_the_registry_that_a_tag_belongs_to():
    logins = registry.Credentials([LOGIN, dict(LOGIN, url="docker.io", username="bob")])
    assert logins.of(TAG) == {"username": "ann", "password": "open sesame"}
    assert logins.of("redis:7")["username"] == "bob"
    assert logins.of("ghcr.io/a/b") is None


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
        self.api = self.images = self

    def inspect_image(self, tag):
        if self.image is None:
            raise docker.errors.ImageNotFound("none")
        return self.image

    def get_registry_data(self, tag, auth_config=None):
        self.calls.append(("ask", auth_config))
        if self.remote is None:
            raise docker.errors.APIError("gone", explanation="manifest unknown")
        return type("Data", (), {"id": self.remote})

    def _send(self, repository, tag, stream, decode, auth_config):
        self.calls.append((repository, tag, auth_config))
        if isinstance(self.lines, Exception):
            raise self.lines
        self.image = self.after or self.image
        return iter(self.lines)

    pull = push = _send


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
    assert action.startswith("Would pull %s, which can't be had now: " % TAG)
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


@pytest.mark.parametrize(
    ("words", "auth", "todo"),
    [
        ("unauthorized: authentication required", None, "give the login of registry 'registry.example.com' in registries"),
        ("denied: requested access", {"username": "ann"}, "is accepted but may not pull this image"),
        ("manifest unknown: manifest unknown", None, "check the image's name and version"),
        ("dial tcp: connection refused", None, "check that registry 'registry.example.com' can be reached"),
    ],
)
def test_refusal_in_the_stream_or_at_once(words, auth, todo):
    for lines in ([{"status": "Pulling"}, {"errorDetail": {}, "error": words}], docker.errors.APIError("x", explanation=words)):
        with pytest.raises(LecternError) as caught:
            registry.pull(Engine(None, lines=lines), TAG, auth)
        assert str(caught.value).startswith("Could not pull image '%s': %s: " % (TAG, words))
        assert todo in str(caught.value)


def test_refused_login_names_registry_and_user_but_no_password():
    engine = Engine()

    def login(**options):
        raise docker.errors.APIError("no", explanation="401 Unauthorized")

    engine.login = login
    with pytest.raises(LecternError) as caught:
        registry.Credentials([LOGIN]).log_in(engine, [TAG])
    assert str(caught.value).startswith("Registry 'registry.example.com' refuses user 'ann' (401 Unauthorized): check url")
    assert "sesame" not in str(caught.value)
    registry.Credentials([LOGIN]).log_in(engine, ["redis:7"])  # another registry: nobody is asked
