#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smoke
short_description: Try a running platform as its users would
version_added: 1.1.0
description:
  - Requests C(/heartbeat) of the LMS and of Studio, creates a user without any rights, logs in as that user through the platform's web
    proxy, asks the API for the user's name, and removes the user. It works with every release of Open edX.
  - If the virtual environment holds the files of Tutor's own smoke tests, which Tutor has from 21.0.8 on, and the packages C(pytest) and
    C(requests), it runs those instead, as C(tutor local do tests smoke) does. Tutor's packages on PyPI do not contain these files. The
    administrator and the OAuth2 client that they need have names of their own, and are removed afterwards.
  - Requests go to this host directly, so names need not resolve. Certificates are not checked.
  - One container creates and removes the user. If the module is killed, that container removes the user after five minutes.
  - The verdict is kept in C(.lectern/smoke.json) below the root. M(lectern.tutor.deployment_info) says whether the test is due again.
  - If a test fails, the module fails, with RV(smoke) in its result.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
attributes:
  check_mode:
    support: full
    details: Says what it would do, and creates no user.
  diff_mode:
    support: N/A
    details: Leaves the platform as it was.
  idempotent:
    support: full
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Log in to the platform as a user would
  lectern.tutor.smoke:
    root: /srv/tutor
"""

RETURN = r"""
smoke:
  description: The verdict; null in check mode, or if the platform could not be tried.
  returned: always
  type: dict
  contains:
    passed:
      description: Whether all tests passed.
      type: bool
    how:
      description: V(tutor) for Tutor's own tests, V(lectern) for those of this collection.
      type: str
    reason:
      description: Why Tutor's own tests did not run; empty if they did.
      type: str
    tests:
      description: The tests, as dictionaries of C(name), C(passed) and C(message), which is empty for a test that passed.
      type: list
      elements: dict
    finished:
      description: When it ended, in UTC.
      type: str
  sample:
    passed: true
    how: lectern
    reason: Tutor 20.0.1 has no smoke tests of its own
    tests: [{name: heartbeat of the LMS, passed: true, message: ""}, {name: log in as a new user, passed: true, message: ""}]
    finished: "2026-01-31T08:00:00Z"
actions:
  description: In check mode, what would be done.
  returned: always
  type: list
  elements: str
  sample: ["Would log in to 'learn.example.org' as a new user, and remove that user: Tutor 20.0.1 has no smoke tests of its own"]
diff:
  description: Empty, because nothing stays changed.
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.smoke import explain, plan, run_smoke_test


def smoke(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    if module.check_mode:
        return dict(actions=[plan(platform)])
    logs = _module.logs(module, places, platform.secrets)
    verdict = run_smoke_test(platform, docker_engine.connect(), logs)
    if not verdict.passed:
        raise LecternError("The smoke test failed: %s." % explain(verdict), smoke=verdict.describe())
    return dict(smoke=verdict.describe())


if __name__ == "__main__":
    _module.run(smoke, empty=dict(smoke=None), needs_engine=True)
