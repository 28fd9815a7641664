# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin for Tutor's second API (v1): it registers its additions with the hooks of the installed tutor package."""

from __future__ import annotations

from tutor import hooks

hooks.Filters.CONFIG_UNIQUE.add_item(("TIMETABLE_EDITION", "{{ 6|random_string }}"))
hooks.Filters.CONFIG_DEFAULTS.add_items(
    [
        ("TIMETABLE_TITLE", "Timetable"),
        ("TIMETABLE_LESSONS", {"Monday": "{{ PLATFORM_NAME }} tour", "Tuesday": "Lichens", "Friday": "Numbers"}),
    ]
)


def lesson_lines(lessons: dict[str, str]) -> str:
    """One line of text for each lesson; a filter for templates."""
    return "\n".join(f"{day}: {lesson}" for day, lesson in lessons.items())


hooks.Filters.ENV_TEMPLATE_FILTERS.add_item(("lesson_lines", lesson_lines))
hooks.Filters.ENV_PATCHES.add_items(
    [
        ("campus-page-style", "#timetable { border-left: 4px solid #48c; padding-left: 1rem; }"),
        (
            "campus-page",
            """<section id="timetable">
  <h2>{{ TIMETABLE_TITLE }}</h2>
  {% raw %}{{ httpInclude "/lines/timetable" }}{% endraw %}
  <p>Edition {{ TIMETABLE_EDITION }}</p>
</section>""",
        ),
    ]
)
hooks.Filters.CLI_DO_INIT_TASKS.add_item(
    (
        "lms",
        """python3 /openedx/app.py load timetable <<LINES
{{ TIMETABLE_LESSONS|lesson_lines }}
LINES""",
    )
)
