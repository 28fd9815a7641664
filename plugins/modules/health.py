#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health
short_description: Wait until a platform runs and its hosts answer
version_added: 1.0.0
description:
  - Waits until every service of the compose project has run for five seconds and is healthy, if it has a health check. A service that
    exits with code 0 is fine unless its restart policy keeps it running.
  - Then waits until every public host, of core and of plugins, answers through the platform's web proxy with a status below 500.
    The proxy is the service that publishes the setting C(CADDY_HTTP_PORT), or port 443 if Tutor itself serves HTTPS
    (C(ENABLE_HTTPS) and C(ENABLE_WEB_PROXY)). Requests go to this host directly, so names need not resolve. Certificates are not
    checked and redirects not followed.
  - If no service publishes that port, no host is requested, and RV(actions) says so.
  - If it fails, the error names unhealthy services and hosts and shows the last lines of the logs.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
options:
  timeout:
    description: The maximum number of seconds to wait.
    type: int
    default: 300
attributes:
  check_mode:
    support: partial
    details: Checks once, reports the result and does not fail, because this run did not start what a real run would have started.
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: full
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Wait until the platform answers
  lectern.tutor.health:
    root: /srv/tutor
    timeout: 600
"""

RETURN = r"""
services:
  description: The containers of the services as of the last check.
  returned: always
  type: list
  elements: dict
  contains:
    service:
      description: The name of the service.
      type: str
    state:
      description: The state of its container as the engine names it, or V(missing).
      type: str
    problem:
      description: What is wrong with it; null if nothing is.
      type: str
  sample: [{service: lms, state: running, problem: null}]
hosts:
  description: The public hosts as of the last check. Empty if there is no proxy or a service is not healthy.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The name of the host.
      type: str
    state:
      description: The HTTP status of its front page, or V(no answer).
      type: str
    problem:
      description: What is wrong with it; null if nothing is.
      type: str
  sample: [{host: learn.example.org, state: "200", problem: null}]
actions:
  description: Remarks on how the platform was checked.
  returned: always
  type: list
  elements: str
diff:
  description: Empty, because nothing changes.
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
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.health import explain, problems, wait_until_healthy

SPEC = dict(timeout=dict(type="int", default=300))


def health(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    client = docker_engine.connect()
    report = wait_until_healthy(platform, client, module.params["timeout"], once=module.check_mode)
    result = dict(
        services=[dict(service=finding.name, state=finding.state, problem=finding.problem) for finding in report.services],
        hosts=[dict(host=finding.name, state=finding.state, problem=finding.problem) for finding in report.hosts],
        actions=report.notes,
    )
    if problems(report) and not module.check_mode:
        explanation = explain(platform, client, report)
        raise LecternError("The platform is not well after %d s.\n%s" % (module.params["timeout"], explanation), **result)
    return result


if __name__ == "__main__":
    _module.run(health, SPEC, empty=dict(services=[], hosts=[]), needs_engine=True)
