#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config
short_description: Change the settings of an Open edX platform
version_added: 1.0.0
description:
  - Saves settings in C(config.yml), as C(tutor config save) does, without rendering C(env/).
  - M(lectern.tutor.environment) does both.
  - On a new root, C(config.yml) is created with all generated secrets.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.changing
options:
  settings:
    description:
      - Settings to save. Texts may contain Tutor's Jinja, which is rendered before they are saved.
    type: dict
    default: {}
  append:
    description:
      - Items to add to settings that are lists, as a list by setting. Items that are present already are not added again.
    type: dict
    default: {}
  remove:
    description:
      - Items to remove from settings that are lists, as a list by setting.
    type: dict
    default: {}
  unset:
    description:
      - Settings to remove, which returns them to their defaults. Removing a secret that Tutor or a plugin generated is an error.
    type: list
    elements: str
    default: []
  accept_new_secrets:
    description:
      - Secrets that were generated once, are missing from C(config.yml) now, and may be generated again. A missing secret that is not
        listed here is an error, because the platform's data still uses the old one.
    type: list
    elements: str
    default: []
seealso:
  - module: lectern.tutor.config_info
  - module: lectern.tutor.environment
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Set the hosts
  lectern.tutor.config:
    root: /srv/tutor
    settings:
      LMS_HOST: learn.example.org
      CMS_HOST: "studio.learn.example.org"
      ENABLE_HTTPS: true

- name: Mount a checkout of edx-platform
  lectern.tutor.config:
    root: /srv/tutor
    append:
      MOUNTS:
        - /srv/src/edx-platform
"""

RETURN = r"""
config:
  description: All effective settings, rendered, with secrets masked.
  returned: always
  type: dict
  sample: {LMS_HOST: learn.example.org, MYSQL_ROOT_PASSWORD: "********"}
changed_keys:
  description: The settings that were added to C(config.yml), changed in it or removed from it.
  returned: always
  type: list
  elements: str
  sample: [LMS_HOST]
actions:
  description: One sentence for each file that was changed, or would be in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: Each of these files before and after, with secrets masked; empty without C(--diff).
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils._report import report
from ansible_collections.lectern.tutor.plugins.module_utils.base import access
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root import prepare, results, transaction

SPEC = dict(
    settings=dict(type="dict", default={}, no_log=True),
    append=dict(type="dict", default={}, no_log=True),
    remove=dict(type="dict", default={}, no_log=True),
    unset=dict(type="list", elements="str", default=[]),
    accept_new_secrets=dict(type="list", elements="str", default=[], no_log=False),
    root_mode=_module.ROOT_MODE,
)


def config(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    root_mode = access.parse_mode(module.params["root_mode"])
    request = prepare.Request(changes=results.read_changes(module.params), render=False, root_mode=root_mode)
    prepared = transaction.execute(places, request, module.check_mode)
    return dict(
        report(module, prepared),
        config=results.mask_secret_settings(prepared.platform),
        changed_keys=results.changed_keys(prepared),
    )


if __name__ == "__main__":
    _module.run(config, SPEC, empty=dict(config={}, changed_keys=[]))
