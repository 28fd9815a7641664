# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary folders, and those that killed processes leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import scratch

HOLD = """
import os, sys
from ansible_collections.lectern.tutor.plugins.module_utils.base import scratch
with scratch.temporary_folder(sys.argv[1]) as folder:
    open(os.path.join(folder, "secret"), "w").close()
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder that stands for the system's folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def holder(place):
    """Starts a process that holds a folder."""
    started = []

    def hold():
        environ = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
        command = [sys.executable, "-c", HOLD, str(place)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True)
        started.append(process)
        return process, process.stdout.readline().strip()

    yield hold
    for process in started:
        process.communicate()


def test_a_folder_is_private_and_goes_with_its_block(place):
    with scratch.temporary_folder() as folder:
        assert os.path.dirname(folder) == str(place)
        assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.listdir(str(place)) == []


def test_a_folder_goes_after_an_error(place):
    with pytest.raises(ValueError, match="x"), scratch.temporary_folder():
        raise ValueError("x")
    assert os.listdir(str(place)) == []


def test_what_a_killed_process_left_is_swept(place, holder):
    process, folder = holder()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert os.listdir(folder) == ["secret"]
    with scratch.temporary_folder():
        assert not os.path.exists(folder)


def test_what_a_living_process_holds_stays(place, holder):
    process, folder = holder()
    scratch.remove_leftovers()
    assert os.listdir(folder) == ["secret"]
    process.communicate()
    assert os.listdir(str(place)) == []


def test_what_is_somebody_elses_stays(place):
    for name in ("lectern-notes", "other"):
        (place / name).mkdir()
    (place / (scratch.PREFIX + "file")).write_text("x")
    (place / (scratch.PREFIX + "link")).symlink_to(str(place / "other"))
    before = sorted(os.listdir(str(place)))
    scratch.remove_leftovers()
    assert sorted(os.listdir(str(place))) == before
