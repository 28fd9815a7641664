# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: settings_in
short_description: The settings in the text of a YAML file
version_added: 1.0.0
author: The Lectern contributors (@lectern)
description:
  - Parses YAML as the modules of this collection do. Errors name the file. Invalid YAML is an error, and so is a text whose aliases expand
    to more than anything could process.
positional: name
options:
  _input:
    description: The text.
    type: str
    required: true
  name:
    description: The name of the file, for error messages.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the host in a settings file
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'site.yml') | lectern.tutor.settings_in('site.yml')).LMS_HOST }}"
"""

RETURN = r"""
_value:
  description: The parsed value. It is a mapping if the text holds settings; an empty text gives an empty mapping.
  type: raw
  sample: {LMS_HOST: learn.example.org}
"""

from typing import Any, Callable, Dict

from ansible.errors import AnsibleFilterError
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.serialize import load


def settings_in(text: str, name: str) -> Any:
    """Return what a text of YAML holds; an empty mapping for an empty text. Raises AnsibleFilterError with the file's name for no YAML."""
    try:
        settings = load(str(text), "'%s'" % name)
    except LecternError as error:
        raise AnsibleFilterError(str(error)) from None
    return {} if settings is None else settings


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"settings_in": settings_in}
