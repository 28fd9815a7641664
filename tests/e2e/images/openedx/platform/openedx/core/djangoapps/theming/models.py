# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.sites.models import Site
from django.db import models


class SiteTheme(models.Model):
    site = models.ForeignKey(Site, related_name="themes", on_delete=models.CASCADE)
    theme_dir_name = models.CharField(max_length=255)

    @staticmethod
    def get_theme(site, default=None):
        return site.themes.first() or default
