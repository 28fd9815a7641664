#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: plugin
short_description: Enable and disable Tutor plugins
version_added: 1.0.0
description:
  - Changes the list of plugins in C(config.yml), as C(tutor plugins enable) and C(tutor plugins disable) do, without rendering C(env/).
  - Enabling a plugin saves its unique settings, such as passwords, at once.
  - Disabling a plugin removes its overrides from C(config.yml) and its files from C(env/). Its unique settings are kept.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.changing
options:
  name:
    description:
      - The plugins to enable or disable. Enabling one that is not installed is an error; disabling one that is not enabled changes nothing.
    type: list
    elements: str
    default: []
  state:
    description:
      - Whether the plugins should be enabled or disabled.
    type: str
    choices: [enabled, disabled]
    default: enabled
  definition:
    description:
      - A YAML (v0) plugin given inline, as a mapping or as a YAML text. It is written to the plugins root as C(NAME.yml) and enabled.
    type: raw
  accept_new_secrets:
    description:
      - Secrets that were generated once, are missing from C(config.yml) now, and may be generated again. A missing secret that is not
        listed here is an error, because the platform's data still uses the old one.
    type: list
    elements: str
    default: []
seealso:
  - module: lectern.tutor.plugin_info
  - module: lectern.tutor.environment
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Enable two plugins
  lectern.tutor.plugin:
    root: /srv/tutor
    name: [discovery, minio]

- name: Disable one
  lectern.tutor.plugin:
    root: /srv/tutor
    name: xqueue
    state: disabled

- name: Write and enable a YAML plugin
  lectern.tutor.plugin:
    root: /srv/tutor
    definition:
      name: announcement
      version: "1.0"
      patches:
        openedx-lms-common-settings: PLATFORM_NAME = "Example University"
"""

RETURN = r"""
enabled:
  description: The names of the enabled plugins, as saved in C(config.yml).
  returned: always
  type: list
  elements: str
  sample: [discovery, minio]
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

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils._report import report
from ansible_collections.lectern.tutor.plugins.module_utils.base import access
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import inline
from ansible_collections.lectern.tutor.plugins.module_utils.plugins.discover import read_yaml_plugin
from ansible_collections.lectern.tutor.plugins.module_utils.root import prepare, results, transaction

SPEC = dict(
    name=dict(type="list", elements="str", default=[]),
    state=dict(type="str", choices=["enabled", "disabled"], default="enabled"),
    definition=dict(type="raw", no_log=True),
    accept_new_secrets=dict(type="list", elements="str", default=[], no_log=False),
    root_mode=_module.ROOT_MODE,
)


def plugin(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    files = files_of_definition(module.params, places)
    names = module.params["name"] + [read_yaml_plugin(os.path.join(places.plugins_root, name), text).name for name, text in files.items()]
    if not names:
        raise LecternError("No plugin is named: give name, or definition.")
    change = {"enabled": dict(enable=names), "disabled": dict(disable=names)}[module.params["state"]]
    root_mode = access.parse_mode(module.params["root_mode"])
    request = prepare.Request(files=files, render=False, changes=results.read_changes(module.params), root_mode=root_mode, **change)
    prepared = transaction.execute(places, request, module.check_mode)
    return dict(report(module, prepared), enabled=prepared.enabled)


def files_of_definition(params: Dict[str, Any], places: Places) -> Dict[str, str]:
    """Return the plugin file that the option ``definition`` describes. Raises LecternError where it is combined with ``disabled``."""
    if params["definition"] is None:
        return {}
    if params["state"] == "disabled":
        raise LecternError("definition enables the plugin that it describes: with state=disabled, give name instead.")
    return inline.name_definitions(places, [params["definition"]])


if __name__ == "__main__":
    _module.run(plugin, SPEC, empty=dict(enabled=[]))
