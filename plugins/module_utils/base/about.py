# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name and version of the installed package ``tutor``, read without importing it."""

from __future__ import annotations

import importlib.util
import os
import re
from typing import Optional

from . import serialize

VERSION = re.compile(r"^__(?:package_)?version__\s*=\s*[\"']([^\"']+)", re.MULTILINE)

# Set in Tutor Main, and in forks that are installed beside another Tutor.
SUFFIX = re.compile(r"^__version_suffix__\s*=\s*[\"']([^\"']+)", re.MULTILINE)

APP = re.compile(r"^__app__\s*=\s*(os\.environ\.get\(\s*[\"']TUTOR_APP[\"']\s*,\s*)?[\"']([^\"']*)[\"']", re.MULTILINE)


def package_folder() -> Optional[str]:
    """Return the folder of the installed package ``tutor`` without importing it; None where it is not installed."""
    spec = importlib.util.find_spec("tutor")
    return os.path.dirname(spec.origin) if spec and spec.origin else None


def version() -> str:
    """Return the version that the package names, with its suffix; empty where there is no package or it names none."""
    text = _read_about()
    match = VERSION.search(text)
    return match.group(1) + _suffix(text) if match else ""


def app() -> str:
    """Return the name of Tutor's default folders: ``TUTOR_APP`` in the environment, else ``tutor``, with the suffix of the version.

    Releases before 12.1.5 always use ``tutor``. Where no package is installed, the rule of the newest release applies.
    """
    text = _read_about()
    match = APP.search(text)
    if text and not match:
        return "tutor"
    default = match.group(2) if match else "tutor"
    is_chosen = not match or bool(match.group(1))
    return (os.environ.get("TUTOR_APP", default) if is_chosen else default) + _suffix(text)


def _suffix(text: str) -> str:
    match = SUFFIX.search(text)
    return "-" + match.group(1) if match else ""


def _read_about() -> str:
    folder = package_folder()
    return serialize.read(os.path.join(folder, "__about__.py")) if folder else ""
