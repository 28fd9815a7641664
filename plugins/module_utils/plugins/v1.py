# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads v1 plugins through the hooks of the installed package ``tutor`` (13.2 and newer).

Fills Tutor's filters and actions as upstream's command line does, but from this collection's discovery and v0 plugins, and reads them back
as contributions. No code of Tutor merges settings, renders or writes here.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from copy import deepcopy
from dataclasses import replace
from typing import Any, Callable, Dict, List

from ..base.errors import LecternError
from ..base.files import owner_of
from ..base.isolation import calling
from ..base.observation import unnoticed
from ..base.places import Places
from ..base.releases import INIT, PRE_INIT, Release
from . import core, v0, v1_compat, v1_context
from .contributions import CORE, Contributions, ImageLister
from .core import CoreSettings
from .discover import Plugin
from .v1_read import IMAGE_FILTERS, call_in_contexts, contributor_of, has_config_listeners, items_of, read_contributions
from .v1_replaced import Replacements

# Modules of upstream whose callbacks do what the engine does itself.
DISCOVERY = ("tutor.plugins.v0", "tutor.plugins.v1")

# Modules of upstream that add core's images and init tasks from its own templates folder (tutor.jobs: before 15).
CORE_MODULES = ("tutor.commands.images", "tutor.commands.jobs", "tutor.jobs")

# Callbacks of upstream that load its defaults and enable plugins, which the engine does itself.
REPLACED = ("_load_config_defaults_yml", "_enable_plugins")


def load_plugins(
    places: Places, release: Release, core_settings: CoreSettings, plugins: List[Plugin], names: List[str], user: Dict[str, Any]
) -> Contributions:
    """Load the named plugins in this process and read back what they and core contribute.

    ``user`` are the settings that plugins find if they ask for them while they load. Raises LecternError with file and line for a plugin
    that fails.
    """
    hooks = register_plugins(places, release, core_settings, plugins)
    v1_context.answer_with_settings_of_call(hooks, places, user)
    replacements = Replacements()
    with v1_context.in_command_context(places):
        _load_in_project_root_ready(hooks, places, names, replacements.note)
    contributions = read_contributions(hooks, places, release, core_settings, names, replacements.note)
    contributions.warnings = replacements.warnings
    if has_config_listeners(hooks):
        contributions.read_again = lambda: replace(
            read_contributions(hooks, places, release, core_settings, names), warnings=replacements.warnings
        )
    return contributions


def register_plugins(places: Places, release: Release, core_settings: CoreSettings, plugins: List[Plugin]) -> Any:
    """Import ``tutor`` for these places and register the plugins, without loading any. Returns ``tutor.hooks``."""
    hooks = import_tutor(places, release)
    for hook in (hooks.Actions.CORE_READY, hooks.Actions.PROJECT_ROOT_READY, hooks.Actions.PLUGINS_LOADED, hooks.Filters.CONFIG_DEFAULTS):
        _drop_callbacks(hook, lambda callback: callback.func.__module__ in DISCOVERY or callback.func.__name__ in REPLACED)
    v1_compat.replace_iter_patches(hooks)
    if release.core_defaults_in_filter:
        _add_defaults(hooks, core_settings)
    if places.templates:
        _replace_core(hooks, places, release)
    _register_each(hooks, release, plugins)
    hooks.Actions.CORE_READY.do()
    return hooks


def import_tutor(places: Places, release: Release) -> Any:
    """Import ``tutor`` for these places, unless it is imported. Returns ``tutor.hooks``. Raises LecternError where it can't be imported."""
    os.environ.update(TUTOR_ROOT=places.root, TUTOR_PLUGINS_ROOT=places.plugins_root)
    with calling("The installed package tutor %s can't be imported" % release.version):
        utils: Any = importlib.import_module("tutor.utils")
        with unnoticed():
            user = owner_of(places)
        utils.get_user_id = lambda: user
        env: Any = importlib.import_module("tutor.env")
        if places.templates:
            env.TEMPLATES_ROOT = places.templates
        importlib.import_module("tutor.commands.cli")
        hooks = importlib.import_module("tutor.hooks")
    v1_compat.require_hooks(release.version)
    return hooks


def _drop_callbacks(hook: Any, unwanted: Callable[[Any], bool]) -> None:
    hook.callbacks = [callback for callback in hook.callbacks if not unwanted(callback)]


def _add_defaults(hooks: Any, core_settings: CoreSettings) -> None:
    """Put core's defaults first in their filter, where plugins look for those that they change."""
    filter_ = hooks.Filters.CONFIG_DEFAULTS
    filter_.add_items([(item.key, deepcopy(item.value)) for item in core_settings.defaults])
    filter_.callbacks.insert(0, filter_.callbacks.pop())


def _replace_core(hooks: Any, places: Places, release: Release) -> None:
    """Take core's own settings, images and tasks from ``templates`` instead of the package's folder."""
    filters = hooks.Filters
    for hook in (filters.IMAGES_BUILD, filters.IMAGES_PULL, filters.IMAGES_PUSH, hooks.Actions.CORE_READY):
        _drop_callbacks(hook, lambda callback: callback.func.__module__ in CORE_MODULES)
    images_of_core = core.image_lister(core.templates_folder(places), release)
    for kind, name in IMAGE_FILTERS.items():
        _add_images(getattr(filters, name), kind, images_of_core)
    for task in core.init_tasks(places, release, {}):
        with v1_compat.plugin_context(hooks, task.owner).enter():
            v1_compat.task_filter(hooks, early=False).add_item((task.service, task.text))


def _add_images(filter_: Any, kind: str, images_of_core: ImageLister) -> None:
    def add(items: List[Any], config: Dict[str, Any]) -> List[Any]:
        images = images_of_core(kind, config)
        return items + [(i.name, i.path, i.tag, i.args) if kind == "build" else (i.name, i.tag) for i in images]

    filter_.add()(add)


def _register_each(hooks: Any, release: Release, plugins: List[Plugin]) -> None:
    """Register each installed plugin with its loader, as upstream's discovery does."""
    with hooks.Contexts.PLUGINS.enter():
        for plugin in plugins:
            hooks.Filters.PLUGINS_INSTALLED.add_item(plugin.name)
            hooks.Filters.PLUGINS_INFO.add_item((plugin.name, plugin.version or plugin.path))
            v1_compat.on_load(hooks, plugin.name, _loader(hooks, release, plugin))


def _loader(hooks: Any, release: Release, plugin: Plugin) -> Callable[[], None]:
    def load() -> None:
        if plugin.error:
            raise LecternError(plugin.error)
        if plugin.api == "v0":
            _load_v0(hooks, release, plugin)
        else:
            _load_v1(plugin)

    return load


def _load_v1(plugin: Plugin) -> None:
    with calling("Can't load %s" % plugin, plugin.path or plugin.value.split(".", 1)[0]):
        if plugin.source == "entrypoint":
            v0.import_entry_point(plugin.value)
            return
        spec = importlib.util.spec_from_loader("tutor.plugin.v1.%s" % plugin.name, loader=None, origin=plugin.path)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        module.__file__ = plugin.path
        text = plugin.value[1:] if plugin.value.startswith("\ufeff") else plugin.value
        # Like importing the file, which may not be written yet. The __future__ imports of this module do not apply to it.
        exec(compile(text, plugin.path, "exec", dont_inherit=True), module.__dict__)


def _load_v0(hooks: Any, release: Release, plugin: Plugin) -> None:
    definition = v0.load_definition(plugin)
    filters = hooks.Filters
    for layer, name in (("unique", "CONFIG_UNIQUE"), ("defaults", "CONFIG_DEFAULTS"), ("overrides", "CONFIG_OVERRIDES")):
        getattr(filters, name).add_items([(item.key, item.value) for item in definition.config[layer]])
    for patch in definition.patches:
        v1_compat.add_patch(hooks, release.v0_patches_first, patch.name, patch.text)
    if definition.templates is not None:
        filters.ENV_TEMPLATE_ROOTS.add_item(definition.templates)
        filters.ENV_TEMPLATE_TARGETS.add_items([(target.src, target.dst) for target in v0.targets(plugin.name)])
    _add_v0_hooks(hooks, plugin, definition)


def _add_v0_hooks(hooks: Any, plugin: Plugin, definition: v0.Definition) -> None:
    filters = hooks.Filters
    for kind, name in IMAGE_FILTERS.items():
        for image in v0.images(plugin.name, definition.hooks, kind):
            path = tuple(image.path.split("/"))
            getattr(filters, name).add_item((image.name, path, image.tag, ()) if kind == "build" else (image.name, image.tag))
    of_core = importlib.import_module("tutor.env").TEMPLATES_ROOT
    roots = [str(path) for path, _owner in items_of(hooks, "ENV_TEMPLATE_ROOTS", first=[(of_core, CORE)])]
    for hook in (PRE_INIT, INIT):
        for task in v0.read_scripts(plugin, hook, definition.hooks[hook], roots):
            early = hook == PRE_INIT
            v1_compat.add_item(hooks, v1_compat.task_filter(hooks, early), task, early)


def _load_in_project_root_ready(hooks: Any, places: Places, names: List[str], note: Callable[[str], None]) -> None:
    """Load plugins in upstream's PROJECT_ROOT_READY, then announce that all are loaded.

    ``note`` is called with the name of each plugin whose code ran.
    """

    def enable(root: str) -> None:
        for name in names:
            load_plugin(hooks, name)
            note(name)
        call_in_contexts(hooks.Actions.PLUGINS_LOADED, "PLUGINS_LOADED", note)

    hooks.Actions.PROJECT_ROOT_READY.add()(enable)
    for callback in hooks.Actions.PROJECT_ROOT_READY.callbacks:  # plugins add more while it runs
        with calling("PROJECT_ROOT_READY of plugin '%s' failed" % contributor_of(callback)):
            callback.do(places.root)
            note(contributor_of(callback))


def load_plugin(hooks: Any, name: str) -> None:
    """Load one plugin in its own context, like upstream's ``plugins.load``."""
    with hooks.Contexts.PLUGINS.enter(), v1_compat.plugin_context(hooks, name).enter(), calling("Plugin '%s' can't be loaded" % name):
        v1_compat.announce_load(hooks, name)
        hooks.Filters.PLUGINS_LOADED.add_item(name)
