# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every name that the settings rendered by Tutor read or change, with harmless values."""

import os

import yaml

VARIANT = "none"
ENV_TOKENS = {}
SECRET_KEY, DEBUG, USE_TZ, LANGUAGE_CODE = "unset", False, True, "en"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "standin.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DATABASE_ROUTERS = ["openedx.core.lib.django_courseware_routers.StudentModuleHistoryExtendedRouter"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "oauth2_provider",
    "waffle",
    "common.djangoapps.student",
    "openedx.core.djangoapps.content.course_overviews",
    "openedx.core.djangoapps.programs",
    "openedx.core.djangoapps.site_configuration",
    "openedx.core.djangoapps.theming",
    "standin",
    "lms.djangoapps.coursewarehistoryextended",
]
if os.environ.get("DJANGO_SETTINGS_MODULE") == __name__:  # while the image is built; Tutor's settings remove both
    DATABASE_ROUTERS.clear()
    INSTALLED_APPS.pop()
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": []}]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "common.djangoapps.student.middleware.UserStandingMiddleware",
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
PROJECT_ROOT = "/openedx/edx-platform/lms"
ENABLE_COMPREHENSIVE_THEMING = False
COMPREHENSIVE_THEME_DIRS = os.environ.get("COMPREHENSIVE_THEME_DIRS", "").split(":")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}
STATIC_URL, STATIC_ROOT = "/static/", "/openedx/staticfiles"
LOG_DIR, DATA_DIR, MEDIA_ROOT = "/openedx/data/logs", "/openedx/data", "/openedx/media/"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"standard": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "WARNING", "formatter": "standard"}},
    "loggers": {"": {"handlers": ["console"]}, "tracking": {"handlers": ["console"], "propagate": False}},
}
FEATURES, JWT_AUTH, REGISTRATION_EXTRA_FIELDS = {}, {}, {}
MODULESTORE = {"default": {"OPTIONS": {"stores": [{"OPTIONS": {}}, {"OPTIONS": {}}]}}}
VIDEO_IMAGE_SETTINGS, VIDEO_TRANSCRIPTS_SETTINGS = {"STORAGE_KWARGS": {}}, {"STORAGE_KWARGS": {}}
PROFILE_IMAGE_BACKEND = {"class": "", "options": {}}
IDA_LOGOUT_URI_LIST, CSRF_TRUSTED_ORIGINS, LOGIN_REDIRECT_WHITELIST = [], [], []
PIPELINE = {"JAVASCRIPT": {"base_vendor": {"source_filenames": []}, "base_application": {"source_filenames": []}}}
USER_TASKS_ARTIFACT_STORAGE = "django.core.files.storage.FileSystemStorage"
OAUTH2_PROVIDER = {"SCOPES": {"user_id": "", "read": "", "write": "", "profile": "", "email": ""}, "PKCE_REQUIRED": False}


def read_tokens(variable):
    with open(os.environ[variable], encoding="utf-8") as stream:
        return yaml.safe_load(stream)


def broker_url(tokens):
    return "{}://{}:{}@{}/{}".format(*(tokens[f"CELERY_BROKER_{part}"] for part in ("TRANSPORT", "USER", "PASSWORD", "HOSTNAME", "VHOST")))
