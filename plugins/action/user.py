# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the output of the module user while it runs."""

from __future__ import annotations

from ansible_collections.lectern.tutor.plugins.plugin_utils.live import LiveModule


class ActionModule(LiveModule):
    """Runs the module ``user`` with live output."""
