# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of systemd's units that run the timers of a root."""

from __future__ import annotations

import re
from typing import List

from ..base import systemd
from ..base.places import Places


def unit_name(name: str, root: str, kind: str) -> str:
    """Return the name of a timer's unit, which no other root has: ``lectern-NAME@ROOT.KIND``."""
    return "lectern-%s@%s.%s" % (name, systemd.escape_path(root), kind)


def unit_pattern(places: Places) -> str:
    """Return a regular expression for the names of all units of a root."""
    return r"lectern-[A-Za-z0-9_-]+@%s\.(timer|service)" % re.escape(systemd.escape_path(places.root))


def units_of(places: Places) -> List[str]:
    """Return the names of the units that run jobs of a root."""
    return systemd.find_units(unit_pattern(places))
