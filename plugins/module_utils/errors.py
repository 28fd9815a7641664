# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of the engine."""

from __future__ import annotations

from typing import Any


class LecternError(Exception):
    """What went wrong, with which value, and what to do, in words for an operator.

    ``details`` are results that a module returns although it failed, such as the tasks that ran before.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details
