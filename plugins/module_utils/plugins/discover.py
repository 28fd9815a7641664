# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the installed plugins with their names, versions and kinds, without importing their code."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Optional, Set

from ..base import about, plain, serialize
from ..base.errors import LecternError, quoted, words_of
from ..base.places import Places
from ..base.releases import Release
from . import distributions

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")

MOST_FILES = 1000  # in the plugins root

# Suffixes in lower case that plugin files have by mistake, with those that Tutor reads.
MISNAMED = {".yaml": ".yml", ".yml": ".yml", ".py": ".py"}

GROUPS = {"tutor.plugin.v0": "v0", "tutor.plugin.v1": "v1"}


@dataclass(frozen=True)
class Plugin:
    """One installed plugin. ``error`` says why it can't be used, as far as that shows without importing it."""

    name: str
    api: str  # v0 or v1
    source: str  # entrypoint, yaml or file
    path: str = ""  # of a single-file plugin
    package: str = ""  # distribution of an entry point
    version: str = ""
    value: str = ""  # entry point: module; file: its source text
    data: Optional[Dict[str, Any]] = None  # YAML plugin: its content
    error: str = ""
    stops: bool = False  # the error stops every call, even if the plugin is not enabled, as it stops every command of Tutor

    def __str__(self) -> str:
        return "plugin '%s' (%s)" % (self.name, self.path or "%s %s" % (self.package, self.version))


def installed_plugins(places: Places, release: Release, files: Optional[Dict[str, str]] = None) -> List[Plugin]:
    """Return every installed plugin in the order of upstream's discovery.

    ``files`` (name → text) replace files of the plugins root that this call will write.
    """
    texts = _single_files(places, files or {})
    packages = entry_points(release)
    plugins = [plugin for plugin in packages if plugin.api == "v0"]
    if "TUTOR_IGNORE_DICT_PLUGINS" not in os.environ:
        plugins += [read_yaml_plugin(path, text) for path, text in texts.items() if path.endswith(".yml")]
    plugins += [_read_python_file(path, text) for path, text in texts.items() if path.endswith(".py")]
    return plugins + [plugin for plugin in packages if plugin.api == "v1"]


def _single_files(places: Places, files: Dict[str, str]) -> Dict[str, Any]:
    paths = single_files(places)
    texts: Dict[str, Any] = dict.fromkeys(paths)
    texts.update({os.path.join(places.plugins_root, name): text for name, text in files.items()})
    return texts


def single_files(places: Places) -> List[str]:
    """Return the paths of the single-file plugins, sorted.

    Raises LecternError for more than MOST_FILES, and for a folder that can't be read.
    """
    names = [name for name in _names_in(places.plugins_root) if name.endswith((".yml", ".py"))]
    if len(names) > MOST_FILES:
        message = "plugins_root '%s' holds %d plugins (*.yml, *.py), more than the %d that are read: name the folder of your plugins."
        raise LecternError(message % (places.plugins_root, len(names), MOST_FILES))
    return [os.path.join(places.plugins_root, name) for name in names]


def _names_in(plugins_root: str) -> List[str]:
    """Return the names in the plugins root, sorted, without hidden ones."""
    try:
        return sorted(name for name in os.listdir(plugins_root) if not name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LecternError("plugins_root '%s' can't be read: %s." % (plugins_root, words_of(error))) from None


def _read_python_file(path: str, text: Optional[str]) -> Plugin:
    name = os.path.splitext(os.path.basename(path))[0]
    try:
        plain.refuse_name(path)
        return Plugin(name, "v1", "file", path=path, value=serialize.read(path) if text is None else text)
    except LecternError as error:
        return Plugin(name, "v1", "file", path=path, error=str(error))


def read_yaml_plugin(path: str, text: Optional[str] = None) -> Plugin:
    """Read a YAML plugin; it has an ``error`` where its name or version can't be used (upstream: plugins/v0.py DictPlugin)."""
    stem = os.path.splitext(os.path.basename(path))[0]
    try:
        data = serialize.load(serialize.read(path) if text is None else text, "YAML plugin '%s'" % path)
        _check_yaml(path, data)
    except LecternError as error:
        return Plugin(stem, "v0", "yaml", path=path, error=str(error), stops=True)
    plugin = Plugin(data["name"], "v0", "yaml", path=path, version=data.get("version") or "", data=data)
    try:
        plain.refuse_name(path)
    except LecternError as error:  # Tutor reads it, so it is refused only once it is enabled
        return replace(plugin, error=str(error))
    return plugin


def _check_yaml(path: str, data: Any) -> None:
    if not isinstance(data, dict):
        raise LecternError("YAML plugin '%s' must be a mapping with a 'name', not a %s." % (path, type(data).__name__))
    if "name" not in data:
        raise LecternError("YAML plugin '%s' has no name: add a line 'name: …'." % path)
    name, version = data["name"], data.get("version")
    if not isinstance(name, str) or not name or "/" in name or name.startswith("."):
        raise LecternError("YAML plugin '%s' has the name %s: it must be text, without '/' and not empty." % (path, quoted(name)))
    if CONTROLS.search(name):
        raise LecternError("YAML plugin '%s' has the name %s: it must be text without control characters." % (path, quoted(name)))
    if version is not None and not isinstance(version, str):
        raise LecternError(
            "YAML plugin '%s' has the version %s, a %s: put it in quotes (version: \"%s\")."
            % (path, quoted(version), type(version).__name__, quoted(version))
        )


def entry_points(release: Release) -> List[Plugin]:
    """Return the plugins of installed packages. Raises LecternError for a list of entry points that can't be read."""
    if "TUTOR_IGNORE_ENTRYPOINT_PLUGINS" in os.environ:
        return []
    from importlib import metadata  # here, as a call that changes nothing does not need it

    by_point: Dict[str, Plugin] = {}
    seen = set()
    for distribution in metadata.distributions():
        points = distributions.entry_points_of(distribution, GROUPS)
        if not points:  # reading metadata of every package takes long
            continue
        try:
            package, version = distributions.name_and_version(distribution)
        except LecternError as error:
            broken = {name: Plugin(name, GROUPS[group], "entrypoint", error=str(error), stops=True) for group, name, _value in points}
            by_point.update({"%s %s" % (name, plugin.error): plugin for name, plugin in broken.items()})
            continue
        if package in seen or distributions.is_shadowed(distribution, package):  # by a package before it on the path
            continue
        seen.add(package)
        for group, name, value in points:
            by_point["%s %s %s" % (group, name, package)] = Plugin(name, GROUPS[group], "entrypoint", "", package, version, value)
    plugins = list(by_point.values())
    if release.checks_requirements and plugins and about.package_folder():
        plugins = _check_requirements(plugins, release)
    return _in_working_set_order(plugins) if release.plugin_order == "installed" else plugins


def _check_requirements(plugins: List[Plugin], release: Release) -> List[Plugin]:
    """Return the plugins, with an error for those that upstream skips because other packages do not meet their requirements."""
    unmet = distributions.unmet_requirements(GROUPS)
    message = "%s %s, so Tutor %s skips it. Install versions that fit each other (tutor_packages), or disable the plugin."
    reasons = [unmet.get((distributions.canonical_name(plugin.package), plugin.name), "") for plugin in plugins]
    return [
        replace(plugin, error=plugin.error or message % (plugin, reason, release.version)) if reason else plugin
        for plugin, reason in zip(plugins, reasons)
    ]


def _in_working_set_order(plugins: List[Plugin]) -> List[Plugin]:
    """Return the plugins in the order of setuptools' working set, in which releases before 12.2 find entry points."""
    names = [point.name for point, _installed in distributions.working_set(["tutor.plugin.v0"])]
    return sorted(plugins, key=lambda plugin: names.index(plugin.name) if plugin.name in names else len(names))


def refuse_broken(plugins: List[Plugin]) -> None:
    """Raise LecternError for a plugin that would stop every ``tutor`` command too. Any other is refused only once it is enabled."""
    for plugin in plugins:
        if plugin.stops:
            raise LecternError(plugin.error)


def plugins_named(plugins: List[Plugin], names: List[str], plugins_root: str = "") -> List[Plugin]:
    """Return the plugins of these names, in discovery order.

    Raises LecternError for a name that is not installed. Its message names a file in ``plugins_root`` that only needs another file name.
    """
    known = sorted({plugin.name for plugin in plugins})
    for name in names:
        if name not in known:
            _refuse_misnamed(name, plugins_root)
            raise LecternError(
                "Plugin '%s' is not installed for %s. Installed are: %s. Install its package (tutor_packages) or put its "
                "file into the plugins root." % (name, sys.executable, ", ".join(known) or "none")
            )
    return [plugin for plugin in plugins if plugin.name in names]


def packages_of(plugins: Iterable[Plugin]) -> Set[str]:
    """Return the names of the packages that these plugins come from."""
    return {plugin.value.partition(".")[0] for plugin in plugins if plugin.source == "entrypoint"}


def _refuse_misnamed(name: str, plugins_root: str) -> None:
    """Raise LecternError for a file that holds the plugin but has a name that Tutor does not read, such as ``NAME.yaml``."""
    for file in _names_in(plugins_root) if plugins_root else []:
        stem, suffix = os.path.splitext(file)
        read_suffix = MISNAMED.get(suffix.lower())
        path = os.path.join(plugins_root, file)
        if read_suffix and suffix != read_suffix and name in (stem, read_yaml_plugin(path).name if read_suffix == ".yml" else stem):
            message = "Plugin '%s' is not installed: Tutor does not read '%s', only *.yml and *.py. Rename it to '%s'."
            raise LecternError(message % (name, path, stem + read_suffix))
