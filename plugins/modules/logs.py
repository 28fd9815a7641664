#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs
short_description: Read the logs of a platform's services
version_added: 1.1.0
description:
  - Returns the newest lines that the containers of services wrote, those of all services and replicas in order of time. Secrets are masked,
    and control codes removed.
  - Reads running and stopped containers. Output of init tasks, jobs and builds is in C(.lectern/logs/) below the root.
  - A result has at most 4 MB. If there is more, the oldest lines are left out, and RV(actions) says how many.
  - A container whose log cannot be read, because its logging driver keeps none or because it was removed meanwhile, does not fail the call.
    RV(actions) names it.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
  - lectern.tutor.common.info
options:
  services:
    description: The names of the services, such as V(lms). By default, all services of the platform.
    type: list
    elements: str
    default: []
  since:
    description:
      - Return only lines since then, as C(docker logs --since) does. A duration before now, such as V(10m) or V(1h30m), a date and time,
        such as V(2026-01-31T08:00:00Z), or seconds since 1970.
      - A time without a zone is in the time zone of the host.
    type: str
  until:
    description: Return only lines until then, written as for O(since). By default, until now.
    type: str
  tail:
    description:
      - The maximum number of lines of each service, from 1 to 100000. The newest ones are returned; with O(grep), the newest ones that
        match.
    type: int
    default: 100
  grep:
    description:
      - Return only lines in which this regular expression of Python is found, such as V(ERROR|Traceback). Begin it with C((?i)) to ignore
        case.
      - It sees lines as they are returned, with secrets masked.
      - Without O(until), it is searched for in the last 100000 lines of each container, or in those since O(since) if these are fewer.
    type: str
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Read what the LMS and its worker wrote in the last ten minutes
  lectern.tutor.logs:
    root: /srv/tutor
    services: [lms, lms-worker]
    since: 10m
    tail: 1000
  register: logs

- name: Find errors of all services during an incident
  lectern.tutor.logs:
    root: /srv/tutor
    since: "2026-01-31T08:00:00Z"
    until: "2026-01-31T08:30:00Z"
    grep: (?i)error|traceback
"""

RETURN = r"""
lines:
  description: The lines in order of time.
  returned: always
  type: list
  elements: dict
  contains:
    service:
      description: The service that wrote it.
      type: str
    container:
      description: The name of its container.
      type: str
    time:
      description: When the engine received it, in UTC.
      type: str
    text:
      description: The line, without control codes and with secrets masked. Lines of more than 8192 characters are cut.
      type: str
  sample:
    - service: lms
      container: tutor_local-lms-1
      time: "2026-01-31T08:00:00.123456789Z"
      text: "[uWSGI] worker 1 is ready"
actions:
  description: Sentences on what was left out, and why.
  returned: always
  type: list
  elements: str
  sample: ["Service 'cms' has no container"]
diff:
  description: Empty, because nothing changes.
  returned: always
  type: list
  elements: dict
"""

import time
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.moments import parse_moment
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.service_logs import MOST, Selection, compile_pattern, read_logs

SPEC = dict(
    services=dict(type="list", elements="str", default=[]),
    since=dict(type="str"),
    until=dict(type="str"),
    tail=dict(type="int", default=100),
    grep=dict(type="str"),
)


def logs(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    params, now = module.params, time.time()
    if not 1 <= params["tail"] <= MOST:
        raise LecternError("tail is %d: give a number of lines from 1 to %d." % (params["tail"], MOST))
    selection = Selection(
        params["services"],
        parse_moment("since", params["since"], now) if params["since"] else None,
        parse_moment("until", params["until"], now) if params["until"] else None,
        params["tail"],
        compile_pattern(params["grep"]),
    )
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    report = read_logs(platform, docker_engine.connect(), selection)
    return dict(lines=[dict(line._asdict()) for line in report.lines], actions=report.remarks)


if __name__ == "__main__":
    _module.run(logs, SPEC, empty=dict(lines=[]), needs_engine=True)
