# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from oauth2_provider.models import Application


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("username")
        for name in ("--redirect-uris", "--client-id", "--client-secret"):
            parser.add_argument(name, required=True)
        parser.add_argument("--grant-type", default=Application.GRANT_CLIENT_CREDENTIALS)
        parser.add_argument("--scopes")
        parser.add_argument("--skip-authorization", action="store_true")
        parser.add_argument("--update", action="store_true", required=True)

    def handle(self, name, username, **options):
        application = Application.objects.filter(name=name).first() or Application(name=name)
        application.user = get_user_model().objects.get(username=username)
        application.authorization_grant_type = options["grant_type"]
        application.client_type = Application.CLIENT_CONFIDENTIAL
        for field in ("client_id", "client_secret", "redirect_uris", "skip_authorization"):
            setattr(application, field, options[field])
        application.save()
