# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.core.management.base import BaseCommand
from xmodule.modulestore.django import modulestore
from xmodule.modulestore.xml_importer import import_course_from_xml


class Command(BaseCommand):
    """Import the specified data directory into the default ModuleStore."""

    def add_arguments(self, parser):
        parser.add_argument("data_directory")
        parser.add_argument("course_dirs", nargs="*", metavar="course_dir")
        parser.add_argument("--nostatic", action="store_true")
        parser.add_argument("--nopythonlib", action="store_true")
        parser.add_argument("--python-lib-filename", default="python_lib.zip")

    def handle(self, *args, **options):
        folders = options["course_dirs"] or None
        self.stdout.write(f"Importing...\n    data_dir={options['data_directory']}, source_dirs={folders}")
        for course in import_course_from_xml(modulestore(), -1, options["data_directory"], folders):
            self.stdout.write(f"Seeding forum roles for course {course.id}\n")
