# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the status that the module status_info returns, where the role status says how."""

from __future__ import annotations

from ansible_collections.lectern.tutor.plugins.plugin_utils.shown import ShownModule
from ansible_collections.lectern.tutor.plugins.plugin_utils.status_table import status_json, status_table


class ActionModule(ShownModule):
    """Runs the module ``status_info`` and shows its result, as a table or as a line of JSON."""

    variable = "_tutor_status_format"
    formats = {"table": status_table, "json": status_json}
