#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_info
short_description: List the Python packages installed beside Tutor, with their hashes
version_added: 1.0.0
description:
  - Lists the packages of the virtual environment that the module runs in, except pip.
  - The playbook C(lectern.tutor.lock) writes them to a file that they can be reinstalled from.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.info
options:
  hashes:
    description:
      - Whether to find the hash of each package's archive. Pip downloads the archives again, or takes them from its cache.
      - For a package installed from a URL, the hash is the one that pip recorded. A package installed from a folder or a repository has
        none, which is an error.
    type: bool
    default: false
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: List the installed versions
  lectern.tutor.package_info:
  register: installed
"""

RETURN = r"""
packages:
  description: The packages, sorted by name.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name, normalized as package indexes do.
      type: str
    version:
      description: Its version.
      type: str
    url:
      description: The URL that it was installed from, without a login; empty for a package from an index.
      type: str
    hashes:
      description: Hashes of its archive, C(sha256:…). Empty for packages from an index unless O(hashes) is true.
      type: list
      elements: str
  sample:
    - name: tutor
      version: 22.0.3
      url: ""
      hashes: ["sha256:2f5b0990fb1e60e39d29e50c8ab6bf1e56bdc7f3f4a0b4f0a4b7c0a1e7a37c54"]
python:
  description: The version of Python.
  returned: always
  type: str
  sample: 3.12.3
actions:
  description: Empty, because nothing changes.
  returned: always
  type: list
  elements: str
diff:
  description: Empty.
  returned: always
  type: list
  elements: dict
"""

import platform
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import packages

SPEC = dict(hashes=dict(type="bool", default=False))


def package_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    installed = packages.installed_packages()
    if module.params["hashes"]:
        installed = packages.with_hashes(installed)
    return dict(packages=installed, python=platform.python_version())


if __name__ == "__main__":
    _module.run(package_info, SPEC, empty=dict(packages=[], python=""))
