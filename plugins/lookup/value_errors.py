# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: value_errors
author:
  - The Lectern contributors (@lectern)
version_added: 1.0.0
short_description: Values of variables that Ansible cannot pass on unchanged
description:
  - Ansible passes values to a module as JSON, which has no dates, sets or bytes, and only texts as keys. The module would receive something
    else than the variable holds. This lookup finds all such values beforehand.
options:
  _terms:
    description:
      - Names of variables, such as V(tutor_settings). A variable that does not exist, or that Ansible cannot render, has no errors.
    type: list
    elements: str
    required: true
  way:
    description:
      - Where such a value can be given instead, for the sentences.
    type: str
    default: into a settings file
"""

EXAMPLES = r"""
- name: Stop if a setting would arrive changed
  ansible.builtin.assert:
    that: query('lectern.tutor.value_errors', 'tutor_settings') | length == 0
"""

RETURN = r"""
_raw:
  description: One sentence for each such value.
  type: list
  elements: str
  sample: ["tutor_settings.OPENING_DAY is a date: put it in quotes, or into a settings file"]
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.lectern.tutor.plugins.plugin_utils.values import option_errors, reason_too_large
from jinja2.exceptions import TemplateError


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        names = [str(name) for name in terms if name in (variables or {})]
        # Rendering turns sets into lists, so the unrendered value counts too.
        values = [(name, value) for name in names for value in (variables[name], self._rendered(variables[name]))]
        return list(dict.fromkeys(error for name, value in values for error in option_errors(value, name, self.get_option("way"))))

    def _rendered(self, value: Any) -> Any:
        if reason_too_large(value):
            return None  # reported for the unrendered value
        try:
            return self._templar.template(value)
        except (AnsibleError, TemplateError):
            return None  # the lookup template_errors reports it
