# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies a root and its plugins root, so that a check can render there what the real run would."""

from __future__ import annotations

import contextlib
import os
import shutil

from ..base import files, serialize
from ..base.errors import LecternError
from ..base.places import Places

COPIED_STATE = ("manifest.json", "ledger.json", "maintenance.json")  # not the journal of a killed run, which names files of the root itself


def copy_root(places: Places, folder: str) -> Places:
    """Copy what an environment is made from into a new folder that only this user can enter. Returns the places of the copy.

    Raises LecternError where the folder exists already or can't be created, and where something can't be copied.
    """
    copied = Places(os.path.join(folder, "root"), os.path.join(folder, "plugins"), places.templates)
    try:
        os.mkdir(folder, 0o700)
    except OSError as error:
        raise LecternError("The folder '%s' for a copy of the root can't be made: %s." % (folder, error.strerror)) from None
    own = files.make_own_folder(copied)
    for name in COPIED_STATE:
        with contextlib.suppress(FileNotFoundError):
            files.write_own(os.path.join(own, name), files.read_own(files.own_path(places, name)))
    try:
        if serialize.exists(places.config):
            _copy_file(os.path.realpath(places.config), copied.config)  # a check must not write through a link
        for source, target in ((places.env, copied.env), (places.plugins_root, copied.plugins_root)):
            if os.path.isdir(source) and not os.path.islink(source):
                shutil.copytree(source, target, symlinks=True, copy_function=_copy_file)
    except shutil.Error as error:
        path, _target, reason = error.args[0][0]
        raise LecternError("'%s' can't be copied for a check: %s." % (path, reason)) from None
    os.makedirs(copied.plugins_root, exist_ok=True)
    return copied


def _copy_file(source: str, target: str) -> None:
    """Copy a file with its mode and times; skip pipes and sockets."""
    if os.path.isfile(source):
        shutil.copy2(source, target)
