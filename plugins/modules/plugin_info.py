#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: plugin_info
short_description: List installed Tutor plugins and what they contribute
version_added: 1.0.0
description:
  - Lists every plugin installed for this interpreter or present in the plugins root, enabled or not.
  - Imports each plugin in a separate process. A plugin that fails is listed with its error, and the call succeeds.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.info
options:
  names:
    description:
      - The plugins to list. By default, all of them. One that is not installed is an error.
    type: list
    elements: str
    default: []
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Fail if an enabled plugin cannot be loaded
  lectern.tutor.plugin_info:
    root: /srv/tutor
  register: tutor_plugin_info
  failed_when: tutor_plugin_info.plugins | selectattr('enabled') | selectattr('error') | length > 0
"""

RETURN = r"""
plugins:
  description: The plugins, sorted by name.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the plugin.
      type: str
    api:
      description: V(v0) or V(v1).
      type: str
    source:
      description: V(entrypoint) (a Python package), V(yaml) or V(file) (C(.py)).
      type: str
    package:
      description: The Python package of an entry point, else empty.
      type: str
    version:
      description: The version, empty if it has none.
      type: str
    path:
      description: The file of a single-file plugin, else empty.
      type: str
    enabled:
      description: Whether C(config.yml) lists it.
      type: bool
    config:
      description: Its settings as it defines them, with full key names, not rendered. Literal secrets are masked.
      type: dict
      sample: {unique: {MINIO_PASSWORD: "{{ 20|random_string }}"}, defaults: {MINIO_BUCKET_NAME: openedx}, overrides: {}}
    patches:
      description: The texts of its patches, by name, not rendered. Logins in URLs are masked.
      type: dict
      sample: {caddyfile: ["minio.example.org { }"]}
    masked_patches:
      description: The names of its patches that contain something masked.
      type: list
      elements: str
      sample: []
    hooks:
      description:
        - Its hooks. C(init) and C(pre-init) are lists of services; C(build-image) and C(remote-image) are image tags by name.
      type: dict
      sample: {init: [minio], pre-init: [], build-image: {}, remote-image: {}}
    templates:
      description: Its first folder of templates, null if it has none.
      type: str
    jobs:
      description: The jobs that it adds to C(tutor local do), for the module M(lectern.tutor.job).
      type: list
      elements: dict
      contains:
        name:
          description: The name of the job.
          type: str
        help:
          description: What the plugin says about it, empty if nothing.
          type: str
        parameters:
          description: Its options and arguments, in the plugin's order.
          type: list
          elements: dict
          contains:
            name:
              description: The name of the option or argument.
              type: str
            flags:
              description: How an option is written, such as V(--password); empty for an argument.
              type: list
              elements: str
            required:
              description: Whether it has to be given.
              type: bool
            default:
              description: Its value if it is not given; null for none, for one that is computed, and for a secret.
              type: raw
            multiple:
              description: Whether it can be given several times.
              type: bool
            prompt:
              description: Whether the job asks for it if it is not given. Unattended, it has to be given.
              type: bool
            help:
              description: What the plugin says about it, empty if nothing.
              type: str
      sample: []
    error:
      description: Why it cannot be loaded, empty if it can.
      type: str
patch_order:
  description:
    - The enabled plugins that add to each patch, once for each text, in the order of the texts.
    - Empty if these plugins cannot be loaded together.
  returned: always
  type: dict
  sample: {caddyfile: [mfe, minio]}
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
from ansible_collections.lectern.tutor.plugins.module_utils.base import failures
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root import plugin_list

SPEC = dict(names=dict(type="list", elements="str", default=[]))


def plugin_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    result = plugin_list.describe_plugins(places, module.params["names"])
    for plugin in result["plugins"]:
        plugin["error"] = failures.shorten(plugin["error"])
    return result


if __name__ == "__main__":
    _module.run(plugin_info, SPEC, empty=dict(plugins=[], patch_order={}))
