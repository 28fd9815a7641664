# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plugin reads is noted on every Python, however it reads it."""

from __future__ import annotations

import os
import pathlib
import posix
import subprocess
import sys

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.memory import audit
from ansible_collections.lectern.tutor.plugins.module_utils.render import jinja


def stat(path):
    """By the function that os has at this moment."""
    return os.stat(path)


def lstat(path):
    return os.lstat(path)


def readlink(path):
    return os.readlink(path)


# Ways to look for a path, by the function that they come to.
LOOKS = {
    "os.stat": ("stat", stat),
    "os.lstat": ("lstat", lstat),
    "os.readlink": ("readlink", readlink),
    "os.path.exists": ("stat", os.path.exists),
    "os.path.isdir": ("stat", os.path.isdir),
    "os.path.islink": ("lstat", os.path.islink),
    "os.path.realpath": ("lstat", os.path.realpath),
    "Path.stat": ("stat", lambda path: pathlib.Path(path).stat()),
    "Path.lstat": ("lstat", lambda path: pathlib.Path(path).lstat()),
    "Path.exists": ("stat", lambda path: pathlib.Path(path).exists()),
    "Path.is_file": ("stat", lambda path: pathlib.Path(path).is_file()),
    "Path.is_symlink": ("lstat", lambda path: pathlib.Path(path).is_symlink()),
    "Path.resolve": ("readlink" if sys.version_info < (3, 10) else "lstat", lambda path: pathlib.Path(path).resolve()),
    "os.readlink of a Path": ("readlink", lambda path: os.readlink(pathlib.Path(path))),
}
if hasattr(pathlib.Path, "readlink"):  # from Python 3.9 on
    LOOKS["Path.readlink"] = ("readlink", lambda path: pathlib.Path(path).readlink())


@pytest.mark.parametrize("way", LOOKS)
def test_each_way_to_look_for_a_path_is_noted(tmp_path, way):
    link, (function, look) = tmp_path / "link", LOOKS[way]
    link.symlink_to(tmp_path)
    with audit.watching({}) as seen:
        look(str(link))
    assert (function, str(link)) in seen.looked


def test_what_is_read_is_noted(tmp_path):
    file = tmp_path / "file"
    file.write_text("text")
    with audit.watching({}) as seen:
        file.read_text()
        sorted(tmp_path.iterdir())
        os.environ.get("TUTOR_SOMETHING")
    assert str(file) in seen.files
    assert str(tmp_path) in seen.folders
    assert "TUTOR_SOMETHING" in seen.variables


def test_afterwards_everything_is_as_before():
    before = (os.stat, os.lstat, os.readlink, type(os.environ), dict(vars(getattr(pathlib, "_NormalAccessor", object))))
    with audit.watching({}):
        pass
    assert before == (os.stat, os.lstat, os.readlink, type(os.environ), dict(vars(getattr(pathlib, "_NormalAccessor", object))))


def in_posix(path):
    try:
        return bool(posix.stat(path))
    except OSError:
        return False


# What a Python may have otherwise, by the owner and the name that are replaced. Whole calls on such Pythons: modules/test_memory.py.
OTHERS = {
    "functions of pathlib": (pathlib.Path, "stat", lambda self, **options: posix.stat(str(self), **options)),
    "functions of os.path": (os.path, "exists", in_posix),
    "class of the environment": (os, "environ", dict(os.environ)),
    "arguments of events": (audit, "NOTED", {**audit.NOTED, "open": lambda seen, path: None}),
    "Popen": (subprocess, "Popen", list),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_read_in_a_python_with_other_internals_is_never_remembered(tmp_path, monkeypatch, other):
    monkeypatch.setattr(*OTHERS[other])
    with audit.watching({}) as seen:
        assert sorted(os.listdir(str(tmp_path))) == []
    assert seen.elsewhere == (audit.INTERNALS if other != "arguments of events" else "open")


def test_code_is_not_remembered_where_python_has_no_frames(monkeypatch):
    monkeypatch.setattr(audit, "frame_at", lambda _depth: None)
    with audit.watching({}) as seen:
        exec("pass", {})
    assert seen.elsewhere == "exec"


def test_a_jinja_that_does_not_tell_names_is_found_out(monkeypatch):
    assert jinja.tells_names()
    jinja.tells_names.cache_clear()
    monkeypatch.setattr(jinja, "watched", lambda code, used: jinja.plain_environment)
    assert not jinja.tells_names()
    jinja.tells_names.cache_clear()
