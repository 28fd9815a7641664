#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: job
short_description: Run the init tasks of a platform, or a script in one of its services
version_added: 0.1.0
description:
  - Runs the init tasks of core and of the enabled plugins in Tutor's order, as C(tutor local do init) does, each in a new container of
    the service's C(-job) service. Or runs one script of your own in such a container.
  - A task that succeeded is not run again unless its script, the id of its image or the definition of its C(-job) service changed. So
    after a failure the next run goes on where this one ended. What succeeded is kept in C(.lectern/ledger.json).
  - Definitions are compared as Compose prints them, so with another major version of Compose tasks may run again.
  - Before a task runs, the services that C(tutor dev) runs on the same root are stopped, and the enabled plugins are called as Tutor calls
    them, for C(DO_JOB) with O(name=init), and from Tutor 19.0.3 on for C(COMPOSE_PROJECT_STARTED). They are not called where no task has
    to run.
  - What a task left in a database is not looked at. After a database was dropped or restored, use O(force).
  - The first task that fails ends the run. The error shows the last lines of its output.
  - A run that was killed may leave a container that still works. The next run of a task in that service waits for it first, and says so.
    Where such a container ended with exit code 0, its task counts as done, unless its script, image or service definition changed since.
    Otherwise the task runs again. C(docker rm -f) with the container's name ends the wait, and so does O(timeout).
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.live
options:
  name:
    description: V(init) runs the init tasks. Either this or O(service) and O(script) is required.
    type: str
    choices: [init]
  limit:
    description:
      - Run only the init tasks of these owners. These are the plugins' names, and for core's tasks what C(tutor local do init --limit)
        takes, V(mysql), V(meilisearch), V(lms) and V(cms). Without it all tasks are run.
    type: list
    elements: str
    default: []
  service:
    description: The service to run O(script) in, without C(-job).
    type: str
  script:
    description:
      - A shell script, run as C(sh -e -c SCRIPT) without input. It is not rendered by Tutor. As it may hold passwords, no result, log or
        list of processes shows it.
      - A script that succeeded in that service is not run again, as with init tasks. Use O(force) for one that has to run each time.
    type: str
  force:
    description: Run also what succeeded already.
    type: bool
    default: false
  timeout:
    description:
      - Seconds that one task may take, at least 1, the start of services that it depends on included. Its container is killed and
        removed then, and the run fails.
      - Waiting for the container of a run that was killed counts. That container is left alone, and the error names it.
      - Without it there is no limit, as with Tutor. Killing a migration half way may need repair by hand.
    type: int
  images_to_come:
    description:
      - In check mode, tags of images that would be others by the time the tasks run. The tasks in them count as changed. The role
        P(lectern.tutor.init#role) gives what the role P(lectern.tutor.images#role) would build and pull.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    details: Tasks that would run are listed with RV(tasks[].changed=true) and without RV(tasks[].rc).
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(force) everything is run again.
requirements:
  - Docker SDK for Python (the package C(docker)), 7.0 or newer
  - a Docker engine and Docker Compose 2
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Run all init tasks that have not succeeded yet
  lectern.tutor.job:
    root: /srv/tutor
    name: init

- name: Run those of one plugin and of the LMS again, an hour for each at most
  lectern.tutor.job:
    root: /srv/tutor
    name: init
    limit: [discovery, lms]
    force: true
    timeout: 3600

- name: Rebuild the search index each time
  lectern.tutor.job:
    root: /srv/tutor
    service: cms
    script: ./manage.py cms reindex_course --all --setup
    force: true
"""

RETURN = r"""
tasks:
  description: The tasks in the order in which they are run. After a failure the last one is the one that failed.
  returned: always
  type: list
  elements: dict
  contains:
    owner:
      description: The plugin's name, or for core's tasks V(mysql), V(meilisearch), V(lms) or V(cms); null for O(script).
      type: str
    service:
      description: The service that it runs in.
      type: str
    changed:
      description: Whether it was run, or succeeded in a container that a killed run left.
      type: bool
    rc:
      description: Its exit code; null where it ran into O(timeout). Missing where it was not run.
      type: int
    duration:
      description: Seconds that it took.
      type: float
    output:
      description:
        - The last 50 lines of its output, secrets masked, without control codes. Of a line of more than 2000 characters the beginning is
          shown.
        - If there was more output than a log keeps, a line in front says how much was left out of the log.
      type: str
    reason:
      description: Why it was run, or why not.
      type: str
    succeeded:
      description: When it succeeded last, in UTC; null where it has not, or failed since.
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
    - A sentence for each project of C(tutor dev) that was, or in check mode would be, stopped.
    - A sentence for each container of a killed run that was, or in check mode would be, waited for.
    - A sentence for each task that was, or in check mode would be, run.
  returned: always
  type: list
  elements: str
diff:
  description: The tasks that were, or in check mode would be, run.
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
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import init_tasks

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
    tasks = init_tasks(platform, params["limit"]) if params["name"] else [jobs.Script(None, params["service"], params["script"].strip())]
    client = docker_engine.connect()
    if module.check_mode:
        planned = jobs.plan(platform, client, tasks, params["force"], params["images_to_come"])
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
