# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every name that the settings rendered by Tutor need, with harmless values."""

SECRET_KEY, DEBUG, USE_TZ = "unset", False, True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "notesserver.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
