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
  - If something differs, tells which images are missing, what starting the platform would do, and which services have to be recreated
    because their own definition or image changed. Compose alone would also recreate everything that depends on those.
  - Writes nothing.
options:
  copy_of:
    description:
      - In check mode, the root that O(root) is a copy of, made by M(lectern.tutor.root_copy). The compose files of the copy are compared
        with the containers of this root.
    version_added: 1.1.0
    type: path
  images_to_come:
    description:
      - In check mode, tags of images that would change before the platform starts. The services that run them count as changed.
    version_added: 1.1.0
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: full
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
missing_images:
  description: The images that services and their jobs need and that are not on the host.
  version_added: 1.1.0
  returned: success
  type: list
  elements: dict
  contains:
    tag:
      description: The tag.
      type: str
    name:
      description: The name of the image that Tutor pulls under this tag; null if it pulls none.
      type: str
  sample: [{tag: "docker.io/overhangio/openedx-notes:22.0.0", name: notes}]
running:
  description: The services that run.
  version_added: 1.1.0
  returned: success
  type: list
  elements: str
  sample: [caddy, lms]
to_start:
  description: One sentence for each reason to bring the compose project up; empty if the platform is settled.
  version_added: 1.1.0
  returned: success
  type: list
  elements: str
  sample: ["Service 'notes' has 0 of 1 containers"]
to_replace:
  description: The services whose own definition or image changed; empty if the platform is settled, or if nothing runs.
  version_added: 1.1.0
  returned: success
  type: list
  elements: str
  sample: [lms]
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
from ansible_collections.lectern.tutor.plugins.module_utils.images import image_list
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import project, settled, starting
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.start_plan import StartPlan, plan_start

SPEC = dict(copy_of=dict(type="path"), images_to_come=dict(type="list", elements="str", default=[]))

EMPTY = dict(unsettled=[], development=[], missing_images=[], running=[], to_start=[], to_replace=[])


def service_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    client = docker_engine.connect()
    original = places._replace(root=module.params["copy_of"] or places.root)
    model, containers = project.read_model(platform, jobs=True), project.containers(platform, client)
    definitions = project.services_in(model)
    missing = project.missing_images(platform, client, definitions)
    names = {image.tag: image.name for image in image_list.to_pull(platform)} if missing else {}
    unsettled = settled.unsettled(platform, client, model, containers)
    running = {project.service_of(container) for container in containers if container.status == "running"}
    plan = StartPlan([], [])
    if unsettled or module.params["images_to_come"]:
        plan = plan_start(platform, client, containers, original, module.params["images_to_come"])
    return dict(
        unsettled=unsettled,
        development=sorted(starting.development(original, client)),
        missing_images=[dict(tag=tag, name=names.get(tag)) for tag in missing],
        running=sorted(running & set(definitions)),
        to_start=plan.reasons,
        to_replace=plan.replace if running else [],
    )


if __name__ == "__main__":
    _module.run(service_info, SPEC, empty=EMPTY, needs_engine=True)
