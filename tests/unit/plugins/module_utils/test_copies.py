# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the modules on a host: whole ones only, and never one that others can write to."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import copies


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and nowhere else to keep anything."""
    monkeypatch.setenv("HOME", str(tmp_path))
    both = copies.cache_folders
    monkeypatch.setattr(copies, "cache_folders", lambda: [base for base in both() if base.startswith(str(tmp_path))])
    return tmp_path


def content() -> zipfile.ZipFile:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("package/module.py", "x = 1\n")
    return zipfile.ZipFile(made)


def test_home_of_somebody_else_is_not_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert copies.cache_folders() == [str(home / ".cache/lectern")]
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert copies.cache_folders() == []


def test_folder_that_others_may_write_to_is_not_used(home: Path) -> None:
    base = home / ".cache/lectern"
    base.mkdir(parents=True)
    base.chmod(0o770)
    with pytest.raises(OSError, match=f"'{base}' belongs to somebody else, or others may write to it"):
        copies.keep_copy("d1", content())
    assert list(base.iterdir()) == []
    base.chmod(0o700)
    assert copies.find_copy(Path(copies.keep_copy("d1", content())).name) == str(base / "d1")
    base.chmod(0o770)
    assert copies.find_copy("d1") is None


def test_link_is_not_followed(home: Path) -> None:
    (home / "elsewhere").mkdir()
    (home / ".cache").mkdir()
    (home / ".cache/lectern").symlink_to(home / "elsewhere")
    with pytest.raises(OSError, match="belongs to somebody else"):
        copies.keep_copy("d1", content())


def test_newest_stay(home: Path) -> None:
    for number in range(8):
        folder = Path(copies.keep_copy(f"d{number}", content()))
        os.utime(folder, (number, number))
    os.utime(folder)
    left = home / ".cache/lectern/new-left"  # by a call that was killed
    left.mkdir()
    os.utime(left, (0, 0))
    copies.keep_copy("d8", content())
    assert sorted(path.name for path in folder.parent.iterdir()) == ["d4", "d5", "d6", "d7", "d8"]


def test_half_a_copy_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_folder: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(copies, "flush_files", killed)
    with pytest.raises(KeyboardInterrupt):
        copies.keep_copy("d1", content())
    assert copies.find_copy("d1") is None


def test_copy_is_compiled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert list(Path(copies.keep_copy("d1", content())).glob("package/__pycache__/*.pyc"))


DAMAGES = {
    "missing": lambda folder: (folder / "package/module.py").unlink(),
    "empty": lambda folder: (folder / "package/module.py").write_text(""),
    "cut": lambda folder: (folder / "package/module.py").write_text("x = "),
    "compiled-cut": lambda folder: next(folder.glob("package/__pycache__/*.pyc")).write_bytes(b""),
    "folder": lambda folder: shutil.rmtree(folder / "package"),
    "all": lambda folder: [shutil.rmtree(folder), folder.mkdir(mode=0o700)],
    "no-list": lambda folder: (folder / copies.FILES).unlink(),
    "list-cut": lambda folder: (folder / copies.FILES).write_text('{"pack'),
    "list-of-another-form": lambda folder: (folder / copies.FILES).write_text("[1]"),
    "link": lambda folder: [folder.rename(folder.with_name("d2")), folder.symlink_to("d2")],
    "file": lambda folder: [shutil.rmtree(folder), folder.write_text("")],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_copy_is_none_and_replaced(home: Path, damage: str) -> None:
    folder = Path(copies.keep_copy("d1", content()))
    assert copies.find_copy("d1") == str(folder)
    DAMAGES[damage](folder)
    assert copies.find_copy("d1") is None
    assert copies.keep_copy("d1", content()) == copies.find_copy("d1") == str(folder)
    assert (folder / "package/module.py").read_text() == "x = 1\n"
    assert [path for path in folder.parent.iterdir() if path.name not in ("d1", "d2")] == []


def test_whole_copy_is_not_replaced_by_another(home: Path) -> None:
    inode = Path(copies.keep_copy("d1", content())).stat().st_ino
    assert Path(copies.keep_copy("d1", content())).stat().st_ino == inode


def test_damaged_copy_is_replaced_by_several_at_once(home: Path) -> None:
    folder = Path(copies.keep_copy("d1", content()))
    (folder / "package/module.py").unlink()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _number: copies.keep_copy("d1", content()), range(16))) == {str(folder)}
    assert copies.find_copy("d1") == str(folder)
    assert os.listdir(folder.parent) == ["d1"]
