# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of the engine, and what errors of the operating system mean to an operator."""

from __future__ import annotations

import errno
import os
import reprlib
import sys
from typing import Any, Union

from .terminal import clean

# Advice on errors of the system whose own words don't help.
ADVICE = {
    errno.EACCES: "run as its owner (become_user), or let user %(user)d in",
    errno.EPERM: "run as its owner (become_user), or let user %(user)d in",
    errno.EMFILE: "raise the limit of open files of the user with id %(user)d (ulimit -n)",
    errno.ENFILE: "raise the limit of open files of the host (fs.file-max)",
    errno.ENOSPC: "make room there",
    errno.EROFS: "mount it so that it can be written",
    errno.EDQUOT: "raise the quota of the user with id %(user)d, or make room",
    errno.ENOMEM: "give the host more memory",
    errno.EIO: "look at the disk (dmesg)",
    errno.ESTALE: "mount its file system anew",
}

# Errors that only a defect of a program causes.
OF_PROGRAMS = (errno.EBADF, errno.EINVAL, errno.EFAULT, errno.ECHILD, errno.ENOTSOCK)

# Errors that depend on the user.
OF_USERS = (errno.EACCES, errno.EPERM)

_SHORT = reprlib.Repr()

_SHORT.maxlevel = 3

_SHORT.maxdict = _SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxfrozenset = 20

_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 500


class LecternError(Exception):
    """What went wrong, with which value, and what to do, in words for an operator.

    The words may quote a plugin, a container or a registry: everything that a terminal would obey is removed. ``details`` are results that
    a module returns although it failed, such as the tasks that ran before.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(clean(message))
        self.details = details


def quoted(value: Any) -> str:
    """Return the ``repr`` of a value for a message, shortened with three dots where it is long or deep."""
    return _SHORT.repr(value)


class LimitError(LecternError):
    """Refused for its size or its time. Trying the same in another way would take as much."""


def words_of(error: OSError) -> str:
    """Return the system's words, with advice where they alone don't help: ``Input/output error: look at the disk (dmesg)``."""
    advice = ADVICE.get(error.errno or 0)
    return "%s: %s" % (error.strerror, advice % {"user": os.geteuid()}) if advice else str(error.strerror or error)


def explain_refusal(error: Union[OSError, MemoryError, UnicodeEncodeError]) -> str:
    """Return what an unexpected error says about the host; empty where it says nothing about it."""
    if isinstance(error, MemoryError):
        return "The host has no memory left for lectern.tutor: give it more."
    if isinstance(error, UnicodeEncodeError):
        return explain_locale(error) if error.encoding == sys.getfilesystemencoding() else ""
    if isinstance(error.filename, (str, bytes)):
        if error.errno in ADVICE and error.errno not in OF_USERS:
            return "'%s' can't be used: %s." % (os.fsdecode(error.filename), words_of(error))
        return "'%s' can't be used by the user with id %d: %s." % (os.fsdecode(error.filename), os.geteuid(), words_of(error))
    is_of_host = error.errno is not None and error.errno not in OF_PROGRAMS
    return "The host refuses what lectern.tutor needs: %s." % words_of(error) if is_of_host else ""


def explain_locale(error: UnicodeEncodeError) -> str:
    """Return the message for a name that the host's locale can't write."""
    return "The locale of the host has no %s, which is in the name %s: set LC_ALL to one with UTF-8, such as C.UTF-8." % (
        ascii(error.object[error.start : error.end]),
        ascii(error.object),
    )
