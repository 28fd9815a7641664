# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the LMS for its courses, with a token that it got for the rendered secret."""

import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from course_discovery.apps.core.models import Partner
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--partner_code", required=True)

    def handle(self, partner_code, **options):
        client = {"client_id": settings.BACKEND_SERVICE_EDX_OAUTH2_KEY, "client_secret": settings.BACKEND_SERVICE_EDX_OAUTH2_SECRET}
        form = urlencode({"grant_type": "client_credentials", **client}).encode()
        token = ask(f"{settings.BACKEND_SERVICE_EDX_OAUTH2_PROVIDER_URL}/access_token", form)["access_token"]
        partner = Partner.objects.get(code=partner_code)
        courses = ask(Request(f"{partner.courses_api_url}courses/", headers={"Authorization": f"Bearer {token}"}))
        self.stdout.write(f"{courses['pagination']['count']} courses")


def ask(request, form=None):
    with urlopen(request, form, timeout=20) as response:
        return json.load(response)
