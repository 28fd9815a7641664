# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A v0 plugin with init tasks, before and after the core's."""

from __future__ import annotations

import os

config = {"defaults": {"HOST": "hooked.{{ LMS_HOST }}"}}
hooks = {"init": ["mysql", "lms"], "pre-init": ["mysql"]}
templates = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
