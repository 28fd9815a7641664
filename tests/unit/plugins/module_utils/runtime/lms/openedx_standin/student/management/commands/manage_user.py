# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from student.models import UserProfile


class Command(BaseCommand):
    """Creates a user as Open edX's command does."""

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--superuser", dest="is_superuser", action="store_true")
        parser.add_argument("--staff", dest="is_staff", action="store_true")
        parser.add_argument("--initial-password-hash", dest="initial_password_hash")

    def handle(self, username, email, is_staff, is_superuser, initial_password_hash, *args, **options):
        user = User.objects.create(username=username, email=email, is_staff=is_staff, is_superuser=is_superuser)
        if initial_password_hash:
            user.password = initial_password_hash
        else:
            user.set_password("random")
        user.save()
        UserProfile.objects.create(user=user)
        self.stderr.write("Created new user")
