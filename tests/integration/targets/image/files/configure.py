#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes NAME.yml for each registry. Usage: configure.py JSON, an object of settings by name."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

for name, settings in json.loads(sys.argv[1]).items():
    storage = {"filesystem": {"rootdirectory": os.path.abspath(name)}}
    Path(f"{name}.yml").write_text(json.dumps({"version": 0.1, "storage": storage, **settings}))
