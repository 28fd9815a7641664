# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: template_errors
author:
  - The Lectern contributors (@lectern)
version_added: 1.0.0
short_description: Values of variables that Ansible cannot render
description:
  - Double braces in a variable are Ansible's. If you meant Tutor's, such as C({{ LMS_HOST }}), Ansible stops at the first task that uses
    the variable, and its message may not say which of many values failed. This lookup finds all of them beforehand.
  - Values marked C(!unsafe) are not Ansible's and so are no errors. The values themselves are never returned, because they may be secret.
options:
  _terms:
    description:
      - Names of variables, such as V(tutor_settings). A variable that does not exist has no errors.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Stop if a setting cannot be rendered
  ansible.builtin.assert:
    that: query('lectern.tutor.template_errors', 'tutor_settings') | length == 0
"""

RETURN = r"""
_raw:
  description: Each value that cannot be rendered.
  type: list
  elements: dict
  contains:
    name:
      description: Its place in the variable.
      type: str
      sample: tutor_settings.CMS_HOST
    reason:
      description: What Ansible is missing.
      type: str
      sample: "'LMS_HOST' is undefined"
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.lectern.tutor.plugins.plugin_utils.values import reason_too_large

# The only words of Ansible that are shown: others may quote the value.
MISSING = re.compile(r"'[\w.]+' is undefined|[Nn]o (?:filter|test) named '[\w.]+'|[Tt]he lookup plugin '[\w.]+' failed")
VAULT = re.compile(r"no vault secrets|[Dd]ecrypt")
SYNTAX = re.compile(r"[Ss]yntax error|templating string|unexpected|[Ee]xpected token|[Ee]ncountered unknown tag|[Mm]issing end of")


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, str]]:
        given = {str(name): variables[name] for name in terms if name in (variables or {})}
        return [error for name, value in given.items() for error in self._errors_in(name, value)]

    def _errors_in(self, name: str, value: Any) -> list[dict[str, str]]:
        return [] if reason_too_large(value) else list(self._errors_below(name, value))  # the lookup value_errors reports it

    def _errors_below(self, name: str, value: Any) -> Iterator[dict[str, str]]:
        if isinstance(value, str):
            yield from self._error_of(name, value)
            return
        parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        for key, part in parts:
            yield from self._errors_below(f"{name}.{key}", part)

    def _error_of(self, name: str, text: str) -> Iterator[dict[str, str]]:
        try:
            self._templar.template(text)
        except AnsibleError as error:
            yield dict(name=name, reason=_explain(str(error)))


def _explain(words: str) -> str:
    missing = MISSING.search(words)
    if missing:
        return missing[0]
    if VAULT.search(words):
        return "the password of a vault is missing or wrong"
    return "it is no valid template of Ansible's" if SYNTAX.search(words) else "its template fails"
