# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: patch
author:
  - The Lectern contributors (@lectern)
version_added: 1.0.0
short_description: The text that enabled Tutor plugins add at a patch
description:
  - Returns what enabled plugins add where a template of Tutor calls V({{ patch("NAME"\) }}), so that your own templates and tasks can
    offer plugins the same patch points.
  - Uses the results of M(lectern.tutor.plugin_info) and M(lectern.tutor.config_info). Nothing runs on the host.
  - A patch that M(lectern.tutor.config_info) rendered (O(lectern.tutor.config_info#module:patches)) is taken from its result. Every patch
    resolves this way, even if it uses what a plugin defines in Python. Any other patch is rendered on the controller.
  - Texts come in Tutor's order as in RV(lectern.tutor.plugin_info#module:patch_order), or by plugin name if only a list of plugins is
    given. Each is rendered separately with Tutor's filters, without its final newline. Undefined settings are errors. A text may itself
    call V({{ patch(\) }}).
options:
  _terms:
    description:
      - Names of patches. Each returns one text.
      - A patch that no enabled plugin adds to returns an empty text.
    type: list
    elements: str
    required: true
  plugins:
    description:
      - The result of M(lectern.tutor.plugin_info), or its RV(lectern.tutor.plugin_info#module:plugins).
      - Needed for patches that O(config) does not contain.
    type: raw
    vars:
      - name: tutor_plugin_info
  config:
    description:
      - The result of M(lectern.tutor.config_info), or its RV(lectern.tutor.config_info#module:config), which has no rendered patches.
      - A patch that uses a secret needs a result with O(lectern.tutor.config_info#module:reveal=true).
    type: raw
    vars:
      - name: tutor_config_info
  separator:
    description:
      - Text between the texts of two plugins.
    type: str
    default: "\n"
  suffix:
    description:
      - Text after the last one, unless there is none.
    type: str
    default: ""
notes:
  - Errors name the patch and the plugin. An undefined setting, a masked secret and a Jinja syntax error are errors, as is an enabled
    plugin that M(lectern.tutor.plugin_info) reports as broken.
  - Filters and functions that a v1 plugin defines in Python exist only on the host, as do templates and V(iter_mounts). The controller
    cannot render a patch that uses one. The error says so; let M(lectern.tutor.config_info) render it.
  - Texts come from another machine, so the controller renders them in Jinja's sandbox, which gives no access to Python's internals.
seealso:
  - module: lectern.tutor.plugin_info
  - module: lectern.tutor.config_info
  - plugin: lectern.tutor.setting
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Read the plugins
  lectern.tutor.plugin_info:
  register: tutor_plugin_info

- name: Read the settings and render all patches, secrets included
  lectern.tutor.config_info:
    patches: [all]
    reveal: true
  register: tutor_config_info
  no_log: true

- name: Add the plugins' web server configuration to our own file
  ansible.builtin.copy:
    content: |
      import /etc/caddy/site
      {{ lookup('lectern.tutor.patch', 'caddyfile') }}
    dest: /etc/caddy/Caddyfile
    mode: "0600"

- name: Use results registered under other names
  ansible.builtin.set_fact:
    requirements: "{{ lookup('lectern.tutor.patch', 'openedx-dockerfile', plugins=found, config=settings, suffix='\n') }}"
"""

RETURN = r"""
_raw:
  description: The rendered text of each patch, in the order of the names.
  type: list
  elements: str
"""

import functools

from ansible_collections.lectern.tutor.plugins.plugin_utils.lookups import ResultLookup
from ansible_collections.lectern.tutor.plugins.plugin_utils.patches import PatchRenderer, contributions_of
from ansible_collections.lectern.tutor.plugins.plugin_utils.results import (
    exact_settings_of,
    masked_patches_of,
    order_of,
    plugins_of,
    rendered_patch,
    variables_of,
    version_of,
)


class LookupModule(ResultLookup):
    def look_up(self, terms: list[str]) -> list[str]:
        config, separator, suffix = self.option_value("config"), self.get_option("separator"), self.get_option("suffix")
        texts = [rendered_patch(config, name, separator, suffix) for name in terms]
        if None not in texts:
            return texts
        result = self.option_value("plugins")
        plugins, rendered_on_host = plugins_of(result), functools.partial(rendered_patch, config)
        contributions = contributions_of(plugins, order_of(result), variables_of(config), version_of(config))
        settings = exact_settings_of(config)
        renderer = PatchRenderer(contributions, settings, version_of(config), rendered_on_host, masked_patches_of(plugins))
        return [renderer.render_patch(name, renderer.settings, separator, suffix) for name in terms]
