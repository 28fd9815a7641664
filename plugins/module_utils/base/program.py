# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as one file that Python can run: for what a host does later, without Ansible."""

from __future__ import annotations

import functools
import io
import os
import zipfile
from pathlib import PurePosixPath
from typing import Dict

from . import delegate
from .places import ENGINE, ORIGIN, ZIP

PACKAGE = PurePosixPath(os.path.relpath(ENGINE, ORIGIN))

FRONTS = ("_module.py", "_report.py", "copies.py")  # which need Ansible, or work for it


def write_program(main: str) -> bytes:
    """Return an archive (zipapp) that runs the function ``main`` of a module of the engine. The same engine gives the same bytes."""
    files = {str(path): content for path, content in _sources().items()}
    folders = {folder for path in _sources() for folder in path.parents} - {PurePosixPath()}
    files.update({str(folder / "__init__.py"): b"" for folder in folders})
    files["__main__.py"] = ("import sys\n\nfrom %s import main\n\nsys.exit(main(sys.argv))\n" % main).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:  # what compression makes depends on the library
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return buffer.getvalue()


@functools.lru_cache(maxsize=None)
def _sources() -> Dict[PurePosixPath, bytes]:
    """Return the engine's code by path. The owner of a root may not be able to read it, so it is read before."""
    if ZIP:
        with zipfile.ZipFile(ORIGIN) as archive:
            return {PurePosixPath(name): archive.read(name) for name in archive.namelist() if _belongs(PurePosixPath(name))}
    paths = [os.path.join(folder, name) for folder, _folders, names in os.walk(ENGINE) for name in names]
    return {
        path: _read(os.path.join(ORIGIN, path))
        for path in (PurePosixPath(os.path.relpath(each, ORIGIN)) for each in paths)
        if _belongs(path)
    }


def _belongs(path: PurePosixPath) -> bool:
    return PACKAGE in path.parents and path.suffix == ".py" and path.name not in (*FRONTS, "__init__.py")


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


delegate.READ_AHEAD.append(_sources)
