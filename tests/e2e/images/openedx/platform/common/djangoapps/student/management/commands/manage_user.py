# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from common.djangoapps.student.models import UserProfile
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher, is_password_usable
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.crypto import get_random_string


class Command(BaseCommand):
    """Has the options, messages and effects of Open edX's command."""

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--remove", dest="is_remove", action="store_true")
        parser.add_argument("--superuser", dest="is_superuser", action="store_true")
        parser.add_argument("--staff", dest="is_staff", action="store_true")
        parser.add_argument("--unusable-password", dest="unusable_password", action="store_true")
        parser.add_argument("--initial-password-hash", dest="initial_password_hash")
        parser.add_argument("-g", "--groups", nargs="*", default=[])

    @transaction.atomic
    def handle(self, username, email, **options):
        if options["is_remove"]:
            self.remove(username, email)
            return
        user, created = get_user_model().objects.get_or_create(username=username, defaults={"email": email})
        if created:
            self.set_first_password(user, options["initial_password_hash"])
            self.stderr.write(f'Created new user: "{user}"')
        else:
            self.stderr.write(f'Found existing user: "{user}"')
            self.refuse_other_email(user, email)
        for name in ("is_staff", "is_superuser"):
            self.set_flag(user, name, options[name])
        if options["unusable_password"] and user.has_usable_password():
            self.stderr.write(f'Setting unusable password for user "{user}"')
            user.set_unusable_password()
        if UserProfile.objects.get_or_create(user=user)[1]:
            self.stderr.write(f'Created new profile for user: "{user}"')
        self.set_groups(user, options["groups"])
        user.save()

    def remove(self, username, email):
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            self.stderr.write(f'Did not find a user with username "{username}" - skipping.')
            return
        self.refuse_other_email(user, email)
        self.stderr.write(f'Removing user: "{user}"')
        user.delete()

    def refuse_other_email(self, user, email):
        if user.email.lower() != email.lower():
            raise CommandError(f'Skipping user "{user.username}" because the specified and existing email addresses do not match.')

    def set_first_password(self, user, encoded):
        """Sets the given hash, or else a random password that can be reset by mail."""
        if not encoded:
            user.set_password(get_random_string(25))
            return
        try:
            identify_hasher(encoded)
        except ValueError:
            encoded = None
        if not (encoded and is_password_usable(encoded)):
            raise CommandError(f"The password hash provided for user {user.username} is invalid.")
        user.password = encoded

    def set_flag(self, user, name, value):
        if getattr(user, name) != value:
            self.stderr.write(f'Setting {name} for user "{user.username}" to "{value}"')
            setattr(user, name, value)

    def set_groups(self, user, names):
        groups = set()
        for name in names:
            group = Group.objects.filter(name=name).first()
            if group is None:
                self.stderr.write(f'Could not find a group named "{name}" - skipping.')
            else:
                groups.add(group)
        user.groups.set(groups)
