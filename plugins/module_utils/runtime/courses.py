# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports courses into Studio (upstream's job ``importdemocourse``), if their content is not what was imported last."""

from __future__ import annotations

import os
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..base import files, locks, moments
from ..base.content import file_digest
from ..base.errors import LecternError
from ..base.logs import Logs
from ..base.masking import mask_text
from ..base.places import Places
from ..root.platform import Platform
from . import course_content, git, programs
from .compose import job_container
from .git import Remote
from .lms import import_course
from .programs import Call

AT_ONCE = 8  # repositories that are asked at the same time

MOUNTED = "/tmp/course"  # in the container, where upstream's job clones a course

FORCED = "forced"


class Source(NamedTuple):
    """Where a course comes from: a folder in a version of a repository, or an archive.

    Of an archive, the controller knows the ``digest``, and the ``key`` of the course once it read it; ``copy`` is its path on this host.
    """

    path: str = ""
    remote: Optional[Remote] = None
    version: str = ""
    archive: str = ""
    digest: str = ""
    key: str = ""
    copy: str = ""

    @property
    def title(self) -> str:
        """Return what messages call it."""
        if self.remote is None:
            return "archive '%s'" % self.archive
        inside = ", folder '%s'" % self.path if self.path else ""
        return "repository '%s', version '%s'%s" % (self.remote.address, self.version, inside)


def read_source(options: Dict[str, Any], archives: Dict[str, Dict[str, str]]) -> Source:
    """Return the source that options of the module describe; ``archives`` is what the controller knows of them.

    Raises LecternError for an address that is none, and where the controller did not read an archive.
    """
    archive = options["archive"]
    if not archive:
        return Source(options["path"] or "", git.parse_address(options["repository"]), options["version"])
    known = archives.get(archive)
    if known is None:
        raise LecternError("Archive '%s' was not read on the controller: call this module as lectern.tutor.course." % archive)
    return Source(archive=archive, digest=known["digest"], key=known.get("course", ""), copy=known.get("copy", ""))


class Course(NamedTuple):
    """A course as a source has it now, and why it has to be imported; None where it doesn't."""

    source: Source
    key: str
    fetched: str  # the folder that its repository was fetched into; empty where that was not needed
    commit: str  # empty for an archive
    content: str  # the id of its tree, or the digest of the archive
    reason: Optional[str]


class Records:
    """The file ``.lectern/courses.json``: by key what was imported last. Each change is on disk when the method returns."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._path = files.own_path(places, "courses.json")
        self._entries: Dict[str, Dict[str, Any]] = files.read_json(self._path, {})
        if not isinstance(self._entries, dict) or not all(isinstance(entry, dict) for entry in self._entries.values()):
            raise LecternError("'%s' is damaged: remove it, and the next run imports all courses again." % self._path)

    def find(self, source: Source, revision: str) -> Optional[str]:
        """Return the key of the course that was imported from this source at this commit, or from an archive of this digest."""
        wanted = dict(_origin(source), **{"commit" if source.remote else "content": revision})
        return next((key for key, entry in self._entries.items() if wanted.items() <= entry.items()), None)

    def content(self, key: str) -> Optional[str]:
        """Return the digest of what was imported; None where nothing was."""
        return self._entries.get(key, {}).get("content")

    def commit(self, key: str) -> str:
        """Return the commit that was imported; empty for an archive."""
        return str(self._entries.get(key, {}).get("commit", ""))

    def imported_at(self, key: str) -> Optional[str]:
        """Return when a course was imported, as ``2026-01-31T08:00:00Z``; None where it was not."""
        return self._entries.get(key, {}).get("imported")

    def forget(self, key: str) -> None:
        """Remove a course whose import starts: until it succeeds it counts as not imported."""
        if self._entries.pop(key, None):
            self._write()

    def record(self, course: Course, moment: Optional[str] = None) -> None:
        """Record that a course was imported, just now or at another moment."""
        imported = moment or moments.now()
        self._entries[course.key] = dict(_origin(course.source), commit=course.commit, content=course.content, imported=imported)
        self._write()

    def _write(self) -> None:
        files.make_own_folder(self._places)
        files.write_json(self._path, self._entries)


def _origin(source: Source) -> Dict[str, str]:
    """Return what identifies a source whatever its content; all archives are one."""
    return {"repository": source.remote.address if source.remote else "", "path": source.path}


def missing_archives(places: Places, sources: Sequence[Source], force: bool) -> List[str]:
    """Return the archives that have to be read, as they are not what was imported last, and that the controller has not read yet."""
    records = Records(places)
    unread = [source for source in sources if source.archive and not source.key]
    return [source.archive for source in unread if force or not records.find(source, source.digest)]


def find_courses(places: Places, sources: Sequence[Source], folder: str, force: bool) -> List[Course]:
    """Return the courses of these sources, in the same order; write nothing but what is fetched into a temporary folder.

    Only what is not known to be imported is fetched. Raises LecternError where a repository can't be read or holds no course, and for two
    sources of the same course.
    """
    records = Records(places)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        revisions = list(pool.map(_revision, sources))
    fetched: Dict[Tuple[Remote, str], str] = {}
    courses = [_find_course(records, source, revision, folder, fetched, force) for source, revision in zip(sources, revisions)]
    _refuse_twice(courses)
    return courses


def _revision(source: Source) -> str:
    return git.find_commit(source.remote, source.version) if source.remote else source.digest


def _find_course(
    records: Records, source: Source, revision: str, folder: str, fetched: Dict[Tuple[Remote, str], str], force: bool
) -> Course:
    known = None if force else records.find(source, revision)
    if known:
        return Course(source, known, "", revision if source.remote else "", str(records.content(known)), None)
    if source.remote is None:
        course = Course(source, source.key, "", "", revision, None)
    else:
        if (source.remote, revision) not in fetched:
            fetched[source.remote, revision] = os.path.join(folder, str(len(fetched)))
            git.fetch(source.remote, revision, fetched[source.remote, revision])
        course = _course_in_commit(source, revision, fetched[source.remote, revision])
    return course._replace(reason=FORCED if force else _reason(records, course))


def _course_in_commit(source: Source, commit: str, repository: str) -> Course:
    where = source.title[0].upper() + source.title[1:]
    path = course_content.find_folder(git.list_files(repository, commit), source.path, where)
    tree = git.tree_id(repository, commit, path)
    key = course_content.read_key(git.read_file(repository, commit, os.path.join(path, course_content.COURSE_XML)), where)
    return Course(source, key, repository, commit, tree, None)


def _reason(records: Records, course: Course) -> Optional[str]:
    """Return why a course has to be imported; None where its content was imported last, of an earlier commit, for instance."""
    imported = records.imported_at(course.key)
    if not imported:
        return "it has not been imported yet"
    if records.content(course.key) == course.content:
        return None
    if course.commit and records.commit(course.key):
        return "its content changed from commit %s, imported at %s, to %s" % (records.commit(course.key)[:12], imported, course.commit[:12])
    return "its content is another than what was imported at %s" % imported


def _refuse_twice(courses: Iterable[Course]) -> None:
    seen: Dict[str, Source] = {}
    for course in courses:
        if course.key in seen:
            raise LecternError(
                "Course '%s' comes from %s and from %s: each would replace the other. Keep one of them."
                % (course.key, seen[course.key].title, course.source.title)
            )
        seen[course.key] = course.source


def note_unchanged(places: Places, courses: Iterable[Course]) -> None:
    """Record commits whose content was imported with an earlier one: the next call need not fetch them."""
    records = Records(places)
    moved = [course for course in courses if not course.reason and not records.find(course.source, course.commit or course.content)]
    if moved:
        with locks.locked(places, "imports"):
            records = Records(places)
            for course in moved:
                if records.content(course.key) == course.content:
                    records.record(course, records.imported_at(course.key))


def import_due(platform: Platform, client: Any, courses: Sequence[Course], logs: Logs) -> Dict[str, Any]:
    """Import the courses that have to be, one after another; return the results.

    Raises LecternError, with the results so far as its details, when one can't be imported.
    """
    places, notes, done = platform.places, [], []
    with locks.locked(places, "imports"):
        _remove_leftovers(platform, client)
        for course in courses:
            done.append(course)
            if course.reason is None:
                continue
            try:
                notes += _import_one(platform, client, course, logs)
            except LecternError as error:
                raise LecternError(mask_text(str(error), platform.secrets), **describe(places, done, notes)) from error
        _remove_leftovers(platform, client)  # those of a container that was waited for
    return describe(places, done, notes)


def _import_one(platform: Platform, client: Any, course: Course, logs: Logs) -> List[str]:
    """Import a course; return sentences on what had to be done before."""
    folder = os.path.join(_folder(platform.places), secrets.token_hex(8))
    os.mkdir(folder, 0o700)
    try:
        _write(course, folder)
        records = Records(platform.places)
        records.forget(course.key)
        call = Call(programs.program_of("course", import_course), {"folder": MOUNTED}, service="cms", folders={MOUNTED: folder})
        answer = programs.carry_out(platform, client, call, logs)
        _refuse_failure(course, answer.result)
        records.record(course)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return answer.notes


def _write(course: Course, folder: str) -> None:
    """Write the files of a course into a folder, for the user of a container.

    Raises LecternError for links that lead out of it, and for an archive that changed while it was copied.
    """
    source = course.source
    if source.remote:
        git.write_files(course.fetched, course.content, folder)
    else:
        found = course_content.inspect_archive(source.copy, source.title)
        if file_digest(source.copy).hex() != source.digest or found.key != course.key:
            raise LecternError("The copy of %s is not what was read before: it changed meanwhile. Run again." % source.title)
        course_content.extract(source.copy, found.folder, folder, source.title)
    course_content.open_to_container(folder, source.title)


def _refuse_failure(course: Course, result: Dict[str, Any]) -> None:
    imported = [key.lower() for key in result["courses"]]
    error = result["error"] or (
        "" if course.key.lower() in imported else "Open edX imported %s in its place" % ", ".join(result["courses"])
    )
    if error:
        raise LecternError(
            "Course '%s' of %s could not be imported: %s. The last lines of Open edX:\n%s\nCorrect the content and run again."
            % (course.key, course.source.title, error, "\n".join(result["words"]) or "(no output)")
        )


def _folder(places: Places) -> str:
    """Return the folder for the files of courses while they are imported; makes it where it is missing. Only its owner may enter it."""
    files.make_own_folder(places)
    path = files.own_path(places, "courses")
    files.refuse_link(path)
    files.make_folder(path)
    return path


def _remove_leftovers(platform: Platform, client: Any) -> None:
    """Remove the files that killed calls left, unless a container still reads them."""
    folder = _folder(platform.places)
    read = job_container.folders_of(client, job_container.container_name(platform, "cms-job"))
    for name in os.listdir(folder):
        if os.path.join(folder, name) not in read:
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def describe(places: Places, courses: Sequence[Course], notes: Sequence[str] = (), check: bool = False) -> Dict[str, Any]:
    """Return the results: ``changed``, ``courses``, ``actions`` and ``diff``."""
    records = Records(places)
    due = [course for course in courses if course.reason]
    verb = "Would import" if check else "Imported"
    return {
        "changed": bool(due or notes),
        "courses": [
            {
                "course": course.key,
                "source": course.source.title,
                "commit": course.commit or None,
                "changed": course.reason is not None,
                "reason": course.reason or "unchanged since it was imported at %s" % records.imported_at(course.key),
            }
            for course in courses
        ],
        "actions": [*notes, *("%s course '%s' from %s: %s" % (verb, course.key, course.source.title, course.reason) for course in due)],
        "diff": [{"before": "", "after": "".join("%s: %s\n" % (course.key, course.reason) for course in due)}] if due else [],
    }
