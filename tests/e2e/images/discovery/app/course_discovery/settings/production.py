# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every name that the settings rendered by Tutor read or change, with harmless values."""

SECRET_KEY, DEBUG, USE_TZ, SITE_ID = "unset", False, True, 1
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "course_discovery.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sites",
    "waffle",
    "course_discovery.apps.core",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}, "local": {"class": "logging.NullHandler"}},
    "loggers": {"": {"handlers": ["console", "local"], "level": "WARNING"}},
}
ELASTICSEARCH_DSL, JWT_AUTH = {"default": {}}, {}
PARLER_LANGUAGES = {1: ({"code": "en"}, {"code": "en"}), "default": {"fallbacks": ["en"]}}
