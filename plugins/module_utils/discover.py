# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which plugins are installed: names, versions and kinds, without importing any of their code."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from glob import glob
from typing import Any, Dict, List, Optional

from . import serialize
from .errors import LecternError
from .places import Places
from .releases import Release

MOST_FILES = 1000  # in the plugins root
GROUPS = {"tutor.plugin.v0": "v0", "tutor.plugin.v1": "v1"}


@dataclass(frozen=True)
class Plugin:
    """One installed plugin. ``error`` says why it can't be used, where that shows without importing it."""

    name: str
    api: str  # v0 or v1
    source: str  # entrypoint, yaml or file
    path: str = ""  # of a single-file plugin
    package: str = ""  # distribution of an entry point
    version: str = ""
    value: str = ""  # entry point: module; file: its source text
    data: Optional[Dict[str, Any]] = None  # YAML plugin: its content
    error: str = ""

    def __str__(self) -> str:
        return "plugin '%s' (%s)" % (self.name, self.path or "%s %s" % (self.package, self.version))


def installed(
    places: Places, release: Release, files: Optional[Dict[str, str]] = None, packages: Optional[List[Plugin]] = None
) -> List[Plugin]:
    """Every installed plugin in the order of upstream's discovery.

    ``files`` (name → text) stand in for files of the plugins root that are to be written by this call, ``packages`` are the result of
    ``entry_points`` where that is known.
    """
    texts = _single_files(places, files or {})
    packages = entry_points(release) if packages is None else packages
    found = [plugin for plugin in packages if plugin.api == "v0"]
    if "TUTOR_IGNORE_DICT_PLUGINS" not in os.environ:
        found += [yaml_plugin(path, text) for path, text in texts.items() if path.endswith(".yml")]
    found += [_python_file(path, text) for path, text in texts.items() if path.endswith(".py")]
    return found + [plugin for plugin in packages if plugin.api == "v1"]


def _single_files(places: Places, files: Dict[str, str]) -> Dict[str, Any]:
    paths = single_files(places)
    texts: Dict[str, Any] = dict.fromkeys(paths)
    texts.update({os.path.join(places.plugins_root, name): text for name, text in files.items()})
    return texts


def single_files(places: Places) -> List[str]:
    """The paths of the single-file plugins, sorted. Raises LecternError for more than anybody can have meant."""
    folder = glob_escape(places.plugins_root)
    paths = sorted(glob(os.path.join(folder, "*.yml")) + glob(os.path.join(folder, "*.py")))
    if len(paths) > MOST_FILES:
        message = "plugins_root '%s' holds %d plugins (*.yml, *.py), more than the %d that are read: name the folder of your plugins."
        raise LecternError(message % (places.plugins_root, len(paths), MOST_FILES))
    return paths


def glob_escape(path: str) -> str:
    """A folder's name in which no character is a pattern."""
    return "".join("[%s]" % char if char in "*?[" else char for char in path)


def _python_file(path: str, text: Optional[str]) -> Plugin:
    name = os.path.splitext(os.path.basename(path))[0]
    try:
        return Plugin(name, "v1", "file", path=path, value=serialize.read(path) if text is None else text)
    except LecternError as error:
        return Plugin(name, "v1", "file", path=path, error=str(error))


def yaml_plugin(path: str, text: Optional[str] = None) -> Plugin:
    """A YAML plugin, with ``error`` where its name or version can't be used (upstream: plugins/v0.py DictPlugin)."""
    stem = os.path.splitext(os.path.basename(path))[0]
    try:
        data = serialize.load(serialize.read(path) if text is None else text, "YAML plugin '%s'" % path)
        _check_yaml(path, data)
    except LecternError as error:
        return Plugin(stem, "v0", "yaml", path=path, error=str(error))
    return Plugin(data["name"], "v0", "yaml", path=path, version=data.get("version") or "", data=data)


def _check_yaml(path: str, data: Any) -> None:
    if not isinstance(data, dict):
        raise LecternError("YAML plugin '%s' must be a mapping with a 'name', not a %s." % (path, type(data).__name__))
    if "name" not in data:
        raise LecternError("YAML plugin '%s' has no name: add a line 'name: …'." % path)
    name, version = data["name"], data.get("version")
    if not isinstance(name, str) or not name or "/" in name or "\0" in name or name.startswith("."):
        raise LecternError("YAML plugin '%s' has the name %r: it must be text, without '/' and not empty." % (path, name))
    if version is not None and not isinstance(version, str):
        raise LecternError(
            "YAML plugin '%s' has the version %r, a %s: put it in quotes (version: \"%s\")."
            % (path, version, type(version).__name__, version)
        )


def entry_points(release: Release) -> List[Plugin]:
    """The plugins of installed packages."""
    if "TUTOR_IGNORE_ENTRYPOINT_PLUGINS" in os.environ:
        return []
    from importlib import metadata  # here, as a call that changes nothing can do without

    found: Dict[str, Plugin] = {}
    seen = set()
    for distribution in metadata.distributions():
        points = [point for point in distribution.entry_points if point.group in GROUPS]
        if not points:  # reading metadata of every package takes long
            continue
        about = distribution.metadata
        package = about["Name"] or ""
        is_shadowed = package not in seen and metadata.distribution(package).locate_file("") != distribution.locate_file("")
        if package in seen or is_shadowed:  # by one of the same name that comes before it on the path
            continue
        seen.add(package)
        for point in points:
            plugin = Plugin(point.name, GROUPS[point.group], "entrypoint", package=package, version=about["Version"], value=point.value)
            found["%s %s %s" % (point.group, point.name, package)] = plugin
    plugins = list(found.values())
    return _working_set_order(plugins) if release["plugin_order"] == "installed" else plugins


def _working_set_order(plugins: List[Plugin]) -> List[Plugin]:
    """The order in which releases before 12.2 meet entry points: that of setuptools' working set."""
    try:
        import pkg_resources
    except ImportError:
        return plugins
    names = [point.name for point in pkg_resources.iter_entry_points("tutor.plugin.v0")]
    return sorted(plugins, key=lambda plugin: names.index(plugin.name) if plugin.name in names else len(names))


def refuse_broken(plugins: List[Plugin]) -> None:
    """Raises LecternError for a YAML plugin that would stop every ``tutor`` command too; a ``.py`` file does so only once enabled."""
    for plugin in plugins:
        if plugin.error and plugin.api == "v0":
            raise LecternError(plugin.error)


def named(plugins: List[Plugin], names: List[str]) -> List[Plugin]:
    """The plugins of these names, in discovery order.

    Raises LecternError for a name that is not installed.
    """
    known = sorted({plugin.name for plugin in plugins})
    for name in names:
        if name not in known:
            raise LecternError(
                "Plugin '%s' is not installed for %s. Installed are: %s. Install its package (tutor_packages) or put its "
                "file into the plugins root." % (name, sys.executable, ", ".join(known) or "none")
            )
    return [plugin for plugin in plugins if plugin.name in names]
