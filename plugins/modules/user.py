#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user
short_description: Create, change and disable users of Open edX
version_added: 1.1.0
description:
  - Compares one or many users with those of a platform, and creates, changes or disables those that differ. All users of a call share
    one container of the LMS.
  - New users are created by Open edX's own command C(manage_user), as C(tutor local do createuser) does, and need no activation by email.
  - Names and emails of new users, and passwords that are set, must meet the rules of Open edX. If any user of a call is refused, none
    is changed.
  - Names and emails are compared as Open edX's database does, which ignores case. An existing user keeps the email. A user that exists
    with another email, or an email that another user has, is an error.
  - Passwords reach the container in its environment. No process list, log, result or difference shows them, and the container is
    removed when it has ended.
  - Services that the LMS needs are started if they do not run.
  - Only one module of this collection runs tasks of a platform at a time. If a killed run left a container that still works, the module
    waits for it.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
  - lectern.tutor.common.live
options:
  name:
    description: The user name. Either this or O(users) is required.
    type: str
  email:
    description: The email address. Required with O(name).
    type: str
  password:
    description:
      - The password. A new user without one gets a random one and can ask for another by email.
      - It must be text. Put digits in quotes.
    type: str
  update_password:
    description:
      - V(on_create) gives the password to new users only. V(always) also sets it if the user has another one, which ends the user's
        sessions.
    type: str
    choices: [on_create, always]
    default: on_create
  staff:
    description: Whether the user may use Studio and the administration as global staff. If omitted, an existing user stays as is, and a new
      user is not staff.
    type: bool
  superuser:
    description: Whether the user has all rights in Django's administration. If omitted, an existing user stays as is, and a new user has
      none.
    type: bool
  state:
    description:
      - V(present) creates the user, or enables the account.
      - V(inactive) disables the account. The user can neither log in nor use an open session, and access tokens of applications are
        removed. Courses, grades and password are kept. A user who does not exist is not created.
      - Some APIs accept the signed token of a session (JWT) until it expires, after an hour at most.
    type: str
    choices: [present, inactive]
    default: present
  users:
    description: Several users, each with the options above.
    type: list
    elements: dict
    suboptions:
      name:
        description: The user name.
        type: str
        required: true
      email:
        description: The email address.
        type: str
        required: true
      password:
        description: As O(password).
        type: str
      update_password:
        description: As O(update_password).
        type: str
        choices: [on_create, always]
        default: on_create
      staff:
        description: As O(staff).
        type: bool
      superuser:
        description: As O(superuser).
        type: bool
      state:
        description: As O(state).
        type: str
        choices: [present, inactive]
        default: present
attributes:
  check_mode:
    support: full
    details:
      - Compares the users in a container that it removes again, and starts no other service. If the platform does not run yet, users
        cannot be compared. Then each counts as changed, and RV(actions) says so.
  diff_mode:
    support: full
    details: Shows no passwords, only whether one is set.
  idempotent:
    support: full
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Create an administrator
  lectern.tutor.user:
    root: /srv/tutor
    name: alice
    email: alice@example.com
    password: "{{ vault_alice_password }}"
    staff: true
    superuser: true

- name: Create a teacher, and disable the account of one who left
  lectern.tutor.user:
    root: /srv/tutor
    users:
      - name: bob
        email: bob@example.com
        password: "{{ vault_bob_password }}"
        update_password: always
      - name: carol
        email: carol@example.com
        state: inactive
"""

RETURN = r"""
users:
  description: The users in the order given.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name, in the spelling of Open edX.
      type: str
    email:
      description: The email address, in the spelling of Open edX.
      type: str
    changed:
      description: Whether the user was created, changed or disabled, or would be in check mode.
      type: bool
    created:
      description: Whether the user was created, or would be. Missing if check mode could not compare.
      type: bool
    staff:
      description: Whether the user is staff now, or would be; null without a user. Missing if check mode could not compare.
      type: bool
    superuser:
      description: Whether the user is a superuser now, or would be; null without a user. Missing if check mode could not compare.
      type: bool
    state:
      description: V(present), V(inactive), or V(absent) if there is no user to disable. Missing if check mode could not compare.
      type: str
  sample:
    - name: alice
      email: alice@example.com
      changed: true
      created: true
      staff: true
      superuser: true
      state: present
actions:
  description:
    - One sentence for each user who was created, changed or disabled, or would be in check mode.
    - One sentence for each project of C(tutor dev) that was stopped, and for each container of a killed run that was waited for.
  returned: always
  type: list
  elements: str
  sample: ["Created user 'alice'", "Changed user 'bob': password"]
diff:
  description: What was different of each user, without passwords.
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import programs, users, wanted_users

USER: Dict[str, Any] = dict(
    name=dict(type="str"),
    email=dict(type="str"),
    password=dict(type="str", no_log=True),
    update_password=dict(type="str", choices=["on_create", "always"], default="on_create", no_log=False),
    staff=dict(type="bool"),
    superuser=dict(type="bool"),
    state=dict(type="str", choices=["present", "inactive"], default="present"),
)

REQUIRED = {name: dict(USER[name], required=True) for name in ("name", "email")}

SPEC = dict(USER, users=dict(type="list", elements="dict", options=dict(USER, **REQUIRED), no_log=True))


def user(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    given = module.params["users"]
    wanted = wanted_users.read_users([module.params] if given is None else given)
    missing = programs.why_no_platform(places)
    if module.check_mode and missing:
        return users.describe_unknown(wanted, missing)
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    logs = _module.logs(module, places, platform.secrets)
    return users.bring_about(platform, docker_engine.connect(), wanted, logs, module.check_mode)


if __name__ == "__main__":
    _module.run(
        user,
        SPEC,
        empty=dict(users=[]),
        needs_engine=True,
        required_one_of=[["name", "users"]],
        mutually_exclusive=[["name", "users"]],
        required_together=[["name", "email"]],
    )
