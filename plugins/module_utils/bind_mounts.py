# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders of the host that the setting MOUNTS binds into containers (upstream: bindmount.py, Tutor 16 and newer)."""

from __future__ import annotations

import os
import re
from typing import Any, Collection, Dict, Tuple

from .contributions import Contributions
from .errors import LecternError
from .places import DRIVE, is_absolute

SETTING = "MOUNTS"
# SERVICE[,SERVICE …]:FOLDER:PLACE IN THE CONTAINER, of which Tutor reads no more. Every other entry is a folder.
EXPLICIT = re.compile(r"[A-Za-z0-9_, -]+:([^:]+):([^:]+)")
# As Compose finds one in a text, where $$ stands for the character.
VARIABLE = re.compile(r"\$[A-Za-z_{]")


def paths_in(entry: str) -> Tuple[str, ...]:
    """The paths in an entry of MOUNTS: of the host, and in the container where the entry has one."""
    explicit = None if DRIVE.match(entry) else EXPLICIT.match(entry)
    return explicit.groups() if explicit else (entry,)


def is_folder(entry: str) -> bool:
    """Whether an entry is a folder alone, and does not say for which services it is."""
    return paths_in(entry) == (entry,)


def refuse_relative(mounts: Any, where: str) -> None:
    """Raises LecternError for an entry that depends on who runs the command, and on where; ``where`` says whose entries these are.

    Tutor takes a relative path from its working directory, Compose puts in variables of its environment.
    """
    for entry in mounts if isinstance(mounts, (list, tuple)) else []:
        if not isinstance(entry, str):
            raise LecternError("%s has %r, a %s: expected the path of a folder, as text." % (where, entry, type(entry).__name__))
        if not all(is_absolute(path) and not VARIABLE.search(path.replace("$$", "")) for path in paths_in(entry)):
            shown = "'%s'" % entry if entry.isprintable() else ascii(entry)
            raise LecternError(
                "%s has %s: give it from the root of the file system, such as /srv/edx-platform, without '~' and variables."
                % (where, shown)
            )


def refuse_relative_setting(
    full: Dict[str, Any], user: Dict[str, Any], found: Contributions, given: Collection[str], appended: Collection[str]
) -> None:
    """Raises LecternError for a relative entry of MOUNTS among the effective settings, with where it comes from.

    ``user`` is what config.yml holds without what the call drops, ``given`` and ``appended`` are the keys that the call sets and
    appends to.
    """
    of_plugins = {item.key: item.owner for item in found.defaults + found.base + found.unique + found.overrides}
    of_users = {item.key: item.owner for item in found.user}
    where = "%s in config.yml" % SETTING if SETTING in user else "%s of plugin '%s'" % (SETTING, of_plugins.get(SETTING))
    if SETTING in given:
        where = "%s in the settings of this call" % SETTING
    if SETTING in of_users:
        where = "%s of plugin '%s'" % (SETTING, of_users[SETTING])
    if "TUTOR_" + SETTING in os.environ:
        where = "TUTOR_%s in the environment of the host" % SETTING
    mounts = full.get(SETTING)
    if SETTING in appended and isinstance(mounts, list):
        before = len(user.get(SETTING) or [])
        refuse_relative(mounts[:before], where)
        where, mounts = "%s in config.yml, as appended by this call," % SETTING, mounts[before:]
    refuse_relative(mounts, where)
