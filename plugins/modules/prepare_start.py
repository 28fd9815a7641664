#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prepare_start
short_description: Prepare a start of the platform as Tutor does
version_added: 1.0.0
description:
  - Stops the services that C(tutor dev) runs on the same root, as C(tutor local start) does, because they use the same data. A compose
    project belongs to C(tutor dev) of this root if one of its compose files is in C(env/dev). Its containers are kept.
  - Then calls the callbacks of the enabled plugins for Tutor's action C(COMPOSE_PROJECT_STARTED), with the root, the settings and the
    name of the compose project. If a callback fails, the call fails.
  - The role P(lectern.tutor.platform#role) runs this module before it starts or restarts the platform. The modules
    M(lectern.tutor.restart) and M(lectern.tutor.job) do the same themselves. Use it if your own playbook starts the compose project.
extends_documentation_fragment:
  - lectern.tutor.common
attributes:
  check_mode:
    support: full
    details: Reports what would be stopped. Plugins are not loaded.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: Plugins are called each time. What they do does not count as a change.
requirements:
  - Docker SDK for Python (the package C(docker)), 7.0 or newer
  - a Docker engine
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Prepare the start
  lectern.tutor.prepare_start:
    root: /srv/tutor

- name: Start one service
  community.docker.docker_compose_v2:
    project_src: /srv/tutor/env/local
    project_name: tutor_local
    files: [docker-compose.yml, docker-compose.prod.yml]
    services: [mysql]
"""

RETURN = r"""
actions:
  description: One sentence for each project that was stopped, or would be in check mode.
  returned: always
  type: list
  elements: str
  sample: ["Stopped project 'tutor_dev' of 'tutor dev', which works on the data of the same root: lms, mysql"]
diff:
  description: The same sentences.
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
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import starting


def prepare_start(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    if module.check_mode:
        actions = starting.stop_development(places, docker_engine.connect(), check=True)
    else:
        platform = load_platform(places)
        _module.protect(module, platform.secrets)
        actions = starting.prepare(platform, docker_engine.connect())
    return dict(changed=bool(actions), actions=actions, diff=[dict(before="", after="%s\n" % action) for action in actions])


if __name__ == "__main__":
    _module.run(prepare_start, needs_engine=True)
