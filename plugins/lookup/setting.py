# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: setting
author:
  - The Lectern contributors (@lectern)
version_added: 1.0.0
short_description: The effective value of a Tutor setting
description:
  - Looks up settings in the result of M(lectern.tutor.config_info), with every default and template of Tutor and its plugins resolved.
    Nothing runs on the host.
options:
  _terms:
    description:
      - Full names of settings, such as V(LMS_HOST).
    type: list
    elements: str
    required: true
  config:
    description:
      - The result of M(lectern.tutor.config_info), or its RV(lectern.tutor.config_info#module:config).
    type: raw
    vars:
      - name: tutor_config_info
notes:
  - An unknown name is an error that lists similar names.
  - A masked secret is an error too. It needs a result with O(lectern.tutor.config_info#module:reveal=true).
seealso:
  - module: lectern.tutor.config_info
  - plugin: lectern.tutor.patch
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Read the settings
  lectern.tutor.config_info:
  register: tutor_config_info

- name: Wait until the LMS answers
  ansible.builtin.uri:
    url: "https://{{ lookup('lectern.tutor.setting', 'LMS_HOST') }}/heartbeat"
  register: heartbeat
  until: heartbeat is success
  retries: 10
"""

RETURN = r"""
_raw:
  description: The value of each setting, in the order of the names.
  type: list
  elements: raw
"""

from typing import Any

from ansible_collections.lectern.tutor.plugins.plugin_utils.lookups import ResultLookup
from ansible_collections.lectern.tutor.plugins.plugin_utils.results import find_setting, settings_of


class LookupModule(ResultLookup):
    def look_up(self, terms: list[str]) -> list[Any]:
        config = settings_of(self.option_value("config"))
        return [find_setting(config, key) for key in terms]
