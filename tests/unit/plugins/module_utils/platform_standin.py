# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for a platform, with what running tasks needs of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.base.releases import release_of


class Platform(NamedTuple):
    places: Places
    config: Any
    secrets: Any = ()
    release: Any = release_of("22.0.3")
