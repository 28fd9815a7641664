# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.db import models


class Partner(models.Model):
    code = models.CharField(max_length=128, unique=True)
    courses_api_url = models.CharField(max_length=255)
