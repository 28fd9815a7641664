# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Takes any options and does nothing."""

    def add_arguments(self, parser):
        for name in ("--active",):
            parser.add_argument(name, action="store_true")

    def handle(self, **options):
        self.stdout.write("nothing to do in a stand-in")
