# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.core.management.base import BaseCommand, CommandError
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from xmodule.modulestore.django import modulestore


class Command(BaseCommand):
    """Checks its arguments as Open edX does, and names the courses. Nothing is indexed."""

    def add_arguments(self, parser):
        parser.add_argument("course_ids", nargs="*", metavar="course_id")
        for name in ("--all", "--active", "--setup", "--warning"):
            parser.add_argument(name, action="store_true")

    def handle(self, *args, course_ids, **options):
        every = options["all"] or options["active"] or options["setup"]
        if bool(course_ids) == every:
            raise CommandError("reindex_course requires one or more <course_id>s OR the --all, --active or --setup flags.")
        keys = [self.parse(text) for text in course_ids] or [course.id for course in modulestore().get_courses()]
        for key in keys:
            self.stdout.write(f"Indexing course {key}")

    def parse(self, text):
        try:
            return CourseKey.from_string(text)
        except InvalidKeyError as error:
            raise CommandError(f"Invalid course_key: '{text}'.") from error
