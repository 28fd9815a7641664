#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_info
short_description: Check whether the platform runs as last deployed
version_added: 1.0.0
description:
  - Compares the compose project, its images and its containers with those that M(lectern.tutor.restart) recorded in
    C(.lectern/project.json) at the end of the last deployment. If nothing differs, nothing has to be started, recreated or restarted.
  - Writes nothing.
extends_documentation_fragment:
  - lectern.tutor.common
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: full
requirements:
  - Docker SDK for Python (the package C(docker)), 7.0 or newer
  - a Docker engine and Docker Compose 2
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Check whether there is anything to do
  lectern.tutor.service_info:
    root: /srv/tutor
  register: platform

- name: Show what it is
  ansible.builtin.debug:
    var: platform.unsettled
"""

RETURN = r"""
unsettled:
  description: One sentence for each difference from the last deployment; empty if there is none.
  returned: success
  type: list
  elements: str
  sample: ["Service 'lms' exited with code 1"]
development:
  description:
    - Names of compose projects that C(tutor dev) runs on the same root, and so on the same data. M(lectern.tutor.prepare_start) stops
      them.
  returned: success
  type: list
  elements: str
  sample: ["tutor_dev"]
actions:
  description: Empty.
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
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import settled, starting


def service_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    client = docker_engine.connect()
    return dict(unsettled=settled.unsettled(platform, client), development=sorted(starting.development(places, client)))


if __name__ == "__main__":
    _module.run(service_info, empty=dict(unsettled=[], development=[]), needs_engine=True)
