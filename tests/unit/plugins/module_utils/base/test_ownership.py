# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does the work of a call that root makes, and how the system gets to the places where it is done."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import delegate, owner_access, ownership
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as another user")
OWNER = 2775


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that every user can enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def test_a_path_leads_where_the_system_says(tmp_path: Path) -> None:
    (tmp_path / "real/below").mkdir(parents=True)
    (tmp_path / "absolute").symlink_to(tmp_path / "real")
    (tmp_path / "relative").symlink_to("real/../absolute/below")
    (tmp_path / "nowhere").symlink_to("missing/x")
    (tmp_path / "real/file").write_text("")
    for name in (
        "absolute/below",
        "relative",
        "relative/../x/y",
        "nowhere",
        "nowhere/../z",
        "./real//below/.",
        "real/file/x",
        "absolute/..",
    ):
        path = "%s/%s" % (tmp_path, name)
        assert ownership.follow(path).path == os.path.realpath(path), name


def test_each_folder_and_link_on_the_way_is_known(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    way = ownership.follow(str(tmp_path / "link/missing"))
    assert way.links == [(str(tmp_path / "link"), os.geteuid())]
    assert [folder for folder, _uid in way.folders][-2:] == [str(tmp_path), str(tmp_path / "real")]
    assert way.folders[0][0] == "/"
    assert way.owner == os.geteuid()


def test_links_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(LecternError, match="leads through more than 40 symbolic links: name the folder itself"):
        ownership.follow(str(tmp_path / "loop"))


@as_root
def test_the_owner_works_on_a_root_and_root_on_its_own(ground: Path) -> None:
    found = Places(str(ground), str(ground / "plugins"))
    assert ownership.find_worker(found, found) is None
    os.chown(str(ground), OWNER, OWNER)
    user = ownership.find_worker(found, found)
    assert user is not None
    assert (user.uid, user.gid, user.groups, user.name, str(user)) == (OWNER, OWNER, (), None, "the user with id %d" % OWNER)


@as_root
def test_root_runs_no_python_of_others(ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ownership.refuse_python()
    monkeypatch.setattr("sys.prefix", str(ground))
    os.chown(str(ground), OWNER, OWNER)
    with pytest.raises(LecternError, match="^The Python of this task, '%s', belongs to the user with id %d, who can" % (ground, OWNER)):
        ownership.refuse_python()


@as_root
def test_a_number_without_a_name_is_in_no_group_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership.pwd, "getpwuid", lambda uid: {}[uid])
    assert ownership.find_user(0).gid == ownership.NOBODY


@as_root
def test_what_is_closed_to_a_user_is_named(ground: Path) -> None:
    user = ownership.find_user(OWNER)
    (ground / "a/b").mkdir(parents=True)
    (ground / "a/b/file").write_text("")
    assert ownership.find_closed(user, str(ground / "a/b/file")) is None
    (ground / "a/b/file").chmod(0o600)
    assert ownership.find_closed(user, str(ground / "a/b/file")) == str(ground / "a/b/file")
    (ground / "a").chmod(0o700)
    assert ownership.find_closed(user, str(ground / "a/b/file")) == str(ground / "a")
    assert os.geteuid() == 0


@pytest.fixture
def answer() -> Callable[[Callable[[], Dict[str, Any]]], Dict[str, Any]]:
    """Calls a function in the process of another user."""
    user = ownership.find_user(OWNER)
    delegate.import_for(user)
    return lambda work: delegate.run_as(user, (4242,), work)


@as_root
def test_another_process_works_as_the_user(answer: Any) -> None:
    assert answer(
        lambda: dict(ids=[*os.getresuid(), *os.getresgid()], groups=os.getgroups(), pid=os.getpid() != os.getsid(os.getppid()))
    ) == {
        "ids": [OWNER] * 6,
        "groups": [4242],
        "pid": True,
    }
    assert os.geteuid() == 0


@as_root
def test_files_that_root_got_are_lent_to_the_user_alone(answer: Any, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("solutions of an exam")
    tmp_path.chmod(0o700)
    files = {"a": {"digest": "1", "copy": str(tmp_path / "copy")}, "b": {"digest": "2"}}
    with owner_access.lend_files(ownership.find_user(OWNER), files):
        lent = Path(files["a"]["copy"])
        assert answer(lambda: dict(text=lent.read_text())) == {"text": "solutions of an exam"}
        assert (lent.parent.stat().st_mode & 0o777, lent.parent.stat().st_uid, lent.stat().st_uid) == (0o700, OWNER, OWNER)
    assert not lent.parent.exists() and files["b"] == {"digest": "2"}


@as_root
def test_an_error_of_the_process_is_one_of_the_call(answer: Any) -> None:
    def fail() -> Dict[str, Any]:
        raise LecternError("in words")

    with pytest.raises(LecternError, match="in words"):
        answer(fail)
    with pytest.raises(LecternError, match="^The work as the user with id 2775 failed: ZeroDivisionError"):
        answer(lambda: dict(x=1 // 0))


@as_root
def test_an_answer_that_is_none(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LecternError, match="ended by signal 9 and without a result"):
        answer(lambda: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(LecternError, match="without a result"):
        answer(lambda: [1])
    monkeypatch.setattr(delegate, "LIMIT", 1 << 20)
    with pytest.raises(LecternError, match="answered with more than 1 MiB"):
        answer(lambda: dict(x="x" * (1 << 21)))


@as_root
def test_nobody_waits_for_a_process_that_stays(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for one that holds the pipe open, nor for one that answers and does not end."""
    monkeypatch.setattr(delegate, "GRACE", 0.3)

    def leave_behind() -> Dict[str, Any]:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    def stay() -> Dict[str, Any]:
        delegate.atexit.register(time.sleep, 30)
        return {}

    began = time.monotonic()
    with pytest.raises(LecternError, match="without a result"):
        answer(leave_behind)
    assert answer(stay) == {}
    assert time.monotonic() - began < 15


@as_root
def test_the_process_ends_with_the_one_that_started_it(answer: Any, ground: Path) -> None:
    ground.chmod(0o777)
    parent = os.fork()
    if parent == 0:

        def stay() -> Dict[str, Any]:
            (ground / "new").write_text(str(os.getpid()))
            (ground / "new").rename(ground / "pid")
            time.sleep(30)
            return {}

        answer(stay)
        os._exit(0)
    until((ground / "pid").exists)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    until(lambda: is_gone(int((ground / "pid").read_text())))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        return Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
