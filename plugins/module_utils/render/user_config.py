# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the settings of config.yml, with obsolete names replaced, and the plugins that it enables."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from ..base import serialize
from ..base.errors import LecternError, quoted
from ..base.releases import Release
from ..plugins.contributions import Setting

PLUGINS = "PLUGINS"


def read_user_config(path: str, release: Release) -> Dict[str, Any]:
    """Read the settings of config.yml and replace obsolete names; none where there is no file.

    Raises LecternError when it is not a mapping of settings.
    """
    if not serialize.exists(path):
        if os.path.exists(path[: -len("yml")] + "json"):
            raise LecternError(
                "'%s' is of a Tutor before 3.0: run `tutor config save` once to convert it." % (path[: -len("yml")] + "json")
            )
        return {}
    user = serialize.load_mapping(path)
    return _rename_obsolete(user, release)


def _rename_obsolete(user: Dict[str, Any], release: Release) -> Dict[str, Any]:
    """Replace obsolete names as upstream's ``upgrade_obsolete`` does."""
    for old, new in release.inverted:
        if old in user:
            user[new] = not user.pop(old)
    for old, names in release.renamed:
        if old in user:
            user.update(dict.fromkeys(names, user.pop(old)))
    for old, plugin in release.became_plugins:
        if user.pop(old, False) and isinstance(user.setdefault(PLUGINS, []), list) and plugin not in user[PLUGINS]:
            user[PLUGINS] = sorted([*user[PLUGINS], plugin], key=str)
    return user


def enabled_names(user: Dict[str, Any], base: List[Setting], installed: List[str]) -> List[str]:
    """Return the enabled plugins as config.yml lists them; without a list, those of Tutor's own base that are installed.

    Raises LecternError when the list is not one of names.
    """
    names = user.get(PLUGINS, [name for name in default_plugins(base) if name in installed])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise LecternError("PLUGINS in config.yml is %s: it must be a list of plugin names." % quoted(names))
    return names


def default_plugins(base: List[Setting]) -> List[str]:
    """Return the plugins that Tutor enables where config.yml has no list of them."""
    return next((item.value for item in base if item.key == PLUGINS), [])
