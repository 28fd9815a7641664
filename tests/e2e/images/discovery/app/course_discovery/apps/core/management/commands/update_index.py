# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from urllib.request import Request, urlopen

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--disable-change-limit", action="store_true")

    def handle(self, **options):
        hosts = settings.ELASTICSEARCH_DSL["default"]["hosts"]
        with urlopen(Request(f"{hosts.rstrip('/')}/course", method="PUT"), timeout=20) as response:
            self.stdout.write(f"index made: {response.status}")
