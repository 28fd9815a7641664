# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the lines that the module logs returns, where the variable ``tutor_logs_format`` says how."""

from __future__ import annotations

from ansible_collections.lectern.tutor.plugins.plugin_utils.display import FORMATS
from ansible_collections.lectern.tutor.plugins.plugin_utils.shown import ShownModule


class ActionModule(ShownModule):
    """Runs the module ``logs`` and shows its result, as text or as a line of JSON for each line."""

    variable = "tutor_logs_format"
    formats = FORMATS
