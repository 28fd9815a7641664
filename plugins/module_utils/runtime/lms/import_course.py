# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports a course through Open edX's own command ``import``; part of a program in Studio.

The data have the ``folder`` of the course. The answer has ``courses``, the keys of what Open edX imported, ``error``, which is empty where
it succeeded, and ``words``, the last lines of what it logged.
"""

import collections
import logging
import sys
import traceback

LAST = 40  # lines of the log that are kept


class LastWords(logging.Handler):
    """Keeps the last lines of what is logged, with the lines of exceptions."""

    def __init__(self):
        logging.Handler.__init__(self, logging.INFO)
        self.lines = collections.deque(maxlen=LAST)

    def emit(self, record):
        self.lines.extend(self.format(record).splitlines())


def main(data):
    from django.core.management import call_command, get_commands, load_command_class

    words, keys = LastWords(), []
    logging.getLogger().addHandler(words)
    application = get_commands()["import"]
    command = load_command_class(application, "import")
    note_courses(sys.modules[type(command).__module__], keys)
    try:
        call_command(command, "../data", data["folder"])
        error = "" if keys else "Open edX imported no course from these files"
    except (Exception, SystemExit) as raised:
        words.lines.extend(traceback.format_exc().splitlines()[-LAST // 2 :])
        error = "%s: %s" % (type(raised).__name__, raised)
    return {"courses": keys, "error": error, "words": list(words.lines)}


def note_courses(module, keys):
    """Have the command's module note which courses were imported: older releases report none that they could not read as a failure."""
    original = module.import_course_from_xml

    def import_and_note(*arguments, **options):
        courses = original(*arguments, **options)
        keys.extend([str(course.id) for course in courses])
        return courses

    module.import_course_from_xml = import_and_note
