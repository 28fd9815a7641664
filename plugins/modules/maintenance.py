#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance
short_description: Show a maintenance page in front of a site, without a restart
version_added: 1.1.0
description:
  - Makes every host of a site answer with a page and status 503, through its running web proxy. No service is restarted.
    Addresses in O(allow) still get the site.
  - The page is part of C(env/apps/caddy/Caddyfile), so it survives a restart of the proxy. The environment is rendered with it until the
    maintenance ends, and M(lectern.tutor.environment_info) reports no drift. If the proxy does not run, it starts with the page.
  - C(tutor config save) on the host writes the Caddyfile without the page. The proxy keeps showing it until it restarts, and the next call
    of M(lectern.tutor.environment) or of this module puts it back.
  - Before anything is written, Caddy itself adapts the new Caddyfile. The call fails if a host would not answer with the page first, or if
    anything but the page would change. If Caddy refuses to load it, the file is written back.
  - M(lectern.tutor.health) checks the site behind the page.
  - Needs Tutor 11 or newer, which has Caddy as the web proxy. Tested with Caddy 2.6, 2.8 and 2.11.
options:
  state:
    description: Whether the site is in maintenance.
    type: str
    choices: [present, absent]
    default: present
  page:
    description:
      - The HTML of the page, at most 128 KiB. Caddy serves it byte for byte and replaces no placeholders in it.
      - By default a short page in English with the name of the platform.
    type: str
  allow:
    description:
      - Addresses and networks whose visitors get the site, such as V(192.0.2.7) or V(2001:db8::/32).
      - This is the address that Caddy sees. Behind another proxy, which C(ENABLE_WEB_PROXY=false) expects, it is the first address in
        C(X-Forwarded-For), so that proxy must replace what visitors send in this header.
    type: list
    elements: str
    default: []
  retry_after:
    description: The seconds after which clients may try again (header C(Retry-After)), from 1 to 604800.
    type: int
    default: 600
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: lectern.tutor.environment
  - module: lectern.tutor.health
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Begin maintenance, and let the office test meanwhile
  lectern.tutor.maintenance:
    root: /srv/tutor
    page: "{{ lookup('ansible.builtin.file', 'maintenance.html') }}"
    allow: [192.0.2.0/24]
    retry_after: 1800

- name: End it
  lectern.tutor.maintenance:
    root: /srv/tutor
    state: absent
"""

RETURN = r"""
maintenance:
  description: The maintenance that the site is in; null if it is in none.
  returned: always
  type: dict
  contains:
    since:
      description: When it began, in UTC.
      type: str
    allow:
      description: The addresses and networks that get the site.
      type: list
      elements: str
    retry_after:
      description: The seconds in C(Retry-After).
      type: int
  sample: {since: "2026-01-31T08:00:00Z", allow: [192.0.2.0/24], retry_after: 1800}
hosts:
  description: The hosts that the page was put in front of. Empty if nothing changed, or if neither proxy nor its image could be asked.
  returned: always
  type: list
  elements: str
  sample: [learn.example.org, studio.learn.example.org]
actions:
  description: One sentence on what was done, or would be in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: The Caddyfile before and after; empty without C(--diff).
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root import maintenance as record
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.root.results import describe_differences
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.maintenance import begin, end

SPEC: Dict[str, Any] = dict(
    state=dict(type="str", choices=["present", "absent"], default="present"),
    page=dict(type="str"),
    allow=dict(type="list", elements="str", default=[]),
    retry_after=dict(type="int", default=600),
)


def maintenance(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform, params = load_platform(places), module.params
    client = docker_engine.connect()
    secrets = [*platform.secrets, *record.secrets(places)]
    if params["state"] == "present":
        outcome = begin(platform, client, params["page"], params["allow"], params["retry_after"], module.check_mode)
    else:
        outcome = end(platform, client, module.check_mode)
    now = outcome.maintenance
    secrets += [now.page.token] if now else []
    _module.protect(module, secrets)
    shown = [change for change in outcome.changes if change.path.startswith(places.env)] if module._diff else []
    return dict(
        changed=outcome.changed,
        maintenance=dict(since=now.since, allow=list(now.page.allow), retry_after=now.page.retry_after) if now else None,
        hosts=outcome.hosts,
        actions=outcome.actions,
        diff=describe_differences(shown, platform, secrets),
    )


if __name__ == "__main__":
    _module.run(maintenance, SPEC, empty=dict(maintenance=None, hosts=[]), needs_engine=True)
