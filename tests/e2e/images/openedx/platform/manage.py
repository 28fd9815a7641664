#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""manage.py lms|cms COMMAND..."""

import os
import sys

from django.core.management import execute_from_command_line

variant = sys.argv.pop(1)
os.environ["SERVICE_VARIANT"] = variant
os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{variant}.envs.tutor.production")
execute_from_command_line(sys.argv)
