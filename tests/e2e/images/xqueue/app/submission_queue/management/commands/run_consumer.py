# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for work that never comes."""

import signal

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, **options):
        signal.signal(signal.SIGTERM, lambda *_: exit(0))
        signal.pause()
