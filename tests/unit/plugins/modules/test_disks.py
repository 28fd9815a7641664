# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roots on disks that can't be written, that are full or not there, and parts of a root that are mounts of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

READ_ONLY = "'%s' lies on a file system that is mounted read-only: remount it read-write."


@contextlib.contextmanager
def mounted(*arguments):
    """Mounts what the last argument names, for the time of the block; the test is skipped where that can't be."""
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a file system can't be mounted here: %s" % done.stderr.decode().strip())
    try:
        yield
    finally:
        subprocess.run(["umount", str(arguments[-1])], check=True)


@contextlib.contextmanager
def read_only(folder):
    """Makes a folder read-only, as a mount is, for the time of the block."""
    with mounted("--bind", folder, folder):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield


def test_read_only_root_that_is_as_it_should_be(plain):
    plain.render(plugins=[])
    with read_only(plain.root):
        before = plain.snapshot()
        assert not plain.render()["changed"]
        assert not plain.render(plugins=[])["changed"]
        assert not plain.ok("config")["changed"]
        assert not any(file["drift"] for file in plain.ok("environment_info")["files"].values())
        assert plain.snapshot() == before
        assert plain.refused(settings={"LMS_HOST": "x"}) == READ_ONLY % plain.root
    assert plain.render(settings={"LMS_HOST": "x"})["changed"]


def test_read_only_place_of_a_new_root(plain):
    above = plain.folder / "above"
    above.mkdir()
    with read_only(above):
        assert plain.run("environment", root=str(above / "a/root")).msg == READ_ONLY % above
        assert list(above.iterdir()) == []


def test_read_only_root_that_lectern_does_not_know(plain):
    plain.edit(A=1)
    with read_only(plain.root):
        assert plain.refused() == READ_ONLY % plain.root
    assert os.listdir(plain.root) == ["config.yml"]


@pytest.mark.parametrize("form", ["0644", "link"])
def test_read_only_plugins_root_whose_files_are_right(plain, form):
    text = "name: p\npatches: {lms-env: 'x: y'}\n"
    if form == "link":  # as Kubernetes mounts a ConfigMap
        harness.write(plain.plugins_root, {"..data/p.yml": text})
        (plain.plugins_root / "p.yml").symlink_to("..data/p.yml")
    else:
        harness.write(plain.plugins_root, {"p.yml": text})
        (plain.plugins_root / "p.yml").chmod(0o644)
    with read_only(plain.plugins_root):
        plain.render(plugins=["p"], plugin_files={"p.yml": text})
        assert not plain.render(plugins=["p"], plugin_files={"p.yml": text})["changed"]
        assert plain.refused(plugin_files={"p.yml": text + "#\n"}) == READ_ONLY % plain.plugins_root
        assert plain.refused(definitions=[{"name": "q"}]) == READ_ONLY % plain.plugins_root


@pytest.mark.parametrize("below", ["", "tutor", "a/b"])
@pytest.mark.parametrize("option", ["root", "plugins_root"])
def test_link_to_nothing(plain, option, below):
    """A disk that is not mounted."""
    link, disk = plain.folder / "link", plain.folder / "disk/platform"
    link.symlink_to(disk)
    path = str(link / below)
    message = "%s '%s' leads through the link '%s' to '%s', which is not there: mount its disk, make that folder, or remove the link."
    assert plain.refused(**{option: path}) == message % (option, path, link, disk)
    assert plain.refused("plugin_info", **{option: path}) == message % (option, path, link, disk)
    assert not disk.parent.exists()
    disk.mkdir(parents=True)
    plain.render(plugins=[], **{option: path})


def test_link_to_itself(plain):
    plain.root.symlink_to(plain.root)
    assert "leads through the link '%s'" % plain.root in plain.refused()


@pytest.fixture
def bound(plain):
    """config.yml is a mount, as `-v …/config.yml:…` makes it."""
    elsewhere = plain.folder / "elsewhere.yml"
    elsewhere.write_text("LMS_HOST: before\n")
    plain.edit()
    with mounted("--bind", elsewhere, plain.config):
        yield plain


def test_config_yml_that_is_a_mount(bound):
    inode = bound.config.stat().st_ino
    bound.render(plugins=[], settings={"PLATFORM_NAME": "Bound"})
    assert bound.settings()["PLATFORM_NAME"] == "Bound"
    assert bound.config.stat().st_ino == inode == (bound.folder / "elsewhere.yml").stat().st_ino
    assert bound.config.stat().st_mode & 0o777 == 0o600
    assert not bound.render()["changed"]
    assert bound.render(settings={"PLATFORM_NAME": "B"}, unset=["LMS_HOST"])["changed_keys"] == ["LMS_HOST", "PLATFORM_NAME"]
    assert bound.text("apps/cms.txt") == "studio.www.myopenedx.com B"
    assert not [path for path in bound.root.rglob("*") if path.name in ("staging", "journal.json")]


KILLER = """
import os, signal
fchmod = os.fchmod
def die(handle, mode):
    path = os.readlink("/proc/self/fd/%d" % handle)
    if path.endswith(("/config.yml", "/elsewhere.yml")):
        os.kill(os.getpid(), signal.SIGKILL)
    fchmod(handle, mode)
os.fchmod = die
"""


def test_config_yml_that_is_a_mount_and_a_killed_run(bound):
    harness.write(bound.packages, {"killer.py": KILLER})
    bound.render(plugins=[], settings={"LMS_HOST": "first.example.org"})
    bound.preload = ["killer"]
    assert bound.start("environment", settings={"LMS_HOST": "second.example.org"}).wait() == signal.SIGKILL
    bound.preload = []
    assert bound.render()["changed"]
    assert bound.settings()["LMS_HOST"] == "second.example.org"
    assert bound.text("apps/lms.yml").startswith("host: second.example.org\n")


def test_config_yml_that_is_a_mount_and_half_written(bound):
    """Also one that is cut in two anywhere is completed, and one that was saved in between stays."""
    bound.render(plugins=[], settings={"LMS_HOST": "first.example.org"})
    before = bound.config.read_bytes()
    harness.write(bound.packages, {"killer.py": KILLER})
    for cut in (1, 10, len(before) // 2, len(before) - 3, 0):
        bound.preload = ["killer"]
        host = "host-%d.example.org" % cut
        before = bound.config.read_bytes()
        assert bound.start("environment", settings={"LMS_HOST": host}).wait() == signal.SIGKILL
        bound.preload = []
        after = bound.config.read_bytes()
        assert host.encode() in after
        if cut:
            bound.config.write_bytes(after[:cut] + before[cut:])
        else:
            bound.config.write_bytes(before + b"SAVED: 1\n")
        bound.render()
        assert bound.settings()["LMS_HOST"] == (host if cut else "host-%d.example.org" % (len(before) - 3)) or not cut
        assert bound.text("apps/lms.yml").startswith("host: %s\n" % bound.settings()["LMS_HOST"])
    assert bound.settings()["SAVED"] == 1


def test_config_yml_that_is_a_read_only_mount(bound):
    subprocess.run(["mount", "-o", "remount,bind,ro", str(bound.config)], check=True)
    assert bound.refused() == READ_ONLY % bound.config


@pytest.mark.parametrize("name", ["apps/cms.txt", "local/docker-compose.yml"])
def test_file_of_the_environment_that_is_a_mount(plain, name):
    plain.render(plugins=[])
    other = plain.folder / "other"
    other.write_text("other")
    with mounted("--bind", other, plain.env / name):
        message = "'%s' is a mount point, so it can't be replaced: mount its folder instead."
        assert plain.refused() == message % (plain.env / name)
    plain.render()


@pytest.mark.parametrize("name", ["env", "env/apps"])
def test_folder_of_the_environment_that_is_a_mount_of_the_same_file_system(plain, name):
    folder, other = plain.root / name, plain.folder / "other"
    folder.mkdir(parents=True)
    other.mkdir()
    with mounted("--bind", other, folder):
        plain.render(plugins=[])
        assert plain.text("apps/cms.txt") == "studio.www.myopenedx.com My Open edX"
        assert not plain.render()["changed"]
        assert plain.render(settings={"PLATFORM_NAME": "x"})["files"]["changed"] == ["apps/cms.txt"]
        assert not list(other.rglob(".lectern*"))


STOPPED = """
import os, signal
rename = os.rename
def stop(source, target, **options):
    if os.path.basename(target) == "docker-compose.yml":
        os.kill(os.getpid(), signal.SIGKILL)
    rename(source, target, **options)
os.rename = stop
"""


def test_staged_files_of_a_killed_run_on_another_file_system(plain):
    """Those that were staged before the journal was there, and those that still had to be renamed."""
    plain.env.mkdir(parents=True)
    with mounted("-t", "tmpfs", "tmpfs", plain.env):
        harness.write(plain.packages, {"stopped.py": STOPPED, "early.py": STOPPED.replace('"docker-compose.yml"', '"journal.json"')})
        for preload in ("early", "stopped"):
            plain.preload = [preload]
            assert plain.start("environment", plugins=[]).wait() == signal.SIGKILL
            assert list(plain.env.rglob(".lectern-*"))
            plain.preload = []
            plain.render(plugins=[])
            assert not list(plain.root.rglob(".lectern-*"))
            assert not (plain.root / ".lectern/staged.json").exists()
            plain.render(settings={"LMS_HOST": "x"})
            (plain.env / "local/docker-compose.yml").unlink()


def test_full_disk_of_the_environment_alone(plain):
    plain.env.mkdir(parents=True)
    with mounted("-t", "tmpfs", "-o", "size=128k", "tmpfs", plain.env):
        plain.render(plugins=[])
        before = {path: path.is_file() and path.read_bytes() for path in plain.root.rglob("*")}
        harness.write(plain.templates, {"apps/big%d.txt" % number: "x" * 40000 for number in range(10)})
        message = "Can't write below '%s': No space left on device. Nothing was changed." % plain.root
        assert plain.run("environment", settings={"LMS_HOST": "x"}).msg == message
        assert {path: path.is_file() and path.read_bytes() for path in plain.root.rglob("*")} == before


def test_full_disk_of_the_plugins(plain):
    with mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", plain.plugins_root):
        message = "Can't write below '%s': No space left on device. Nothing was changed." % plain.plugins_root
        text = "name: p\n#" + "x" * 100_000 + "\n"
        assert plain.run("environment", plugins=["p"], plugin_files={"p.yml": text}).msg == message
        assert os.listdir(plain.plugins_root) == []
    assert not plain.root.exists()


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT", "EROFS"])
def test_a_disk_that_takes_nothing_is_not_a_matter_of_users(plain, code):
    """Wherever the system says so."""
    plain.render(plugins=[])
    failing = "import errno, os\ndef refuse(*arguments, **options):\n    raise OSError(errno.%s, os.strerror(errno.%s))\n" % (code, code)
    for call in ("mkdir", "fchmod", "fsync", "rename"):
        harness.write(plain.packages, {"failing_%s.py" % call: failing + "os.%s = refuse\n" % call})
        plain.preload = ["failing_%s" % call]
        message = plain.run("environment", settings={"LMS_HOST": call}).msg
        assert "by the user" not in message and "become_user" not in message, message
        assert os.strerror(getattr(__import__("errno"), code)) in message
        plain.preload = []
        plain.render()


REFUSING = """
import errno, os
def refusing(function):
    def call(path, *arguments, **options):
        base = options.get("dir_fd", options.get("src_dir_fd"))
        path_of = lambda handle: os.readlink("/proc/self/fd/%%d" %% handle)
        name = path_of(path) if isinstance(path, int) else path if base is None else os.path.join(path_of(base), path)
        if str(name).startswith(%r):
            raise OSError(errno.%s, os.strerror(errno.%s), path if isinstance(path, str) else None)
        return function(path, *arguments, **options)
    return call
os.%s = refusing(os.%s)
"""


@pytest.mark.parametrize("code", ["EPERM", "EACCES", "ENOSPC", "EDQUOT", "EROFS", "ESTALE"])
def test_a_first_call_that_is_refused_leaves_nothing(plain, code):
    """As by NFS, which refuses root what the permissions seem to give, anywhere on the way."""
    for existing in (False, True):
        for call in ("mkdir", "fchmod", "fsync", "rename"):
            if existing:
                plain.root.mkdir(exist_ok=True)
            harness.write(plain.packages, {"refusing_%s.py" % call: REFUSING % (str(plain.root), code, code, call, call)})
            plain.preload = ["refusing_%s" % call]
            result = plain.run("environment", plugins=[])
            assert "This is a bug" not in result.msg, result.msg
            if (plain.root / ".lectern/journal.json").exists():
                assert "are half made" in result.msg
                shutil.rmtree(plain.root)
            elif existing:
                assert os.listdir(plain.root) == [], (call, result.msg)
            else:
                assert not plain.root.exists(), (call, result.msg)
    plain.preload = []
    plain.render(plugins=[])


SLOW = """
import os, time
rename = os.rename
def slow(source, target, **options):
    rename(source, target, **options)
    time.sleep(0.1)
os.rename = slow
"""


def drifted(site):
    return [name for name, file in site.ok("environment_info")["files"].items() if file["drift"]]


def test_no_drift_between_two_renames(plain):
    harness.write(plain.packages, {"slow.py": SLOW, "stopped.py": STOPPED})
    plain.render(plugins=[], settings={"LMS_HOST": "before", "PLATFORM_NAME": "before"})
    plain.preload = ["slow"]
    running = plain.start("environment", settings={"LMS_HOST": "after", "PLATFORM_NAME": "after"})
    plain.preload = []
    harness.until((plain.root / ".lectern/journal.json").exists)
    assert drifted(plain) == []
    assert not running.result().failed
    (plain.env / "apps/cms.txt").write_text("edited")
    assert drifted(plain) == ["apps/cms.txt"]


def test_check_between_two_renames(plain):
    harness.write(plain.packages, {"slow.py": SLOW})
    plain.render(plugins=[], settings={"LMS_HOST": "before"})
    plain.preload = ["slow"]
    running = plain.start("environment", settings={"LMS_HOST": "after"})
    plain.preload = []
    harness.until((plain.root / ".lectern/journal.json").exists)
    assert not plain.ok("environment", check=True)["changed"]
    assert not running.result().failed


def test_no_drift_after_a_killed_run(plain):
    harness.write(plain.packages, {"stopped.py": STOPPED})
    harness.write(plain.templates, {"local/docker-compose.yml": "services: {}\n# {{ LMS_HOST }}\n"})
    plain.render(plugins=[], settings={"LMS_HOST": "before"})
    plain.preload = ["stopped"]
    assert plain.start("environment", settings={"LMS_HOST": "after"}).wait() == signal.SIGKILL
    plain.preload = []
    assert plain.text("apps/lms.yml").startswith("host: after\n")
    assert drifted(plain) == []
    (plain.env / "apps/cms.txt").write_text("edited")
    assert drifted(plain) == ["apps/cms.txt"]
