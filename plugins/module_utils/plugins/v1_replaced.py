# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds functions of Tutor that plugins replace, although the engine renders and reads settings without them."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any, Dict, List

MODULES = ("tutor.env", "tutor.config")

PACKAGE = __name__.rpartition(".")[0]

METHODS = (FunctionType, staticmethod, classmethod, property)

WARNING = (
    "Plugin '%s' replaces %s, which Lectern does not call when it renders or reads settings: what the plugin does there is missing "
    "in env/. Have it use Tutor's hooks instead, such as ENV_PATCHES, ENV_TEMPLATE_FILTERS or ENV_SAVED."
)


class Replacements:
    """The functions that plugins replace from now on; ``warnings`` has a sentence for each."""

    def __init__(self) -> None:
        self.warnings: List[str] = []
        self._known = _functions_of_tutor()

    def note(self, owner: str) -> None:
        """Note what this plugin replaced since the last call."""
        now = _functions_of_tutor()
        changed = [name for name, value in self._known.items() if now.get(name) is not value and not _is_of_engine(now.get(name))]
        replaced = [name for name in changed if name.rpartition(".")[0] not in changed]  # a class stands for its methods
        self.warnings += [WARNING % (owner, name) for name in replaced]
        self._known = {name: now.get(name) for name in self._known}


def _is_of_engine(value: Any) -> bool:
    """Whether a function is the engine's, which answers for Tutor."""
    return str(getattr(value, "__module__", "")).startswith(PACKAGE)


def _functions_of_tutor() -> Dict[str, Any]:
    """Return the functions of these modules and the methods of their classes, by full name."""
    functions: Dict[str, Any] = {}
    for module in MODULES:
        for name, value in vars(sys.modules[module]).items() if module in sys.modules else ():
            if isinstance(value, (FunctionType, type)):
                functions["%s.%s" % (module, name)] = value
            if isinstance(value, type) and value.__module__ == module:
                methods = {key: method for key, method in vars(value).items() if isinstance(method, METHODS)}
                functions.update(("%s.%s.%s" % (module, name, key), method) for key, method in methods.items())
    return functions
