# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was saved between a run that was killed and the next one stays."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import content, files, serialize
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import Change
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root import apply, completion

STEPS = ("rename", "unlink", "mkdir", "rmdir", "fsync", "ftruncate")
SECRET = re.compile(r"P_KEY: (\w+)")


def die_at(monkeypatch, step):
    """Has the process end, as if killed, before the system call of that number; the number of calls so far, in a list."""
    count = [0]

    def counted(function):
        def called(*arguments, **options):
            count[0] += 1
            if count[0] > step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return called

    for name in STEPS:
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    return count


def is_killed(monkeypatch, step, function):
    """Whether a process that calls the function is killed at that step; its end is no reason otherwise."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            die_at(monkeypatch, step)
            function()
            status = 0
        finally:
            os._exit(status)
    _pid, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status != 0


def steps(monkeypatch, prepare, function):
    """Kills the function at each of its steps, prepared anew; yields after each kill."""
    for step in range(200):
        prepare()
        if not is_killed(monkeypatch, step, function):
            assert step > 10
            return
        yield step
    raise AssertionError("it never ends")


def leftovers(ground):
    return [
        str(path)
        for path in ground.root.rglob("*")
        if path.name.startswith(".lectern-") or path.name in ("staging", "journal.json", "staged.json")
    ]


def save_as_tutor_does(ground, **settings):
    """Saves settings, and renders every file anew."""
    saved = dict(ground.saved() if os.path.exists(ground.places.config) else {}, **settings)
    (ground.root / "config.yml").write_text(serialize.dump(saved, True))
    (ground.env / "apps").mkdir(parents=True, exist_ok=True)
    (ground.env / "apps/lms.txt").write_text("as tutor renders it")
    return saved


def all_texts(ground):
    own = ground.root / ".lectern"
    return [
        path.read_text(errors="replace")
        for folder in (own / "generations", own / "staging")
        if folder.is_dir()
        for path in folder.iterdir()
    ]


def test_what_tutor_saves_after_a_kill_is_kept_at_every_step(ground, monkeypatch):
    ground.plugin("p", config={"add": {"KEY": "{{ 12|random_string }}"}}, patches={"lms": "patched"})
    number = [0]
    won = 0

    def prepare():
        number[0] += 1
        shutil.rmtree(str(ground.root), ignore_errors=True)
        ground.call(plugins=[], settings={"LMS_HOST": "before"})

    def call():
        ground.call(plugins=["p"], settings={"LMS_HOST": "after"})

    for _step in steps(monkeypatch, prepare, call):
        written = (ground.root / ".lectern/journal.json").exists()
        secrets = {found for text in all_texts(ground) for found in SECRET.findall(text)} if written else set()
        saved = save_as_tutor_does(ground, OPERATOR="secret-%d" % number[0])
        done = ground.call()
        assert {key: value for key, value in ground.saved().items() if key in saved} == saved
        kept = {found for text in [*all_texts(ground), (ground.root / "config.yml").read_text()] for found in SECRET.findall(text)}
        assert secrets <= kept
        assert ground.text("apps/lms.txt") == ("after patched" if saved["LMS_HOST"] == "after" else "before ")
        assert leftovers(ground) == []
        assert ground.call().changes == []
        for sentence in done.recovered:
            won += sentence.startswith("Left '%s/config.yml' as it was saved after a run was killed; what that run would" % ground.root)
    assert won > 0


def test_both_names_are_told(ground, monkeypatch):
    ground.call(settings={"A": "before"})
    stop_before_config(ground, monkeypatch, settings={"A": "after"})
    save_as_tutor_does(ground, A="saved")
    done = ground.call()
    (sentence,) = done.recovered
    kept = sentence.rpartition(" is in '")[2][:-1]
    assert sentence == "Left '%s/config.yml' as it was saved after a run was killed; what that run would have saved is in '%s'" % (
        ground.root,
        kept,
    )
    assert serialize.load_mapping(kept)["A"] == "after"
    assert ground.saved()["A"] == "saved"


def stop_before_config(ground, monkeypatch, **request):
    """A run that is killed when its journal is written and nothing is renamed yet."""
    with monkeypatch.context() as patch:
        patch.setattr(completion, "complete", lambda *_arguments: os.kill(os.getpid(), signal.SIGKILL))
        assert is_killed(patch, 10_000, lambda: ground.call(**request))
    assert (ground.root / ".lectern/journal.json").exists()


def test_without_anything_saved_in_between_the_run_is_completed(ground, monkeypatch):
    ground.plugin("p", config={"add": {"KEY": "{{ 12|random_string }}"}}, patches={"lms": "patched"})

    def prepare():
        shutil.rmtree(str(ground.root), ignore_errors=True)
        ground.call(plugins=[], settings={"LMS_HOST": "before"})

    for _step in steps(monkeypatch, prepare, lambda: ground.call(plugins=["p"], settings={"LMS_HOST": "after"})):
        journal = (ground.root / ".lectern/journal.json").exists()
        recovered = ground.call().recovered
        host = ground.saved()["LMS_HOST"]
        assert host == "after" or not journal
        assert ground.text("apps/lms.txt") == ("after patched" if host == "after" else "before ")
        assert recovered in ([], ["Completed the changes of a run that was killed"])
        assert leftovers(ground) == []


def test_what_tutor_saves_after_a_first_run_was_killed(ground, monkeypatch):
    def prepare():
        shutil.rmtree(str(ground.root), ignore_errors=True)

    for step in steps(monkeypatch, prepare, lambda: ground.call(settings={"LMS_HOST": "first"})):
        ground.root.mkdir(mode=0o700, exist_ok=True)
        saved = save_as_tutor_does(ground, OPERATOR="secret-%d" % step, MYSQL_ROOT_PASSWORD="made by tutor")
        ground.call()
        assert {key: value for key, value in ground.saved().items() if key in saved} == saved
        assert ground.text("apps/lms.txt") == ("first " if saved.get("LMS_HOST") else "local.org ")
        assert leftovers(ground) == []


def test_a_plugin_that_was_edited_in_between_stays(ground, monkeypatch):
    ground.call(files={"p.yml": "name: p\n"}, plugins=["p"])
    stop_before_config(ground, monkeypatch, files={"p.yml": "name: p\nversion: '2'\n"})
    (ground.plugins_root / "p.yml").write_text("name: p\n# by hand\n")
    assert ground.call().recovered[0] == "Left '%s/p.yml' as it was saved after a run was killed" % ground.plugins_root
    assert (ground.plugins_root / "p.yml").read_text() == "name: p\n# by hand\n"


@pytest.mark.parametrize("name", ["generations", "staging"])
def test_a_link_in_the_place_of_an_own_folder(ground, name):
    ground.call()
    theirs = ground.folder / "theirs"
    theirs.mkdir()
    shutil.rmtree(str(ground.root / ".lectern" / name), ignore_errors=True)
    (ground.root / ".lectern" / name).symlink_to(str(theirs))
    with pytest.raises(LecternError, match=name + "' is a symbolic link: "):
        ground.call(settings={"A": 1})
    assert list(theirs.iterdir()) == []
    assert "A" not in ground.saved()


def test_other_files_beside_the_kept_states(ground, monkeypatch):
    ground.call(settings={"A": "before"})
    folder = ground.root / ".lectern/generations"
    (folder / "notes").mkdir()
    (folder / "link").symlink_to(str(ground.folder))
    stop_before_config(ground, monkeypatch, settings={"A": "after"})
    save_as_tutor_does(ground, A="saved")
    ground.call()
    assert ground.saved()["A"] == "saved"


def test_a_failing_call_tells_what_it_recovered(ground, monkeypatch):
    ground.call(settings={"A": "before"})
    stop_before_config(ground, monkeypatch, settings={"A": "after"})
    save_as_tutor_does(ground, A="saved")
    with pytest.raises(LecternError, match="'NOPE' is undefined") as caught:
        ground.call(settings={"B": "{{ NOPE }}"})
    assert caught.value.details["changed"]
    assert caught.value.details["actions"][0].startswith("Left '%s/config.yml' as it was saved" % ground.root)


def test_config_yml_that_is_saved_while_a_call_works(ground, monkeypatch):
    ground.call(settings={"A": "before"})
    write = apply.journal.write

    def save_first(places, journal):
        save_as_tutor_does(ground, A="saved")
        write(places, journal)

    monkeypatch.setattr(apply.journal, "write", save_first)
    with pytest.raises(LecternError, match="config.yml' was saved by somebody else while this call worked: it stays") as caught:
        ground.call(settings={"A": "after"})
    kept = re.search("would have saved is in '(.*)'", str(caught.value)).group(1)
    assert (ground.saved()["A"], serialize.load_mapping(kept)["A"]) == ("saved", "after")
    assert ground.text("apps/lms.txt") == "as tutor renders it"
    monkeypatch.undo()
    assert leftovers(ground) == []
    ground.call()
    assert ground.saved()["A"] == "saved"


def test_a_file_that_was_edited_in_between_stays_until_it_is_rendered(ground, monkeypatch):
    ground.call(settings={"LMS_HOST": "before"})
    stop_before_config(ground, monkeypatch, settings={"LMS_HOST": "after"})
    (ground.env / "apps/lms.txt").write_text("edited")
    done = ground.call(render=False)
    assert done.recovered == [
        "Left '%s/apps/lms.txt' as it was saved after a run was killed" % ground.env,
        "Completed the changes of a run that was killed",
    ]
    assert (ground.text("apps/lms.txt"), ground.saved()["LMS_HOST"]) == ("edited", "after")
    ground.call()
    assert ground.text("apps/lms.txt") == "after "


def test_files_of_a_plugin_that_was_enabled_again_in_between(ground, monkeypatch):
    ground.plugin("p", templates="templates")
    ground.write(ground.plugins_root, {"templates/p/apps/x": "x"})
    ground.call(plugins=["p"])
    rename = os.rename

    def once_config_is_there(source, target, **options):
        rename(source, target, **options)
        if target == "config.yml":
            os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", once_config_is_there)
        assert is_killed(patch, 10_000, lambda: ground.call(plugins=[]))
    save_as_tutor_does(ground, PLUGINS=["p"])
    done = ground.call(render=False)
    assert "Left '%s/plugins/p/apps/x' as it was saved after a run was killed" % ground.env in done.recovered
    assert ground.saved()["PLUGINS"] == ["p"]
    assert ground.text("plugins/p/apps/x") == "x"
    ground.call(plugins=[])
    assert not (ground.env / "plugins").exists()


def journal_of_old(ground, staged="A: after\n"):
    """The journal of a version that kept no digests."""
    own = ground.root / ".lectern"
    ground.write(own, {"staging/0": staged, "staging/1": "rendered"})
    moves = [[str(own / "staging/0"), str(ground.root / "config.yml")], [str(own / "staging/1"), str(ground.env / "apps/lms.txt")]]
    (own / "journal.json").write_text(json.dumps({"moves": moves, "removals": [str(ground.env / "gone")]}))


@pytest.mark.parametrize("saved", [False, True])
def test_journal_of_a_version_without_digests(ground, saved):
    ground.call(settings={"A": "before"})
    ground.write(ground.env, {"gone": "stale"})
    journal_of_old(ground)
    if saved:
        save_as_tutor_does(ground, A="saved")
    apply.recover(ground.places)
    assert ground.saved()["A"] == ("saved" if saved else "after")
    assert ground.text("apps/lms.txt") == ("as tutor renders it" if saved else "rendered")
    assert (ground.env / "gone").exists() == saved
    assert leftovers(ground) == []
    if saved:
        assert "A: after\n" in all_texts(ground)


BAD = [
    {"moves": [["STAGED", "ROOT/x", None]], "removals": [], "config": ["ROOT/config.yml", None]},
    {"moves": [[None, "ROOT/x", None, "a"]], "removals": [], "config": ["ROOT/config.yml", None]},
    {"moves": [["STAGED", None, None, "a"]], "removals": [], "config": ["ROOT/config.yml", None]},
    {"moves": [], "removals": [[None, None]], "config": ["ROOT/config.yml", None]},
    {"moves": [], "removals": [], "config": "ROOT/config.yml"},
    {"moves": [], "removals": [], "config": [None, None]},
    {"moves": [["STAGED", "ROOT/x"]], "removals": [["ROOT/x", None]]},
]
OUTSIDE = [
    {"moves": [["STAGED", "OUTSIDE", None, "a"]], "removals": [], "config": ["ROOT/config.yml", None]},
    {"moves": [["OUTSIDE", "ROOT/x", None, "a"]], "removals": [], "config": ["ROOT/config.yml", None]},
    {"moves": [["ROOT/config.yml", "ROOT/x", None, "a"]], "removals": [], "config": ["ROOT/config.yml", None]},
    {"moves": [], "removals": [["OUTSIDE", None]], "config": ["ROOT/config.yml", None]},
    {"moves": [], "removals": [["ROOT/../outside", None]], "config": ["ROOT/config.yml", None]},
    {"moves": [], "removals": [], "config": ["OUTSIDE", None]},
    {"moves": [], "removals": ["ROOT/env/../../outside"]},
]


def crafted(ground, journal):
    own, outside = ground.root / ".lectern", ground.folder / "outside"
    outside.write_text("theirs")
    ground.write(own, {"staging/0": "ours"})
    text = json.dumps(journal).replace("STAGED", str(own / "staging/0")).replace("OUTSIDE", str(outside)).replace("ROOT", str(ground.root))
    (own / "journal.json").write_text(text)
    return outside


@pytest.mark.parametrize("journal", BAD)
def test_a_damaged_journal(ground, journal):
    ground.call()
    crafted(ground, journal)
    with pytest.raises(LecternError, match="journal.json' is damaged"):
        apply.recover(ground.places)


@pytest.mark.parametrize("journal", OUTSIDE)
def test_a_journal_that_names_files_elsewhere(ground, journal):
    ground.call()
    outside = crafted(ground, journal)
    with pytest.raises(LecternError, match="which lies outside of root and plugins root"):
        apply.recover(ground.places)
    assert outside.read_text() == "theirs"


@pytest.mark.parametrize("form", ["move", "removal"])
def test_a_journal_that_names_a_place_behind_a_link(ground, form):
    ground.call()
    theirs = ground.folder / "theirs"
    theirs.mkdir()
    (theirs / "x").write_text("theirs")
    (ground.root / "door").symlink_to(str(theirs))
    journal = {"moves": [], "removals": [], "config": ["ROOT/config.yml", content.digest((ground.root / "config.yml").read_bytes())]}
    if form == "move":
        journal["moves"] = [["STAGED", "ROOT/door/x", content.digest("theirs"), "a"]]
    else:
        journal["removals"] = [["ROOT/door/x", content.digest("theirs")]]
    crafted(ground, journal)
    with pytest.raises(LecternError, match="door' is a symbolic link: refused to write through it"):
        apply.recover(ground.places)
    assert [(path.name, path.read_text()) for path in theirs.iterdir()] == [("x", "theirs")]


EXCHANGE = """
import os, sys
folder, other, link = sys.argv[1:]
print("ready", flush=True)
while True:
    os.rename(folder, other)
    os.symlink(sys.argv[3], folder)
    os.unlink(folder)
    os.rename(other, folder)
"""


def test_a_folder_that_is_exchanged_for_a_link_while_a_call_writes(ground):
    victim = ground.folder / "victim"
    victim.mkdir()
    ground.write(ground.env, {"x/a": "old"})
    files.make_own_folder(ground.places)
    command = ["python3", "-c", EXCHANGE, str(ground.env / "x"), str(ground.env / "y"), str(victim)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as enemy:
        assert enemy.stdout.readline() == b"ready\n"
        try:
            for number in range(200):
                changes = [Change(str(ground.env / ("x/f%d" % name)), None, b"%d" % number, 0o644) for name in range(3)]
                try:
                    apply.apply(ground.places, changes)
                except LecternError:
                    apply.journal.forget_staged(ground.places)
                    if os.path.lexists(apply.journal.path(ground.places)):
                        os.unlink(apply.journal.path(ground.places))
        finally:
            enemy.kill()
    assert list(victim.iterdir()) == []
