#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: timers
short_description: Describe the timers of a platform, and what systemd lacks of them
version_added: 1.1.0
description:
  - Used by the role P(lectern.tutor.timers#role), which runs jobs at calendar times by timers of systemd on the host. In playbooks, use
    the role.
  - Writes what each timer runs to C(.lectern/timers.json) below the root, and the program that runs it to C(.lectern/timers.pyz). Only the
    owner of the root can read them, because scripts may hold passwords.
  - Compares the units in C(/etc/systemd/system) with those that the timers need, checks new calendar expressions with
    C(systemd-analyze calendar), and returns what is left to do there. The role does that as root.
  - Units are named C(lectern-NAME@ROOT.timer), where ROOT is the path of the root as C(systemd-escape --path) spells it. Units of other
    roots are left alone.
extends_documentation_fragment:
  - lectern.tutor.common
options:
  timers:
    description: All timers of the root. Others are removed.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: A name of letters, digits, C(-) and C(_).
        type: str
        required: true
      calendar:
        description: When it runs, as C(OnCalendar=) in systemd.timer(5), such as V(Mon 03:00).
        type: str
        required: true
      job:
        description: A job as C(tutor local do) names it, as the option O(lectern.tutor.job#module:name). Either this, or a script.
        type: str
      args:
        description: The arguments of the job, one item for each word.
        type: list
        elements: str
      service:
        description: The service to run O(timers[].script) in, without the suffix C(-job).
        type: str
      script:
        description: A shell script, as the option O(lectern.tutor.job#module:script).
        type: str
      timeout:
        description: The maximum seconds for the job, at least 1. By default there is no limit.
        type: int
      persistent:
        description: Whether to run at the next start of the host if it was off at the time.
        type: bool
        default: false
  python:
    description: The Python that runs the jobs, which holds Tutor and its plugins. Defaults to the one that runs the module.
    type: path
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - systemd, unless O(timers) is empty
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Find out what is left to do for one timer
  lectern.tutor.timers:
    root: /srv/tutor
    timers:
      - name: clear-sessions
        calendar: "*-*-* 03:30"
        service: lms
        script: ./manage.py lms clearsessions
  check_mode: true
  register: timers
"""

RETURN = r"""
timers:
  description: The timers.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    unit:
      description: Its unit, for C(systemctl).
      type: str
      sample: lectern-clear-sessions@srv-tutor.timer
    changed:
      description: Whether what it runs, or when, was changed.
      type: bool
units:
  description: What is left to do with units of systemd, in this order.
  returned: success
  type: dict
  contains:
    stop:
      description: Timers to stop and disable.
      type: list
      elements: str
    remove:
      description: Files to remove.
      type: list
      elements: str
    write:
      description: Files to write.
      type: list
      elements: dict
      contains:
        path:
          description: The path of the file.
          type: str
        content:
          description: The text of the file.
          type: str
    reload:
      description: Whether systemd has to read its units again.
      type: bool
    touch:
      description: Files whose time says when a timer elapsed last. They are touched so that a new time does not count as a missed one.
      type: list
      elements: str
    start:
      description: Timers to enable and to restart.
      type: list
      elements: str
actions:
  description: One sentence for each timer that was added, changed or removed.
  returned: always
  type: list
  elements: str
diff:
  description: The timers that changed, without scripts.
  returned: always
  type: list
  elements: dict
"""

import sys
from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base.ownership import User
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import timer_units
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.timers import read_timers, save_timers

SPEC = dict(
    timers=dict(
        type="list",
        elements="dict",
        required=True,
        no_log=True,
        options=dict(
            name=dict(type="str", required=True),
            calendar=dict(type="str", required=True),
            job=dict(type="str"),
            args=dict(type="list", elements="str", no_log=True),
            service=dict(type="str"),
            script=dict(type="str", no_log=True),
            timeout=dict(type="int"),
            persistent=dict(type="bool", default=False),
        ),
    ),
    python=dict(type="path"),
)


def plan_units(module: AnsibleModule, places: Places, user: Optional[User]) -> Dict[str, Any]:
    wanted = read_timers(module.params["timers"])
    return dict(units=timer_units.plan_units(places, wanted, user, module.params["python"] or sys.executable))


def timers(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    return save_timers(places, read_timers(module.params["timers"]), module.check_mode)


if __name__ == "__main__":
    _module.run(timers, SPEC, empty=dict(timers=[]), before=plan_units)
