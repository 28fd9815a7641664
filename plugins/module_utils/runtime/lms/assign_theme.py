# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assigns a theme to sites; part of a program in the LMS.

The data have ``theme``, ``domains`` and ``check``. The answer has ``themes``, the names that the image holds, and ``sites``: for each
domain its ``theme`` before, and whether it is ``missing`` in the database. Nothing is changed where the image lacks the theme.
"""

import functools

DEFAULT = "default"  # Tutor's name for no theme


def main(data):
    from django.contrib.sites.models import Site
    from django.db import transaction
    from openedx.core.djangoapps.theming.helpers import get_themes

    answer = {"themes": sorted({theme.theme_dir_name for theme in get_themes()})}
    if data["theme"] != DEFAULT and data["theme"] not in answer["themes"]:
        return dict(answer, sites=[])
    assign = functools.partial(assign_theme, Site, data["theme"], data["check"])
    with transaction.atomic():
        return dict(answer, sites=[assign(domain) for domain in data["domains"]])


def assign_theme(sites, theme, check, domain):
    site = sites.objects.filter(domain=domain).first()
    names = [each.theme_dir_name for each in site.themes.all()] if site else []
    before = ", ".join(names) or DEFAULT
    answer = {"domain": domain, "missing": site is None, "theme": before}
    if check or site and before == theme:
        return answer
    if site is None:
        site = sites.objects.create(domain=domain, name=domain[: sites._meta.get_field("name").max_length])
    site.themes.all().delete()
    if theme != DEFAULT:
        site.themes.create(theme_dir_name=theme)
    return answer
