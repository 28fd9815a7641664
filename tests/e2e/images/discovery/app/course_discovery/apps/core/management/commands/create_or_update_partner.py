# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from course_discovery.apps.core.models import Partner
from django.contrib.sites.models import Site
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--site-id", type=int, required=True)
        for name in ("--site-domain", "--code", "--name", "--lms-url", "--studio-url", "--courses-api-url", "--organizations-api-url"):
            parser.add_argument(name, required=True)

    def handle(self, **options):
        Site.objects.update_or_create(id=options["site_id"], defaults={"domain": options["site_domain"], "name": options["name"][:50]})
        Partner.objects.update_or_create(code=options["code"], defaults={"courses_api_url": options["courses_api_url"]})
