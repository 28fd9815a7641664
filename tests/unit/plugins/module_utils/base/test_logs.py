# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of tasks: names, permissions, the last ten, masking, and the file that the controller follows."""

from __future__ import annotations

import os
import re
import stat
import threading
import time

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import logs as base_logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places

LIVE = "0123456789abcdef" * 2


@pytest.fixture
def places(tmp_path):
    return Places(str(tmp_path / "root"), "/plugins")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "root/.lectern/logs"


def mode(path):
    return stat.S_IMODE(os.stat(str(path)).st_mode)


def written(folder):
    return [path.read_text() for path in sorted(folder.glob("*.log"))]


def test_log_is_the_owners_alone(places, folder):
    with base_logs.Logs(places, []).of("job", "lms 2") as write:
        write("migrating\n")
        write("done")
    (path,) = folder.iterdir()
    assert re.fullmatch(r"job-lms-2-\d{8}T\d{6}\.\d{3}Z\.log", path.name)
    assert (path.read_text(), mode(path), mode(folder)) == ("migrating\ndone\n", 0o600, 0o700)


def test_nothing_said_nothing_kept(places, folder):
    with base_logs.Logs(places, []).of("pull", "openedx"):
        pass
    assert not folder.exists()


def test_error_is_kept(places, folder):
    logs = base_logs.Logs(places, ["hush-hush"], LIVE)
    with pytest.raises(LecternError), logs.of("pull", "openedx"):
        raise LecternError("refused: hush-hush")
    assert written(folder) == ["refused: ********\n"]
    assert logs.end() == []


def test_last_ten_of_each(places, folder, monkeypatch):
    """Also of those that are made in one and the same millisecond; a name that begins like another is another."""
    monkeypatch.setattr(base_logs.time, "time", lambda: 1795675316.9995)
    logs = base_logs.Logs(places, [])
    for name in ("lms", "lms 2"):
        for number in range(13):
            with logs.of("job", name) as write:
                write("%s, run %d" % (name, number))
    kept = [text.strip() for text in written(folder)]
    assert sorted(kept) == sorted("%s, run %d" % (name, number) for name in ("lms", "lms 2") for number in range(3, 13))


def test_name_stays_in_the_folder(places, folder):
    with base_logs.Logs(places, []).of("build", "../../etc/a\nb" + "x" * 300) as write:
        write("text")
    (path,) = folder.iterdir()
    assert path.name.startswith("build-..-..-etc-a-bxxx") and len(path.name) < 130


def test_link_in_place_of_the_folder_is_refused(places, folder, tmp_path):
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tmp_path)
    with pytest.raises(LecternError, match="is a symbolic link"), base_logs.Logs(places, []).of("job", "lms") as write:
        write("text")


def test_secrets_are_masked_everywhere(places, folder):
    logs = base_logs.Logs(places, ["open sesame", "two\nlines of it", "lines of it"], LIVE)
    with logs.of("job", "lms") as write:
        write("password is open\x1b[0m sesame")
        write("'open%20sesame' and lines of it")
        live = (folder / ("live-" + LIVE)).read_text()
    shown = [text for _number, text in logs.end()]
    for text in (written(folder)[0], live, "\n".join(shown)):
        assert "sesame" not in text and "lines of it" not in text
        assert "password is ********" in text


def test_followed_lines_are_numbered(places, folder):
    logs = base_logs.Logs(places, [], LIVE)
    with logs.of("job", "lms") as write:
        write("one\r\ntwo\n\n")
        with logs.of("build", "mfe") as other:
            other("y" * 1000)
        path = folder / ("live-" + LIVE)
        assert path.read_text().splitlines() == ["1:lms | one", "2:lms | two", "3:mfe | %s…" % ("y" * base_logs.LONGEST)]
        assert mode(path) == 0o600
    assert [number for number, _text in logs.end()] == [1, 2, 3]
    assert not path.exists()


def test_last_lines_are_handed_back(places):
    logs = base_logs.Logs(places, [], LIVE)
    with logs.of("job", "lms") as write:
        for number in range(1000):
            write("line %d" % number)
    assert logs.end() == [(number + 1, "lms | line %d" % number) for number in range(1000 - base_logs.SHOWN, 1000)]


@pytest.mark.parametrize("live", [None, "", "../../../etc/passwd", LIVE[:-1]])
def test_nobody_follows(places, folder, live):
    logs = base_logs.Logs(places, [], live)
    with logs.of("job", "lms") as write:
        write("text")
        assert [path.suffix for path in folder.iterdir()] == [".log"]
    assert logs.end() == []


def test_what_a_killed_call_left_is_removed(places, folder):
    folder.mkdir(parents=True)
    for name, age in (("live-old", 2 * base_logs.STALE), ("live-new", 60), ("job-lms-20260131T080000.000Z.log", 2 * base_logs.STALE)):
        (folder / name).touch()
        os.utime(str(folder / name), (time.time() - age,) * 2)
    with base_logs.Logs(places, [], LIVE).of("job", "mysql") as write:
        write("text")
    names = {path.name for path in folder.iterdir()}
    assert "live-old" not in names
    assert {"live-new", "live-" + LIVE, "job-lms-20260131T080000.000Z.log"} <= names


def test_late_lines_are_dropped(places, folder):
    logs = base_logs.Logs(places, [], LIVE)
    with logs.of("job", "lms") as write:
        write("in time")
    logs.end()
    write("too late")
    assert written(folder) == ["in time\n"]
    assert [path.suffix for path in folder.iterdir()] == [".log"]


def test_threads_do_not_mix_lines(places, folder):
    logs = base_logs.Logs(places, [], LIVE)

    def work(name):
        with logs.of("pull", name) as write:
            for _time in range(200):
                write(name * 50)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written(folder)) == [(name * 50 + "\n") * 200 for name in "abcd"]
    assert [number for number, _text in logs.end()] == list(range(801 - base_logs.SHOWN, 801))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("a\n\nb\n", ["a", "", "b"]),
        ("10 %\r20 %\r\n", ["10 %", "20 %"]),
        ("\x1b[1;31mred\x1b[0m \x1b]0;title\x07and\x1b]8;;x\x1b\\ \x1bMup", ["red and up"]),
        ("bell\x07 \x9b31m\ttab", ["bell 31m\ttab"]),
    ],
)
def test_lines_do_nothing_to_a_terminal(text, lines):
    assert base_logs.lines_of(text) == lines


def test_very_long_log_keeps_its_beginning_and_its_end(places, folder, monkeypatch):
    monkeypatch.setattr(base_logs, "HEAD", 1000)
    monkeypatch.setattr(base_logs, "TAIL", 2000)
    with base_logs.Logs(places, []).of("job", "lms") as write:
        for number in range(100_000):
            write("line %d" % number)
            if number == 50_000:
                (path,) = folder.iterdir()
                assert path.read_text().endswith("line 50000\n")  # a call that is killed leaves the newest lines
        told = write.note("line 99999")
    (text,) = written(folder)
    head, note, tail = re.fullmatch(r"(.*\n)\(… (\d+ lines \(\d+ bytes\) were left out) here …\)\n(.*\n)", text, re.DOTALL).groups()
    lines, size = map(int, re.findall(r"\d+", note))
    whole = "".join("line %d\n" % number for number in range(100_000))
    assert whole.startswith(head) and whole.endswith(tail) and 900 < len(head) <= 1000 and 1900 < len(tail) <= 4000
    assert (lines, size) == (100_000 - head.count("\n") - tail.count("\n"), len(whole) - len(head) - len(tail))
    assert told == "(of all that it said, %s of the log)\nline 99999" % note


def test_usual_log_has_no_note(places, folder):
    with base_logs.Logs(places, []).of("job", "lms") as write:
        write("line")
        assert write.note("line") == "line"
    assert written(folder) == ["line\n"]


def test_what_is_followed_does_not_fill_the_disk(places, folder, monkeypatch):
    monkeypatch.setattr(base_logs, "LIVE_BYTES", 10_000)
    logs = base_logs.Logs(places, [], LIVE)
    path = folder / ("live-" + LIVE)
    with logs.of("job", "lms") as write:
        for number in range(10_000):
            write("line %d" % number)
            assert path.stat().st_size < 12_000
        shown = path.read_text().splitlines()
    assert shown[-1] == "10000:lms | line 9999" and len(shown) >= base_logs.SHOWN
    assert [int(line.partition(":")[0]) for line in shown] == list(range(10_001 - len(shown), 10_001))


def test_logins_in_addresses_are_masked(places, folder):
    """What a build says of an address that no setting holds."""
    with base_logs.Logs(places, []).of("build", "openedx") as write:
        write("fatal: unable to access 'https://ci:pa/ss@git.example.org/x'\nCloning https://git.example.org/@x\n")
    assert written(folder)[0] == "fatal: unable to access 'https://********@git.example.org/x'\nCloning https://git.example.org/@x\n"
