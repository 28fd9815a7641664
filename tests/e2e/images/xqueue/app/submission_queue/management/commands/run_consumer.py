# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for work that never comes."""

import signal
import sys

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, **options):
        signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
        signal.pause()
