# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for get-pip.py: installs the pip that Python brings along, then what was asked for with it."""

from __future__ import annotations

import subprocess
import sys

WITHOUT_MEANING_FOR_PIP = ("--no-setuptools", "--no-wheel")

subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"])
arguments = [argument for argument in sys.argv[1:] if argument not in WITHOUT_MEANING_FOR_PIP]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *arguments]))
