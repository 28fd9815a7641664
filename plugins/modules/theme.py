#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: theme
short_description: Assign a theme to the sites of a platform
version_added: 1.1.0
description:
  - Assigns a theme of the image C(openedx), as C(tutor local do settheme) does, but only to the sites that have another one. A site that
    is missing in the database is added.
  - A theme that the image does not contain is refused before anything is changed, with a list of those that it contains.
  - The sites are read and written in one container of the LMS, in one transaction. Services that it needs are started if they do not
    run. The change takes effect at once, without a restart.
options:
  name:
    description: The folder of the theme, such as V(indigo), or V(default) for the theme of Open edX, which means that none is assigned.
    type: str
    required: true
  domains:
    description:
      - The domains of the sites, with their ports if these are not the default ones.
      - By default those that C(settheme) takes, the LMS and Studio in production (C(LMS_HOST), C(CMS_HOST)) and, with the ports 8000 and
        8001, in C(tutor dev). Up to Tutor 20 also the preview site (C(PREVIEW_LMS_HOST)).
    type: list
    elements: str
    default: []
  images_to_come:
    description:
      - In check mode, the tags of images that would have changed by the time the theme is assigned. If the LMS's image is among them,
        its themes are unknown. The role P(lectern.tutor.content#role) passes what the role P(lectern.tutor.images#role) would
        build and pull.
    type: list
    elements: str
    default: []
  copy_of:
    description:
      - In check mode, the root that O(root) is a copy of, made by M(lectern.tutor.root_copy). The sites of this root are read, with the
        settings of the copy.
    type: path
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
attributes:
  check_mode:
    support: full
    details:
      - Reads the sites in a container. If the platform does not run, they can't be read, and the call reports a change.
  diff_mode:
    support: full
  idempotent:
    support: full
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: The LMS and Studio use the theme Indigo
  lectern.tutor.theme:
    root: /srv/tutor
    name: indigo

- name: A second domain of the LMS has a theme of its own
  lectern.tutor.theme:
    root: /srv/tutor
    name: partner
    domains: [partner.example.org]

- name: Back to the theme of Open edX
  lectern.tutor.theme:
    root: /srv/tutor
    name: default
"""

RETURN = r"""
theme:
  description: The name of the theme.
  returned: success
  type: str
  sample: indigo
themes:
  description: The themes that the image holds, sorted. Empty if check mode could not look.
  returned: success, or if the image lacks the theme
  type: list
  elements: str
  sample: [indigo, partner]
sites:
  description: The sites in the order of O(domains).
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: The domain of the site.
      type: str
    changed:
      description: Whether the theme was assigned to it, or would be in check mode.
      type: bool
  sample:
    - domain: campus.example.org
      changed: true
actions:
  description: One sentence for each site that changed, or would in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: The themes of the sites that change.
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
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import programs, themes
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.themes import Theme

SPEC = dict(
    name=dict(type="str", required=True),
    domains=dict(type="list", elements="str", default=[]),
    images_to_come=dict(type="list", elements="str", default=[]),
    copy_of=dict(type="path"),
)


def theme(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    params = module.params
    wanted = Theme(params["name"], params["domains"])
    themes.refuse_bad(wanted)
    if module.check_mode and programs.why_no_platform(places):
        return themes.describe_unknown(wanted, programs.why_no_platform(places))
    platform = load_platform(places)
    _module.protect(module, platform.secrets)
    wanted = wanted._replace(domains=themes.domains_of(platform, wanted))
    if not module.check_mode:
        logs = _module.logs(module, places, platform.secrets)
        return themes.assign(platform, docker_engine.connect(), wanted, logs)
    original = places._replace(root=params["copy_of"] or places.root)
    unknown = programs.why_no_platform(original) or themes.why_unknown(platform, params["images_to_come"])
    if unknown:
        return themes.describe_unknown(wanted, unknown)
    return themes.look(load_platform(original) if params["copy_of"] else platform, docker_engine.connect(), wanted)


if __name__ == "__main__":
    _module.run(theme, SPEC, empty=dict(theme="", themes=[], sites=[]), needs_engine=True)
