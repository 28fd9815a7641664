# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_data
short_description: What the page about all sites shows
version_added: 1.1.0
author: The Lectern contributors (@lectern)
description:
  - Turns what the role P(lectern.tutor.report#role) asked of all sites into the data of its page.
options:
  _input:
    description: By site, what the role registered.
    type: dict
    required: true
  written:
    description: The time at which the page is written, in UTC, as C(2026-01-31T08:00:00Z).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Count the sites that are broken
  ansible.builtin.debug:
    msg: "{{ (results | lectern.tutor.report_data('2026-11-30T08:00:00Z')).counts.broken }}"
"""

RETURN = r"""
_value:
  description: The sites, those that need attention first, and what is common to them.
  type: dict
"""

from typing import Any, Callable

from ..plugin_utils import report
from ..plugin_utils.results import to_plain_data


def report_data(sites: dict[str, Any], written: str) -> dict[str, Any]:
    """Return the data of the page."""
    return report.describe_sites(to_plain_data(sites), str(written))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"report_data": report_data}
