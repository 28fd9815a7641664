# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plugin reads is noted on every Python, however it reads it."""

from __future__ import annotations

import os
import pathlib
import sys

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import witness

# Ways to look for a path, by the function that they come to.
LOOKS = {
    "os.stat": ("stat", lambda path: os.stat(path)),
    "os.lstat": ("lstat", lambda path: os.lstat(path)),
    "os.readlink": ("readlink", lambda path: os.readlink(path)),
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
    with witness.watching({}) as seen:
        look(str(link))
    assert (function, str(link)) in seen.looked


def test_what_is_read_is_noted(tmp_path):
    file = tmp_path / "file"
    file.write_text("text")
    with witness.watching({}) as seen:
        file.read_text()
        sorted(tmp_path.iterdir())
        os.environ.get("TUTOR_SOMETHING")
    assert str(file) in seen.files
    assert str(tmp_path) in seen.folders
    assert "TUTOR_SOMETHING" in seen.variables


def test_afterwards_everything_is_as_before():
    before = (os.stat, os.lstat, os.readlink, type(os.environ), dict(vars(getattr(pathlib, "_NormalAccessor", object))))
    with witness.watching({}):
        pass
    assert before == (os.stat, os.lstat, os.readlink, type(os.environ), dict(vars(getattr(pathlib, "_NormalAccessor", object))))
