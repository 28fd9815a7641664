# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a platform lives on the host: root, plugins root, core templates."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple, Optional

from .errors import LecternError

VARIABLE = re.compile(r"\$[A-Za-z_{]")
ENGINE = os.path.dirname(os.path.abspath(__file__))  # the top folder of the engine's code


class Places(NamedTuple):
    """Absolute paths; ``templates`` is None where core comes from the installed ``tutor`` package."""

    root: str
    plugins_root: str
    templates: Optional[str] = None

    @property
    def env(self) -> str:
        return os.path.join(self.root, "env")

    @property
    def config(self) -> str:
        return os.path.join(self.root, "config.yml")

    @property
    def config_file(self) -> str:
        """Where ``config.yml`` is written: the file it leads to where it is a symbolic link."""
        return os.path.realpath(self.config)


def _folder(value: Optional[str], variable: str, default: str) -> str:
    chosen = value or os.environ.get(variable) or default
    if "\0" in chosen:
        raise LecternError("The path %r holds a null byte: no file can be named so." % chosen)
    expanded = os.path.expanduser(chosen)
    if not os.path.isabs(expanded):
        raise LecternError("The path '%s' is relative: give it from the root of the file system, such as /srv/tutor." % chosen)
    return os.path.realpath(expanded)


def places(root: Optional[str] = None, plugins_root: Optional[str] = None, templates: Optional[str] = None) -> Places:
    """The given paths, else ``TUTOR_ROOT`` and ``TUTOR_PLUGINS_ROOT``, else Tutor's own defaults on Linux."""
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    found = Places(
        _folder(root, "TUTOR_ROOT", os.path.join(data, "tutor")),
        _folder(plugins_root, "TUTOR_PLUGINS_ROOT", os.path.join(data, "tutor-plugins")),
        _folder(templates, "", "") if templates else None,
    )
    _check(found)
    return found


def _check(found: Places) -> None:
    if found.root == os.sep:
        raise LecternError("root is '/': name a folder of its own for the platform, such as /srv/tutor.")
    for option, path in (("root", found.root), ("plugins_root", found.plugins_root)):
        existing = _existing(path)
        if not os.path.isdir(existing):
            raise LecternError("%s '%s' is not a folder: remove the file or name another path." % (option, existing))
    if found.root == found.plugins_root:
        raise LecternError("root and plugins_root are both '%s': config.yml would be taken for a plugin. Name two folders." % found.root)
    if found.templates and not os.path.isdir(found.templates):
        raise LecternError("templates '%s' is not a folder on this host: copy the templates there first." % found.templates)


def is_absolute(value: Any) -> bool:
    """Whether a plugin's value is an absolute path, and one that the system can have."""
    try:
        return os.path.isabs(value) and b"\0" not in os.fsencode(value)
    except (TypeError, UnicodeEncodeError):
        return False


def names_variable(path: str) -> bool:
    """Whether a path names a variable of the environment, ``$HOME`` or ``${HOME}``; ``$$`` stands for the character."""
    return bool(VARIABLE.search(path.replace("$$", "")))


def _existing(path: str) -> str:
    """The path, or the nearest one above it that is there."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return path
