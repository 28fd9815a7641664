# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The themes that the image holds: folders with a part for the LMS, Studio or both, where the settings say that themes are."""

import os
from collections import namedtuple

from django.conf import settings

Theme = namedtuple("Theme", "name theme_dir_name themes_base_dir project_root")


def is_comprehensive_theming_enabled():
    return settings.ENABLE_COMPREHENSIVE_THEMING


def get_themes(themes_dir=None):
    if not is_comprehensive_theming_enabled():
        return []
    folders = settings.COMPREHENSIVE_THEME_DIRS if themes_dir is None else themes_dir
    found = [(folder, name) for folder in folders for name in os.listdir(folder) if _is_theme(folder, name)]
    return [Theme(name, name, folder, settings.PROJECT_ROOT) for folder, name in found]


def theme_exists(theme_name, themes_dir=None):
    return any(theme.theme_dir_name == theme_name for theme in get_themes(themes_dir))


def _is_theme(folder, name):
    path = os.path.join(folder, name)
    return os.path.isdir(path) and bool({"lms", "cms"} & set(os.listdir(path)))
