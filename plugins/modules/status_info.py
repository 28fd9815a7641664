#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: status_info
short_description: Show the state of a site, and whether it needs attention
version_added: 1.1.0
description:
  - Checks a whole site in one call, its services, public hosts and certificates, and what the next deployment would do on it, and returns
    a verdict. The playbook C(lectern.tutor.status) shows the result as a table.
  - A broken site is a result, not a failure. Unknown values, because the Docker engine does not answer or a plugin is broken, are null, and
    RV(errors) says why.
  - Compares with the settings saved in C(config.yml), not with an inventory. To compare with your inventory, run the playbook
    C(lectern.tutor.deploy) in check mode.
  - Connects to the web proxy on the host itself, never to the Internet.
  - Writes nothing.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
  - lectern.tutor.common.info
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Check the site
  lectern.tutor.status_info:
    root: /srv/tutor
  register: site

- name: Fail if users cannot reach it
  ansible.builtin.assert:
    that: site.verdict != 'broken'
    fail_msg: "{{ site.problems | map(attribute='message') | join('. ') }}"
"""

RETURN = r"""
verdict:
  description:
    - V(broken) if users cannot reach the site, or it is unknown whether they can.
    - V(attention) if they can, but you have to do something.
    - V(ok) otherwise.
  returned: success
  type: str
  sample: attention
problems:
  description: The reasons, the worst first.
  returned: success
  type: list
  elements: dict
  contains:
    level:
      description: V(broken) or V(attention).
      type: str
    message:
      description: A sentence without a full stop.
      type: str
  sample:
    - level: attention
      message: "Service 'lms' does not run image 'docker.io/overhangio/openedx:22.0.3' as it is now"
errors:
  description: Why values are unknown. RV(problems) has these sentences too.
  returned: success
  type: list
  elements: str
  sample: []
release:
  description: The version of Tutor whose rules apply; null if the root cannot be read.
  returned: success
  type: str
  sample: 22.0.3
plugins:
  description: The names of the enabled plugins; null if the root cannot be read.
  returned: success
  type: list
  elements: str
  sample: [discovery, minio]
services:
  description:
    - The containers of the services, and the services without one, by name. Null if the engine does not answer or the root cannot be read.
    - Containers of init tasks are left out.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
    name:
      description: The name of the container; null if there is none.
      type: str
    state:
      description: The state of the container, such as V(running) or V(exited); V(missing) if there is none.
      type: str
    since:
      description: Since when it is in that state, in UTC; null if there is no container.
      type: str
    image:
      description: The tag that the container was created from, or that the service names if there is none.
      type: str
    current:
      description: Whether the tag still points to the image of the container; null if there is none.
      type: bool
    restarts:
      description: How often the engine restarted the container since it was created.
      type: int
    health:
      description: What the health check of the container says, V(healthy), V(unhealthy) or V(starting); null if it has none.
      type: str
    restart_reason:
      description: Why a deployment would restart the container; null if it would not.
      type: str
    problem:
      description: What is wrong with the service; null if nothing is.
      type: str
    defined:
      description: Whether a compose file defines the service; null if Compose cannot read them.
      type: bool
  sample:
    - service: lms
      name: tutor_local-lms-1
      state: running
      since: "2026-01-31T08:00:00Z"
      image: docker.io/overhangio/openedx:22.0.3
      current: false
      restarts: 0
      health: null
      restart_reason: null
      problem: null
      defined: true
hosts:
  description:
    - How the public hosts answer through the web proxy. Empty if a service is not well, or no service publishes the web port on this
      host. Null if that is not known.
  returned: success
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
certificates:
  description:
    - The certificates that the web proxy shows for the public hosts. Empty if it serves no HTTPS or does not run; null if that is not
      known.
    - Who issued a certificate is not examined.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: The name of the host.
      type: str
    expires:
      description: When the certificate expires, in UTC; null if none is shown.
      type: str
    days:
      description: How many whole days are left, negative after it expired; null if none is shown.
      type: int
    problem:
      description:
        - What is wrong; null if nothing is. The web proxy renews a certificate when a third of its time is left, so less than a sixth
          is a problem.
      type: str
  sample: [{host: learn.example.org, expires: "2026-04-01T08:00:00Z", days: 60, problem: null}]
pending:
  description: What rendering with the saved settings would change; null if they cannot be rendered.
  returned: success
  type: dict
  contains:
    created:
      description: Files to create, by path below C(env/).
      type: list
      elements: str
    changed:
      description: Files to change.
      type: list
      elements: str
    removed:
      description: Files to remove.
      type: list
      elements: str
    settings:
      description: Settings to save in C(config.yml).
      type: list
      elements: str
  sample: {created: [], changed: [apps/caddy/Caddyfile], removed: [], settings: []}
drift:
  description: The files that were edited or removed by hand since they were rendered, by path below C(env/); null if that is not known.
  returned: success
  type: list
  elements: str
  sample: [apps/caddy/Caddyfile]
due:
  description: One sentence for each init task that a deployment would run; null if that is not known.
  returned: success
  type: list
  elements: str
  sample: ["Init task of 'notes': it has not succeeded yet"]
last_run:
  description:
    - The last deployment with all its phases that failed or had something to do on this host; null if there was none. If metrics are
      written, those with nothing to do count too.
  returned: success
  type: dict
  contains:
    finished:
      description: When it ended, in UTC.
      type: str
    result:
      description: V(succeeded) or V(failed).
      type: str
  sample: {finished: "2026-01-31T08:00:00Z", result: succeeded}
last_deployment:
  description: When the last such deployment that succeeded ended, in UTC; null if none did.
  returned: success
  type: str
  sample: "2026-01-31T08:00:00Z"
smoke:
  description:
    - The verdict of the last smoke test, as RV(lectern.tutor.smoke#module:smoke), and C(current), whether environment and containers are
      still those that it tried. Null if there was none.
  returned: success
  type: dict
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
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.site_status import UNKNOWN, find_status


def status_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    status, secrets = find_status(places)
    _module.protect(module, secrets)
    return status


if __name__ == "__main__":
    _module.run(status_info, empty=UNKNOWN, needs_engine=True)
