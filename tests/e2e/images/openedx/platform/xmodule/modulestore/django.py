# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The courses, as rows of the database in the place of MongoDB's collections."""

from opaque_keys.edx.keys import CourseKey
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview


class Course:
    """A course with the names that callers of the real modulestore use."""

    def __init__(self, row):
        self.id = CourseKey.from_string(row.id)
        self.display_name = row.display_name
        self.start = row.start


class ModuleStore:
    def has_course(self, course_id, ignore_case=False):
        lookup = {"id__iexact" if ignore_case else "id": str(course_id)}
        row = CourseOverview.objects.filter(**lookup).first()
        return CourseKey.from_string(row.id) if row else None

    def get_course(self, course_id):
        row = CourseOverview.objects.filter(id=str(course_id)).first()
        return Course(row) if row else None

    def get_courses(self):
        return [Course(row) for row in CourseOverview.objects.order_by("id")]

    def make_course_key(self, org, course, run):
        return CourseKey.from_string(f"course-v1:{org}+{course}+{run}")

    def delete_course(self, course_key, user_id):
        CourseOverview.objects.filter(id=str(course_key)).delete()


def modulestore():
    return ModuleStore()
