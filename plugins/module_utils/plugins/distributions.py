# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of installed packages (``*.dist-info``, ``*.egg-info``), even if pip was interrupted while it wrote them."""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from typing import Any, Collection, Dict, List, Tuple

from ..base.errors import LecternError, words_of

Point = Tuple[str, str, str]  # group, name, value

# For a list of entry points that can't be parsed.
NAMES_PLUGINS = re.compile(rb"^\s*\[\s*tutor\.plugin\.", re.MULTILINE)


def canonical_name(name: str) -> str:
    """Return a package's name in the form that indexes compare."""
    return re.sub(r"[-_.]+", "-", name).lower()


def entry_points_of(distribution: Any, groups: Collection[str]) -> List[Point]:
    """Return the entry points of these groups; none where the list can't be read but names no plugins of Tutor.

    Raises LecternError, with the file, for a list of plugins that can't be read.
    """
    try:
        return [(point.group, point.name, point.value) for point in distribution.entry_points if point.group in groups]
    except Exception as error:  # its class depends on the release of Python
        path = os.path.join(record_of(distribution), "entry_points.txt")
        with contextlib.suppress(OSError), open(path, "rb") as stream:
            if not NAMES_PLUGINS.search(stream.read()):
                return []
        reason = words_of(error) if isinstance(error, OSError) else str(error).splitlines()[0]
        message = "'%s' is not a list of entry points (%s): reinstall the package, or remove its folder."
        raise LecternError(message % (path, reason)) from None


def name_and_version(distribution: Any) -> Tuple[str, str]:
    """Return the name and the version of a package.

    Raises LecternError, with its folder, where METADATA lacks them, or is missing.
    """
    try:
        name, version = (distribution.metadata.get(key) for key in ("Name", "Version"))
    except Exception:  # not UTF-8, or missing, for which newer Pythons raise another error
        name = version = None
    if name and version:
        return str(name), str(version)
    raise LecternError(
        "'%s' has no METADATA with a name and a version that the user with id %d can read: a pip that was interrupted leaves such a "
        "folder. Remove it, or reinstall the package." % (record_of(distribution), os.geteuid())
    )


def record_of(distribution: Any) -> str:
    """Return the folder of a package's record; the folder of all packages where Python does not tell."""
    return str(getattr(distribution, "_path", None) or distribution.locate_file(""))


def is_shadowed(distribution: Any, name: str) -> bool:
    """Whether another package of that name comes before it on the search path."""
    from importlib import metadata

    with contextlib.suppress(metadata.PackageNotFoundError, ValueError):  # the folder has another name than the package
        return bool(metadata.distribution(name).locate_file("") != distribution.locate_file(""))
    return False


def working_set(groups: Collection[str]) -> List[Tuple[Any, Any]]:
    """Return the entry points of these groups, each with all packages, in the order of upstream's pkg_resources.

    Empty where pkg_resources is missing: releases of Tutor that need it don't run then.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pkg_resources
        except ImportError:
            return []
        installed = pkg_resources.WorkingSet()
    points = []
    for distribution in installed:
        with contextlib.suppress(Exception):  # entry_points_of refuses one that can't be read, if it names plugins
            points += [(point, installed) for group in groups for point in distribution.get_entry_map(group).values()]
    return points


def unmet_requirements(groups: Collection[str]) -> Dict[Tuple[str, str], str]:
    """Return the requirement that is not met, by package and name of an entry point, checked as upstream's ``EntryPoint.load`` does."""
    unmet = {}
    for point, installed in working_set(groups):
        try:
            installed.resolve(point.dist.requires(point.extras), extras=point.extras)
        except Exception as error:  # requirements that can't be read, too
            unmet[canonical_name(point.dist.key), point.name] = _explain_unmet(error)
    return unmet


def _explain_unmet(error: Any) -> str:
    """Say what an error of pkg_resources means: VersionConflict has ``dist``, DistributionNotFound ``requirers``, both ``req``."""
    if not hasattr(error, "req"):
        return "has requirements that can't be read (%s)" % error
    instead = "%s is installed" % error.dist if hasattr(error, "dist") else "that is not installed"
    required_by = getattr(error, "required_by", None) or getattr(error, "requirers", None)
    through = " (through %s)" % ", ".join(sorted(required_by)) if required_by else ""
    return "requires '%s'%s, but %s" % (error.req, through, instead)
