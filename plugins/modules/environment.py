#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment
short_description: Render the environment of an Open edX platform
version_added: 1.0.0
description:
  - Enables plugins, saves settings and renders C(env/) in one transaction, as C(tutor plugins enable) and C(tutor config save) do together.
  - Computes everything before it writes. If there is an error, nothing is written; if nothing differs, no file is touched.
  - Removes files that core and the enabled plugins no longer produce, if this collection or a plugin that is now disabled wrote them.
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.changing
options:
  plugins:
    description:
      - The exact list of plugins to enable; all others are disabled. By default, the plugins in C(config.yml) stay enabled.
    type: list
    elements: str
  definitions:
    description:
      - YAML (v0) plugins given inline, as mappings or as YAML texts. They are written to the plugins root as C(NAME.yml).
      - A definition does not enable its plugin; O(plugins) or C(config.yml) does.
    type: list
    elements: raw
    default: []
  plugin_files:
    description:
      - The contents of single-file plugins by file name, C(NAME.yml) (v0) or C(NAME.py) (v1). They are written to the plugins root.
    type: dict
    default: {}
  settings_files:
    description:
      - More settings, as the contents of YAML files. They can hold values that JSON cannot, such as dates.
      - Later files override earlier ones, and O(settings) overrides all of them.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the file, for error messages.
        type: str
        required: true
      text:
        description: The content of the file.
        type: str
        required: true
  settings:
    description:
      - Settings to save in C(config.yml), as C(tutor config save --set) does.
      - Texts may contain Tutor's Jinja, which is rendered before they are saved. They may refer to defaults, and to each other in any
        order.
      - A random setting, such as V({{ 20|random_string }}), is generated once and kept.
    type: dict
    default: {}
  unset:
    description:
      - Settings to remove from C(config.yml), which returns them to their defaults. Removing a secret that Tutor or a plugin generated is
        an error.
    type: list
    elements: str
    default: []
  accept_new_secrets:
    description:
      - Secrets that were generated once, are missing from C(config.yml) now, and may be generated again. A missing secret that is not
        listed here is an error, because the platform's data still uses the old one.
    type: list
    elements: str
    default: []
  prune:
    description:
      - Whether to remove files from C(env/) that nothing produces any more.
    type: bool
    default: true
seealso:
  - module: lectern.tutor.plugin
  - module: lectern.tutor.config
  - module: lectern.tutor.environment_info
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Render the environment with exactly these plugins
  lectern.tutor.environment:
    root: /srv/tutor
    plugins:
      - discovery
      - minio
      - xqueue
    settings:
      LMS_HOST: learn.example.org
      CMS_HOST: studio.learn.example.org
    definitions:
      - name: announcement
        version: "1.0"
        patches:
          openedx-lms-common-settings: PLATFORM_NAME = "Example University"

- name: Show what a newer version of a plugin would change
  lectern.tutor.environment:
    root: /srv/tutor
  check_mode: true
  diff: true
"""

RETURN = r"""
plugins:
  description: The names of the enabled plugins, as saved in C(config.yml).
  returned: always
  type: list
  elements: str
  sample: [discovery, minio, xqueue]
changed_keys:
  description: The settings that were added to C(config.yml), changed in it or removed from it.
  returned: always
  type: list
  elements: str
  sample: [LMS_HOST]
files:
  description: The files of C(env/), by their path below it.
  returned: always
  type: dict
  contains:
    created:
      description: Files that did not exist before.
      type: list
      elements: str
    changed:
      description: Files whose content or mode changed.
      type: list
      elements: str
    removed:
      description: Files that nothing produces any more.
      type: list
      elements: str
    unchanged_count:
      description: How many files did not change.
      type: int
compose:
  description: The compose project as C(tutor local) runs it. Paths are absolute, and only files of the environment are listed.
  returned: always
  type: dict
  sample:
    project_name: tutor_local
    files: [/srv/tutor/env/local/docker-compose.yml, /srv/tutor/env/local/docker-compose.prod.yml]
    job_files: [/srv/tutor/env/local/docker-compose.jobs.yml]
maintenance:
  description: Whether the site is in maintenance (M(lectern.tutor.maintenance)), so that its Caddyfile holds the page.
  version_added: 1.1.0
  returned: always
  type: bool
actions:
  description: One sentence for each file that was changed, or would be in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: Each of these files before and after, with secrets masked; empty without C(--diff).
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils._report import report
from ansible_collections.lectern.tutor.plugins.module_utils.base import access
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.base.releases import release_of
from ansible_collections.lectern.tutor.plugins.module_utils.memory import store
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import inline
from ansible_collections.lectern.tutor.plugins.module_utils.root import compose_files, maintenance, prepare, results, transaction

SPEC = dict(
    plugins=dict(type="list", elements="str"),
    definitions=dict(type="list", elements="raw", default=[], no_log=True),
    plugin_files=dict(type="dict", default={}, no_log=True),
    settings_files=dict(
        type="list",
        elements="dict",
        default=[],
        no_log=True,
        options=dict(name=dict(type="str", required=True), text=dict(type="str", required=True, no_log=True)),
    ),
    settings=dict(type="dict", default={}, no_log=True),
    unset=dict(type="list", elements="str", default=[]),
    accept_new_secrets=dict(type="list", elements="str", default=[], no_log=False),
    prune=dict(type="bool", default=True),
    root_mode=_module.ROOT_MODE,
)
NO_FILES = dict(created=[], changed=[], removed=[], unchanged_count=0)


def environment(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    params = module.params
    files = dict(inline.check_files(params["plugin_files"]), **inline.name_definitions(places, params["definitions"]))
    request = prepare.Request(
        plugins=params["plugins"],
        files=files,
        changes=results.read_changes(params),
        prune=params["prune"],
        root_mode=access.parse_mode(params["root_mode"]),
    )
    prepared = transaction.render_root(places, request, module.check_mode)
    in_maintenance = maintenance.read_record(places) is not None
    if isinstance(prepared, store.RememberedRendering):
        known = prepared.result
        compose_project = compose_files.describe(places, release_of(known["release"]), known["project_name"], known["files"])
        _module.warn(module, known["warnings"])
        unchanged = dict(NO_FILES, unchanged_count=len(known["files"]))
        result = dict(changed=False, plugins=known["plugins"], changed_keys=[], files=unchanged, compose=compose_project)
        return dict(result, maintenance=in_maintenance)
    return dict(
        report(module, prepared),
        plugins=prepared.enabled,
        changed_keys=results.changed_keys(prepared),
        files=results.list_files(prepared),
        maintenance=in_maintenance,
        compose=compose_files.describe(places, prepared.platform.release, compose_files.project_name(prepared.platform), prepared.tree),
    )


if __name__ == "__main__":
    _module.run(environment, SPEC, empty=dict(plugins=[], changed_keys=[], files=NO_FILES, compose={}, maintenance=False))
