# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.db import models


class CourseOverview(models.Model):
    """A course, as the stand-in for the modulestore keeps it. Open edX's table of this name has many more columns."""

    id = models.CharField(primary_key=True, max_length=255)
    org = models.CharField(max_length=255)
    display_name = models.TextField(null=True)
    start = models.DateTimeField(null=True)
    modified = models.DateTimeField(auto_now=True)
    imports = models.IntegerField(default=0)
    """How often it was imported: by this, tests see a second import."""
    blocks = models.JSONField(default=dict)
    """Of each XML file of the last import the SHA-256, by its path."""
