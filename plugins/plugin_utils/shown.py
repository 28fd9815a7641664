# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module and shows its result on the controller in the format that a variable names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .cached import CachedModule
from .display import display_lines


class ShownModule(CachedModule):
    """Shows the result if ``variable`` names one of ``formats``: functions that return lines for the name of a site and a result."""

    variable: str

    formats: Mapping[str, Callable[[str, Mapping[str, Any]], list[str]]]

    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        show = self.formats.get(str(self._templar.template(variables.get(self.variable, ""))))
        if show and not self._task.no_log and not result.get("failed") and not result.get("unreachable"):
            display_lines(show(str(variables.get("inventory_hostname")), result))
        return result
