# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes failures to an operator, and keeps long messages in a log."""

from __future__ import annotations

import contextlib
import os
import traceback
from typing import Dict

from . import files
from .errors import LecternError, explain_refusal
from .logs import Logs
from .places import Places

LONGEST_MESSAGE = 8000  # characters of an error that a result shows


def describe_exception(error: Exception) -> Dict[str, str]:
    """Return ``msg`` for a file or resource that the system refuses, else ``msg`` and ``exception`` for a defect of the collection."""
    if isinstance(error, (OSError, MemoryError, UnicodeEncodeError)):
        refusal = explain_refusal(error)
        if refusal:
            return dict(msg=refusal)
    place = traceback.extract_tb(error.__traceback__)[-1]
    details = (type(error).__name__, error, os.path.basename(place.filename), place.lineno)
    message = "This is a bug in lectern.tutor, please report it: %s: %s (%s line %s)" % details
    return dict(msg=message, exception=traceback.format_exc())


def shorten(message: str, log: str = "") -> str:
    """Return beginning and end of a message that is longer than LONGEST_MESSAGE. ``log`` is the path of the file with the whole message."""
    left_out = len(message) - LONGEST_MESSAGE
    if left_out <= 0:
        return message
    note = "(… %d characters were left out here%s …)" % (left_out, ", all of it is in '%s'" % log if log else "")
    return "%s\n%s\n%s" % (message[: LONGEST_MESSAGE // 2], note, message[-LONGEST_MESSAGE // 2 :])


def log_message(places: Places, name: str, message: str) -> str:
    """Write a message to a log of this name and return the path; empty where there is no root yet, or it can't be written."""
    if not files.has_own_folder(places):
        return ""
    with contextlib.suppress(LecternError, OSError), Logs(places, []).of("error", name) as log:
        log(message)
        return log.file().path
    return ""
