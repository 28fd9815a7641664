# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is written whole or not at all, also by a run that is stopped."""

from __future__ import annotations

import errno
import json
import os

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import files
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import Change, Verbatim, digest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root import apply


@pytest.fixture
def own(ground):
    """Lectern's own folder of a root."""
    files.make_own_folder(ground.places)
    return ground.root / ".lectern"


def change(ground, name, after, before=None, mode=0o644):
    return Change(str(ground.root / name), before, after, mode)


def leftovers(ground):
    return sorted(
        path.name for path in ground.root.rglob("*") if path.name.startswith(".lectern-") or path.name in ("staging", "journal.json")
    )


def test_apply(ground, own):
    ground.write(ground.root, {"env/old/deep/x": "x", "env/old/mine": "mine", "env/alone/y": "y"})
    changes = [
        change(ground, "config.yml", b"a: 1\n", mode=0o600),
        change(ground, "env/new/deep/z", b"z", mode=0o755),
        change(ground, "env/empty", b""),
        change(ground, "env/old/deep/x", None, b"x"),
        change(ground, "env/alone/y", None, b"y"),
        change(ground, "env/never/there", None, b""),
    ]
    apply.apply(ground.places, changes)
    assert ((ground.env / "new/deep/z").read_bytes(), (ground.env / "empty").read_bytes()) == (b"z", b"")
    modes = [oct(os.stat(str(ground.root / name)).st_mode & 0o7777) for name in ("config.yml", "env/new/deep/z", "env/empty", "env/new")]
    assert modes == ["0o600", "0o755", "0o644", "0o755"]
    assert sorted(os.listdir(str(ground.env))) == ["empty", "new", "old"]
    assert os.listdir(str(ground.env / "old")) == ["mine"]
    assert leftovers(ground) == []


class Stopped(BaseException):
    """Stands for a kill: nothing catches it."""


@pytest.mark.parametrize("step", range(6))
def test_a_run_that_is_stopped(ground, own, monkeypatch, step):
    """Before the journal is there nothing has changed; from then on the next call completes it."""
    ground.write(ground.env, {"a": "old", "b": "old", "gone": "old"})
    changes = [change(ground, "env/a", b"new", b"old"), change(ground, "env/c/d", b"new"), change(ground, "env/gone", None, b"old")]
    count = []

    def stop_at(function):
        def called(*arguments, **options):
            count.append(1)
            if len(count) > step:
                raise Stopped
            return function(*arguments, **options)

        return called

    monkeypatch.setattr(os, "rename", stop_at(os.rename))
    monkeypatch.setattr(os, "unlink", stop_at(os.unlink))
    stopped = False
    try:
        apply.apply(ground.places, changes)
    except Stopped:
        stopped = True
    journal = (own / "journal.json").exists()
    monkeypatch.undo()
    apply.recover(ground.places)
    found = {path.name: path.read_text() for path in ground.env.rglob("*") if path.is_file()}
    if stopped and not journal:
        assert found == {"a": "old", "b": "old", "gone": "old"}
    else:
        assert found == {"a": "new", "b": "old", "d": "new"}
    assert leftovers(ground) == []


def test_a_full_disk(ground, own, monkeypatch):
    ground.write(ground.env, {"a": "old"})

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LecternError, match="^Can't write below '.*': No space left on device. Nothing was changed.$"):
        apply.apply(ground.places, [change(ground, "env/a", b"new", b"old"), change(ground, "env/b", b"new")])
    assert (ground.text("a"), os.listdir(str(ground.env))) == ("old", ["a"])
    assert leftovers(ground) == []


def test_a_rename_that_is_refused_is_taken_up_again(ground, own, monkeypatch):
    ground.write(ground.env, {"a": "old"})
    rename = os.rename

    def refuse(source, target, **options):
        if target == "b":
            raise OSError(errno.EROFS, "Read-only file system", target)
        rename(source, target, **options)

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(LecternError, match="are half made: '.*/b': Read-only file system. Repair that and run again, which completes them"):
        apply.apply(ground.places, [change(ground, "env/a", b"new", b"old"), change(ground, "env/b", b"new")])
    assert (ground.text("a"), (ground.env / "b").exists()) == ("new", False)
    monkeypatch.undo()
    apply.recover(ground.places)
    assert ground.text("b") == "new"
    assert leftovers(ground) == []


def test_a_config_yml_that_can_not_be_replaced(ground, own, monkeypatch):
    """It comes first, so that nothing else has been changed by then."""
    ground.write(ground.root, {"config.yml": "old", "env/a": "old"})
    rename = os.rename

    def refuse(source, target, **options):
        if target == "config.yml":
            raise OSError(errno.EPERM, "Operation not permitted", target)
        rename(source, target, **options)

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(LecternError, match="^Can't write '.*/root/config.yml': Operation not permitted. Nothing was changed.$"):
        apply.apply(ground.places, [change(ground, "env/a", None, b"old"), change(ground, "config.yml", b"new", b"old")])
    assert ((ground.root / "config.yml").read_text(), ground.text("a")) == ("old", "old")
    assert leftovers(ground) == []


def test_a_journal_of_another_run_that_lost_its_staged_files(ground, own):
    (own / "journal.json").write_text(json.dumps({"moves": [[str(own / "staging/0"), str(ground.env / "a")]], "removals": []}))
    apply.recover(ground.places)
    assert not ground.env.exists()
    assert leftovers(ground) == []


def test_generations(ground, own):
    def kept():
        return [path.read_bytes() for path in sorted((own / "generations").iterdir())]

    ground.write(ground.root, {"config.yml": b"0"})
    apply.apply(ground.places, [change(ground, "config.yml", b"1", b"0")])
    assert kept() == [b"0", b"1"]
    apply.apply(ground.places, [change(ground, "config.yml", b"1", b"1", mode=0o600)])
    assert kept() == [b"0", b"1"]
    ground.write(ground.root, {"config.yml": b"edited"})
    apply.apply(ground.places, [change(ground, "config.yml", b"2", b"edited")])
    assert kept() == [b"0", b"1", b"edited", b"2"]
    for number in range(20):
        apply.apply(ground.places, [change(ground, "config.yml", b"x%d" % number, (ground.root / "config.yml").read_bytes())])
    assert (len(kept()), kept()[-1]) == (apply.GENERATIONS, b"x19")


@pytest.mark.parametrize("journal", [{"moves": [["STAGED", "OUTSIDE"]], "removals": []}, {"moves": [], "removals": ["ROOT/../outside"]}])
def test_a_journal_that_names_files_elsewhere(ground, own, tmp_path, journal):
    outside = tmp_path / "outside"
    outside.write_text("theirs")
    ground.write(ground.root, {".lectern/staging/0": "ours"})
    text = json.dumps(journal).replace("STAGED", str(own / "staging/0")).replace("OUTSIDE", str(outside)).replace("ROOT", str(ground.root))
    (own / "journal.json").write_text(text)
    with pytest.raises(LecternError, match="outside', which lies outside of root and plugins root"):
        apply.recover(ground.places)
    assert outside.read_text() == "theirs"


def test_a_file_that_is_copied(ground, own):
    ground.write(ground.root, {"font": "abc"})
    content = Verbatim(str(ground.root / "font"))
    apply.apply(ground.places, [change(ground, "env/font", content)])
    assert (ground.env / "font").read_bytes() == b"abc"
    assert digest(content) == digest(b"abc")


def test_a_file_that_changes_while_it_is_copied(ground, own):
    ground.write(ground.root, {"font": "abc"})
    content = Verbatim(str(ground.root / "font"))
    (ground.root / "font").write_bytes(b"abd")
    with pytest.raises(LecternError, match="font' changed while it was copied: run again"):
        apply.apply(ground.places, [change(ground, "config.yml", b"a: 1\n"), change(ground, "env/font", content)])
    assert not (ground.root / "config.yml").exists()
    assert leftovers(ground) == []
