#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: job
short_description: Run a job of a platform, such as its init tasks, or a script in one of its services
version_added: 1.0.0
description:
  - Runs the init tasks of core and of the enabled plugins in Tutor's order, as C(tutor local do init) does, each in a new container of
    its C(-job) service. Alternatively, runs any other job that Tutor or an enabled plugin offers, as C(tutor local do NAME) does, or one
    script of yours in such a container.
  - Jobs other than init are called as Tutor calls them. Their own code runs on the host, as the owner of the root, and each of their
    scripts runs in a container before the code goes on. On releases before 15, jobs are commands of C(tutor local).
    M(lectern.tutor.plugin_info) lists the jobs of plugins.
  - From the first script that has to run on, all scripts of the same job run. A job whose code starts programs or opens connections on
    the host runs whenever it is asked for, such as Tutor's C(tests).
  - Jobs cannot ask questions. A question is an error that names the option to give instead. Interactive jobs, such as C(sqlshell), are
    refused.
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
    description:
      - The job to run, as C(tutor local do) names it. V(init) runs the init tasks.
      - Either this or O(service) and O(script) is required.
    type: str
  args:
    description:
      - The arguments of the job, as on the command line, one item for each word. They may hold passwords, so no result, log, process list
        or file of the collection shows them.
    version_added: 1.1.0
    type: list
    elements: str
  limit:
    description:
      - With O(name=init), run only the init tasks of these owners. An owner is a plugin, or for core's tasks a name that
        C(tutor local do init --limit) accepts, V(mysql), V(meilisearch), V(lms) or V(cms). By default, all tasks run.
    type: list
    elements: str
    default: []
  service:
    description:
      - The service to run O(script) in, without the suffix C(-job).
      - With O(name), the service to run O(unless) in. By default, that of the job's first script that would run.
    type: str
  script:
    description:
      - A shell script, run as C(sh -e -c SCRIPT) without input. Tutor does not render it. It may contain passwords, so no result, log or
        process list shows it.
      - As with init tasks, a script that succeeded in that service does not run again. Use O(force) for one that must run each time.
    type: str
  unless:
    description:
      - A shell script that checks whether there is anything to do. If it exits with code 0, the job or O(script) does not run, and
        nothing is changed. The script itself must change nothing.
      - It runs as O(script) does, before anything that has to run, and not if everything succeeded already. If it exits with code 0, it
        does not run again until its script, image or service definition changes.
      - With O(force), it runs each time, and alone decides.
      - In check mode, it runs in the running container of its service. If there is none, it does not run, and RV(tasks[].reason) says so.
      - Not for O(name=init).
    version_added: 1.1.0
    type: str
  force:
    description: Also run what succeeded already.
    type: bool
    default: false
  timeout:
    description:
      - The maximum seconds for one task, at least 1, including the start of services that it depends on. After that, its container is
        killed and removed, and the run fails. What a job does on the host between two of its scripts may take as long.
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
    details:
      - Lists tasks that would run with RV(tasks[].changed=true) and without RV(tasks[].rc).
      - A job other than init is followed to the first script that would run, or to the first program or connection of its code. What
        follows is only known when that has run, and RV(actions) says so. Its code works on a copy of the root.
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

- name: Import the demo course once
  lectern.tutor.job:
    root: /srv/tutor
    name: importdemocourse
    unless: ./manage.py cms shell -c "from xmodule.modulestore.django import modulestore as m; exit(not m().get_courses())"

- name: Create a user of the plugin cairn
  lectern.tutor.job:
    root: /srv/tutor
    name: cairn-createuser
    args: [--admin, --password, "{{ vault_cairn_password }}", anna, anna@example.com]

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
    job:
      description: The job, V(init) for an init task; null for O(script).
      type: str
    owner:
      description:
        - The plugin. For core's init tasks V(mysql), V(meilisearch), V(lms) or V(cms), for core's other jobs V(core); null for O(script).
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
    - job: init
      owner: mysql
      service: mysql
      changed: false
      duration: 0.0
      output: ""
      reason: unchanged since it succeeded at 2026-01-31T08:00:00Z
      succeeded: "2026-01-31T08:00:00Z"
    - job: init
      owner: discovery
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
    - One sentence for each program that the code of a job ran on the host, and each connection that it opened.
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
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import Platform, load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs, one_job
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import init_tasks

SPEC = dict(
    name=dict(type="str"),
    args=dict(type="list", elements="str", no_log=True),
    limit=dict(type="list", elements="str", default=[]),
    service=dict(type="str"),
    script=dict(type="str", no_log=True),
    unless=dict(type="str", no_log=True),
    force=dict(type="bool", default=False),
    timeout=dict(type="int"),
    images_to_come=dict(type="list", elements="str", default=[]),
)

INIT = "init"


def job(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    params = module.params
    _check_options(params)
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    if params["name"] == INIT:
        return _run_init(module, platform)
    work = one_job.work_of(platform, params)
    _module.protect(module, platform.secrets)
    client = docker_engine.connect()
    if module.check_mode:
        return one_job.check(platform, client, work, params["force"], params["images_to_come"])
    logs = _module.logs(module, places, platform.secrets)
    return one_job.carry_out(platform, client, work, logs, params["force"], params["timeout"])


def _check_options(params: Dict[str, Any]) -> None:
    """Raise LecternError for options that do not go together, and for a timeout that is none."""
    timeout, name = params["timeout"], params["name"]
    if timeout is not None and timeout < 1:
        raise LecternError("timeout is %d: give at least 1 second, or leave it out for no limit." % timeout)
    if name == INIT:
        given = [option for option in ("args", "service", "unless") if params[option]]
        if given:
            raise LecternError("name is init, which does not take %s: 'limit' chooses the owners of init tasks." % " and ".join(given))
    elif params["limit"]:
        raise LecternError("limit is %s: it chooses init tasks, for name: init alone." % ", ".join(params["limit"]))
    if name and name != INIT and params["service"] and not params["unless"]:
        raise LecternError(
            "service is '%s', but the scripts of a job say where they run: here it is only for 'unless'." % params["service"]
        )


def _run_init(module: AnsibleModule, platform: Platform) -> Dict[str, Any]:
    params, client = module.params, docker_engine.connect()
    logs = _module.logs(module, platform.places, platform.secrets)
    tasks = init_tasks(platform, params["limit"])
    if module.check_mode:
        planned = jobs.plan_tasks(platform, client, tasks, params["force"], params["images_to_come"])
        return jobs.run(platform, client, planned, logs, params["timeout"], check=True)
    return jobs.carry_out(platform, client, tasks, logs, params["force"], params["timeout"], params["limit"] or [None])


if __name__ == "__main__":
    _module.run(
        job,
        SPEC,
        empty=dict(tasks=[]),
        needs_engine=True,
        required_one_of=[["name", "script"]],
        mutually_exclusive=[["name", "script"], ["args", "script"]],
        required_by=dict(script=["service"]),
    )
