# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: SIM115, UP020
"""Python's functions that take paths work on a copy of the root, on every Python, and the root stays as it is."""

from __future__ import annotations

import bz2
import glob
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.observation import unnoticed
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.render import effects

TREE = {"config.yml": "A: 1\n", "env/a.txt": "a", "env/sub/b.txt": "b", "env/sub/deep/c.txt": "c", "data/big/d.bin": "d"}


@pytest.fixture
def places(tmp_path):
    root = tmp_path / "root"
    for name, text in TREE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "env/link").symlink_to("a.txt")
    return Places(str(root), str(tmp_path / "plugins"))


def state_of(root):
    found = {}
    for parent, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(parent, name)
            status = os.lstat(path)
            content = os.readlink(path) if os.path.islink(path) else open(path).read() if os.path.isfile(path) else ""
            found[path] = (status.st_mode, status.st_mtime_ns, status.st_ino, content)
    return found


def archive(path):
    with tarfile.open(path, "w") as packed:
        packed.add(__file__, "packed.txt")
    return path


WRITES = {
    "open": lambda r: open(r + "/env/a.txt", "a").write("x"),
    "io": lambda r: io.open(r + "/env/new", "wb").write(b"x"),
    "bytes": lambda r: open(os.fsencode(r + "/env/new"), "x").close(),
    "os-open": lambda r: os.close(os.open(r + "/env/new", os.O_CREAT | os.O_WRONLY)),
    "mkdir": lambda r: os.mkdir(r + "/new"),
    "makedirs": lambda r: os.makedirs(r + "/env/x/y/z", exist_ok=True),
    "unlink": lambda r: os.unlink(r + "/env/a.txt"),
    "unlink-link": lambda r: os.unlink(r + "/env/link"),
    "rmdir": lambda r: (os.unlink(r + "/env/sub/deep/c.txt"), os.rmdir(r + "/env/sub/deep")),
    "rename": lambda r: os.rename(r + "/env/sub", r + "/env/other"),
    "replace": lambda r: os.replace(r + "/env/a.txt", r + "/env/sub/b.txt"),
    "chmod": lambda r: os.chmod(r + "/env/a.txt", 0o700),
    "utime": lambda r: os.utime(r + "/env/a.txt", (1, 1)),
    "truncate": lambda r: os.truncate(r + "/env/sub/b.txt", 0),
    "hard-link": lambda r: os.link(r + "/env/a.txt", r + "/env/hard"),
    "symbolic-link": lambda r: os.symlink("a.txt", r + "/env/soft"),
    "rmtree": lambda r: shutil.rmtree(r + "/env/sub"),
    "copytree": lambda r: shutil.copytree(r + "/env/sub", r + "/env/copied"),
    "copy2": lambda r: shutil.copy2(r + "/env/sub/b.txt", r + "/env/a.txt"),
    "move": lambda r: shutil.move(r + "/env/sub", r + "/moved"),
    "pathlib-write": lambda r: pathlib.Path(r, "env", "a.txt").write_text("new"),
    "pathlib-open": lambda r: pathlib.Path(r, "env", "new").open("w").close(),
    "pathlib-touch": lambda r: pathlib.Path(r, "env", "new").touch(),
    "pathlib-mkdir": lambda r: pathlib.Path(r, "env", "x", "y").mkdir(parents=True),
    "pathlib-unlink": lambda r: pathlib.Path(r, "env", "a.txt").unlink(),
    "pathlib-rename": lambda r: pathlib.Path(r, "env", "a.txt").rename(pathlib.Path(r, "env", "renamed")),
    "pathlib-chmod": lambda r: pathlib.Path(r, "env", "a.txt").chmod(0o700),
    "pathlib-symlink": lambda r: pathlib.Path(r, "env", "soft").symlink_to("a.txt"),
    "pathlib-rmdir": lambda r: (pathlib.Path(r, "new").mkdir(), pathlib.Path(r, "new").rmdir(), open(r + "/env/new", "w").close()),
    "temporary-file": lambda r: tempfile.NamedTemporaryFile(dir=r + "/env", delete=False).close(),
    "temporary-folder": lambda r: tempfile.mkdtemp(dir=r),
    "tar": lambda r: tarfile.open(archive(r + "/../packed.tar")).extractall(r + "/env"),
    "zip": lambda r: zipfile.ZipFile(r + "/env/packed.zip", "w").close(),
    "bz2": lambda r: bz2.open(r + "/env/packed.bz2", "w").close(),
    "program": lambda r: subprocess.run(["sh", "-c", 'echo x >> "$0/env/a.txt"; rm -r "$0/env/sub"', r], check=True),
    "program-in-a-folder": lambda r: subprocess.run("echo x >> a.txt", shell=True, cwd=r + "/env", check=True),
    "program-of-os": lambda r: os.system("echo x >> '%s/data/big/d.bin'" % r),
    "relative": lambda r: (os.chdir(r), open("env/a.txt", "w").close()),
    "dots": lambda r: open(r + "/env/../env/sub/../a.txt", "w").close(),
    "by-a-link-from-elsewhere": lambda r: (os.symlink(r, r + "/../elsewhere"), open(r + "/../elsewhere/env/a.txt", "w").close()),
    "folder-by-descriptor": lambda r: os.unlink("b.txt", dir_fd=os.open(r + "/env/sub", os.O_RDONLY)),
    "thread": lambda r: [(each.start(), each.join()) for each in [threading.Thread(target=os.unlink, args=(r + "/env/a.txt",))]],
    "fork": lambda r: os.waitpid(os.fork() or (os.unlink(r + "/env/a.txt"), os.kill(os.getpid(), signal.SIGKILL)), 0),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_happens_in_the_copy(places, name, monkeypatch):
    monkeypatch.chdir(os.path.dirname(places.root))
    before = state_of(places.root)
    with effects.on_a_copy(places, [], {}) as effect:
        WRITES[name](places.root)
        os.chdir("/")
        with unnoticed():
            found = effect._copy.differences()
    assert any(found), "nothing was written in the copy"
    assert state_of(places.root) == before


def test_what_was_written_is_read_again(places, monkeypatch):
    root = places.root
    monkeypatch.chdir("/")
    with effects.on_a_copy(places, [], {}):
        os.makedirs(root + "/env/new")
        with open(root + "/env/new/x.txt", "w") as stream:
            stream.write("x")
        shutil.rmtree(root + "/env/sub/deep")
        os.unlink(root + "/env/a.txt")
        os.chdir(root + "/env")
        assert os.getcwd() == root + "/env"
        assert sorted(os.listdir(root)) == ["config.yml", "data", "env"]
        assert sorted(os.listdir(".")) == ["link", "new", "sub"]
        assert sorted(entry.path for entry in os.scandir(root + "/env/sub")) == [root + "/env/sub/b.txt"]
        assert {entry.name: (entry.is_dir(), entry.is_file(), entry.is_symlink()) for entry in os.scandir(root)} == {
            "config.yml": (False, True, False),
            "data": (True, False, False),
            "env": (True, False, False),
        }
        found = [(path, sorted(folders), sorted(names)) for path, folders, names in os.walk(root + "/env")]
        assert sorted(found) == [
            (root + "/env", ["new", "sub"], ["link"]),
            (root + "/env/new", [], ["x.txt"]),
            (root + "/env/sub", [], ["b.txt"]),
        ]
        assert sorted(glob.glob(root + "/**/*.txt", recursive=True)) == [root + "/env/new/x.txt", root + "/env/sub/b.txt"]
        assert sorted(map(str, pathlib.Path(root).rglob("*.txt"))) == [root + "/env/new/x.txt", root + "/env/sub/b.txt"]
        assert os.path.realpath("new/x.txt") == str(pathlib.Path("new/x.txt").resolve()) == root + "/env/new/x.txt"
        assert str(pathlib.Path.cwd()) == root + "/env"
        assert os.path.realpath(root + "/data/big") == root + "/data/big"
        assert not os.path.islink(root + "/data")
        assert not pathlib.Path(root, "config.yml").is_symlink()
        assert os.path.islink(root + "/env/link")
        with pytest.raises(FileNotFoundError) as raised:
            open(root + "/env/a.txt")
        assert raised.value.filename == root + "/env/a.txt"
        os.chdir("/")


def test_only_reading_makes_no_copy(places):
    with effects.on_a_copy(places, [], {}) as effect:
        assert sorted(os.listdir(places.root + "/env")) == ["a.txt", "link", "sub"]
        assert open(places.root + "/config.yml").read() == "A: 1\n"
        assert effect.folder == ""


def test_a_root_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    places = Places(str(tmp_path / "root"), str(tmp_path / "plugins"))
    with effects.on_a_copy(places, [], {}):
        assert not os.path.exists(places.root)
        os.makedirs(places.root + "/env/x")
        assert os.listdir(places.root) == ["env"]
        subprocess.run(["touch", places.root + "/side"], check=True)
        assert sorted(os.listdir(places.root)) == ["env", "side"]
    assert not os.path.lexists(places.root)


def test_compiled_code_is_stopped(places):
    before = state_of(places.root)
    with pytest.raises(LecternError, match="writes '%s/env/a.txt' by compiled code" % places.root), effects.on_a_copy(places, [], {}):
        for name in ("/env/a.txt", "/new"):
            with pytest.raises(LecternError, match="can't be redirected to a copy"):
                io.FileIO(places.root + name, "w")
    assert state_of(places.root) == before


def test_byte_code_is_not_written_into_the_root(places):
    with open(places.root + "/env/helper_of_a_plugin.py", "w") as stream:
        stream.write("VALUE = 1\n")
    before = state_of(places.root)
    sys.path.insert(0, places.root + "/env")
    was, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        with effects.on_a_copy(places, [], {}) as effect:
            import helper_of_a_plugin

            assert helper_of_a_plugin.VALUE == 1
            effect.wait_for_threads()
    finally:
        sys.path.remove(places.root + "/env")
        sys.dont_write_bytecode = was
    assert state_of(places.root) == before


def test_threads_write_at_the_same_time(places):
    names = ["%s/env/sub/deep/%d/x.txt" % (places.root, number) for number in range(8)]
    start, interval = threading.Barrier(len(names)), sys.getswitchinterval()

    def write(name):
        start.wait()
        os.makedirs(os.path.dirname(name))
        open(name, "w").close()

    sys.setswitchinterval(1e-6)
    try:
        with effects.on_a_copy(places, [], {}):
            threads = [threading.Thread(target=write, args=[name]) for name in names]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [name for name in names if not os.path.exists(name)] == []
    finally:
        sys.setswitchinterval(interval)


def test_a_thread_that_does_not_end(places, monkeypatch):
    monkeypatch.setattr(effects, "THREADS_END", 0.1)
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    with pytest.raises(LecternError, match="started still runs after 0 s"), effects.on_a_copy(places, [], {}):
        thread.start()
    end.set()
    thread.join()


def test_functions_are_what_they_were_afterwards(places):
    before = {name: getattr(os, name) for name in dir(os)}
    with effects.on_a_copy(places, [], {}):
        assert os.mkdir is not before["mkdir"]
    assert {name: getattr(os, name) for name in dir(os)} == before
    assert open is io.open
