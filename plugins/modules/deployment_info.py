#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_info
short_description: Check whether a deployment has anything left to do on the host
version_added: 1.1.0
description:
  - Asks in one call what the roles P(lectern.tutor.images#role), P(lectern.tutor.platform#role), P(lectern.tutor.init#role),
    P(lectern.tutor.jobs#role) and P(lectern.tutor.health#role) each ask. The playbook C(lectern.tutor.deploy) uses it if the environment
    did not change. In playbooks of your own, use the roles, or M(lectern.tutor.service_info), M(lectern.tutor.job) in check mode and
    M(lectern.tutor.health).
  - Looks at the steps in their order and stops at the first that has work to do.
  - Writes nothing.
options:
  limit:
    description: Look only at the init tasks of these owners, as the option of M(lectern.tutor.job) does. By default, at all of them.
    type: list
    elements: str
    default: []
  jobs:
    description:
      - Jobs that have to run once, such as the variable C(tutor_jobs) lists. Their code works on a copy of the root and runs no programs.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: As the option of M(lectern.tutor.job), as all others here.
        type: str
      args:
        description: The arguments of the job.
        type: list
        elements: str
      service:
        description: The service of O(jobs[].script) or O(jobs[].unless).
        type: str
      script:
        description: A script.
        type: str
      unless:
        description: A script that tells whether there is anything to do. It is not run, but what it once found counts.
        type: str
      force:
        description: Whether it has to run each time.
        type: bool
        default: false
      timeout:
        description: Not used.
        type: int
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
  - lectern.tutor.common.info
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Check whether a deployment has anything left to do
  lectern.tutor.deployment_info:
    root: /srv/tutor
  register: left
"""

RETURN = r"""
missing_images:
  description: Tags of images that services and their jobs need and that are not on the host.
  returned: success
  type: list
  elements: str
  sample: ["docker.io/overhangio/openedx-notes:22.0.0"]
unsettled:
  description: As RV(lectern.tutor.service_info#module:unsettled).
  returned: success
  type: list
  elements: str
development:
  description: As RV(lectern.tutor.service_info#module:development).
  returned: success
  type: list
  elements: str
due:
  description: One sentence for each init task to run; null if an earlier step has work to do.
  returned: success
  type: list
  elements: str
  sample: ["Init task of 'notes': it has not succeeded yet"]
due_jobs:
  description: One sentence for each of O(jobs) to run; null if an earlier step has work to do.
  returned: success
  type: list
  elements: str
  sample: ["Job 'importdemocourse': it has not succeeded yet"]
timers:
  description: Units of systemd on the host that run jobs of this root, see M(lectern.tutor.timers).
  returned: success
  type: list
  elements: str
problems:
  description: One sentence for each service or public host that is not well; null if an earlier step has work to do.
  returned: success
  type: list
  elements: str
  sample: ["Host 'learn.example.org' answers with status 502"]
smoke:
  description: Why a smoke test is due; null if the last one passed and environment and containers are the same since.
  returned: success
  type: str
  sample: there was none yet
last_run:
  description: As C(result) of RV(lectern.tutor.status_info#module:last_run); null if no deployment was recorded.
  returned: success
  type: str
  sample: succeeded
actions:
  description: Empty, because nothing is changed.
  returned: always
  type: list
  elements: str
diff:
  description: Empty.
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.last_run import read_last_run
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.remaining import find_remaining
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.smoke_verdict import why_due
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.unit_names import units_of

JOB = dict(
    name=dict(type="str"),
    args=dict(type="list", elements="str", no_log=True),
    service=dict(type="str"),
    script=dict(type="str", no_log=True),
    unless=dict(type="str", no_log=True),
    force=dict(type="bool", default=False),
    timeout=dict(type="int"),
)

SPEC = dict(
    limit=dict(type="list", elements="str", default=[]),
    jobs=dict(type="list", elements="dict", default=[], no_log=True, options=JOB),
)

EMPTY = dict(
    missing_images=[],
    unsettled=[],
    development=[],
    due=None,
    due_jobs=None,
    problems=None,
    timers=None,
    smoke=None,
    last_run=None,
)


def deployment_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    try:
        remaining = find_remaining(platform, docker_engine.connect(), module.params["limit"], module.params["jobs"])
    finally:
        _module.protect(module, platform.secrets)
    run = read_last_run(places)
    return dict(remaining._asdict(), timers=units_of(places), smoke=why_due(places), last_run=run.result if run else None)


if __name__ == "__main__":
    _module.run(deployment_info, SPEC, empty=EMPTY, needs_engine=True)
