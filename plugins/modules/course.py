#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: course
short_description: Import courses from Git repositories and archives
version_added: 1.1.0
description:
  - Imports courses in the format that Studio exports, through Open edX's own command C(import), as C(tutor local do importdemocourse)
    does. A course is imported if its content changed since the last import, which C(.lectern/courses.json) records by course key.
  - A branch or tag is resolved on the host with C(git ls-remote). If it moved, the commit is fetched, but the course is imported only if
    the files in its own folder changed. An unchanged course costs only this request. Archives are compared by their digest.
  - Importing replaces the outline of the course in Studio and the content in it, and publishes it. The module does not inspect Studio, so
    it does not notice changes made there. Use O(force) after you restored or dropped a database.
  - Courses are fetched on the host with the C(git) command, as the owner of the root, with the keys and the configuration of that user.
    Git never prompts. Files that Git LFS manages and submodules are not fetched. A link that leads out of the course is refused.
  - Each course is imported in a new container of C(cms-job). A killed run counts as no import, and the next run waits for its container
    first.
  - A course that you remove from the list stays in Studio.
options:
  repository:
    description:
      - The address of a Git repository. Logins in it are not shown, and reach Git by its environment. Better, give the owner of the root
        an SSH key or a credential helper.
      - Exactly one of this, O(archive) and O(courses) is required.
    type: str
  version:
    description: The branch, the tag, or the 40 characters of the commit. Required with O(repository).
    type: str
  archive:
    description: An archive on the controller, C(.tar.gz) as Studio exports. Relative paths are looked up in C(files/), as by
      C(ansible.builtin.copy). It is copied to the host only if it is imported.
    type: str
  path:
    description: The folder of the course in the repository. By default the only one that holds a C(course.xml).
    type: str
  courses:
    description: Several courses. Each has these options.
    type: list
    elements: dict
    suboptions:
      repository:
        description: See O(repository).
        type: str
      version:
        description: See O(version).
        type: str
      archive:
        description: See O(archive).
        type: str
      path:
        description: See O(path).
        type: str
  force:
    description: Also import courses that did not change.
    type: bool
    default: false
  archives:
    description: Internal. The part of this module that runs on the controller sets it, to what it knows of each archive.
    type: dict
    default: {}
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
  - lectern.tutor.common.live
requirements:
  - the C(git) command on the host, for repositories
attributes:
  check_mode:
    support: full
    details:
      - Fetches commits that are not imported yet into a temporary folder, names the courses that would be imported, and fails if a folder
        is not a course.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(force), all courses are imported again.
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: The demo course of a release
  lectern.tutor.course:
    root: /srv/tutor
    repository: https://github.com/openedx/openedx-demo-course
    version: release/verawood.1

- name: Two courses of one repository, and one that was exported from Studio
  lectern.tutor.course:
    root: /srv/tutor
    courses:
      - repository: git@git.example.org:courses/biology.git
        version: main
        path: bees
      - repository: git@git.example.org:courses/biology.git
        version: main
        path: ants
      - archive: welcome.tar.gz
"""

RETURN = r"""
courses:
  description: The courses in the given order. After a failure, the last one is the one that failed.
  returned: always
  type: list
  elements: dict
  contains:
    course:
      description: The key of the course.
      type: str
    source:
      description: The repository with its version, or the archive, without logins.
      type: str
    commit:
      description: The commit; null for an archive.
      type: str
    changed:
      description: Whether it was imported, or would be in check mode.
      type: bool
    reason:
      description: Why it was imported, or why not.
      type: str
  sample:
    - course: course-v1:OpenedX+DemoX+DemoCourse
      source: repository 'https://github.com/openedx/openedx-demo-course', version 'release/verawood.1'
      commit: f409add1a2b3c4d5e6f708192a3b4c5d6e7f8091
      changed: true
      reason: it has not been imported yet
actions:
  description: One sentence for each course that was imported, or would be in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: The courses that were imported, or would be in check mode.
  returned: always
  type: list
  elements: dict
missing:
  description: The command that the host lacks, C(git), if that is why the call failed; else empty.
  returned: always
  type: str
needed:
  description: Empty. For the part of this module that runs on the controller, the archives that it has to read.
  returned: always
  type: list
  elements: str
"""

from typing import Any, Dict, Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine, scratch
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import courses
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.courses import Course

COURSE: Dict[str, Any] = dict(
    repository=dict(type="str"),
    version=dict(type="str"),
    archive=dict(type="str"),
    path=dict(type="str"),
)

RULES: Dict[str, Any] = dict(
    mutually_exclusive=[["repository", "archive"], ["path", "archive"]], required_together=[["repository", "version"]]
)

SPEC = dict(
    COURSE,
    courses=dict(type="list", elements="dict", options=COURSE, required_one_of=[["repository", "archive"]], **RULES),
    force=dict(type="bool", default=False),
    archives=dict(type="dict", default={}),
)


def course(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    params = module.params
    given = [params] if params["courses"] is None else params["courses"]
    sources = [courses.read_source(entry, params["archives"]) for entry in given]
    needed = courses.missing_archives(places, sources, params["force"])
    if needed:
        return dict(changed=False, needed=needed)
    with scratch.temporary_folder() as folder:
        found = courses.find_courses(places, sources, folder, params["force"])
        return describe_or_import(module, places, found)


def describe_or_import(module: AnsibleModule, places: Places, found: Sequence[Course]) -> Dict[str, Any]:
    client = docker_engine.connect() if any(course.reason for course in found) else None
    if module.check_mode:
        return courses.describe(places, found, check=True)
    courses.note_unchanged(places, found)
    if client is None:
        return courses.describe(places, found)
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    logs = _module.logs(module, places, platform.secrets)
    return courses.import_due(platform, client, found, logs)


if __name__ == "__main__":
    _module.run(
        course,
        SPEC,
        empty=dict(courses=[], missing="", needed=[]),
        needs_engine=True,
        lent="archives",
        required_one_of=[["repository", "archive", "courses"]],
        mutually_exclusive=[["repository", "archive", "courses"], ["path", "archive", "courses"]],
        required_together=RULES["required_together"],
    )
