# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a platform is on the host: root, plugins root, core's templates."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple, Optional

from . import about, plain
from .errors import LecternError, explain_locale

NO_TEXT = re.compile("[\ud800-\udfff]")

DRIVE = re.compile(r"[A-Za-z]:[\\/]")

VARIABLE = re.compile(r"\$(\{|[A-Z_])")  # an environment variable; $y is part of a file name

ENGINE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the top folder of the engine's code

COLLECTION = os.path.dirname(ENGINE) + os.sep  # the collection's folder plugins/

ORIGIN = COLLECTION.partition(os.sep + "ansible_collections")[0]  # where Python finds this code

ZIP = (ORIGIN,) if ORIGIN.endswith(".zip") else ()  # the archive that Ansible sent, at another place each time


class Places(NamedTuple):
    """Absolute paths. ``templates`` is None where core comes from the installed package ``tutor``."""

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
        """The path that ``config.yml`` is written to: where it leads if it is a symbolic link."""
        return os.path.realpath(self.config)


def requested_places(root: Optional[str] = None, plugins_root: Optional[str] = None, templates: Optional[str] = None) -> Places:
    """Return the given paths, else those of ``TUTOR_ROOT`` and ``TUTOR_PLUGINS_ROOT``, else Tutor's own defaults on Linux. Links stay.

    Raises LecternError for a path that depends on the working directory or on a variable that is not set.
    """
    return Places(
        _requested_path(root, "TUTOR_ROOT") or _default_path(""),
        _requested_path(plugins_root, "TUTOR_PLUGINS_ROOT") or _default_path("-plugins"),
        _absolute_path(templates) if templates else None,
    )


def resolve_places(root: Optional[str] = None, plugins_root: Optional[str] = None, templates: Optional[str] = None) -> Places:
    """Return the folders that these paths lead to. Raises LecternError as ``requested_places`` does, and for a path that can't be used."""
    requested = requested_places(root, plugins_root, templates)
    _refuse_dangling("root", requested.root)
    _refuse_dangling("plugins_root", requested.plugins_root)
    templates_root = os.path.realpath(requested.templates) if requested.templates else None
    resolved = Places(os.path.realpath(requested.root), os.path.realpath(requested.plugins_root), templates_root)
    _check(resolved)
    return resolved


def _requested_path(path: Optional[str], variable: str) -> str:
    """Return the given path, else that of an environment variable; empty where both are missing."""
    if path or not os.environ.get(variable):
        return _absolute_path(path) if path else ""
    return _absolute_path(os.environ[variable], variable)


def _default_path(suffix: str) -> str:
    """Return Tutor's own default (upstream: appdirs.user_data_dir of __about__.__app__)."""
    name = about.app()
    if name in ("", os.curdir, os.pardir) or os.sep in name or NO_TEXT.search(name):
        raise LecternError(
            "TUTOR_APP is %s in the environment of the host: no folder can be named so. Set it to a name such as campus, or give root and "
            "plugins_root." % ascii(os.environ.get("TUTOR_APP", name))
        )
    data = os.environ.get("XDG_DATA_HOME")
    return _absolute_path(os.path.join(data or "~/.local/share", name + suffix), "XDG_DATA_HOME" if data else "")


def _absolute_path(path: str, variable: str = "") -> str:
    """Return an absolute path, with ``~`` expanded; ``variable`` is the environment variable that it comes from.

    Raises LecternError for a relative path, one with a variable in it, and one that no file can have.
    """
    source = " It comes from %s in the environment of the host." % variable if variable else ""
    if "\0" in path:
        raise LecternError("The path %r holds a null byte: no file can be named so." % path)
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise LecternError(explain_locale(error)) from None
    expanded = os.path.expanduser(path)
    if not os.path.isabs(expanded):
        raise LecternError("The path '%s' is relative: give an absolute path, such as /srv/tutor.%s" % (path, source))
    if VARIABLE.search(expanded):
        raise LecternError("The path '%s' has a variable that is not set on the host: write out its value.%s" % (path, source))
    return expanded


def _refuse_dangling(option: str, path: str) -> None:
    """Raise LecternError where a link on the way leads nowhere: what is made instead would be hidden once its target is back."""
    here = path
    while here != os.path.dirname(here):
        if os.path.islink(here) and not os.path.exists(here):
            raise LecternError(
                "%s '%s' leads through the link '%s' to '%s', which is not there: mount its disk, make that folder, or remove the link."
                % (option, path, here, os.readlink(here))
            )
        here = os.path.dirname(here)


def _check(places: Places) -> None:
    """Raise LecternError for places that can't be used."""
    if places.root == os.sep:
        raise LecternError("root is '/': name a folder of its own for the platform, such as /srv/tutor.")
    for option, path in (("root", places.root), ("plugins_root", places.plugins_root)):
        existing = nearest_existing(path)
        if not os.path.isdir(existing):
            raise LecternError("%s '%s' is not a folder: remove the file or name another path." % (option, existing))
        if not plain.is_text(path):
            raise LecternError(
                "%s '%s' has a name that is not UTF-8 text: no result could name it. Rename it." % (option, plain.text(path))
            )
    if places.root == places.plugins_root:
        raise LecternError("root and plugins_root are both '%s': config.yml would be taken for a plugin. Name two folders." % places.root)
    if places.templates and not os.path.isdir(places.templates):
        raise LecternError("templates '%s' is not a folder on this host: copy the templates there first." % places.templates)


def is_literal(path: str) -> bool:
    """Whether a path has no ``~``, no ``$HOME`` and no drive letter, which nobody expands."""
    return not (path.startswith("~") or VARIABLE.search(path) or DRIVE.match(path))


def is_absolute(value: Any) -> bool:
    """Whether a plugin's value is an absolute path that the system can have."""
    try:
        return os.path.isabs(value) and b"\0" not in os.fsencode(value)
    except (TypeError, UnicodeEncodeError):
        return False


def nearest_existing(path: str) -> str:
    """Return the path, or the nearest one above it that exists, be it a file or a link."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return path


def nearest_folder(path: str) -> str:
    """Return the path, or the nearest one above it that is a folder or leads to one."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def path_below(path: str, folder: str) -> Optional[str]:
    """Return a path relative to a folder, empty for the folder itself; None for a path that is not below it."""
    if path == folder:
        return ""
    return path[len(folder) + 1 :] if path.startswith(folder + os.sep) else None
