# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a root and its plugins root, in which a check renders what the real run would."""

from __future__ import annotations

import contextlib
import os
import shutil

from ..base import files, serialize
from ..base.errors import LecternError
from ..base.places import Places

OWN = ("manifest.json", "ledger.json")  # not the journal of a killed run, which names files of the root itself


def copy(places: Places, folder: str) -> Places:
    """Copies what an environment is made from into a new folder, which this user alone can enter; the places in it.

    Raises LecternError where the folder is there already or can't be made, and where something can't be copied.
    """
    made = Places(os.path.join(folder, "root"), os.path.join(folder, "plugins"), places.templates)
    try:
        os.mkdir(folder, 0o700)
    except OSError as error:
        raise LecternError("The folder '%s' for a copy of the root can't be made: %s." % (folder, error.strerror)) from None
    own = files.make_own_folder(made)
    for name in OWN:
        with contextlib.suppress(FileNotFoundError):
            files.write_own(os.path.join(own, name), files.read_own(files.own_path(places, name)))
    try:
        if serialize.exists(places.config):
            _copy(os.path.realpath(places.config), made.config)  # a check must not write through a link
        for source, target in ((places.env, made.env), (places.plugins_root, made.plugins_root)):
            if os.path.isdir(source) and not os.path.islink(source):
                shutil.copytree(source, target, symlinks=True, copy_function=_copy)
    except shutil.Error as error:
        path, _copy_of, reason = error.args[0][0]
        raise LecternError("'%s' can't be copied for a check: %s." % (path, reason)) from None
    os.makedirs(made.plugins_root, exist_ok=True)
    return made


def _copy(source: str, target: str) -> None:
    """Copies a file with its mode and times; pipes and sockets are left out."""
    if os.path.isfile(source):
        shutil.copy2(source, target)
