#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_info
short_description: List the images of a platform on its host, and its containers
version_added: 1.0.0
description:
  - Lists the images that Tutor and the enabled plugins name, as they are on the host, and the containers of the platform's services.
  - Queries no registry.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.info
requirements:
  - Docker SDK for Python (the package C(docker)), 7.0 or newer
  - a Docker engine
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Fail if a container runs another image than its tag points to
  lectern.tutor.image_info:
    root: /srv/tutor
  register: site
  failed_when: site.containers | rejectattr('current') | length > 0
"""

RETURN = r"""
images:
  description: The images that are built or pulled, including those missing on the host.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the image.
      type: str
    tag:
      description: The tag, including the registry.
      type: str
    owner:
      description: V(core), or the plugin that defines it.
      type: str
    pullable:
      description: Whether Tutor pulls an image of that name, so that you can pin it.
      type: bool
    id:
      description: The id of the local image; null if there is none.
      type: str
    digests:
      description:
        - The digests C(sha256:…) that its registry is known to have the local image under.
        - Empty if it was built but not pushed.
      type: list
      elements: str
    created:
      description: When the local image was created, in UTC; null if there is none or the time is not recorded.
      type: str
  sample:
    - name: openedx
      tag: docker.io/overhangio/openedx:22.0.3
      owner: core
      pullable: true
      id: sha256:2f5b0990fb1e60e39d29e50c8ab6bf1e56bdc7f3f4a0b4f0a4b7c0a1e7a37c54
      digests: [sha256:9ab66cf0e0a1b2d6ddd3a5d0bd1e3e8b2f0b4b7f8c1f3f7a2e9b8f3d6c0a1e52]
      created: "2026-01-31T08:00:00.000000000Z"
containers:
  description: The containers of the platform's services, including stopped ones but not those of init tasks.
  returned: always
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
    name:
      description: The name of the container.
      type: str
    state:
      description: Its state, such as V(running) or V(exited).
      type: str
    image:
      description: The tag it was created from.
      type: str
    image_id:
      description: The id of the image it was created from.
      type: str
    current:
      description: Whether the tag still points to that image.
      type: bool
actions:
  description: Empty, because nothing changes.
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
from ansible_collections.lectern.tutor.plugins.module_utils.images import local_images
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import containers


def image_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    client = docker_engine.connect()
    return dict(
        images=local_images.describe_images(platform, client),
        containers=containers.describe_containers(platform, client),
    )


if __name__ == "__main__":
    _module.run(image_info, empty=dict(images=[], containers=[]), needs_engine=True)
