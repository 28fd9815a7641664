# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the owner of a root needs to work instead of root: paths to read, a folder for the docker command, and files that root got."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
from typing import Dict, Iterator

from . import ownership, scratch
from .isolation import STANDARD_LIBRARY
from .ownership import User
from .places import Places, nearest_existing

IMPORT_FAILED = re.compile("ImportError|ModuleNotFoundError|can't be imported|not installed|Permission denied")


def paths_to_read(places: Places) -> Dict[str, str]:
    """Return the paths, beside the interpreter, that a user must be able to read to work on a platform, by what they are."""
    paths = {"root": nearest_existing(places.root), "plugins_root": places.plugins_root}
    if places.templates:
        paths["templates"] = places.templates
    spec = importlib.util.find_spec("tutor")
    if spec and spec.submodule_search_locations:
        paths["the package tutor"] = spec.submodule_search_locations[0]
    return paths


def advise_on_imports(user: User, message: str) -> str:
    """Return what to do where an import failed because this process can't enter a folder of Python's; empty for other errors."""
    closed = ownership.find_closed_to_self(STANDARD_LIBRARY) if IMPORT_FAILED.search(message) else None
    if not closed:
        return ""
    return (
        " This was done as %s, who owns the root and can't enter '%s', where the Python of this task lies: let that user in "
        "(chmod o+rx '%s'), or make the virtual environment with a Python that all can read." % (user, closed, closed)
    )


@contextlib.contextmanager
def builder_folder(user: User) -> Iterator[None]:
    """Give the docker command a temporary folder for its builds where the user's home folder can't hold one."""
    if "BUILDX_CONFIG" in os.environ or os.access(user.home, os.W_OK):
        yield
        return
    with scratch.temporary_folder() as folder:
        os.environ["BUILDX_CONFIG"] = folder
        yield


@contextlib.contextmanager
def lend_files(user: User, files: Dict[str, Dict[str, str]]) -> Iterator[None]:
    """Move the file at ``copy`` of each entry into a temporary folder that this user alone can enter, and change the path there."""
    moved = [entry for entry in files.values() if entry.get("copy")]
    with scratch.temporary_folder() if moved else contextlib.nullcontext("") as folder:
        for number, entry in enumerate(moved):
            entry["copy"] = shutil.move(entry["copy"], os.path.join(folder, str(number)))
            os.chown(entry["copy"], user.uid, user.gid)
        if folder:
            os.chown(folder, user.uid, user.gid)
        yield
