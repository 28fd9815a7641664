#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: record_run
short_description: Record how a deployment ended, and write metrics of the site
version_added: 1.1.0
description:
  - Records in C(.lectern/run.json) how a deployment ended and when one succeeded last, for M(lectern.tutor.status_info). The playbook
    C(lectern.tutor.deploy) does this at its end.
  - Writes the status of the site for the textfile collector of Prometheus' node exporter. It holds no secrets.
  - Both files are written whole or not at all. They hold the time of the run, so writing them anew does not count as a change.
options:
  result:
    description: How the deployment ended. By default, none is recorded.
    type: str
    choices: [succeeded, failed]
  metrics_dir:
    description:
      - The folder that the node exporter reads, as in its option C(--collector.textfile.directory). The file is written there with mode
        0644, as the user that the module runs as, even if another user owns the root. By default, no metrics are written.
      - In check mode, only the path of the file is reported, because its values are those at the end of a run.
    type: path
  site:
    description:
      - The name of the site in the metrics, and of its file C(lectern-NAME.prom). Characters other than letters, digits and C(_.-~) are
        percent-encoded in the name of the file.
    type: str
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.compose
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Shows the metrics before and after.
  idempotent:
    support: full
author:
  - The Lectern contributors (@lectern)
"""

EXAMPLES = r"""
- name: Write metrics each time that your own playbook ran
  lectern.tutor.record_run:
    root: /srv/tutor
    site: "{{ inventory_hostname }}"
    metrics_dir: /var/lib/prometheus/node-exporter
"""

RETURN = r"""
path:
  description: The path of the file of metrics; null without O(metrics_dir).
  returned: success
  type: str
  sample: /var/lib/prometheus/node-exporter/lectern-learn.example.org.prom
status:
  description: What RV(lectern.tutor.status_info#module:verdict) and the other results of that module are; null without O(metrics_dir).
  returned: success
  type: dict
  sample: {verdict: ok, problems: []}
actions:
  description: A sentence on the file of metrics if it was missing or had another mode, or would be written in check mode.
  returned: always
  type: list
  elements: str
diff:
  description: The metrics before and after; empty without C(--diff).
  returned: always
  type: list
  elements: dict
"""

import contextlib
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import read_bytes
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import last_run, metrics

SPEC = dict(
    result=dict(type="str", choices=[last_run.SUCCEEDED, last_run.FAILED]),
    metrics_dir=dict(type="path"),
    site=dict(type="str"),
)


def record_run(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    if module.params["result"] and not module.check_mode:
        last_run.record(places, last_run.next_run(places, module.params["result"]))
    if not module.params["metrics_dir"] or module.check_mode:
        return {}
    from ansible_collections.lectern.tutor.plugins.module_utils.runtime.site_status import find_status

    status, secrets = find_status(places)
    _module.protect(module, secrets)
    return dict(status=status)


def write_metrics(module: AnsibleModule, results: Dict[str, Any]) -> Dict[str, Any]:
    """Write the metrics as the user of the module: the owner of the root may not be able to, and need not."""
    folder, site = module.params["metrics_dir"], module.params["site"]
    if not folder:
        return {}
    path = metrics.file_path(folder, site)
    if module.check_mode:
        metrics.refuse_folder(folder)
        is_missing = metrics.is_missing(path)
        return dict(path=path, changed=is_missing, actions=["Would write %s" % path], diff=[])
    before, text = read_before(path), metrics.format_metrics(site, results["status"])
    is_new = metrics.write_metrics(path, text)
    diff = [dict(before_header=path, after_header=path, before=before, after=text)] if module._diff else []
    return dict(path=path, changed=is_new, actions=["Wrote %s" % path] if is_new else [], diff=diff)


def read_before(path: str) -> str:
    """Return the metrics that a file holds; empty where there is none."""
    with contextlib.suppress(OSError):
        return "" if metrics.is_missing(path) else read_bytes(path).decode("utf-8", "replace")
    return ""


if __name__ == "__main__":
    _module.run(
        record_run,
        SPEC,
        empty=dict(path=None, status=None),
        needs_engine=True,
        finish=write_metrics,
        required_by=dict(metrics_dir=["site"]),
    )
