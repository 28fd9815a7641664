# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a course among files: in an archive, such as Studio exports, or in a folder. Archives are read on the controller, too."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tarfile
import zlib
from typing import IO, Dict, Iterable, Iterator, NamedTuple, Tuple, cast
from xml.etree import ElementTree

from ..base.errors import LecternError

COURSE_XML = "course.xml"

LARGEST_XML = 1000 * 1000  # bytes of a course.xml, which is a line

MOST_FILES = 200 * 1000

LARGEST = 20 * 10**9  # bytes of all files

LONGEST_PATH, LONGEST_NAME = 1024, 255  # bytes of the path of a file in an archive, and of a name in it

PART = re.compile(r"[\w.~-]+")  # of a course key, as Open edX takes it

EXAMPLE = '<course url_name="2026" org="Org" course="Course"/>'


class FoundCourse(NamedTuple):
    """The key of a course, such as ``course-v1:Org+Course+2026``, and its folder; empty for the outermost."""

    key: str
    folder: str


def find_folder(paths: Iterable[str], path: str, where: str) -> str:
    """Return the folder of the course among these files: ``path``, or the only one with a course.xml that lies in no other such folder.

    ``where`` names the files in errors. Raises LecternError where there is none, or more than one.
    """
    folders = sorted({os.path.dirname(each) for each in paths if os.path.basename(each) == COURSE_XML})
    if path:
        wanted = "" if path == "." else os.path.normpath(path)
        if wanted in folders:
            return wanted
        raise LecternError("%s has no '%s' (it has: %s)." % (where, os.path.join(wanted, COURSE_XML), _list(folders)))
    outermost = [folder for folder in folders if not any(_is_inside(folder, other) for other in folders)]
    if not outermost:
        raise LecternError("%s has no '%s', so it holds no course in the format that Studio exports." % (where, COURSE_XML))
    if len(outermost) > 1:
        raise LecternError("%s holds several courses (%s): name the folder of one with 'path'." % (where, _list(outermost)))
    return outermost[0]


def _is_inside(folder: str, other: str) -> bool:
    return folder != other and (not other or folder.startswith(other + "/"))


def _list(folders: Iterable[str]) -> str:
    shown = ["'%s'" % os.path.join(folder, COURSE_XML) for folder in folders]
    return ", ".join([*shown[:5], *(["and %d more" % (len(shown) - 5)] if len(shown) > 5 else [])]) or "none"


def read_key(text: bytes, where: str) -> str:
    """Return the key of the course that a course.xml describes. Raises LecternError for one that doesn't."""
    if b"<!" in re.sub(rb"<!--.*?-->", b"", text, flags=re.DOTALL):
        raise LecternError("The course.xml of %s has a document type, which no course needs: remove it." % where)
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the latter for encodings
        raise LecternError("The course.xml of %s is no XML: %s." % (where, error)) from error
    parts = [(name, root.get(name) or "") for name in ("org", "course", "url_name")]
    for name, value in parts:
        if not PART.fullmatch(value):
            raise LecternError(
                "The course.xml of %s has %s=\"%s\", which makes no course key: it should look like '%s'." % (where, name, value, EXAMPLE)
            )
    return "course-v1:%s" % "+".join(value for _name, value in parts)


def inspect_archive(archive: str, where: str) -> FoundCourse:
    """Return the course in an archive. Raises LecternError where it holds none, or files that an export never has."""
    texts: Dict[str, bytes] = {}
    names = []
    with _opened(archive, where) as content:
        for name, member in _files_in(content, where):
            names.append(name)
            if os.path.basename(name) == COURSE_XML and member.size <= LARGEST_XML:
                texts[name] = content.extractfile(member).read()  # type: ignore[union-attr]
    folder = find_folder(names, "", where)
    return FoundCourse(read_key(texts.get(os.path.join(folder, COURSE_XML), b""), where), folder)


def extract(archive: str, folder: str, target: str, where: str) -> None:
    """Write the files below a folder of an archive into an empty folder."""
    with _opened(archive, where) as content:
        for name, member in _files_in(content, where):
            if folder and not _is_inside(name, folder):
                continue
            destination = os.path.join(target, os.path.relpath(name, folder or "."))
            with content.extractfile(member) as source, _created(destination, name, where) as file:  # type: ignore[union-attr]
                shutil.copyfileobj(source, file)


def _created(path: str, name: str, where: str) -> IO[bytes]:
    """Create a file, with the folders that it lies in. ``name`` is its path in the archive."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return open(path, "wb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise LecternError(
            "%s holds '%s' beside a file or folder that is in its way. Exports of Studio never do." % (where, name)
        ) from None


@contextlib.contextmanager
def _opened(archive: str, where: str) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive, "r:*") as content:
            yield content
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk
        words = str(error).partition(":\n")[0]  # else what each method of compression says
        raise LecternError("%s is not a complete archive as Studio exports it (.tar.gz): %s." % (where, words)) from error


def _files_in(content: tarfile.TarFile, where: str) -> Iterator[Tuple[str, tarfile.TarInfo]]:
    """Yield the path of each file in an archive, and what the archive says of it."""
    count = size = 0
    for member in content:
        count, size = count + 1, size + member.size
        if count > MOST_FILES or size > LARGEST:
            raise LecternError("%s is too large for a course: it has more than %d files or %d GB." % (where, MOST_FILES, LARGEST // 10**9))
        name = os.path.normpath(member.name)
        if not (member.isfile() or member.isdir()) or name.startswith(("/", "..")) or member.isfile() and name == ".":
            raise LecternError("%s holds '%s', which is no file or folder below it. Exports of Studio never do." % (where, name))
        path = os.fsencode(name)
        if len(path) > LONGEST_PATH or max(map(len, path.split(b"/"))) > LONGEST_NAME:
            raise LecternError("%s holds '%s…', whose path is too long. Exports of Studio never do." % (where, name[:80]))
        if member.isfile():
            yield name, member
    _refuse_rest(content)


def _refuse_rest(content: tarfile.TarFile) -> None:
    """Read an archive to its end, where its checksum is. Raises ReadError where anything follows the last file."""
    file = cast(IO[bytes], content.fileobj)
    file.seek(content.offset)
    for block in iter(lambda: file.read(1 << 20), b""):
        if block.strip(b"\0"):
            raise tarfile.ReadError("it is damaged")


def open_to_container(folder: str, where: str) -> None:
    """Let the user of a container read the files of a course; the folder around it is closed to other users of the host.

    Raises LecternError for a link that leads out of the folder.
    """
    for parent, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = os.path.join(parent, name)
            if os.path.islink(path):
                _refuse_leading_out(folder, path, where)
            else:
                os.chmod(path, 0o755 if name in folders else 0o644)
    os.chmod(folder, 0o755)


def _refuse_leading_out(folder: str, path: str, where: str) -> None:
    target = os.readlink(path)
    inside = os.path.realpath(path).startswith(os.path.realpath(folder) + "/")
    if os.path.isabs(target) or not inside:
        raise LecternError(
            "%s has the link '%s' to '%s', which leads out of the course: Open edX would publish what it reads there. Put a copy of the "
            "file in its place." % (where, os.path.relpath(path, folder), target)
        )
