# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uses every service that the rendered settings name; fails where one does not answer."""

from django.core.management.base import BaseCommand, CommandError

from standin.checks import CHECKS


class Command(BaseCommand):
    def handle(self, **options):
        failed = [check.__name__ for check in CHECKS if not self.passes(check)]
        if failed:
            raise CommandError(f"not reached: {', '.join(failed)}")

    def passes(self, check):
        try:
            self.stdout.write(f"{check.__name__}: {check()}")
        except Exception as error:
            self.stdout.write(f"{check.__name__}: {type(error).__name__}: {error}")
            return False
        return True
