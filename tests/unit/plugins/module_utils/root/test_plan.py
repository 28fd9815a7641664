# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What should be, compared with what is on disk."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import Change, File
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root import plan
from ansible_collections.lectern.tutor.plugins.module_utils.root.plan import changes_to_remove, changes_to_write


def file(content, mode=0o644):
    return File(content, mode, "t", "core", {})


def test_file(tmp_path):
    path = str(tmp_path / "x")
    assert changes_to_write(path, b"a", 0o644) == [Change(path, None, b"a", 0o644)]
    (tmp_path / "x").write_bytes(b"a")
    os.chmod(path, 0o644)
    assert changes_to_write(path, b"a", 0o644) == []
    assert changes_to_write(path, b"b", 0o644) == [Change(path, b"a", b"b", 0o644, 0o644)]
    assert changes_to_write(path, b"a", 0o755) == [Change(path, b"a", b"a", 0o755, 0o644)]
    assert [
        change.kind for change in changes_to_write(path, b"b", 0o644) + changes_to_remove(path) + changes_to_write(path + "y", b"", 0o644)
    ] == [
        "changed",
        "removed",
        "created",
    ]


def test_a_link_is_replaced_and_not_read(tmp_path):
    (tmp_path / "x").symlink_to("/etc/hostname")
    (change,) = changes_to_write(str(tmp_path / "x"), b"a", 0o644)
    assert change.before == b"symbolic link to /etc/hostname"


def test_what_stands_in_the_way(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    os.mkfifo(str(tmp_path / "pipe"))
    for name, message in (
        ("folder", "is a folder, but a file has to be written there: move it away"),
        ("file/below", "can't be written: a file is in the place of its folder"),
        ("pipe", "is not a regular file: move it away"),
    ):
        with pytest.raises(LecternError, match=message):
            changes_to_write(str(tmp_path / name), b"", 0o644)


def test_removal(tmp_path):
    assert changes_to_remove(str(tmp_path / "nothing")) == []
    assert changes_to_remove(str(tmp_path)) == []
    (tmp_path / "link").symlink_to(str(tmp_path))
    assert [change.after for change in changes_to_remove(str(tmp_path / "link"))] == [None]


def test_environment(ground):
    ground.write(ground.env, {"a": "a", "stale": "s", "mine": "m"})
    (ground.env / "a").chmod(0o644)
    changes = plan.changes_to_environment(ground.places, {"a": file(b"a"), "b/c": file(b"c")}, ["stale", "gone"])
    assert [(change.kind, os.path.relpath(change.path, str(ground.env))) for change in changes] == [
        ("created", "b/c"),
        ("removed", "stale"),
    ]


def test_links_are_not_followed(ground):
    (ground.folder / "elsewhere").mkdir()
    ground.env.mkdir(parents=True)
    (ground.env / "a").symlink_to(str(ground.folder / "elsewhere"))
    for files, stale in (({"a/b/c": file(b"")}, []), ({}, ["a/x"])):
        with pytest.raises(LecternError, match="env/a' is a symbolic link: refused to write through it"):
            plan.changes_to_environment(ground.places, files, stale)


def test_stale_files_make_way(ground):
    ground.write(ground.env, {"file": "x", "folder/a": "x", "folder/b/c": "x"})
    changes = plan.changes_to_environment(
        ground.places, {"file/inside": file(b"1"), "folder": file(b"2")}, ["file", "folder/a", "folder/b/c"]
    )
    assert [change.kind for change in changes] == ["created", "created", "removed", "removed", "removed"]
    with pytest.raises(LecternError, match="env/folder' is a folder, but a file has to be written there"):
        plan.changes_to_environment(ground.places, {"folder": file(b"2")}, ["folder/a"])
