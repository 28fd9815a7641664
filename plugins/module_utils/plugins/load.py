# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports the enabled plugins and collects what core and they contribute."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional

from ..base.errors import LecternError
from ..base.isolation import contained
from ..base.places import Places
from ..base.releases import INIT, PRE_INIT, Release
from . import core, v0
from .contributions import Contributions, ImageItem, ImageLister, InitTask, TemplateRoot
from .core import CoreSettings
from .discover import Plugin, named


def contributions(
    places: Places,
    release: Release,
    core_settings: CoreSettings,
    plugins: List[Plugin],
    names: List[str],
    user: Optional[Dict[str, Any]] = None,
) -> Contributions:
    """Load the plugins of these names, and return what core and they contribute.

    ``plugins`` are the installed ones in discovery order, ``user`` the settings as far as they are known before. Raises LecternError for a
    name that is not installed, and, with file and line, for a plugin that can't be imported or declares something of the wrong type.
    """
    enabled = named(plugins, names, places.plugins_root)
    with contained():
        if core.has_hooks(release):
            from . import v1

            found = v1.contributions(places, release, core_settings, plugins, sorted(set(names)), user or {})
        else:
            first_of_each_name = list({plugin.name: plugin for plugin in reversed(enabled)}.values())[::-1]
            found = _load_without_hooks(places, release, core_settings, first_of_each_name)
        return _with_template_roots(found, enabled)


def _with_template_roots(found: Contributions, enabled: List[Plugin]) -> Contributions:
    """Return the contributions, with a warning for each folder of templates that a package lacks: some packages do, and upstream ignores
    it.

    Raises LecternError for any other folder that is missing, or is no folder.
    """
    packages = {plugin.name for plugin in enabled if plugin.source == "entrypoint"}
    for root in found.roots:
        if os.path.isdir(root.path):
            continue
        message = "Plugin '%s' takes its templates from '%s', " % (root.owner, root.path)
        if os.path.lexists(root.path) and not os.path.islink(root.path):
            raise LecternError(message + "which is no folder.")
        if root.owner not in packages:
            raise LecternError(message + "which is not there: name a folder of this host, or none.")
        found.warnings = [*found.warnings, message + "which is not there: its package lacks them."]
    again = found.read_again
    if again is not None:
        found.read_again = lambda: _with_template_roots(again(), enabled)
    return found


def _load_without_hooks(places: Places, release: Release, core_settings: CoreSettings, enabled: List[Plugin]) -> Contributions:
    if release.plugin_order == "name":
        enabled = sorted(enabled, key=lambda plugin: plugin.name)
    found = core.contribute(places, release, core_settings)
    found.plugins = [plugin.name for plugin in enabled]
    definitions = [(plugin, _v0(plugin)) for plugin in enabled]
    _add_templates(found, definitions)
    _add_config(found, definitions)
    _add_patches(found, definitions)
    _add_hooks(found, places, release, definitions)
    return found


def _v0(plugin: Plugin) -> v0.Definition:
    if plugin.error:
        raise LecternError(plugin.error)
    if plugin.api != "v0":
        raise LecternError(
            "%s is a v1 plugin: it needs the package tutor, 13.2 or newer, in the same interpreter. Add it to tutor_packages." % plugin
        )
    return v0.define(plugin)


def _add_templates(found: Contributions, definitions: List[Any]) -> None:
    for plugin, definition in definitions:
        if definition.templates is not None:
            found.roots.append(TemplateRoot(definition.templates, plugin.name))
            found.targets += v0.targets(plugin.name)


def _add_config(found: Contributions, definitions: List[Any]) -> None:
    for _plugin, definition in definitions:
        found.unique += definition.config["unique"]
        found.overrides += definition.config["overrides"]
        found.defaults += definition.config["defaults"]


def _add_patches(found: Contributions, definitions: List[Any]) -> None:
    for _plugin, definition in sorted(definitions, key=lambda item: item[0].name):
        found.patches += definition.patches


def _add_hooks(found: Contributions, places: Places, release: Release, definitions: List[Any]) -> None:
    roots = [root.path for root in found.roots]
    tasks: Dict[str, List[InitTask]] = {PRE_INIT: [], INIT: []}
    for plugin, definition in definitions:
        for hook, found_tasks in tasks.items():
            found_tasks += [
                InitTask(service, text, plugin.name, hook) for service, text in v0.scripts(plugin, hook, definition.hooks[hook], roots)
            ]
    found.tasks = core.tasks(places, release, tasks)
    found.images = _images(found.images, release, definitions)


def _images(of_core: ImageLister, release: Release, definitions: List[Any]) -> ImageLister:
    def list_images(kind: str, config: Dict[str, Any]) -> List[ImageItem]:
        of_plugins = [
            image for plugin, definition in definitions for image in v0.images(plugin.name, definition.hooks, kind, release.remote_prefix)
        ]
        return of_core(kind, config) + of_plugins + (of_core("build_after", config) if kind == "build" else [])

    return list_images
