# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins make of the rendered environment (hook ENV_SAVED of Tutor 22 and newer): they work on a copy, not on ``env/``."""

from __future__ import annotations

import os
import stat
from copy import deepcopy
from typing import Dict, List, Optional

from . import state, witness
from .errors import LecternError
from .guard import calling
from .render import File, Renderer

LONG_AGO = 946_684_800_123_456_789  # nanoseconds: a moment in the year 2000 that no file has by chance


def after_saving(renderer: Renderer, tree: Dict[str, File]) -> Dict[str, File]:
    """The tree (by path) after the callbacks of all plugins; a file that one made or changed is that plugin's.

    Raises LecternError where a callback fails, or puts anything into the environment that is no file.
    """
    with witness.own_folder() as folder:
        for parent in sorted({os.path.dirname(name) for name in tree}):
            os.makedirs(os.path.join(folder, parent), exist_ok=True)
        written = {name: _write(os.path.join(folder, name), file) for name, file in tree.items()}
        for owner, callback in renderer.contributions.env_saved:
            with calling("ENV_SAVED of plugin '%s' failed" % owner):
                callback(folder, deepcopy(renderer.config))
            tree = {name: _collected(folder, name, tree.get(name), written.get(name), owner) for name in _names(folder)}
    return tree


def _write(path: str, file: File) -> os.stat_result:
    with open(path, "wb") as stream:
        stream.write(bytes(file.content))
    if file.mode != 0o644:
        os.chmod(path, file.mode)
    os.utime(path, ns=(LONG_AGO, LONG_AGO))  # any later change shows, however soon it comes
    return os.stat(path)


def _names(folder: str) -> List[str]:
    """All that is no folder, by path below it."""
    found = []
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        found += [os.path.join(parent, name)[len(folder) + 1 :] for name in names + links]
    return found


def _collected(folder: str, name: str, known: Optional[File], written: Optional[os.stat_result], owner: str) -> File:
    """The file of that name; one that is new or other than before belongs to ``owner``. ``written`` is how it was when it was written."""
    path = os.path.join(folder, name)
    status = os.lstat(path)
    if known and status == written:
        return known
    if not stat.S_ISREG(status.st_mode):
        kind = "symbolic link" if stat.S_ISLNK(status.st_mode) else "special file"
        raise LecternError("Plugin '%s' puts the %s '%s' into the environment: refused." % (owner, kind, os.path.basename(path)))
    content, mode = state.read_bytes(path), 0o755 if status.st_mode & stat.S_IXUSR else 0o644
    same = known is not None and bytes(known.content) == content and known.mode == mode
    return known if known and same else File(content, mode, known.template if known else "", owner, {})
