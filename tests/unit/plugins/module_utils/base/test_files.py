# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lectern's own files in a root, and its locks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import content, files, locks
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError

HOLD = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def holder():
    """Starts a process that holds a lock until the test ends."""
    started = []

    def hold(path):
        process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"held\n"
        return process

    yield hold
    for process in started:
        process.communicate()


def test_folder(ground):
    assert not files.has_own_folder(ground.places)
    for _again in range(2):
        assert files.make_own_folder(ground.places) == str(ground.root / ".lectern")
    assert files.has_own_folder(ground.places)
    assert [oct(path.stat().st_mode & 0o7777) for path in (ground.root, ground.root / ".lectern")] == ["0o700", "0o700"]


def test_a_link_in_its_place(ground):
    ground.root.mkdir()
    (ground.root / ".lectern").symlink_to(str(ground.folder))
    with pytest.raises(LecternError, match=".lectern' is a symbolic link"):
        files.make_own_folder(ground.places)


def test_json(tmp_path):
    path = str(tmp_path / "x.json")
    assert files.read_json(path, {"default": 1}) == {"default": 1}
    files.write_json(path, {"b": [1], "a": "é"})
    assert files.read_json(path, None) == {"b": [1], "a": "é"}
    assert oct(os.stat(path).st_mode & 0o7777) == "0o600"
    (tmp_path / "x.json").write_text('{"a": ')
    with pytest.raises(LecternError, match="x.json' is damaged .*: remove it, and Lectern recreates it"):
        files.read_json(path, None)


def test_a_write_that_fails_leaves_what_was(tmp_path, monkeypatch):
    path = str(tmp_path / "x")
    files.write_own(path, b"old")

    def refuse(_descriptor):
        raise OSError("no")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no"):
        files.write_own(path, b"new")
    assert (content.read_bytes(path), os.listdir(str(tmp_path))) == (b"old", ["x"])


def test_a_lock_is_held_by_one(ground, holder, monkeypatch):
    monkeypatch.setattr(locks, "LOCK_WAIT", 0.3)
    with locks.locked(ground.places):
        pass
    process = holder(str(ground.root / ".lectern/lock"))
    message = r"^Another run \(process %d\) holds '.*/lock' for over 0 s: wait for it to end" % process.pid
    with pytest.raises(LecternError, match=message), locks.locked(ground.places):
        raise AssertionError("both hold it")
    with locks.locked(ground.places, "jobs"):
        pass
    process.communicate()
    with locks.locked(ground.places):
        pass


def test_a_lock_is_free_after_an_error(ground):
    for _again in range(2):
        with pytest.raises(ValueError, match="x"), locks.locked(ground.places):
            raise ValueError("x")


def test_a_lock_that_is_a_link(ground):
    files.make_own_folder(ground.places)
    (ground.root / ".lectern/lock").symlink_to(str(ground.folder / "victim"))
    with pytest.raises(LecternError, match="lock' is a symbolic link: remove it, and Lectern recreates it"), locks.locked(ground.places):
        pass
    assert not (ground.folder / "victim").exists()


def test_a_lock_before_there_is_anything(ground, monkeypatch):
    monkeypatch.setattr(locks, "LOCK_WAIT", 0.3)
    before = sorted(os.listdir(str(ground.folder)))
    with locks.locked_root(ground.places):
        with pytest.raises(LecternError, match="^Another run "), locks.locked_root(ground.places):
            pass
        assert sorted(os.listdir(str(ground.folder))) == before


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_to(ground, mode):
    own = files.make_own_folder(ground.places)
    files.write_json(own + "/x", {"a": 1})
    os.chmod(own, mode)
    for call in (
        lambda: files.read_own(own + "/x"),
        lambda: files.write_json(own + "/x", {}),
        lambda: locks._lock(own + "/lock", 2),
    ):
        with pytest.raises(LecternError, match=r"^Others may write to '.*/.lectern' \(mode %04o\): what is in it is not trusted" % mode):
            call()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_and_a_file_of_somebody_else(ground):
    own = files.make_own_folder(ground.places)
    files.write_own(own + "/x", b"x")
    os.chown(own + "/x", 4321, 4321)
    assert files.read_own(own + "/x") == b"x"
    with pytest.raises(PermissionError):
        files.read_own(own + "/x", trusted=True)
    os.chown(own, 4321, 4321)
    with pytest.raises(LecternError, match=".lectern' belongs to the user with id 4321: what is in it is not trusted"):
        files.read_own(own + "/x")


def test_code_that_others_may_write_is_not_trusted(ground):
    own = files.make_own_folder(ground.places)
    files.write_own(own + "/x", b"x")
    assert files.read_own(own + "/x", trusted=True) == b"x"
    os.chmod(own + "/x", 0o620)
    with pytest.raises(PermissionError):
        files.read_own(own + "/x", trusted=True)


def test_what_is_no_file(ground):
    own = ground.root / ".lectern"
    files.make_own_folder(ground.places)
    os.mkfifo(str(own / "pipe"))
    (own / "link").symlink_to(str(ground.folder / "victim"))
    with pytest.raises(LecternError, match="pipe' is not a regular file: remove it"):
        files.read_own(str(own / "pipe"))
    with pytest.raises(LecternError, match="link' is a symbolic link: remove it"):
        files.read_own(str(own / "link"))
    files.write_own(str(own / "link"), b"x")
    assert not (ground.folder / "victim").exists()


def test_temporary_files_of_dead_processes_are_swept(ground, holder):
    own = ground.root / ".lectern"
    files.make_own_folder(ground.places)
    for name in ("dead", "alive"):
        (own / (files.TEMPORARY + name)).write_text("x")
    holder(str(own / (files.TEMPORARY + "alive")))
    with files.open_own(str(own)) as handle:
        files.sweep(handle)
    assert [path.name for path in own.iterdir()] == [files.TEMPORARY + "alive"]


def test_a_lock_that_was_removed_while_it_was_waited_for(ground, holder, monkeypatch):
    """Two would hold one each otherwise."""
    path = ground.root / ".lectern/lock"
    with locks.locked(ground.places):
        pass
    process = holder(str(path))
    sleep = locks.time.sleep

    def remove(seconds):
        if path.exists():
            path.unlink()
            process.communicate()
        sleep(seconds)

    monkeypatch.setattr(locks.time, "sleep", remove)
    with locks.locked(ground.places):
        assert path.exists()
        monkeypatch.setattr(locks, "LOCK_WAIT", 0.3)
        monkeypatch.setattr(locks.time, "sleep", sleep)
        with pytest.raises(LecternError, match="^Another run"), locks.locked(ground.places):
            pass


def test_owner(ground):
    assert files.owner_of(ground.places) == os.geteuid()
    ground.root.mkdir()
    if os.geteuid() == 0:
        os.chown(str(ground.root), 4321, 4321)
        assert files.owner_of(ground.places) == 4321
