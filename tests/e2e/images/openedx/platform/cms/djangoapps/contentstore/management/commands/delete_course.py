# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.core.management.base import BaseCommand, CommandError
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from xmodule.modulestore.django import modulestore


class Command(BaseCommand):
    """Asks on standard input, as Open edX does, and deletes the course."""

    def add_arguments(self, parser):
        parser.add_argument("course_key")

    def handle(self, *args, course_key, **options):
        try:
            key = CourseKey.from_string(course_key)
        except InvalidKeyError as error:
            raise CommandError(f"Invalid course_key: {course_key}") from error
        if not modulestore().has_course(key):
            raise CommandError(f"Course not found: {course_key}")
        if input(f"Deleting course {course_key}. Confirm? [y/N] ").lower() in ("y", "yes"):
            modulestore().delete_course(key, -1)
            self.stdout.write(f"Deleted course {course_key}")
