# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: claims
author:
  - The Lectern contributors (@lectern)
version_added: 1.0.0
short_description: Selected settings that the inventory gives to several sites
description:
  - Reads V(tutor_settings_files) and V(tutor_settings) of hosts in the inventory and returns the requested settings. V(tutor_settings)
    takes precedence. All other settings, including secrets, are left out.
  - The role P(lectern.tutor.preflight#role) uses it to compare what sites on one machine claim.
options:
  _terms:
    description: Names of hosts.
    type: list
    elements: str
    required: true
  settings:
    description: Names of settings.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the ports of all sites
  ansible.builtin.debug:
    msg: "{{ query('lectern.tutor.claims', *groups['tutor'], settings=['CADDY_HTTP_PORT']) }}"
"""

RETURN = r"""
_raw:
  description:
    - For each host, the requested settings that the inventory gives it. Values that Ansible cannot read or render, and files without
      settings, are skipped. The role P(lectern.tutor.preflight#role) reports these on their own host, so that no other host fails.
  type: list
  elements: dict
  sample: [{CADDY_HTTP_PORT: 81}, {}]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from ansible.plugins.lookup import LookupBase
from ansible_collections.lectern.tutor.plugins.module_utils.base import serialize
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from jinja2.exceptions import TemplateError


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        self.set_options(var_options=variables, direct=kwargs)
        return [self._claims_of(variables["hostvars"][name], variables) for name in terms]

    def _claims_of(self, host: Mapping[str, Any], variables: Any) -> dict[str, Any]:
        layers = []
        files = _read_or_none(host.get, "tutor_settings_files") or []
        for file in [files] if isinstance(files, str) else files:
            layers += [_settings_in(text) for text in _read_or_none(self._read, file, variables) or ()]
        layers.append(_read_or_none(host.get, "tutor_settings") or {})
        wanted = self.get_option("settings")
        return {name: value for layer in layers for name in wanted if (value := _read_or_none(layer.get, name)) is not None}

    def _read(self, file: str, variables: Any) -> list[str]:
        texts: list[str] = lookup_loader.get("ansible.builtin.file", loader=self._loader, templar=self._templar).run([file], variables)
        return texts


def _read_or_none(read: Callable[..., Any], *arguments: Any) -> Any:
    """Return what ``read`` returns; None where Ansible can't read or render it."""
    try:
        return read(*arguments)
    except (AnsibleError, TemplateError):
        return None


def _settings_in(text: str) -> dict[str, Any]:
    """Return the settings in a text of YAML; none where it is something else."""
    try:
        settings = serialize.load(text, "")
    except LecternError:
        return {}
    return settings if isinstance(settings, dict) else {}
