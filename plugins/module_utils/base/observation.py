# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a thread does for the engine itself, not for plugin code, is not observed."""

from __future__ import annotations

import contextlib
import threading
from typing import Iterator

_own = threading.local()


@contextlib.contextmanager
def unnoticed() -> Iterator[None]:
    """Mark what this thread does in the block as the engine's own."""
    was, _own.busy = is_unnoticed(), True
    try:
        yield
    finally:
        _own.busy = was


def is_unnoticed() -> bool:
    """Whether what this thread does is the engine's own."""
    return bool(getattr(_own, "busy", False))
