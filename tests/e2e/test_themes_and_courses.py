# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A theme and courses come to a site that runs. It runs after test_deploy.py, or deploys the site itself."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.lectern.tutor.tests.e2e.kit import STATE, docker
from ansible_collections.lectern.tutor.tests.e2e.server import ROOT, Run, Server
from ansible_collections.lectern.tutor.tests.support import courses

BEES, WELCOME = "course-v1:Org+Bio+bees", "course-v1:Org+Bio+welcome"


class Content:
    """The theme and the courses of the inventory, and runs that bring them to the site."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.archive = STATE / "welcome.tar.gz"
        shutil.rmtree(STATE / "courses", ignore_errors=True)
        self.repository = courses.Repository(STATE / "courses")
        self.put_welcome("Welcome")
        self.put(courses.course("bees", "Bees", "bees"))

    def put(self, files: dict[str, str]) -> None:
        """Put these files into the repository on the server."""
        self.repository.commit(files)
        docker("exec", self.server.name, "rm", "-rf", "/srv/courses.git")
        docker("cp", "--quiet", str(self.repository.path / ".git"), f"{self.server.name}:/srv/courses.git")
        docker("exec", self.server.name, "chown", "-R", "deployer:", "/srv/courses.git")

    def put_welcome(self, name: str) -> None:
        """Write the archive on the controller."""
        courses.archive(self.archive, courses.course("welcome", name, "course"))

    def deploy(self, *options: str, theme: str = "plain") -> Run:
        listed = [{"repository": "/srv/courses.git", "version": "main", "path": "bees"}, {"archive": str(self.archive)}]
        return self.server.playbook("deploy", "--extra-vars", json.dumps({"tutor_theme": theme, "tutor_courses": listed}), *options)

    def theme(self, host: str) -> str:
        """The theme that a page of the site says it has."""
        return re.findall("theme ([a-z]+)", self.server.get(host, "/")[1])[0]

    def imports(self) -> dict[str, int]:
        """How often each course of the LMS was imported, by key and name."""
        listed = json.loads(self.server.get("campus.example.org", "/api/courses/v1/courses/")[1])["results"]
        return {f"{course['id']} {course['name']}": course["imports"] for course in listed}


@pytest.fixture(scope="module")
def content(server: Server) -> Content:
    return Content(server)


@pytest.fixture(scope="module")
def deployed(content: Content) -> list[Run]:
    """A check, the deployment, and both again."""
    if "lms-1" not in content.server.run("sh", "-c", "docker ps --format '{{.Names}}' || true"):
        assert content.server.playbook("deploy").code == 0
    content.server.run("dpkg", "--remove", "--force-depends", "git")  # the engine brought it
    return [content.deploy("--tags", "theme,courses", "--check"), content.deploy()] + [
        content.deploy("--tags", "theme,courses", *options) for options in (("--check",), ())
    ]


def test_four_runs(deployed: list[Run]) -> None:
    assert [run.code for run in deployed] == [0, 0, 0, 0], [run.output[-4000:] for run in deployed]
    check, real, *again = deployed
    told, done = (run.result("sites") for run in (check, real))
    assert done["sites"] == told["sites"]
    assert done["actions"] == [sentence.replace("Would assign", "Assigned") for sentence in told["actions"]]
    assert "Assigned theme 'plain' to campus.example.org (before: indigo)" in done["actions"]
    assert [run.changed for run in again] == [[], []]


def test_sites_have_the_theme(deployed: list[Run], content: Content) -> None:
    assert [content.theme(host) for host in ("campus.example.org", "studio.campus.example.org")] == ["plain", "plain"]


def test_courses_are_imported_once(deployed: list[Run], content: Content) -> None:
    """Git is installed where it is missing; check mode can't name the courses before."""
    assert "Would install git, and import the courses" in deployed[0].output
    done = [result for result in deployed[1].results if result.get("courses")][0]
    assert [course["course"] for course in done["courses"]] == [BEES, WELCOME]
    assert content.imports() == {f"{BEES} Bees": 1, f"{WELCOME} Welcome": 1}


def test_theme_that_the_image_lacks_is_refused_with_those_it_holds(deployed: list[Run], content: Content) -> None:
    for options in ((), ("--check",)):
        run = content.deploy("--tags", "theme", *options, theme="blue")
        assert run.code != 0
        assert "holds no theme 'blue' (it holds: indigo, plain)" in run.output
    assert content.theme("campus.example.org") == "plain"


def test_changed_courses_are_imported_again(deployed: list[Run], content: Content) -> None:
    content.put_welcome("Good day")
    content.put(courses.course("bees", "Wasps", "bees"))
    check, real = (content.deploy("--tags", "courses", *options) for options in (("--check",), ()))
    assert (check.code, real.code) == (0, 0), check.output[-4000:] + real.output[-4000:]
    assert check.result("courses")["courses"] == real.result("courses")["courses"]
    assert [course["changed"] for course in real.result("courses")["courses"]] == [True, True]
    assert content.imports() == {f"{BEES} Wasps": 2, f"{WELCOME} Good day": 2}


def test_course_that_fails_is_an_error_with_the_words_of_open_edx(deployed: list[Run], content: Content) -> None:
    content.put({"bees/course/bees.xml": "<course"})
    run = content.deploy("--tags", "courses")
    assert run.code != 0
    assert "could not be imported: BlockFailedToImport: Failed to import block: course/bees.xml" in run.output


def test_killed_import_is_waited_for_and_repeated(deployed: list[Run], content: Content) -> None:
    """The process on the server dies, while its container goes on."""
    server, slow = content.server, courses.course("bees", "Hornets", "bees")
    slow["bees/course.xml"] = slow["bees/course.xml"].replace("<course ", '<course standin_seconds="10" ')
    content.put(slow)
    container = "docker ps --quiet --filter name=-cms-job-lectern"
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(content.deploy, "--tags", "courses")
        server.run("sh", "-c", f'for i in $(seq 300); do [ -z "$({container})" ] || break; sleep 0.2; done')
        server.run("sh", "-c", "kill -KILL $(pgrep -f ^/opt/tutor/bin/python)")
        assert killed.result().code != 0
    run = content.deploy("--tags", "courses")
    assert run.code == 0, run.output[-4000:]
    assert "of an interrupted run" in str(run.result("courses")["actions"])
    assert content.imports()[f"{BEES} Hornets"] == 4
    assert server.run("ls", f"{ROOT}/.lectern/courses") == ""
    assert content.deploy("--tags", "courses").changed == []
