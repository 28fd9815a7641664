#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cached_module
short_description: Keep a copy of this collection's modules on a host
version_added: 1.0.0
description:
  - Used by every task with a module of this collection. Do not call it in playbooks.
  - The host keeps the modules and what they import in C(~/.cache/lectern), or in C(/var/tmp/lectern-UID) if the user has no writable home
    folder. Each version of the collection has a folder there; the five newest are kept.
  - Works in check mode too. Changes nothing else.
options:
  digest:
    description: The name of the copy.
    type: str
    required: true
  archive:
    description: A zip file of Python packages, encoded in Base64.
    type: str
    required: true
author:
  - The Lectern contributors (@lectern)
attributes:
  check_mode:
    description: Creates the copy in check mode too.
    support: full
"""

EXAMPLES = r"""
- name: Run any module of the collection, which uses the copy
  lectern.tutor.environment_info:
    root: /srv/tutor
"""

RETURN = r"""
folder:
  description: The folder that holds the copy.
  returned: success
  type: str
  sample: /root/.cache/lectern/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""

import base64
import binascii
import io
import json
import os
import runpy
import sys
import zipfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import copies

WANTED = "LECTERN_MODULE"  # like MISSING, the same as in plugin_utils/cached.py
MISSING = "lectern_missing"
PACKAGE = "ansible_collections"


def start(digest: str, name: str) -> None:
    """Run a module from the copy, with the options that Ansible brought for it."""
    folder = copies.find_copy(digest)
    if folder is None:
        sys.stdout.write(json.dumps({MISSING: True}))
        raise SystemExit(0)
    sys.path[:] = [folder] + [path for path in sys.path if not path or not __file__.startswith(path + os.sep)]
    for loaded in [module for module in sys.modules if module.partition(".")[0] == PACKAGE]:
        del sys.modules[loaded]
    runpy.run_module("%s.lectern.tutor.plugins.modules.%s" % (PACKAGE, name), run_name="__main__", alter_sys=True)


def main() -> None:
    """Run the module that the controller wants; where it wants none, keep the copy that it sends."""
    if WANTED in os.environ:
        return start(*os.environ.pop(WANTED).split("/"))
    spec = dict(digest=dict(type="str", required=True), archive=dict(type="str", required=True, no_log=True))
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    try:
        content = zipfile.ZipFile(io.BytesIO(base64.b64decode(module.params["archive"])))
        module.exit_json(changed=False, folder=copies.keep_copy(module.params["digest"], content))
    except (OSError, binascii.Error, zipfile.BadZipFile) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
