# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.db import models


class ProgramsApiConfig(models.Model):
    enabled = models.BooleanField(default=False)
    marketing_path = models.CharField(max_length=255)

    @classmethod
    def current(cls):
        return cls.objects.order_by("-id").first() or cls()
