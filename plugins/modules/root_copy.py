#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: root_copy
short_description: Copy what an environment is rendered from
version_added: 1.0.0
description:
  - Copies C(config.yml), C(env/), the manifest and the ledger of a root, and its plugins root, into a new folder. In check mode, the role
    P(lectern.tutor.environment#role) renders there, so that later roles can report what they would do.
  - Works in check mode too. The root is not changed. Remove the copy when you no longer need it.
extends_documentation_fragment:
  - lectern.tutor.common
options:
  folder:
    description:
      - The new folder, which must not exist yet. It belongs to the user who works on the root, and only that user can enter it.
      - It holds the copy of the root in C(root) and that of the plugins root in C(plugins).
    type: path
    required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: none
    details: The folder exists after the first time.
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Copy a root to try another setting
  lectern.tutor.root_copy:
    root: /srv/tutor
    folder: /tmp/tutor-copy
"""

RETURN = r"""
actions:
  description: Empty.
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
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.root_copy import copy_root

SPEC = dict(folder=dict(type="path", required=True))


def root_copy(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    copy_root(places, module.params["folder"])
    return {}


if __name__ == "__main__":
    _module.run(root_copy, SPEC)
