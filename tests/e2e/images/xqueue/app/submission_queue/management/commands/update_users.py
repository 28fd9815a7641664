# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, **options):
        for name, password in settings.USERS.items():
            user, _created = get_user_model().objects.get_or_create(username=name)
            user.set_password(password)
            user.save()
