# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("email")
        for name in ("--staff", "--superuser", "--unusable-password"):
            parser.add_argument(name, action="store_true")

    def handle(self, username, email, **options):
        user, _created = get_user_model().objects.get_or_create(username=username, defaults={"email": email})
        user.is_staff, user.is_superuser = options["staff"], options["superuser"]
        user.set_unusable_password()
        user.save()
