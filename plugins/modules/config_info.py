#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_info
short_description: Read the effective settings of an Open edX platform
version_added: 1.0.0
description:
  - Returns the settings that templates are rendered with, as C(tutor config printvalue) prints them, and where each comes from.
  - With O(patches), also renders patches, as C(tutor config patches show) does.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.info
options:
  keys:
    description:
      - The settings to return. By default, all of them. An unknown name is an error.
    type: list
    elements: str
    default: []
  patches:
    description:
      - The patches to render, with every filter, function and variable that plugins provide. V(all) stands for every patch that an
        enabled plugin adds to.
      - A patch that no enabled plugin adds to gives an empty text. A patch that cannot be rendered is an error if named here; with
        V(all) it is left out, and RV(patch_errors) says why.
    type: list
    elements: str
    default: []
  reveal:
    description:
      - Whether to return secrets unmasked. Set C(no_log) on such a task and wherever its result is used.
    type: bool
    default: false
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Find out where LMS_HOST comes from
  lectern.tutor.config_info:
    root: /srv/tutor
    keys: [LMS_HOST]
  register: lms_host

- name: Read settings and patches for the lookups
  lectern.tutor.config_info:
    root: /srv/tutor
    patches: [all]
    reveal: true
  register: tutor_config_info
  no_log: true
"""

RETURN = r"""
config:
  description: The settings, rendered. Secrets are masked unless O(reveal) is true.
  returned: always
  type: dict
  sample: {LMS_HOST: learn.example.org}
origin:
  description: Where each setting comes from.
  returned: always
  type: dict
  sample: {LMS_HOST: {layer: user, owner: core}}
  contains:
    layer:
      description: V(user) (C(config.yml)), V(overrides), V(unique), V(base) or V(defaults).
      type: str
    owner:
      description: C(core), or the plugin that defines the setting.
      type: str
typed:
  description:
    - Settings whose values JSON cannot represent, such as tuples, dates and mappings with keys that are not texts. RV(config) has them as
      lists and texts. The lookup P(lectern.tutor.patch#lookup) reads their exact values here.
  returned: always
  type: dict
  sample: {EXTRA_FIELDS: [{tuple: [course, other_course_settings]}]}
patches:
  description:
    - What C(tutor config patches show) prints for each of O(patches), without the final newline.
    - Secrets are masked unless O(reveal) is true.
  returned: always
  type: dict
  sample: {openedx-lms-common-settings: "PLATFORM_NAME = 'Example University'"}
patch_texts:
  description: The same before the texts of plugins are joined, in Tutor's order.
  returned: always
  type: dict
  sample: {openedx-lms-common-settings: ["PLATFORM_NAME = 'Example University'"]}
patch_errors:
  description: By patch that V(all) includes and that could not be rendered, the reason. The lookup P(lectern.tutor.patch#lookup) raises it.
  returned: always
  type: dict
  sample: {}
masked_patches:
  description: Those of O(patches) that contain a masked secret.
  returned: always
  type: list
  elements: str
  sample: []
variables:
  description: Variables of templates beside the settings, if they are texts, numbers or booleans.
  returned: always
  type: dict
  sample: {HOST_USER_ID: 1000, TUTOR_APP: tutor, TUTOR_VERSION: 22.0.3}
release:
  description: The version of Tutor whose rules apply.
  returned: always
  type: str
  sample: 22.0.3
compose:
  description: The compose project as C(tutor local) runs it. Paths are absolute, and only existing files are listed.
  returned: always
  type: dict
  sample:
    project_name: tutor_local
    files: [/srv/tutor/env/local/docker-compose.yml, /srv/tutor/env/local/docker-compose.prod.yml]
    job_files: [/srv/tutor/env/local/docker-compose.jobs.yml]
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

import difflib
from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import masking, plain
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.render import renderer
from ansible_collections.lectern.tutor.plugins.module_utils.root import compose_files, results
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform, render_patches

SPEC = dict(
    keys=dict(type="list", elements="str", default=[], no_log=False),
    patches=dict(type="list", elements="str", default=[]),
    reveal=dict(type="bool", default=False),
)


def config_info(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    platform = load_platform(places)
    keys = module.params["keys"] or list(platform.config)
    refuse_unknown(keys, platform.config)
    texts, errors = render_patches(platform, module.params["patches"])
    secrets = [] if module.params["reveal"] else platform.secrets  # rendering patches may have made some
    if secrets:
        _module.protect(module, secrets)
    settings = platform.config if module.params["reveal"] else results.mask_secret_settings(platform)
    shown = texts if module.params["reveal"] else masking.mask_value(texts, secrets)
    variables = {name: value for name, value in platform.renderer.jinja.globals.items() if isinstance(value, (str, int, float))}
    return dict(
        config={key: settings[key] for key in keys},
        typed={key: plain.typed(settings[key]) for key in keys if not plain.is_exact(settings[key])},
        patches={name: renderer.join_texts(shown[name], "\n", "") for name in texts},
        patch_texts=shown,
        patch_errors=masking.mask_value(errors, platform.secrets),
        masked_patches=[name for name in texts if shown[name] != texts[name]],
        variables=variables if module.params["reveal"] else masking.mask_value(variables, secrets),
        origin={key: platform.settings.origin[key]._asdict() for key in keys},
        release=platform.release.version,
        compose=compose_files.describe(places, platform.release, compose_files.project_name(platform)),
    )


def refuse_unknown(keys: List[str], config: Dict[str, Any]) -> None:
    """Raise LecternError for a key that is no setting."""
    for key in keys:
        if key not in config:
            similar = difflib.get_close_matches(key, config) or ["none that is similar"]
            raise LecternError("There is no setting '%s'. Known are: %s." % (key, ", ".join(similar)))


if __name__ == "__main__":
    PATCHES = dict(patches={}, patch_texts={}, patch_errors={}, masked_patches=[])
    _module.run(config_info, SPEC, empty=dict(PATCHES, config={}, typed={}, variables={}, origin={}, release="", compose={}))
