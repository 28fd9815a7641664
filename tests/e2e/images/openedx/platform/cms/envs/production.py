# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the settings rendered by Tutor start from."""

from standin import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})

VARIANT = "cms"
PROJECT_ROOT = "/openedx/edx-platform/cms"
INSTALLED_APPS = [*settings.INSTALLED_APPS, "cms.djangoapps.contentstore"]
ENV_TOKENS = settings.read_tokens("CMS_CFG")
settings.FEATURES.update(ENV_TOKENS.get("FEATURES") or {})
globals().update({key: value for key, value in ENV_TOKENS.items() if key != "FEATURES" and value is not None})
BROKER_URL = settings.broker_url(ENV_TOKENS)
