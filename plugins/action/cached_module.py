# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the modules of this collection (meta/runtime.yml) from the copy that the host keeps."""

from __future__ import annotations

from ansible_collections.lectern.tutor.plugins.plugin_utils.cached import CachedModule


class ActionModule(CachedModule):
    """Runs any module that has no action of its own."""
