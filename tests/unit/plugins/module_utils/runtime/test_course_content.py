# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Courses among files, in archives and in folders."""

from __future__ import annotations

import io
import os
import stat
import tarfile

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import course_content
from ansible_collections.lectern.tutor.tests.support.courses import archive, course


@pytest.mark.parametrize(
    ("paths", "path", "folder"),
    [
        (["course.xml", "course/course.xml"], "", ""),  # a run that is called course
        (["README", "demo/course.xml", "demo/course/course.xml"], "", "demo"),
        (["a/course.xml", "b/course.xml"], "b", "b"),
        (["a/course.xml", "b/course.xml"], "./b/", "b"),
        (["course.xml"], ".", ""),
    ],
)
def test_folder_of_the_course_is_found(paths, path, folder):
    assert course_content.find_folder(paths, path, "It") == folder


@pytest.mark.parametrize(
    ("paths", "path", "words"),
    [
        (["README"], "", "It has no 'course.xml', so it holds no course"),
        (["a/course.xml", "b/course.xml"], "", r"It holds several courses \('a/course.xml', 'b/course.xml'\): name the folder of one"),
        (["a/course.xml"], "c", r"It has no 'c/course.xml' \(it has: 'a/course.xml'\)"),
        (["a/course.xml"], "../a", r"It has no '../a/course.xml'"),
    ],
)
def test_what_holds_no_single_course_is_refused(paths, path, words):
    with pytest.raises(LecternError, match=words):
        course_content.find_folder(paths, path, "It")


def test_key_of_a_course():
    text = b'<?xml version="1.0"?><!-- <!ENTITY --><course url_name="R-1.a~b" org="\xc3\x9c" course="C_1"/>'
    assert course_content.read_key(text, "it") == "course-v1:Ü+C_1+R-1.a~b"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"<course", "is no XML: unclosed token"),
        (b"", "is no XML"),
        (b'<?xml version="1.0" encoding="x"?><course/>', "is no XML: unknown encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?><course/>', "is no XML: "),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><course/>', "has a document type"),
        (b'<course url_name="R" course="C"/>', 'has org="", which makes no course key: it should look like'),
        (b'<course url_name="R" course="C" org="a+b"/>', r'has org="a\+b"'),
    ],
)
def test_what_makes_no_key_is_refused(text, words):
    with pytest.raises(LecternError, match=words):
        course_content.read_key(text, "it")


def test_archive_of_studio(tmp_path):
    path = str(archive(tmp_path / "a.tar.gz", {**course("course", folder="course"), "./course/static/ü.txt": "x", "beside": "y"}))
    assert course_content.inspect_archive(path, "It") == ("course-v1:Org+Bio+course", "course")
    (tmp_path / "target").mkdir()
    course_content.extract(path, "course", str(tmp_path / "target"), "It")
    found = {str(each.relative_to(tmp_path / "target")) for each in (tmp_path / "target").rglob("*") if each.is_file()}
    assert found == {"course.xml", "course/course.xml", "static/ü.txt"}


def link(name, kind, target="/etc/passwd"):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "member",
    [
        link("static/a", tarfile.SYMTYPE),
        link("static/a", tarfile.LNKTYPE),
        link("a", tarfile.FIFOTYPE),
        tarfile.TarInfo("../a"),
        tarfile.TarInfo("/a"),
        tarfile.TarInfo("."),
    ],
)
def test_archive_with_what_no_export_has_is_refused(tmp_path, member):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as content:
        content.addfile(member)
    with pytest.raises(LecternError, match="which is no file or folder below it. Exports of Studio never do"):
        course_content.inspect_archive(str(tmp_path / "a.tar.gz"), "It")


@pytest.mark.parametrize("name", ["a" * 256, "é" * 128, "a/" * 3000 + "b"])
def test_archive_with_a_path_that_no_disk_takes_is_refused(tmp_path, name):
    with pytest.raises(LecternError, match="whose path is too long. Exports of Studio never do"):
        course_content.inspect_archive(str(archive(tmp_path / "a.tar.gz", {**course(), name: "x"})), "It")


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("a", "a/b/c")])
def test_archive_with_one_name_for_a_file_and_a_folder_is_refused(tmp_path, names):
    path = archive(tmp_path / "a.tar.gz", {**course(), **dict.fromkeys(names, "x")})
    (tmp_path / "target").mkdir()
    with pytest.raises(LecternError, match="It holds '%s' beside a file or folder that is in its way" % names[1]):
        course_content.extract(str(path), "", str(tmp_path / "target"), "It")


def test_archive_that_is_none_or_not_whole_is_refused(tmp_path):
    whole = archive(tmp_path / "a.tar.gz", {**course(), "static/noise": os.urandom(50000).hex()}).read_bytes()
    for content in (b"", b"PK\x03\x04 no tar", whole[: len(whole) // 2], whole[:5000] + b"x" * 5000 + whole[10000:]):
        (tmp_path / "b").write_bytes(content)
        with pytest.raises(LecternError, match="It is not a complete archive as Studio exports it"):
            course_content.inspect_archive(str(tmp_path / "b"), "It")


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 1), ("LARGEST", 50)])
def test_archive_that_is_too_large_is_refused(tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(course_content, limit, value)
    with pytest.raises(LecternError, match="It is too large for a course"):
        course_content.inspect_archive(str(archive(tmp_path / "a.tar.gz", course())), "It")


def test_full_disk_is_no_fault_of_the_archive(tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError(28, "No space left on device", "/x")

    monkeypatch.setattr(course_content.shutil, "copyfileobj", refuse)
    with pytest.raises(OSError, match="No space left"):
        course_content.extract(str(archive(tmp_path / "a.tar.gz", course())), "", str(tmp_path), "It")


def test_container_can_read_the_files(tmp_path):
    (tmp_path / "static").mkdir(mode=0o700)
    (tmp_path / "static" / "a").write_text("x")
    (tmp_path / "static" / "a").chmod(0o600)
    (tmp_path / "static" / "b").symlink_to("a")
    course_content.open_to_container(str(tmp_path), "It")
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in (tmp_path, tmp_path / "static", tmp_path / "static" / "a")}
    assert modes == {tmp_path.name: 0o755, "static": 0o755, "a": 0o644}


@pytest.mark.parametrize("target", ["/openedx/config/lms.env.yml", "../../lms.env.yml", "inner/../../../secret"])
def test_link_that_leads_out_of_a_course_is_refused(tmp_path, target):
    """Open edX would publish what it reads there, such as the secrets of the platform."""
    (tmp_path / "course" / "static").mkdir(parents=True)
    (tmp_path / "course" / "static" / "a").symlink_to(target)
    with pytest.raises(LecternError, match="It has the link 'static/a' to '.*', which leads out of the course"):
        course_content.open_to_container(str(tmp_path / "course"), "It")


def test_members_are_read_from_any_compression(tmp_path):
    for mode in ("w:", "w:bz2", "w:xz"):
        with tarfile.open(tmp_path / "a", mode) as content:
            text = course()["course.xml"].encode()
            member = tarfile.TarInfo("course.xml")
            member.size = len(text)
            content.addfile(member, io.BytesIO(text))
        assert course_content.inspect_archive(str(tmp_path / "a"), "It").key == "course-v1:Org+Bio+2026"
