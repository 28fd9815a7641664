# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single-file plugins that come with a call: YAML plugins given inline, and texts of files."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, List

from ..base import plain, serialize
from ..base.errors import LecternError
from ..base.places import Places
from .discover import read_yaml_plugin, single_files


def name_definitions(places: Places, definitions: List[Any]) -> Dict[str, str]:
    """Return the file names and texts of YAML plugins given as mappings or as YAML text.

    Raises LecternError for one without a name, of the wrong type, or given twice.
    """
    files: Dict[str, str] = {}
    for number, definition in enumerate(definitions, 1):
        text = definition if isinstance(definition, str) else serialize.dump(definition, True)
        plugin = read_yaml_plugin("definition %d" % number, text)
        if plugin.error:
            raise LecternError(plugin.error)
        name = _file_name(places, plugin.name)
        if files.setdefault(name, text) != text:
            raise LecternError("The plugin '%s' is defined twice: remove one of the definitions." % plugin.name)
    return files


def _file_name(places: Places, plugin: str) -> str:
    """Return the name of the file in the plugins root that defines this plugin already, else ``NAME.yml``."""
    for path in single_files(places):
        if path.endswith(".yml") and read_yaml_plugin(path).name == plugin:
            return os.path.basename(path)
    return plugin + ".yml"


def check_files(files: Dict[str, Any]) -> Dict[str, str]:
    """Check the texts of single-file plugins, by file name, and return them.

    Raises LecternError for a name that is no plain ``*.yml`` or ``*.py``.
    """
    for name, text in files.items():
        if not re.fullmatch(r"[\w][\w.-]*\.(yml|py)", name):
            raise LecternError("The plugin file '%s' must be named NAME.yml (v0) or NAME.py (v1), without a folder." % name)
        if not isinstance(text, str):
            raise LecternError("The plugin file '%s' is a %s: expected its text." % (name, type(text).__name__))
        if not plain.is_text(text):
            raise LecternError("The plugin file '%s' holds half of a surrogate pair: no file of UTF-8 text can hold that." % name)
    return dict(files)
