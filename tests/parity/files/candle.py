# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small single-file plugin of the v1 API, for every release that lists its hooks and every Python that one runs on."""

from __future__ import annotations

import os
from pathlib import Path

from tutor import hooks

FOLDER = Path(__file__).resolve().parent

hooks.Filters.CONFIG_DEFAULTS.add_item(("CANDLE_COLOUR", os.environ.get("CANDLE_COLOUR", "white for {{ LMS_HOST }}")))
hooks.Filters.CONFIG_UNIQUE.add_item(("CANDLE_SECRET", "{{ ID | reverse }}"))
hooks.Filters.ENV_TEMPLATE_FILTERS.add_item(("candle_shout", str.upper))
hooks.Filters.ENV_PATCHES.add_item(("openedx-cms-common-settings", "CANDLE = '{{ CANDLE_COLOUR | candle_shout }}'"))
hooks.Filters.CLI_DO_INIT_TASKS.add_item(("lms", "echo {{ CANDLE_SECRET }}"))

for file in sorted(FOLDER.iterdir()):
    if file.is_file() and not file.is_symlink():
        hooks.Filters.ENV_PATCHES.add_item(("openedx-cms-common-settings", f"# beside {file.name}"))
