#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: job
short_description: Run the init tasks of a platform, or a script in one of its services
version_added: 1.0.0
description:
  - Runs the init tasks of core and of the enabled plugins in Tutor's order, as C(tutor local do init) does, each in a new container of
    its C(-job) service. Alternatively, runs one script of yours in such a container.
  - A task that succeeded does not run again unless its script, the id of its image or the definition of its C(-job) service changed. So
    after a failure, the next run resumes where this one ended. Successful tasks are recorded in C(.lectern/ledger.json).
  - Definitions are compared as Compose prints them, so tasks may run again with another major version of Compose.
  - Before a task runs, services that C(tutor dev) runs on the same root are stopped, and the enabled plugins are notified as by Tutor,
    through C(DO_JOB) with O(name=init), and from Tutor 19.0.3 on through C(COMPOSE_PROJECT_STARTED). If no task has to run, they are
    not notified.
  - Databases are not inspected. Use O(force) after you dropped or restored one.
  - The first task that fails ends the run. The error shows the last lines of its output.
  - A killed run may leave a container that is still working. The next run of a task in that service waits for it first, and says so. If
    the container exits with code 0, its task counts as done, unless its script, image or service definition changed since. Otherwise
    the task runs again. To end the wait, run C(docker rm -f) with the container's name, or set O(timeout).
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
  - lectern.tutor.common.live
options:
  name:
    description: V(init) runs the init tasks. Either this or O(service) and O(script) is required.
    type: str
    choices: [init]
  limit:
    description:
      - Run only the init tasks of these owners. An owner is a plugin, or for core's tasks a name that C(tutor local do init --limit)
        accepts, V(mysql), V(meilisearch), V(lms) or V(cms). By default, all tasks run.
    type: list
    elements: str
    default: []
  service:
    description: The service to run O(script) in, without the suffix C(-job).
    type: str
  script:
    description:
      - A shell script, run as C(sh -e -c SCRIPT) without input. Tutor does not render it. It may contain passwords, so no result, log or
        process list shows it.
      - As with init tasks, a script that succeeded in that service does not run again. Use O(force) for one that must run each time.
    type: str
  force:
    description: Also run what succeeded already.
    type: bool
    default: false
  timeout:
    description:
      - The maximum seconds for one task, at least 1, including the start of services that it depends on. After that, its container is
        killed and removed, and the run fails.
      - This includes the wait for the container of a killed run. That container is left alone, and the error names it.
      - By default there is no limit, as with Tutor. A migration killed half way may need manual repair.
    type: int
  images_to_come:
    description:
      - In check mode, the tags of images that would have changed by the time the tasks run. Tasks in these images count as changed. The
        role P(lectern.tutor.init#role) passes what the role P(lectern.tutor.images#role) would build and pull.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    details: Lists tasks that would run with RV(tasks[].changed=true) and without RV(tasks[].rc).
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(force), everything runs again.
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Run all init tasks that have not succeeded yet
  lectern.tutor.job:
    root: /srv/tutor
    name: init

- name: Run those of a plugin and of the LMS again, each for an hour at most
  lectern.tutor.job:
    root: /srv/tutor
    name: init
    limit: [discovery, lms]
    force: true
    timeout: 3600

- name: Rebuild the search index in every run
  lectern.tutor.job:
    root: /srv/tutor
    service: cms
    script: ./manage.py cms reindex_course --all --setup
    force: true
"""

RETURN = r"""
tasks:
  description: The tasks in the order they run in. After a failure, the last one is the one that failed.
  returned: always
  type: list
  elements: dict
  contains:
    owner:
      description: The plugin, or V(mysql), V(meilisearch), V(lms) or V(cms) for core's tasks; null for O(script).
      type: str
    service:
      description: The service it runs in.
      type: str
    changed:
      description: Whether it ran, or succeeded in a container that a killed run left.
      type: bool
    rc:
      description: Its exit code; null if it exceeded O(timeout). Missing if it did not run.
      type: int
    duration:
      description: The time it took in seconds.
      type: float
    output:
      description:
        - The last 50 lines of its output, without control codes and with secrets masked. Lines of more than 2000 characters are cut.
        - If there was more output than a log keeps, the first line says how much the log lacks.
      type: str
    reason:
      description: Why it ran, or why not.
      type: str
    succeeded:
      description: When it last succeeded, in UTC; null if it never did or failed since.
      type: str
  sample:
    - owner: mysql
      service: mysql
      changed: false
      duration: 0.0
      output: ""
      reason: unchanged since it succeeded at 2026-01-31T08:00:00Z
      succeeded: "2026-01-31T08:00:00Z"
    - owner: discovery
      service: lms
      changed: true
      rc: 0
      duration: 12.4
      output: "Discovery OAuth client exists"
      reason: "changed since it succeeded: image"
      succeeded: "2026-02-01T08:00:00Z"
actions:
  description:
    - One sentence for each project of C(tutor dev) that was stopped, or would be in check mode.
    - One sentence for each container of a killed run that was waited for, or would be in check mode.
    - One sentence for each task that ran, or would run in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: The tasks that ran, or would run in check mode.
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import Task, init_tasks

SPEC = dict(
    name=dict(type="str", choices=["init"]),
    limit=dict(type="list", elements="str", default=[]),
    service=dict(type="str"),
    script=dict(type="str", no_log=True),
    force=dict(type="bool", default=False),
    timeout=dict(type="int"),
    images_to_come=dict(type="list", elements="str", default=[]),
)


def job(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    timeout = module.params["timeout"]
    if timeout is not None and timeout < 1:
        raise LecternError("timeout is %d: give at least 1 second, or leave it out for no limit." % timeout)
    params, platform = module.params, load_platform(places)
    _module.protect(module, platform.secrets)
    logs = _module.logs(module, places, platform.secrets)
    if params["name"]:
        tasks = init_tasks(platform, params["limit"])
    else:
        tasks = [Task(None, params["service"], params["script"].strip())]
    client = docker_engine.connect()
    if module.check_mode:
        planned = jobs.plan_tasks(platform, client, tasks, params["force"], params["images_to_come"])
        return jobs.run(platform, client, planned, logs, timeout, check=True)
    limits = (params["limit"] or [None]) if params["name"] else []
    return jobs.carry_out(platform, client, tasks, logs, params["force"], timeout, limits)


if __name__ == "__main__":
    _module.run(
        job,
        SPEC,
        empty=dict(tasks=[]),
        needs_engine=True,
        required_one_of=[["name", "service"]],
        mutually_exclusive=[["name", "service"], ["name", "script"]],
        required_together=[["service", "script"]],
    )
