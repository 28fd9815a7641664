#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_info
short_description: Show where the files of an environment come from
version_added: 1.0.0
description:
  - Lists the files of C(env/) that this collection wrote, with the template, plugin and patches that each was rendered from.
  - Reports which of them were edited since, by hand or by another program.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.info
options:
  paths:
    description:
      - Files or folders below C(env/) to list. By default, all files.
    type: list
    elements: str
    default: []
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Find out who changes the LMS's settings
  lectern.tutor.environment_info:
    root: /srv/tutor
    paths:
      - apps/openedx/settings/lms/production.py
  register: settings_file

- name: List the files that were edited by hand
  lectern.tutor.environment_info:
    root: /srv/tutor
  register: all_files
  failed_when: all_files.files.values() | selectattr('drift') | length > 0
"""

RETURN = r"""
files:
  description: The files, by their path below C(env/).
  returned: always
  type: dict
  sample:
    local/docker-compose.yml:
      template: local/docker-compose.yml
      owner: core
      patches:
        local-docker-compose-services: [discovery, minio]
      digest: "sha256:0f343b0931126a20f133d67c2b018a3b5e0ad5a1c0e2c4a9b6d8c1f5d3e7a902"
      drift: false
  contains:
    template:
      description: The name of the template; empty if a plugin wrote the file itself.
      type: str
    owner:
      description: C(core), or the plugin that the template belongs to.
      type: str
    patches:
      description: The patches that add text to the file, each with the plugins that provide the text.
      type: dict
    digest:
      description: SHA-256 of the file as this collection wrote it.
      type: str
    drift:
      description: Whether the file on disk differs from that or is missing.
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
from ansible_collections.lectern.tutor.plugins.module_utils.base import locks
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root import drift, manifest

SPEC = dict(paths=dict(type="list", elements="str", default=[]))


def environment_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    with locks.locked_for_reading(places):
        return dict(files=drift.report(places, manifest.load(places), module.params["paths"]))


if __name__ == "__main__":
    _module.run(environment_info, SPEC, empty=dict(files={}))
