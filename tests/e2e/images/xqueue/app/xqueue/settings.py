# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every name that the settings rendered by Tutor read or change, with harmless values."""

SECRET_KEY, DEBUG, USE_TZ = "unset", False, True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "xqueue.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "submission_queue"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}, "local": {"class": "logging.NullHandler"}},
    "loggers": {"": {"handlers": ["console", "local"], "level": "WARNING"}},
}
