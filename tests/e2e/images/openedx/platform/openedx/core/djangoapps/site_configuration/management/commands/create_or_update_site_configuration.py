# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import json

from django.contrib.sites.models import Site
from django.core.management.base import BaseCommand
from openedx.core.djangoapps.site_configuration.models import SiteConfiguration


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("domain")
        parser.add_argument("--configuration", type=json.loads, required=True)
        parser.add_argument("--enabled", action="store_true")

    def handle(self, domain, configuration, enabled, **options):
        site, _created = Site.objects.get_or_create(domain=domain, defaults={"name": domain[:50]})
        values = {"enabled": enabled, "site_values": configuration}
        SiteConfiguration.objects.update_or_create(site=site, defaults=values)
