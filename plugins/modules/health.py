#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health
short_description: Wait until a platform is up and its hosts answer
version_added: 0.1.0
description:
  - Waits until every service of the compose project runs, has done so for five seconds, and is healthy where it has a health check.
    A service that ends well is fine unless its restart policy keeps it running.
  - Then waits until every public host, of core and of plugins, answers through the platform's web proxy with a status below 500.
    The proxy is the service that publishes the setting C(CADDY_HTTP_PORT), or port 443 where Tutor itself serves HTTPS
    (C(ENABLE_HTTPS) and C(ENABLE_WEB_PROXY)). It is asked on this host, so names need not resolve. Certificates are not checked, and
    redirections not followed.
  - Where no service publishes that port, no host is asked, and O(ignore:actions) in the result says so.
  - On failure, the error names what is not well and shows the last lines of the logs.
extends_documentation_fragment:
  - lectern.tutor.common
options:
  timeout:
    description: How many seconds to wait at most.
    type: int
    default: 300
attributes:
  check_mode:
    support: partial
    details: It looks once, says what it sees and does not fail, because what would have been started in this run was not.
  diff_mode:
    support: N/A
    details: It changes nothing.
  idempotent:
    support: full
requirements:
  - Docker SDK for Python (the package C(docker)), 7.0 or newer
  - a Docker engine and Docker Compose 2
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
  description: The services' containers as they were seen last.
  returned: always
  type: list
  elements: dict
  contains:
    service:
      description: Name of the service.
      type: str
    state:
      description: The engine's word for its container's state, or V(missing).
      type: str
    problem:
      description: What is wrong with it; null where nothing is.
      type: str
  sample: [{service: lms, state: running, problem: null}]
hosts:
  description: The public hosts as they answered last. Empty where there is no proxy, or a service is not well.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      type: str
    state:
      description: HTTP status of its first page, or V(no answer).
      type: str
    problem:
      description: What is wrong with it; null where nothing is.
      type: str
  sample: [{host: learn.example.org, state: "200", problem: null}]
actions:
  description: What the user should know of how the platform was asked.
  returned: always
  type: list
  elements: str
diff:
  description: Empty, because nothing is changed.
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
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.health import explain, problems, wait

SPEC = dict(timeout=dict(type="int", default=300))


def health(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    client = docker_engine.connect()
    seen = wait(platform, client, module.params["timeout"], once=module.check_mode)
    result = dict(
        services=[dict(service=one.name, state=one.state, problem=one.problem) for one in seen.services],
        hosts=[dict(host=one.name, state=one.state, problem=one.problem) for one in seen.hosts],
        actions=seen.notes,
    )
    if problems(seen) and not module.check_mode:
        explanation = explain(platform, client, seen)
        raise LecternError("The platform is not well after %d s.\n%s" % (module.params["timeout"], explanation), **result)
    return result


if __name__ == "__main__":
    _module.run(health, SPEC, empty=dict(services=[], hosts=[]), needs_engine=True)
