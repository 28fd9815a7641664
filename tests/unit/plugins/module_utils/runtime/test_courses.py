# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Courses from repositories and archives, imported by a stand-in for Open edX's command."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import scratch
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import file_digest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import course_content, courses, git
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import job_container, orphans
from ansible_collections.lectern.tutor.tests.support import courses as repositories
from ansible_collections.lectern.tutor.tests.support.courses import Repository
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.runtime.lms_standin import LMS, pythons

# What a course says in course/RUN.xml decides what becomes of it.
DJANGO = """
import importlib
def get_commands():
    return {"import": "contentstore"}
def load_command_class(application, name):
    assert (application, name) == ("contentstore", "import")
    return importlib.import_module("contentstore_import").Command()
def call_command(command, *arguments):
    command.handle(*arguments)
"""

IMPORT = """
import io, json, logging, os, re
log = logging.getLogger("xmodule")

class Course(object):
    def __init__(self, key):
        self.id = key

def import_course_from_xml(folder):
    with io.open(os.path.join(folder, "course.xml"), encoding="utf-8") as stream:
        run, org, name = re.findall('"([^"]*)"', stream.read())
    with io.open(os.path.join(folder, "course", run + ".xml"), encoding="utf-8") as stream:
        text = stream.read()
    log.error("Error loading from xml. " + text)
    if "raises" in text:
        raise ValueError("Failed to import block")
    if "nothing" in text:
        return []
    with open("imported.jsonl", "a") as stream:
        stream.write(json.dumps([org, name, run, text, sorted(os.listdir(folder))]) + "\\n")
    return [Course("course-v1:%s+%s+%s" % (org, name, run))]

class Command(object):
    def handle(self, data, folder):
        assert (data, folder) == ("../data", "/tmp/course"), (data, folder)
        import_course_from_xml(json.loads(os.environ["MOUNTED"])[folder])
"""


class Campus:
    """A platform into which courses are imported as the module does."""

    def __init__(self, folder, python, monkeypatch):
        self.folder, self.root = folder, folder / "root"
        self.root.mkdir()
        self.platform = Platform(Places(str(self.root), "/plugins"), {}, ["open sesame"])
        self.lms = LMS(folder, python).install(monkeypatch)
        for name, text in (
            ("django/__init__", ""),
            ("django/core/__init__", ""),
            ("django/core/management", DJANGO),
            ("contentstore_import", IMPORT),
        ):
            path = folder / (name + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.lms.variables.update(PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1")
        self.mounted_elsewhere = []
        monkeypatch.setattr(job_container, "folders_of", lambda client, name: self.mounted_elsewhere)

    @property
    def imported(self):
        """The courses that were imported: organisation, name, run, what they say, and the names of their files."""
        file = self.folder / "imported.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def records(self):
        return json.loads((self.root / ".lectern" / "courses.json").read_text())

    def run(self, *given, check=False, force=False):
        """What the module does, the part on the controller included."""
        archives = {}
        for entry in given:
            if entry.get("archive"):
                archives[entry["archive"]] = {"digest": file_digest(entry["archive"]).hex()}
        places = self.platform.places
        sources = [source_of(entry, archives) for entry in given]
        for name in courses.missing_archives(places, sources, force):
            archives[name].update(course=course_content.inspect_archive(name, "It").key, copy="" if check else name)
        sources = [source_of(entry, archives) for entry in given]
        with scratch.temporary_folder() as folder:
            found = courses.find_courses(places, sources, folder, force)
            if check:
                return courses.describe(places, found, check=True)
            courses.note_unchanged(places, found)
            if not any(course.reason for course in found):
                return courses.describe(places, found)
            return courses.import_due(self.platform, None, found, Logs(places, []))


def source_of(entry, archives):
    return courses.read_source({**dict.fromkeys(("repository", "version", "path", "archive")), **entry}, archives)


@pytest.fixture(params=pythons())
def campus(request, tmp_path, monkeypatch):
    return Campus(tmp_path, request.param, monkeypatch)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "source")


def at_main(repository, **more):
    return dict(repository=str(repository.path), version="main", **more)


def reasons(result):
    return [course["reason"] for course in result["courses"]]


def all_files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else "" for path in folder.rglob("*")}


def test_four_runs(campus, repository):
    first = repository.commit(repositories.course(folder="demo"))
    check = campus.run(at_main(repository), check=True)
    assert all_files(campus.root) == {}
    real = campus.run(at_main(repository))
    assert campus.imported == [["Org", "Bio", "2026", '<course display_name="Bees"/>', ["course", "course.xml"]]]
    title = "repository '%s', version 'main'" % repository.path
    assert (
        check["courses"]
        == real["courses"]
        == [
            {
                "course": "course-v1:Org+Bio+2026",
                "source": title,
                "commit": first,
                "changed": True,
                "reason": "it has not been imported yet",
            }
        ]
    )
    assert check["diff"] == real["diff"] == [{"before": "", "after": "course-v1:Org+Bio+2026: it has not been imported yet\n"}]
    assert check["actions"] == ["Would import course 'course-v1:Org+Bio+2026' from %s: it has not been imported yet" % title]
    assert real["actions"] == [check["actions"][0].replace("Would import", "Imported")]
    before = all_files(campus.root)
    for again in (campus.run(at_main(repository), check=True), campus.run(at_main(repository))):
        assert (again["changed"], again["actions"], again["diff"]) == (False, [], [])
        assert reasons(again)[0].startswith("unchanged since it was imported at 20")
    assert all_files(campus.root) == before and len(campus.imported) == 1
    assert not any(name.startswith(".lectern/courses/") for name in before)


def test_moved_branch_is_imported_again(campus, repository):
    first = repository.commit(repositories.course())
    campus.run(at_main(repository))
    second = repository.commit(repositories.course(name="Wasps"))
    check, real = campus.run(at_main(repository), check=True), campus.run(at_main(repository))
    assert reasons(check) == reasons(real)
    assert reasons(real)[0].startswith("its content changed from commit %s, imported at" % first[:12])
    assert [text for _org, _name, _run, text, _files in campus.imported] == [
        '<course display_name="Bees"/>',
        '<course display_name="Wasps"/>',
    ]
    assert campus.records["course-v1:Org+Bio+2026"]["commit"] == second
    assert not campus.run(at_main(repository))["changed"]


def test_commit_beside_the_course_is_noted_without_an_import(campus, repository, monkeypatch):
    repository.commit(repositories.course(folder="bees"))
    campus.run(at_main(repository))
    second = repository.commit({"README": "more"})
    for check in (True, False):
        assert not campus.run(at_main(repository), check=check)["changed"]
    assert campus.records["course-v1:Org+Bio+2026"]["commit"] == second
    monkeypatch.setattr(git, "fetch", lambda *arguments: pytest.fail("the commit is known"))
    assert not campus.run(at_main(repository))["changed"]
    assert len(campus.imported) == 1


def test_several_courses_of_one_repository_are_fetched_once(campus, repository, monkeypatch):
    repository.commit({**repositories.course("1", folder="a"), **repositories.course("2", folder="b")})
    given = [at_main(repository, path="a"), at_main(repository, path="b")]
    fetched, fetch = [], git.fetch
    monkeypatch.setattr(git, "fetch", lambda *arguments: (fetched.append(arguments), fetch(*arguments)))
    assert campus.run(*given)["changed"] and len(fetched) == 1
    assert [entry[2] for entry in campus.imported] == ["1", "2"]
    repository.commit(repositories.course("2", "Ants", "b"))
    assert [course["changed"] for course in campus.run(*given)["courses"]] == [False, True]


def test_archive_is_imported_when_its_content_changes(campus, tmp_path):
    path = tmp_path / "a.tar.gz"
    repositories.archive(path, repositories.course(folder="course"))
    given = dict(archive=str(path))
    assert reasons(campus.run(given, check=True)) == reasons(campus.run(given)) == ["it has not been imported yet"]
    assert not campus.run(given, check=True)["changed"] and not campus.run(given)["changed"]
    repositories.archive(path, repositories.course(name="Wasps", folder="course"))
    assert reasons(campus.run(given))[0].startswith("its content is another than what was imported at 20")
    assert len(campus.imported) == 2 and campus.run(given)["courses"][0]["commit"] is None


def test_source_of_a_course_can_change(campus, repository, tmp_path):
    repository.commit(repositories.course())
    campus.run(at_main(repository))
    given = dict(archive=str(repositories.archive(tmp_path / "a.tar.gz", repositories.course(name="Wasps"))))
    assert campus.run(given)["changed"] and not campus.run(given)["changed"]
    assert campus.run(at_main(repository))["changed"] and not campus.run(at_main(repository))["changed"]
    assert len(campus.imported) == 3


def test_force_imports_what_is_unchanged(campus, repository, tmp_path):
    repository.commit(repositories.course())
    given = [at_main(repository), dict(archive=str(repositories.archive(tmp_path / "a.tar.gz", repositories.course("2027"))))]
    campus.run(*given)
    assert reasons(campus.run(*given, check=True, force=True)) == reasons(campus.run(*given, force=True)) == ["forced", "forced"]
    assert len(campus.imported) == 4


def test_two_sources_of_one_course_are_refused(campus, repository, tmp_path):
    repository.commit(repositories.course())
    given = [at_main(repository), dict(archive=str(repositories.archive(tmp_path / "a.tar.gz", repositories.course())))]
    words = (
        r"Course 'course-v1:Org\+Bio\+2026' comes from repository '.*', version 'main' and from archive '.*a.tar.gz': each would replace"
    )
    for check in (True, False):
        with pytest.raises(LecternError, match=words):
            campus.run(*given, check=check)
    assert campus.imported == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raises", r"could not be imported: ValueError: Failed to import block\. The last lines of Open edX:\nError loading from xml"),
        ("nothing", r"could not be imported: Open edX imported no course from these files\. The last lines of Open edX:\nError loading"),
    ],
)
def test_course_that_fails_is_an_error_with_the_last_lines(campus, repository, name, words):
    good = repositories.course("1", folder="a")
    repository.commit({**good, **repositories.course("2", name, "b"), **repositories.course("3", folder="c")})
    given = [at_main(repository, path=path) for path in "abc"]
    with pytest.raises(LecternError, match=words) as caught:
        campus.run(*given)
    assert [course["course"][-1] for course in caught.value.details["courses"]] == ["1", "2"]
    assert sorted(campus.records) == ["course-v1:Org+Bio+1"]
    repository.commit(repositories.course("2", folder="b"))
    assert [course["changed"] for course in campus.run(*given)["courses"]] == [False, True, True]


def test_failed_import_is_forgotten(campus, repository):
    """Open edX may have taken in half of it."""
    repository.commit(repositories.course())
    campus.run(at_main(repository))
    repository.commit(repositories.course(name="raises"))
    with pytest.raises(LecternError):
        campus.run(at_main(repository))
    repository.git("reset", "--hard", "--quiet", "HEAD^")
    assert reasons(campus.run(at_main(repository))) == ["it has not been imported yet"]


class Killed(BaseException):
    """What nothing catches."""


@pytest.mark.parametrize("moment", ["write", "start", "end"])
def test_killed_import_counts_as_none(campus, repository, monkeypatch, moment):
    repository.commit(repositories.course())
    campus.run(at_main(repository))
    repository.commit(repositories.course(name="Wasps"))
    run_script, rmtree = campus.lms.run_script, courses.shutil.rmtree

    def kill(*arguments):
        if moment == "end":
            run_script(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(courses.shutil, "rmtree", lambda *arguments, **options: None)
        patch.setattr(*((courses.git, "write_files") if moment == "write" else (job_container, "run_script")), kill)
        with pytest.raises(Killed):
            campus.run(at_main(repository))
    assert ("course-v1:Org+Bio+2026" in campus.records) is (moment == "write")
    left = list((campus.root / ".lectern" / "courses").iterdir())
    assert len(left) == 1
    assert courses.shutil.rmtree is rmtree
    campus.mounted_elsewhere = [str(left[0])]  # its container still reads it, until it is waited for

    def wait(*arguments):
        assert list((campus.root / ".lectern" / "courses").iterdir()) != [] and left[0].exists()
        campus.mounted_elsewhere = []

    monkeypatch.setattr(orphans, "settle", wait)
    assert campus.run(at_main(repository))["changed"]
    assert list((campus.root / ".lectern" / "courses").iterdir()) == []


def test_files_are_for_the_container_alone(campus, repository, monkeypatch):
    """They may hold the solutions of an exam."""
    repository.commit(repositories.course())
    modes, run_script = {}, campus.lms.run_script

    def note(platform, client, job, *arguments):
        for path in (campus.root / ".lectern").rglob("*"):
            modes[path.name if path.name in ("courses", "course.xml") else path.parent.name] = oct(path.stat().st_mode)[-3:]
        assert job.service == "cms-job" and list(job.folders) == ["/tmp/course"]
        return run_script(platform, client, job, *arguments)

    monkeypatch.setattr(job_container, "run_script", note)
    campus.run(at_main(repository))
    assert modes["courses"] in ("700", "755") and modes["course.xml"] == "644"
    assert oct((campus.root / ".lectern" / "courses").stat().st_mode)[-3:] == "700"
    assert oct((campus.root / ".lectern").stat().st_mode)[-3:] == "700"


def test_link_to_secrets_of_the_platform_is_refused(campus, repository):
    repository.commit(repositories.course())
    (repository.path / "static").mkdir()
    (repository.path / "static" / "a.txt").symlink_to("/openedx/config/lms.env.yml")
    repository.commit({})
    with pytest.raises(LecternError, match="has the link 'static/a.txt' to '/openedx/config/lms.env.yml', which leads out"):
        campus.run(at_main(repository))
    assert campus.imported == [] and list((campus.root / ".lectern" / "courses").iterdir()) == []


def test_no_login_in_results_and_records(campus, repository, monkeypatch):
    repository.commit(repositories.course())
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "url.%s.insteadOf" % repository.path)
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://git.example.org/x")
    given = dict(repository="https://me:dragonfire99@git.example.org/x", version="main")
    assert "dragonfire99" not in str([campus.run(given), campus.records])
    assert not campus.run(dict(given, repository="https://git.example.org/x"))["changed"]


def test_archive_that_changed_while_it_was_copied_is_refused(campus, tmp_path, monkeypatch):
    path = repositories.archive(tmp_path / "a.tar.gz", repositories.course())
    monkeypatch.setattr(courses, "file_digest", lambda path: b"other")
    with pytest.raises(LecternError, match="The copy of archive '.*' is not what was read before: it changed meanwhile"):
        campus.run(dict(archive=str(path)))


def test_archive_that_the_controller_did_not_read_is_refused():
    with pytest.raises(LecternError, match="Archive 'a.tar.gz' was not read on the controller: call this module as lectern.tutor.course"):
        source_of(dict(archive="a.tar.gz"), {})


@pytest.mark.parametrize("text", ["[]", '{"course-v1:a+b+c": 1}'])
def test_damaged_records_are_refused(campus, repository, text):
    (campus.root / ".lectern").mkdir(mode=0o700)
    (campus.root / ".lectern" / "courses.json").write_text(text)
    repository.commit(repositories.course())
    with pytest.raises(LecternError, match="courses.json' is damaged: remove it, and the next run imports all courses again"):
        campus.run(at_main(repository))
