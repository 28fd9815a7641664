# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the lines that the module logs returns, where the variable ``tutor_logs_format`` says how."""

from __future__ import annotations

from typing import Any

from ansible_collections.lectern.tutor.plugins.plugin_utils.cached import CachedModule
from ansible_collections.lectern.tutor.plugins.plugin_utils.display import FORMATS, display_lines

VARIABLE = "tutor_logs_format"


class ActionModule(CachedModule):
    """Runs the module ``logs`` and shows its result, as text or as a line of JSON for each line."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        form = FORMATS.get(str(self._templar.template(variables.get(VARIABLE, ""))))
        if form and not self._task.no_log and not result.get("failed"):
            display_lines(form(str(variables.get("inventory_hostname")), result))
        return result
