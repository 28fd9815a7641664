# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports the enabled plugins and collects what core and they contribute."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Tuple

from ..base.errors import LecternError
from ..base.isolation import contained
from ..base.places import Places
from ..base.releases import INIT, PRE_INIT, Release
from . import core, job_commands, v0
from .contributions import Contributions, ImageItem, ImageLister, InitTask, TemplateRoot
from .core import CoreSettings
from .discover import Plugin, plugins_named

Definitions = List[Tuple[Plugin, v0.Definition]]


def load_plugins(
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
    enabled = plugins_named(plugins, names, places.plugins_root)
    with contained():
        if core.has_hooks(release):
            from . import v1

            contributions = v1.load_plugins(places, release, core_settings, plugins, sorted(set(names)), user or {})
        else:
            first_of_each_name = list({plugin.name: plugin for plugin in reversed(enabled)}.values())[::-1]
            contributions = _load_without_hooks(places, release, core_settings, first_of_each_name)
        return _check_template_roots(contributions, enabled)


def _check_template_roots(contributions: Contributions, enabled: List[Plugin]) -> Contributions:
    """Return the contributions, with a warning for each folder of templates that a package lacks: some packages do, and upstream ignores
    it.

    Raises LecternError for any other folder that is missing, or is no folder.
    """
    packages = {plugin.name for plugin in enabled if plugin.source == "entrypoint"}
    for root in contributions.roots:
        if os.path.isdir(root.path):
            continue
        message = "Plugin '%s' takes its templates from '%s', " % (root.owner, root.path)
        if os.path.lexists(root.path) and not os.path.islink(root.path):
            raise LecternError(message + "which is no folder.")
        if root.owner not in packages:
            raise LecternError(message + "which is not there: name a folder of this host, or none.")
        contributions.warnings = [*contributions.warnings, message + "which is not there: its package lacks them."]
    read_again = contributions.read_again
    if read_again is not None:
        contributions.read_again = lambda: _check_template_roots(read_again(), enabled)
    return contributions


def _load_without_hooks(places: Places, release: Release, core_settings: CoreSettings, enabled: List[Plugin]) -> Contributions:
    if release.plugin_order == "name":
        enabled = sorted(enabled, key=lambda plugin: plugin.name)
    contributions = core.contribute(places, release, core_settings)
    contributions.plugins = [plugin.name for plugin in enabled]
    contributions.jobs = lambda: job_commands.of_release(places, release)
    definitions = [(plugin, _define_v0(plugin)) for plugin in enabled]
    _add_templates(contributions, definitions)
    _add_config(contributions, definitions)
    _add_patches(contributions, definitions)
    _add_hooks(contributions, places, release, definitions)
    return contributions


def _define_v0(plugin: Plugin) -> v0.Definition:
    if plugin.error:
        raise LecternError(plugin.error)
    if plugin.api != "v0":
        raise LecternError(
            "%s is a v1 plugin: it needs the package tutor, 13.2 or newer, in the same interpreter. Add it to tutor_packages." % plugin
        )
    return v0.load_definition(plugin)


def _add_templates(contributions: Contributions, definitions: Definitions) -> None:
    for plugin, definition in definitions:
        if definition.templates is not None:
            contributions.roots.append(TemplateRoot(definition.templates, plugin.name))
            contributions.targets += v0.targets(plugin.name)


def _add_config(contributions: Contributions, definitions: Definitions) -> None:
    for _plugin, definition in definitions:
        contributions.unique += definition.config["unique"]
        contributions.overrides += definition.config["overrides"]
        contributions.defaults += definition.config["defaults"]


def _add_patches(contributions: Contributions, definitions: Definitions) -> None:
    for _plugin, definition in sorted(definitions, key=lambda item: item[0].name):
        contributions.patches += definition.patches


def _add_hooks(contributions: Contributions, places: Places, release: Release, definitions: Definitions) -> None:
    roots = [root.path for root in contributions.roots]
    tasks: Dict[str, List[InitTask]] = {PRE_INIT: [], INIT: []}
    for plugin, definition in definitions:
        for hook, hook_tasks in tasks.items():
            hook_tasks += [
                InitTask(service, text, plugin.name, hook) for service, text in v0.read_scripts(plugin, hook, definition.hooks[hook], roots)
            ]
    contributions.tasks = core.init_tasks(places, release, tasks)
    contributions.images = _list_images(contributions.images, release, definitions)


def _list_images(of_core: ImageLister, release: Release, definitions: Definitions) -> ImageLister:
    def list_images(kind: str, config: Dict[str, Any]) -> List[ImageItem]:
        of_plugins = [
            image for plugin, definition in definitions for image in v0.images(plugin.name, definition.hooks, kind, release.remote_prefix)
        ]
        return of_core(kind, config) + of_plugins + (of_core("build_after", config) if kind == "build" else [])

    return list_images
