# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders of the host that the setting MOUNTS binds into containers (upstream: bindmount.py, Tutor 16 and newer)."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterable, Iterator, Mapping, Sequence, Tuple

from ..base.errors import LecternError
from ..base.places import DRIVE, is_absolute
from ..plugins.contributions import CORE, Contributions, Setting

SETTING = "MOUNTS"

# SERVICE[,SERVICE …]:FOLDER:PATH IN THE CONTAINER; Tutor ignores more parts. Every other entry is a folder.
EXPLICIT = re.compile(r"[A-Za-z0-9_, -]+:([^:]+):([^:]+)")

# As Compose finds one in a text, where $$ stands for $.
VARIABLE = re.compile(r"\$[A-Za-z_{]")


def paths_in(entry: str) -> Tuple[str, ...]:
    """Return the paths in an entry of MOUNTS: that of the host, and that in the container where the entry has one."""
    explicit = None if DRIVE.match(entry) else EXPLICIT.match(entry)
    return explicit.groups() if explicit else (entry,)


def is_folder(entry: str) -> bool:
    """Whether an entry is a folder alone, without services."""
    return paths_in(entry) == (entry,)


def refuse_relative(mounts: Any, where: str, written: Sequence[Any] = ()) -> None:
    """Raise LecternError for an entry that depends on who runs the command, or where: Tutor takes a relative path from its working
    directory, Compose puts in variables of its environment.

    ``where`` says whose entries these are. ``written`` are the entries before their templates were rendered, if known.
    """
    for number, entry in enumerate(mounts if isinstance(mounts, (list, tuple)) else []):
        if not isinstance(entry, str):
            raise LecternError("%s has %r, a %s: expected the path of a folder, as text." % (where, entry, type(entry).__name__))
        if not all(is_whole(path) for path in paths_in(entry)):
            template = written[number] if len(written) == len(mounts) and written[number] != entry else None
            shown = _shown(entry) + (" (%s)" % _shown(template) if isinstance(template, str) else "")
            raise LecternError("%s has %s: give an absolute path, such as /srv/edx-platform, without '~' and variables." % (where, shown))


def checked_volumes(volumes: Iterable[Any], where: str) -> Iterator[Any]:
    """Yield the volumes, ``HOST:CONTAINER``. Raises LecternError for a relative path in a container, as plugins may give one."""
    for volume in volumes:
        place = str(volume).rpartition(":")[2]
        if not is_whole(place):
            raise LecternError(
                "%s has the volume '%s': a plugin gives the relative place '%s' (COMPOSE_MOUNTS), which no container can have."
                % (where, volume, place)
            )
        yield volume


def is_whole(path: str) -> bool:
    """Whether a path is absolute, and Compose would put no variable into it."""
    return is_absolute(path) and not VARIABLE.search(path.replace("$$", ""))


def _shown(entry: str) -> str:
    return "'%s'" % entry if entry.isprintable() else ascii(entry)


def refuse_relative_setting(
    full: Dict[str, Any], user: Dict[str, Any], contributions: Contributions, requested: Mapping[str, Any], appended: Mapping[str, Any]
) -> None:
    """Raise LecternError for a relative entry of MOUNTS in the effective settings, with where it comes from.

    ``user`` are the settings of config.yml without those that the call drops, ``given`` and ``appended`` what the call sets and appends.
    """
    layers = contributions.defaults + contributions.base + contributions.unique + contributions.overrides
    sources = [("%s of %s" % (SETTING, _owner(item)), item.value) for item in layers if item.key == SETTING]
    sources += [("%s in config.yml" % SETTING, user[SETTING])] if SETTING in user else []
    sources += [("%s in the settings of this call" % SETTING, requested[SETTING])] if SETTING in requested else []
    sources += [("%s of %s" % (SETTING, _owner(item)), item.value) for item in contributions.user if item.key == SETTING]
    sources += [("TUTOR_%s in the environment of the host" % SETTING, ())] if "TUTOR_" + SETTING in os.environ else []
    where, written = sources[-1] if sources else (SETTING, ())
    mounts = full.get(SETTING)
    if SETTING in appended and isinstance(mounts, list):
        before = len(user.get(SETTING) or [])
        refuse_relative(mounts[:before], where, _as_list(written))
        where, written, mounts = "%s in config.yml, as appended by this call," % SETTING, appended[SETTING], mounts[before:]
    refuse_relative(mounts, where, _as_list(written))


def _owner(item: Setting) -> str:
    return item.owner if item.owner == CORE else "plugin '%s'" % item.owner


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()
