# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, as JSON, every setting as Tutor itself computes it. Runs in the interpreter that holds Tutor; takes the root."""

from __future__ import annotations

import importlib
import json
import sys

from tutor import config as tutor_config

root = sys.argv[1]
try:
    from tutor import hooks

    importlib.import_module("tutor.commands.cli")  # registers what core contributes
except ImportError:
    pass  # before the hooks, loading the configuration loaded the plugins
else:
    hooks.Actions.CORE_READY.do()
    hooks.Actions.PROJECT_ROOT_READY.do(root)

json.dump(tutor_config.load(root), sys.stdout)
