# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of the engine, and what the system's own errors mean to an operator."""

from __future__ import annotations

import errno
import os
from typing import Any

from .terminal import clean

# What to do about what the system says, where its words alone don't tell.
ADVICE = {
    errno.EACCES: "run as the owner (become_user), or let the user with id %(user)d in",
    errno.EPERM: "run as the owner (become_user), or let the user with id %(user)d in",
    errno.EMFILE: "raise the limit of open files of the user with id %(user)d (ulimit -n)",
    errno.ENFILE: "raise the limit of open files of the host (fs.file-max)",
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "raise the quota of the user with id %(user)d, or make room",
    errno.ENOMEM: "give the host more memory",
    errno.EIO: "look at the disk (dmesg)",
    errno.ESTALE: "mount its file system anew",
}


class LecternError(Exception):
    """What went wrong, with which value, and what to do, in words for an operator.

    The words may quote what a plugin, a container or a registry said: they are cleaned of all that a terminal would obey.
    ``details`` are results that a module returns although it failed, such as the tasks that ran before.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(clean(message))
        self.details = details


class LimitError(LecternError):
    """What is refused for its size or its time: trying it again in another way would take as much."""


def words_of(error: OSError) -> str:
    """What the system says, with what to do where that is not plain from it: ``Input/output error: look at the disk (dmesg)``."""
    advice = ADVICE.get(error.errno or 0)
    return "%s: %s" % (error.strerror, advice % {"user": os.geteuid()}) if advice else str(error.strerror or error)
