# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mask_logins
short_description: A text with logins in URLs masked
version_added: 1.0.0
author: The Lectern contributors (@lectern)
description:
  - Replaces user, password and token in every URL (C(https://user:token@…)) with asterisks, as the modules of this collection do in their
    results.
options:
  _input:
    description: The text.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what is installed
  ansible.builtin.debug:
    msg: "{{ tutor_packages | map('lectern.tutor.mask_logins') | join(', ') }}"
"""

RETURN = r"""
_value:
  description: The masked text.
  type: str
  sample: git+https://********@git.example.org/plugin.git
"""

from typing import Any, Callable, Dict

from ansible_collections.lectern.tutor.plugins.module_utils.base.masking import mask_text


def mask_logins(text: Any) -> str:
    """Return a text with the login in each address masked."""
    return mask_text(str(text), [])


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"mask_logins": mask_logins}
