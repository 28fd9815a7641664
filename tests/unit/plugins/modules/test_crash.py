# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, that meet each other, or that the disk has no room for."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

MANY = {"apps/many/%02d.txt" % number: "{{ LMS_HOST }}\n" for number in range(30)}
KILLS = 30


def kill(running):
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGKILL)
    return running.wait() == signal.SIGKILL


def hosts(site):
    return {site.text(name) for name in MANY}


def own_leftovers(site):
    return [str(path) for path in site.root.rglob("*") if path.name.startswith(".lectern-") or path.name in ("staging", "journal.json")]


def check_whole(site, allowed, secrets):
    """After at most one more call there is one state, an old or a new one, and no secret has changed."""
    saved = site.settings()
    assert {key: saved[key] for key in secrets} == secrets
    site.render()
    (host,) = hosts(site)
    assert host in allowed
    assert site.settings() == dict(saved, LMS_HOST=host)
    assert own_leftovers(site) == []
    return host


def test_killed_at_any_moment(plain):
    """Half of the kills come while files are staged and renamed, the others anywhere."""
    harness.write(plain.templates, MANY)
    plain.render(plugins=[], settings={"LMS_HOST": "host"})
    secrets = {key: value for key, value in plain.settings().items() if key != "LMS_HOST"}
    started = time.monotonic()
    plain.render(settings={"LMS_HOST": "before"})
    seconds, host, killed = time.monotonic() - started, "before", 0
    for number in range(KILLS):
        running = plain.start("environment", settings={"LMS_HOST": "host-%d" % number})
        if number % 2:
            with contextlib.suppress(AssertionError):
                harness.until((plain.root / ".lectern/staging").exists, seconds * 2)
            time.sleep(random.random() * seconds / 5)
        else:
            time.sleep(random.random() * seconds)
        killed += kill(running)
        host = check_whole(plain, {host, "host-%d" % number}, secrets)
    assert not plain.render()["changed"]
    assert killed > KILLS / 3


KILLER = """
import os, signal
rename = os.rename
def die(source, target, **options):
    if os.path.basename(target) == os.environ.get("DIE_BEFORE"):
        os.kill(os.getpid(), signal.SIGKILL)
    rename(source, target, **options)
os.rename = die
"""


def test_what_is_saved_after_a_kill_stays(plain):
    harness.write(plain.packages, {"killer.py": KILLER})
    plain.preload = ["killer"]
    plain.render(plugins=[], settings={"LMS_HOST": "before"})
    plain.environ["DIE_BEFORE"] = "config.yml"
    assert plain.start("environment", settings={"LMS_HOST": "killed", "NEW_SECRET": "{{ 20|random_string }}"}).wait() == signal.SIGKILL
    del plain.environ["DIE_BEFORE"]
    plain.edit(**dict(plain.settings(), LMS_HOST="saved", SMTP_PASSWORD="by hand"))
    result = plain.render()
    kept = sorted((plain.root / ".lectern/generations").iterdir())
    (named,) = [path for path in kept if "LMS_HOST: killed" in path.read_text()]
    assert result["changed"]
    assert result["actions"][0] == (
        "Left '%s' as it was saved after a run was killed; what that run would have saved is in '%s'" % (plain.config, named)
    )
    assert "NEW_SECRET" in named.read_text()
    assert (plain.settings()["LMS_HOST"], plain.settings()["SMTP_PASSWORD"]) == ("saved", "by hand")
    assert plain.text("apps/lms.yml").startswith("host: saved\n")
    assert own_leftovers(plain) == []
    assert not plain.render()["changed"]


def test_first_call_killed(plain):
    harness.write(plain.templates, MANY)
    started = time.monotonic()
    plain.render(plugins=[])
    seconds = time.monotonic() - started
    for number in range(8):
        shutil.rmtree(plain.root)
        running = plain.start("environment", plugins=[])
        with contextlib.suppress(AssertionError):
            harness.until((plain.root / ".lectern").exists, seconds * 2)
        time.sleep(random.random() * seconds / 8 * number)
        kill(running)
        saved = plain.settings() if plain.config.exists() else {}
        plain.render(plugins=[])
        assert dict(plain.settings(), **saved) == plain.settings()
        assert len(hosts(plain)) == 1
        assert own_leftovers(plain) == []


def test_what_a_killed_run_staged_is_forgotten(plain):
    plain.render(plugins=[])
    staging = plain.root / ".lectern/staging"
    staging.mkdir()
    (staging / "0").write_text("half a file")
    assert not plain.render()["changed"]
    assert not staging.exists()


def test_what_a_killed_run_began_to_rename_is_completed(plain):
    plain.render(plugins=[])
    own, text = plain.root / ".lectern", plain.text("apps/lms.yml")
    (own / "staging").mkdir()
    (own / "staging/1").write_text("new")
    (plain.env / "gone/away").mkdir(parents=True)
    (plain.env / "gone/away/x").write_text("stale")
    moves = [[str(own / "staging/0"), str(plain.env / "apps/cms.txt")], [str(own / "staging/1"), str(plain.env / "made/by/it.txt")]]
    journal = {"moves": moves, "removals": [str(plain.env / "gone/away/x"), str(plain.env / "never/there")]}
    (own / "journal.json").write_text(json.dumps(journal))
    plain.render()
    assert plain.text("made/by/it.txt") == "new"
    assert not (plain.env / "gone").exists()
    assert plain.text("apps/lms.yml") == text
    assert own_leftovers(plain) == []


SLOW = """
import os, time
from tutor import hooks
@hooks.Actions.ENV_SAVED.add()
def wait(root, config):
    open(config["TOLD"], "w").write(root)
    time.sleep(60 if os.path.exists(config["TOLD"] + ".wait") else 0)
"""


def copies(host):
    """Copies of an environment with this host."""
    found, memory = [], "/dev/shm"
    for path in Path(memory if os.path.isdir(memory) else tempfile.gettempdir()).glob("lectern-scratch-*/root/env/apps/lms.yml"):
        with contextlib.suppress(FileNotFoundError):
            found += [path] if host in path.read_text() else []
    return found


def test_killed_while_a_plugin_works_on_a_copy(hooked):
    """The copy holds all secrets, in shared memory: the next call removes it."""
    told, host = hooked.folder / "told", "%s.example.org" % os.urandom(8).hex()
    hooked.plugin("slow.py", SLOW)
    settings = {"TOLD": str(told), "LMS_HOST": host}
    for module, options in (("environment", {"settings": settings}), ("config", {}), ("plugin_info", {})):
        told.with_suffix(".wait").touch()
        running = hooked.start("environment", plugins=["slow"], settings=settings)
        harness.until(lambda: told.exists() and told.read_text())
        assert kill(running)
        assert len(copies(host)) == 1
        told.unlink()
        told.with_suffix(".wait").unlink()
        hooked.ok(module, **options)
        assert copies(host) == []
        hooked.render(plugins=[], settings={"LMS_HOST": "other"})


@pytest.mark.parametrize("first", [True, False])
def test_calls_at_the_same_time(plain, first):
    if not first:
        plain.render(plugins=[])
    running = [plain.start("environment", settings={"KEY_%d" % number: number}) for number in range(5)]
    results = [one.result() for one in running]
    assert [one.get("msg") for one in results] == [None] * 5
    assert {key: value for key, value in plain.settings().items() if key.startswith("KEY_")} == {"KEY_%d" % n: n for n in range(5)}
    assert not plain.render()["changed"]


def test_failed_first_call_leaves_no_lock_behind(plain):
    assert plain.run("environment", plugins=["nope"]).failed
    assert os.listdir(plain.folder / "plugins") == []
    assert not plain.root.exists()


@pytest.fixture
def small_disk(plain):
    """The root on a file system of 320 KiB."""
    plain.root.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", str(plain.root)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a file system can't be mounted here: %s" % mounted.stderr.decode().strip())
    yield plain
    subprocess.run(["umount", str(plain.root)], check=True)


def without_own(site):
    return {path: found for path, found in site.snapshot().items() if "/.lectern" not in path}


def test_full_disk(small_disk):
    site = small_disk
    site.render(plugins=[])
    before, kept = without_own(site), site.config.read_text()
    harness.write(site.templates, {"apps/big%d.txt" % number: "x" * 40000 for number in range(10)})
    result = site.run("environment", settings={"LMS_HOST": "other"})
    assert result.msg == "Can't write below '%s': No space left on device. Nothing was changed." % site.root
    assert (result["changed"], result["actions"]) == (False, [])
    assert without_own(site) == before
    assert own_leftovers(site) == []
    assert [path.read_text() for path in (site.root / ".lectern/generations").iterdir()] == [kept]
    for number in range(1, 10):
        (site.templates / ("apps/big%d.txt" % number)).unlink()
    assert site.render(settings={"LMS_HOST": "other"})["files"]["created"] == ["apps/big0.txt"]


def test_full_disk_on_the_first_call(small_disk):
    site = small_disk
    harness.write(site.templates, {"apps/big%d.txt" % number: "x" * 40000 for number in range(10)})
    assert "No space left on device. Nothing was changed." in site.run("environment", plugins=[]).msg
    assert os.listdir(site.root) == []


def test_environment_on_a_disk_of_its_own(plain):
    """What is staged must lie on the file system that it is renamed on."""
    plain.env.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(plain.env)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a file system can't be mounted here: %s" % mounted.stderr.decode().strip())
    try:
        plain.render(plugins=[])
        assert plain.text("apps/cms.txt") == "studio.www.myopenedx.com My Open edX"
        assert own_leftovers(plain) == []
        assert not plain.render()["changed"]
    finally:
        subprocess.run(["umount", str(plain.env)], check=True)
