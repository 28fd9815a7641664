# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote repositories, which are folders here, and servers that need a login or never answer."""

from __future__ import annotations

import base64
import contextlib
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import git
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.git import Remote
from ansible_collections.lectern.tutor.tests.support.courses import Repository


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "source")


def fetched(repository, commit, tmp_path):
    folder = str(tmp_path / "fetched")
    git.fetch(Remote(str(repository.path)), commit, folder)
    return folder


def test_branches_tags_and_commits(repository):
    first = repository.commit({"a": "1"})
    repository.git("tag", "plain")
    repository.git("tag", "--annotate", "signed", "--message=of somebody")
    second = repository.commit({"a": "2"})
    repository.git("tag", "main", first)  # the branch of this name counts, as for git clone
    remote = Remote(str(repository.path))
    found = {name: git.find_commit(remote, name) for name in ("plain", "signed", "main", first)}
    assert found == {"plain": first, "signed": first, "main": second, first: first}


@pytest.mark.parametrize("version", ["a\0b", "\ud800"])
def test_version_that_none_can_be_is_refused(version):
    with pytest.raises(LecternError, match=r"Repository '/x' can have no version '.*': it holds a character that no name has"):
        git.find_commit(Remote("/x"), version)


def test_version_that_is_missing_is_refused_with_the_closest(repository):
    repository.commit({"a": "1"})
    repository.git("tag", "release/verawood.1")
    with pytest.raises(LecternError, match=r"has no branch or tag 'release/verawod\.1' \(closest: release/verawood\.1, main\)"):
        git.find_commit(Remote(str(repository.path)), "release/verawod.1")


def test_repository_that_is_missing_is_refused_with_the_words_of_git(tmp_path):
    with pytest.raises(LecternError, match=r"Repository '/.*/none' can't be read: .*does not appear to be a git repository"):
        git.find_commit(Remote(str(tmp_path / "none")), "main")


def test_one_commit_is_fetched_without_its_history(repository, tmp_path):
    repository.commit({"a": "1"})
    commit = repository.commit({"course/b": "2\r\n", "course/ü": "3", "c": "4"})
    folder = fetched(repository, commit, tmp_path)
    assert sorted(git.list_files(folder, commit)) == ["a", "c", "course/b", "course/ü"]
    assert git.read_file(folder, commit, "course/b") == b"2\r\n"
    target = tmp_path / "target"
    target.mkdir()
    git.write_files(folder, git.tree_id(folder, commit, "course"), str(target))
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {"b": b"2\r\n", "ü": b"3"}


def test_old_commit_is_fetched(repository, tmp_path):
    old = repository.commit({"a": "1"})
    repository.commit({"a": "2"})
    assert git.read_file(fetched(repository, old, tmp_path), old, "a") == b"1"


def test_commit_that_is_missing_is_refused(repository, tmp_path):
    repository.commit({"a": "1"})
    with pytest.raises(LecternError, match="has no commit 'f{40}' in its branches and tags"):
        fetched(repository, "f" * 40, tmp_path)


@pytest.mark.parametrize("text", ["", " x", "-oProxyCommand=x", "ext::sh -c x", "https://a\nb", "https://me:a%00b@c/x", "/\ud800"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(LecternError, match="is no address of a Git repository"):
        git.parse_address(text)


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("https://example.org/x", Remote("https://example.org/x")),
        ("https://me:p%40ss@example.org/x", Remote("https://example.org/x", "me", "p@ss")),
        ("https://token@example.org/x", Remote("https://example.org/x", "token")),
        ("git@example.org:courses/x.git", Remote("git@example.org:courses/x.git")),
        ("ssh://git@example.org/x", Remote("ssh://git@example.org/x")),
    ],
)
def test_login_is_taken_out_of_an_address(text, remote):
    assert git.parse_address(text) == remote


class NeedsLogin(BaseHTTPRequestHandler):
    """Answers with the references of a repository to whoever logs in, and notes the processes of git meanwhile."""

    seen: list[str] = []

    def do_GET(self):
        self.seen.append(subprocess.run(["ps", "-eww", "-o", "args="], capture_output=True, text=True, check=True).stdout)
        known = self.headers.get("Authorization") == "Basic " + base64.b64encode(b"me:dragon's $(id) fire").decode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()
        lines = ["# service=git-upload-pack\n", None, "%s refs/heads/main\0agent=x\n" % ("a" * 40), None] if known else []
        self.wfile.write(b"".join(b"0000" if line is None else b"%04x%s" % (len(line) + 4, line.encode()) for line in lines))

    def log_message(self, *_arguments):
        pass


@contextlib.contextmanager
def serving(handler):
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "127.0.0.1:%d" % server.server_port
    server.shutdown()


def test_login_reaches_the_server_and_no_list_of_processes(monkeypatch):
    monkeypatch.setattr(NeedsLogin, "seen", [])
    with serving(NeedsLogin) as host:
        remote = git.parse_address("http://me:dragon's%%20$(id)%%20fire@%s/x" % host)
        assert git.find_commit(remote, "main") == "a" * 40
        assert len(NeedsLogin.seen) > 1 and "ls-remote" in NeedsLogin.seen[0]
        assert not any("dragon" in seen for seen in NeedsLogin.seen)
        with pytest.raises(LecternError, match="can't be read: (.|\n)*Authentication failed") as caught:
            git.find_commit(remote._replace(password="wrong one"), "main")
        assert "wrong one" not in str(caught.value)
        with pytest.raises(LecternError, match="can't be read: (.|\n)*(could not read Username|terminal prompts disabled)"):
            git.find_commit(Remote(remote.address), "main")


def test_server_that_never_answers_does_not_hang(monkeypatch):
    monkeypatch.setattr(git, "LOOKING", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(LecternError, match="did not answer within 0 seconds"):
        git.find_commit(Remote("http://127.0.0.1:%d/x" % server.getsockname()[1]), "main")


def test_host_without_git_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LecternError, match="The command 'git' is not on this host .*: install Git") as caught:
        git.find_commit(Remote("/x"), "main")
    assert caught.value.details == {"missing": "git"}


def test_repository_of_the_surrounding_is_not_used(repository, monkeypatch):
    """As in a hook of git, which sets variables."""
    repository.commit({"a": "1"})
    monkeypatch.setenv("GIT_DIR", str(Path("/nonexistent")))
    assert len(git.find_commit(Remote(str(repository.path)), "main")) == 40
