#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restart
short_description: Restart services whose mounted environment files changed, in the order of their dependencies
version_added: 1.0.0
description:
  - Compose recreates a container if its definition changes, but not if a file mounted into it does. This module restarts running services
    that mount files or folders of C(env/) which changed since the container started.
  - It begins with the services that others depend on and ends with the web proxy. A service waits until those that it depends on are
    back, so that none is away longer than its own stop and start take. A service is back when its containers run, their health checks
    pass, and it answers at an exposed port again if it answered there before. If a service is not back after 300 seconds, the call
    fails. The services after it are left as they are, and the next call restarts them.
  - Services that do not depend on each other restart side by side, at most as many as the host has processors, and at least two. If no
    service can be reached at a port, they restart one after another.
  - Before the first restart, services that C(tutor dev) runs on the same root are stopped, and the enabled plugins are notified through
    C(COMPOSE_PROJECT_STARTED), as by M(lectern.tutor.prepare_start).
  - Names, modes and contents of mounted files are compared, not their times. C(.lectern/services.json) records what each container
    started with. A container that is not recorded there is restarted if one of its files is newer than its start. So a container that
    Compose just created is left alone.
options:
  replace:
    description:
      - Services to recreate in the same order, because their definition or image changed. The role P(lectern.tutor.platform#role)
        determines them. A service that Compose finds unchanged is kept and counts as unchanged.
    type: list
    elements: str
    default: []
  changing:
    description:
      - In check mode, absolute paths of files that would be written before the services restart. The services that mount them count as
        changed. The role P(lectern.tutor.platform#role) gives what the role P(lectern.tutor.environment#role) would write.
    version_added: 1.1.0
    type: list
    elements: path
    default: []
  force:
    description: Restart every service, in the same order, even if nothing that it mounts changed. Those that stopped are started.
    version_added: 1.1.0
    type: bool
    default: false
  copy_of:
    description:
      - In check mode, the root that O(root) is a copy of, made by M(lectern.tutor.root_copy). The containers of this root would be
        restarted.
    version_added: 1.1.0
    type: path
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
attributes:
  check_mode:
    support: partial
    details: Compares the files on disk. It does not see what another module would have written in check mode.
  diff_mode:
    support: full
  idempotent:
    support: full
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Restart running services whose settings changed
  lectern.tutor.restart:
    root: /srv/tutor

- name: Also recreate services from new images
  lectern.tutor.restart:
    root: /srv/tutor
    replace: [lms, cms, lms-worker, cms-worker]
"""

RETURN = r"""
services:
  description: The running containers that mount files of C(env/), and those that are recreated, sorted by service.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The name of the service.
      type: str
    container:
      description: The name of the container.
      type: str
    changed:
      description: Whether it was restarted or recreated.
      type: bool
    reason:
      description: Why it was restarted or recreated; null if it was not.
      type: str
  sample:
    - service: lms
      container: tutor_local-lms-1
      changed: true
      reason: the files that it mounts changed since it started
actions:
  description:
    - One sentence for each project of C(tutor dev) that was stopped, then one for each container that was restarted or recreated, or would
      be in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: The containers that were restarted or recreated, or would be in check mode.
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import mounts, project, settled, starting
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.restart import (
    Definitions,
    all_running,
    restart_services,
    without_orphans,
)

SPEC: Dict[str, Any] = dict(
    replace=dict(type="list", elements="str", default=[]),
    changing=dict(type="list", elements="path", default=[]),
    force=dict(type="bool", default=False),
    copy_of=dict(type="path"),
)


def restart(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    client = docker_engine.connect()
    original = places._replace(root=module.params["copy_of"] or places.root)
    replace, containers = module.params["replace"], project.containers(platform, client)
    definitions: Definitions = {}
    watched = mounts.watch(original, containers, replace, module.params["changing"])
    if module.params["force"]:
        watched = all_running(containers, watched)
    if replace or any(service.reason for service in watched):
        definitions = project.services(platform)
        refuse_unknown(definitions, replace)
        watched = without_orphans(platform, watched, definitions)
    is_needed = any(service.reason for service in watched)
    if module.check_mode:
        return describe_restart(watched, True, starting.stop_development(original, client, check=True) if is_needed else [])
    stopped = starting.prepare(platform, client) if is_needed else []
    restart_services(platform, client, watched, definitions)
    settled.remember(platform, client)
    if replace:
        watched = without_kept(watched, project.containers(platform, client))
    return describe_restart(watched, False, stopped)


def refuse_unknown(definitions: Definitions, names: List[str]) -> None:
    """Raise LecternError for a name that is not a service."""
    for name in names:
        if name not in definitions:
            raise LecternError("There is no service '%s' to replace. There are: %s." % (name, ", ".join(sorted(definitions))))


def without_kept(watched: List[mounts.Watched], containers: List[Any]) -> List[mounts.Watched]:
    """Return the services, those to replace that still have their container as unchanged: Compose found nothing to replace."""
    kept = {container.id for container in containers}
    return [service._replace(reason=None) if service.replaced and service.container.id in kept else service for service in watched]


def describe_restart(watched: List[mounts.Watched], would: bool, stopped: List[str]) -> Dict[str, Any]:
    """Return the results of a restart. ``stopped`` are sentences on the development platform."""
    services, actions = [], list(stopped)
    diff = [dict(before="", after=sentence + "\n") for sentence in stopped]
    for service in watched:
        name = service.container.name
        changed = bool(service.reason)
        services.append(dict(service=project.service_of(service.container), container=name, changed=changed, reason=service.reason))
        if changed:
            verb, done = ("replace", "replaced") if service.replaced else ("restart", "restarted")
            actions.append("%s %s: %s" % ("Would " + verb if would else done.capitalize(), name, service.reason))
            diff.append(dict(before="", after="%s: %s\n" % (name, done)))
    return dict(changed=bool(actions), services=services, actions=actions, diff=diff)


if __name__ == "__main__":
    _module.run(restart, SPEC, empty=dict(services=[]), needs_engine=True)
