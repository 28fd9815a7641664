# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""v1 plugins, through the hooks of the installed ``tutor`` package (13.2 and newer).

Tutor's filters and actions are filled as upstream's command line does it, but by this collection's own discovery and its own
v0 plugins, and read back as plain contributions. Nothing of Tutor merges settings, renders or writes here.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
from typing import Any, Callable, Dict, Iterator, List, Tuple

from . import core, v0
from .contributions import CORE, Contributions, ImageItem, Patch, Setting, Target, Task, TemplateRoot
from .discover import Plugin
from .errors import LecternError
from .guard import calling
from .places import Places
from .releases import INIT, PRE_INIT, Release
from .state import owner_of

IMAGE_FILTERS = {"build": "IMAGES_BUILD", "pull": "IMAGES_PULL", "push": "IMAGES_PUSH"}
# Modules of upstream whose callbacks do what the engine does itself.
DISCOVERY = ("tutor.plugins.v0", "tutor.plugins.v1")
# Modules of upstream that add core's images, init tasks and settings out of its own templates folder.
CORE_MODULES = ("tutor.commands.images", "tutor.commands.jobs", "tutor.config")


def contributions(places: Places, facts: Release, plugins: List[Plugin], names: List[str]) -> Contributions:
    """Loads the named plugins in this process and reads everything back.

    Raises LecternError with file and line for a plugin that fails.
    """
    hooks = start(places, facts, plugins)
    with _click_context(places):
        _load(hooks, places, names)
    return read(hooks, places, facts, names)


def start(places: Places, facts: Release, plugins: List[Plugin]) -> Any:
    """Imports ``tutor`` for these places and makes the plugins known to it; loads none of them. Returns ``tutor.hooks``."""
    os.environ.update(TUTOR_ROOT=places.root, TUTOR_PLUGINS_ROOT=places.plugins_root)
    hooks = _import(places, facts)
    for action in (hooks.Actions.CORE_READY, hooks.Actions.PROJECT_ROOT_READY):
        _drop(action, lambda callback: callback.func.__module__ in DISCOVERY or callback.func.__name__ == "_enable_plugins")
    if places.templates:
        _replace_core(hooks, places, facts)
    _announce(hooks, plugins, places)
    hooks.Actions.CORE_READY.do()
    return hooks


def _import(places: Places, facts: Release) -> Any:
    with calling("The installed package tutor %s can't be imported" % facts.version):
        utils: Any = importlib.import_module("tutor.utils")
        user = owner_of(places)
        utils.get_user_id = lambda: user
        env: Any = importlib.import_module("tutor.env")
        if places.templates:
            env.TEMPLATES_ROOT = places.templates
        importlib.import_module("tutor.commands.cli")
        return importlib.import_module("tutor.hooks")


def _drop(hook: Any, unwanted: Callable[[Any], bool]) -> None:
    hook.callbacks = [callback for callback in hook.callbacks if not unwanted(callback)]


def _replace_core(hooks: Any, places: Places, facts: Release) -> None:
    """Core's own settings, images and tasks come out of ``templates`` instead of the package's folder."""
    filters = hooks.Filters
    for hook in (filters.CONFIG_DEFAULTS, filters.IMAGES_BUILD, filters.IMAGES_PULL, filters.IMAGES_PUSH, hooks.Actions.CORE_READY):
        _drop(hook, lambda callback: callback.func.__module__ in CORE_MODULES)
    of_core = core.contribute(places, facts)
    filters.CONFIG_DEFAULTS.add_items([(item.key, item.value) for item in of_core.defaults], priority=hooks.priorities.HIGH)
    for kind, name in IMAGE_FILTERS.items():
        _add_images(getattr(filters, name), kind, of_core)
    for task in core.tasks(places, facts, {}):
        with hooks.Contexts.app(task.owner).enter():
            filters.CLI_DO_INIT_TASKS.add_item((task.service, task.text))


def _add_images(filter_: Any, kind: str, of_core: Contributions) -> None:
    def add(items: List[Any], config: Dict[str, Any]) -> List[Any]:
        found = of_core.images(kind, config)
        return items + [(i.name, i.path, i.tag, i.args) if kind == "build" else (i.name, i.tag) for i in found]

    filter_.add()(add)


def _announce(hooks: Any, plugins: List[Plugin], places: Places) -> None:
    """Registers each installed plugin with its loader, as upstream's discovery does."""
    with hooks.Contexts.PLUGINS.enter():
        for plugin in plugins:
            hooks.Filters.PLUGINS_INSTALLED.add_item(plugin.name)
            hooks.Filters.PLUGINS_INFO.add_item((plugin.name, plugin.version or plugin.path))
            hooks.Actions.PLUGIN_LOADED.add()(_loader(hooks, plugin))


def _loader(hooks: Any, plugin: Plugin) -> Callable[[str], None]:
    def load(name: str) -> None:
        if name == plugin.name:
            if plugin.error:
                raise LecternError(plugin.error)
            {"v0": _load_v0, "v1": _load_v1}[plugin.api](hooks, plugin)

    return load


def _load_v1(hooks: Any, plugin: Plugin) -> None:
    with calling("Can't load %s" % plugin, plugin.path or plugin.value.split(".", 1)[0]):
        if plugin.source == "entrypoint":
            importlib.import_module(plugin.value)
            return
        spec = importlib.util.spec_from_loader("tutor.plugin.v1.%s" % plugin.name, loader=None, origin=plugin.path)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        module.__file__ = plugin.path
        exec(compile(plugin.value, plugin.path, "exec"), module.__dict__)  # as importing the file, which may not be written yet


def _load_v0(hooks: Any, plugin: Plugin) -> None:
    definition = v0.define(plugin)
    filters = hooks.Filters
    for layer, name in (("unique", "CONFIG_UNIQUE"), ("defaults", "CONFIG_DEFAULTS"), ("overrides", "CONFIG_OVERRIDES")):
        getattr(filters, name).add_items([(item.key, item.value) for item in definition.config[layer]])
    filters.ENV_PATCHES.add_items([(patch.name, patch.text) for patch in definition.patches])
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
    roots = [path for path, _owner in items(filters.ENV_TEMPLATE_ROOTS)]
    roots.insert(0, importlib.import_module("tutor.env").TEMPLATES_ROOT)
    for hook, priority in ((PRE_INIT, hooks.priorities.HIGH), (INIT, None)):
        for task in v0.scripts(plugin, hook, definition.hooks[hook], roots):
            filters.CLI_DO_INIT_TASKS.add_item(task, priority=priority)


@contextlib.contextmanager
def _click_context(places: Places) -> Iterator[None]:
    """Some plugins ask the running command for its root."""
    click = importlib.import_module("click")
    context = importlib.import_module("tutor.commands.context").Context
    with click.Context(click.Command("tutor"), info_name="tutor", obj=context(places.root)) as current:
        current.params["root"] = places.root
        yield


def _load(hooks: Any, places: Places, names: List[str]) -> None:
    """Loads plugins where upstream's PROJECT_ROOT_READY does it, then tells them that all are loaded."""

    def enable(_root: str) -> None:
        for name in names:
            load_one(hooks, name)
        _do_as_owner(hooks.Actions.PLUGINS_LOADED, "PLUGINS_LOADED")

    hooks.Actions.PROJECT_ROOT_READY.add()(enable)
    with calling("A plugin failed in PROJECT_ROOT_READY"):
        hooks.Actions.PROJECT_ROOT_READY.do(places.root)


def load_one(hooks: Any, name: str) -> None:
    """Loads one plugin in its own context, like upstream's ``plugins.load``."""
    with hooks.Contexts.PLUGINS.enter(), hooks.Contexts.app(name).enter(), calling("Plugin '%s' can't be loaded" % name):
        hooks.Actions.PLUGIN_LOADED.do(name)
        hooks.Filters.PLUGINS_LOADED.add_item(name)


def _do_as_owner(action: Any, what: str) -> None:
    """Runs an action's callbacks each in the contexts of its plugin, so that what it adds has an owner."""
    contexts = importlib.import_module("tutor.core.hooks.contexts")
    for callback in list(action.callbacks):
        with contextlib.ExitStack() as stack, calling("%s of plugin '%s' failed" % (what, owner(callback))):
            for name in callback.contexts:
                stack.enter_context(contexts.enter(name))
            callback.do()


def owner(callback: Any) -> str:
    """The plugin (or core task) that added a callback; ``core`` for Tutor itself."""
    names = [name[len("app:") :] for name in callback.contexts if name.startswith("app:")]
    return names[-1] if names else CORE


def items(filter_: Any, *args: Any) -> List[Tuple[Any, str]]:
    """(item, owner) of a filter that makes a list, called as ``filter.iterate(*args)``.

    An item that a later callback passes on keeps its owner. Raises LecternError with the plugin whose callback fails.
    """
    value: List[Any] = []
    owners: List[str] = []
    for callback in filter_.callbacks:
        with calling("A filter of plugin '%s' failed" % owner(callback)):
            changed = list(callback.apply(list(value), *args))
        owners = _trace(value, owners, changed, owner(callback))
        value = changed
    return list(zip(value, owners))


def checked(filters: Any, name: str, *types: Any) -> List[Tuple[Any, str]]:
    """``items`` of the filter of that name, each a tuple that begins with these types.

    Raises LecternError with the plugin and the item that is of another shape.
    """
    found = items(getattr(filters, name))
    for item, who in found:
        fits = isinstance(item, (tuple, list)) and len(item) >= len(types)
        if not fits or not all(isinstance(part, kind) for part, kind in zip(item, types)):
            shape = ", ".join(kind.__name__ for kind in types)
            raise LecternError("Plugin '%s' adds %r to %s: expected a tuple of %s." % (who, item, name, shape))
    return found


def _trace(before: List[Any], owners: List[str], after: List[Any], newcomer: str) -> List[str]:
    if len(after) >= len(before) and all(a is b for a, b in zip(before, after)):
        return owners + [newcomer] * (len(after) - len(before))
    left = list(zip(before, owners))
    traced = []
    for item in after:
        index = next((i for i, (known, _owner) in enumerate(left) if known is item or known == item), None)
        traced.append(newcomer if index is None else left.pop(index)[1])
    return traced


def read(hooks: Any, places: Places, facts: Release, names: List[str]) -> Contributions:
    """Everything that core and the loaded plugins put into Tutor's filters.

    Raises LecternError with the plugin that put something else there than the filter is for.
    """
    filters = hooks.Filters
    return Contributions(
        plugins=names,
        base=core.settings(places, facts)[0],
        unique=_settings(filters, "CONFIG_UNIQUE"),
        overrides=_settings(filters, "CONFIG_OVERRIDES"),
        defaults=_settings(filters, "CONFIG_DEFAULTS"),
        user=_settings(filters, "CONFIG_USER") if hasattr(filters, "CONFIG_USER") else [],
        patches=[Patch(item[0], item[1], who) for item, who in checked(filters, "ENV_PATCHES", str, str)],
        roots=[TemplateRoot(core.templates_folder(places), CORE)] + _roots(filters),
        targets=[Target(item[0].replace(os.sep, "/"), item[1], who) for item, who in checked(filters, "ENV_TEMPLATE_TARGETS", str, str)],
        tasks=_tasks(hooks),
        include=[pattern for pattern, _who in items(filters.ENV_PATTERNS_INCLUDE)],
        ignore=[pattern for pattern, _who in items(filters.ENV_PATTERNS_IGNORE)],
        filters=dict(item for item, _who in checked(filters, "ENV_TEMPLATE_FILTERS", str, object)),
        variables=dict(item for item, _who in checked(filters, "ENV_TEMPLATE_VARIABLES", str, object)),
        public_hosts=_public_hosts(filters, places, facts),
        is_rendered=_is_rendered(filters, facts),
        images=_images(filters),
        build_mounts=lambda path: [item for item, _who in items(filters.IMAGES_BUILD_MOUNTS, path)],
        build_command=lambda arguments: list(filters.DOCKER_BUILD_COMMAND.apply(arguments)),
        config_loaded=_config_loaded(hooks),
        unloaded=_unloaded(hooks, places),
        env_saved=_env_saved(hooks),
    )


def _settings(filters: Any, name: str) -> List[Setting]:
    return [Setting(item[0], item[1], who) for item, who in checked(filters, name, str, object)]


def _roots(filters: Any) -> List[TemplateRoot]:
    return [TemplateRoot(str(path), who) for path, who in items(filters.ENV_TEMPLATE_ROOTS)]


def _tasks(hooks: Any) -> List[Task]:
    """The init tasks; those of a priority before the usual one are what v0 calls pre-init."""
    filter_ = hooks.Filters.CLI_DO_INIT_TASKS
    found = checked(hooks.Filters, "CLI_DO_INIT_TASKS", str, str)
    early: List[Any] = []
    for callback in filter_.callbacks:
        early = callback.apply(early) if callback.priority < hooks.priorities.DEFAULT else early
    return [Task(item[0], item[1], who, PRE_INIT if index < len(early) else INIT) for index, (item, who) in enumerate(found)]


def _public_hosts(filters: Any, places: Places, facts: Release) -> List[str]:
    found = items(filters.APP_PUBLIC_HOSTS, "local")
    if places.templates:  # upstream's own hosts are those of its own templates
        return list(core.contribute(places, facts).public_hosts) + [host for host, who in found if who != CORE]
    return [host for host, _who in found]


def _is_rendered(filters: Any, facts: Release) -> Callable[[str], bool]:
    if hasattr(filters, "IS_FILE_RENDERED"):
        return lambda name: bool(filters.IS_FILE_RENDERED.apply(True, name))
    return core.is_rendered(facts)


def _images(filters: Any) -> Callable[[str, Dict[str, Any]], List[ImageItem]]:
    def listed(kind: str, config: Dict[str, Any]) -> List[ImageItem]:
        found = items(getattr(filters, IMAGE_FILTERS[kind]), config)
        return [_image(kind, item, who) for item, who in found]

    return listed


def _image(kind: str, item: Any, who: str) -> ImageItem:
    if kind != "build":
        return ImageItem(item[0], item[1], who)
    path = item[1] if isinstance(item[1], str) else os.path.join(*item[1])
    return ImageItem(item[0], item[2], who, path, tuple(item[3]))


def _config_loaded(hooks: Any) -> Callable[[Dict[str, Any]], None]:
    def tell(config: Dict[str, Any]) -> None:
        if hasattr(hooks.Actions, "CONFIG_LOADED"):
            with calling("CONFIG_LOADED of a plugin failed"):
                hooks.Actions.CONFIG_LOADED.do(config)

    return tell


def _unloaded(hooks: Any, places: Places) -> Callable[[str, Dict[str, Any]], None]:
    def tell(name: str, config: Dict[str, Any]) -> None:
        with calling("PLUGIN_UNLOADED of plugin '%s' failed" % name):
            hooks.Actions.PLUGIN_UNLOADED.do_from_context(hooks.Contexts.app(name).name, name, places.root, config)

    return tell


def _env_saved(hooks: Any) -> List[Tuple[str, Callable[[str, Dict[str, Any]], None]]]:
    if not hasattr(hooks.Actions, "ENV_SAVED"):
        return []
    return [(owner(callback), callback.do) for callback in hooks.Actions.ENV_SAVED.callbacks]
