# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plugin reads is recorded on every Python, however it reads it."""

# How functions are called is what is tested here.
# pylint: disable=unnecessary-lambda,subprocess-run-check
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.memory import audit, dependencies, programs
from ansible_collections.lectern.tutor.plugins.module_utils.render import effects

# Ways to look for a path.
LOOKS = {
    "os.stat": lambda path: os.stat(path),
    "os.lstat": lambda path: os.lstat(path),
    "os.readlink": lambda path: os.readlink(path),
    "os.path.exists": lambda path: os.path.exists(path),
    "os.path.isdir": lambda path: os.path.isdir(path),
    "os.path.islink": lambda path: os.path.islink(path),
    "os.path.realpath": lambda path: os.path.realpath(path),
    "Path.stat": lambda path: pathlib.Path(path).stat(),
    "Path.lstat": lambda path: pathlib.Path(path).lstat(),
    "Path.exists": lambda path: pathlib.Path(path).exists(),
    "Path.is_file": lambda path: pathlib.Path(path).is_file(),
    "Path.is_symlink": lambda path: pathlib.Path(path).is_symlink(),
    "Path.resolve": lambda path: pathlib.Path(path).resolve(),
    "os.readlink of a Path": lambda path: os.readlink(pathlib.Path(path)),
}
if hasattr(pathlib.Path, "readlink"):  # from Python 3.9 on
    LOOKS["Path.readlink"] = lambda path: pathlib.Path(path).readlink()


@pytest.fixture
def places(tmp_path):
    return Places(str(tmp_path / "root"), str(tmp_path / "plugins"))


@pytest.mark.parametrize("way", LOOKS)
def test_each_way_to_look_for_a_path_is_recorded(tmp_path, places, way):
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with audit.recording() as seen, effects.on_a_copy(places, [], {}):
        LOOKS[way](str(link))
    found = seen.paths[str(link)]
    assert found == audit.describe_path(str(link))
    link.unlink()
    assert found != audit.describe_path(str(link))
    link.symlink_to(tmp_path / "nowhere")
    assert found != audit.describe_path(str(link))


def test_what_was_found_at_a_path_is_recorded_as_it_was_then(tmp_path, places):
    path = str(tmp_path / "new")
    with audit.recording() as seen, effects.on_a_copy(places, [], {}):
        assert not os.path.exists(path)
        open(path, "w").close()
    assert seen.paths[path] != audit.describe_path(path)


def test_files_and_folders_that_are_read_are_recorded(tmp_path):
    file = tmp_path / "file"
    file.write_text("text")
    with audit.recording() as seen:
        file.read_text()
        sorted(tmp_path.iterdir())
    assert str(file) in seen.files
    assert str(tmp_path) in seen.folders


def test_the_working_directory_counts_where_a_path_is_relative(tmp_path, places, monkeypatch):
    (tmp_path / "file").write_text("text")
    monkeypatch.chdir(tmp_path)
    for path, is_relative in ((str(tmp_path / "file"), False), ("file", True)):
        with audit.recording() as seen:
            seen.modules.clear()  # the tests' own, which mention much
            open(path).close()
            seen.files = {name: moment + 60 for name, moment in seen.files.items()}  # as if the file were older
        inputs = dependencies.describe(seen, places, ())
        assert dependencies.are_the_same(inputs, places)
        monkeypatch.chdir(os.sep)
        assert dependencies.are_the_same(inputs, places) == (not is_relative)
        monkeypatch.chdir(tmp_path)


CHANGES = {
    "content-of-the-same-size": lambda path: path.write_text("new."),
    "mode": lambda path: path.chmod(0o755),
    "another-file": lambda path: [path.with_name("other").write_text("text"), path.with_name("other").replace(path)],
    "no-file": lambda path: path.unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_of_a_file_is_seen(tmp_path, change):
    """Whatever time of modification the file is given afterwards."""
    path = tmp_path / "file"
    path.write_text("text")
    before, status = dependencies._describe_file(str(path)), path.stat()
    time.sleep(0.02)  # the clock of a file system is that coarse
    CHANGES[change](path)
    if path.exists():
        os.utime(str(path), ns=(status.st_atime_ns, status.st_mtime_ns))
    assert dependencies._describe_file(str(path)) != before


def test_afterwards_everything_is_as_before(tmp_path):
    before = (subprocess.run, os.environ, os.stat)
    with audit.recording() as seen:
        pass
    assert before == (subprocess.run, os.environ, os.stat)
    os.listdir(str(tmp_path))
    assert str(tmp_path) not in seen.folders


def test_an_event_of_another_shape_makes_a_call_untraceable(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "NOTED", {**audit.NOTED, "open": lambda seen, path: None})
    with audit.recording() as seen:
        (tmp_path / "file").write_text("")
    assert seen.untraceable == "open"


def test_code_is_untraceable_where_python_has_no_frames(monkeypatch):
    monkeypatch.setattr(audit, "frame_at", lambda _depth: None)
    with audit.recording() as seen:
        exec("pass", {})
    assert seen.untraceable == "exec"


def test_nothing_is_remembered_on_a_python_that_is_newer_than_the_tests(places, monkeypatch):
    with audit.recording() as seen:
        seen.modules.clear()  # the tests' own, which mention much
    assert dependencies.describe(seen, places, ())
    monkeypatch.setattr(dependencies, "NEWEST_PYTHON", (sys.version_info[0], sys.version_info[1] - 1))
    assert dependencies.describe(seen, places, ()) is None


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """A program ``docker`` that prints a file."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\ncat %s\n" % (tmp_path / "answer"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (program.parent, os.environ["PATH"]))
    (tmp_path / "answer").write_text("one\n")
    return tmp_path / "answer"


QUESTION = ["docker", "info"]


@pytest.mark.parametrize("options", [{}, {"text": True, "check": True, "timeout": 20}])
def test_an_answer_is_recorded(docker, options):
    with audit.recording() as seen:
        subprocess.run(QUESTION, capture_output=True, **options)
    assert (seen.programs, seen.untraceable) == ({tuple(QUESTION): programs.ask(tuple(QUESTION))}, "")
    docker.write_text("two\n")
    assert seen.programs != {tuple(QUESTION): programs.ask(tuple(QUESTION))}


def test_a_program_that_is_missing_is_recorded(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with audit.recording() as seen, pytest.raises(FileNotFoundError):
        subprocess.run(QUESTION, capture_output=True)
    assert (seen.programs, seen.untraceable) == ({tuple(QUESTION): programs.ask(tuple(QUESTION))}, "")


# Ways to ask whose answer is not seen, or is another one.
ASKED_OTHERWISE = {
    "Popen": lambda: subprocess.Popen(QUESTION, stdout=subprocess.PIPE).communicate(),
    "output-alone": lambda: subprocess.check_output(QUESTION),
    "into-one": lambda: subprocess.run(QUESTION, stdout=subprocess.PIPE, stderr=subprocess.STDOUT),
    "with-other-variables": lambda: subprocess.run(QUESTION, capture_output=True, env={**os.environ, "COLOUR": "red"}),
    "another-program": lambda: subprocess.run(["cat", "/dev/null"], capture_output=True),
    "another-question": lambda: subprocess.run(["docker", "run"], capture_output=True),
}


@pytest.mark.parametrize("way", ASKED_OTHERWISE)
def test_what_is_asked_otherwise_is_untraceable(docker, way):
    with audit.recording() as seen:
        ASKED_OTHERWISE[way]()
    assert seen.untraceable
    assert not seen.programs


def test_two_answers_to_one_question_are_untraceable(docker):
    with audit.recording() as seen:
        subprocess.run(QUESTION, capture_output=True)
        docker.write_text("two\n")
        subprocess.run(QUESTION, capture_output=True)
    assert seen.untraceable == "docker info"


def test_an_answer_under_changed_variables_is_untraceable(docker, monkeypatch):
    with audit.recording() as seen:
        monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
        subprocess.run(QUESTION, capture_output=True)
    assert seen.untraceable == "docker info"
