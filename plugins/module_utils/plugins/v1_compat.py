# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hides the differences between the hooks APIs of Tutor's releases.

Before 16 an action or filter of many names was a template that takes the name (``PLUGIN_LOADED(name)``); before 15 filters had no
priorities and init tasks were paths of templates. What a release has is looked up in its ``tutor.hooks``.
"""

from __future__ import annotations

import importlib
from typing import Any, Callable, Iterator, List, Optional, Tuple

from ..base.errors import LecternError

# Names that the engine needs, by Tutor's module; one of several alternatives is enough.
NEEDED = (
    (
        "tutor.hooks",
        (
            "Actions.CORE_READY.callbacks",
            "Actions.PROJECT_ROOT_READY",
            "Actions.PLUGIN_LOADED",
            "Actions.PLUGINS_LOADED",
            "Actions.PLUGIN_UNLOADED",
            "Contexts.PLUGINS",
            "Contexts.app or Contexts.APP",
            "Filters.CONFIG_DEFAULTS.callbacks",
            "Filters.CONFIG_UNIQUE",
            "Filters.CONFIG_OVERRIDES",
            "Filters.ENV_PATCHES",
            "Filters.ENV_PATTERNS_IGNORE",
            "Filters.ENV_PATTERNS_INCLUDE",
            "Filters.ENV_TEMPLATE_ROOTS",
            "Filters.ENV_TEMPLATE_TARGETS",
            "Filters.ENV_TEMPLATE_FILTERS",
            "Filters.ENV_TEMPLATE_VARIABLES",
            "Filters.IMAGES_BUILD",
            "Filters.IMAGES_PULL",
            "Filters.IMAGES_PUSH",
            "Filters.PLUGINS_INFO",
            "Filters.PLUGINS_INSTALLED",
            "Filters.PLUGINS_LOADED",
            "Filters.CLI_DO_INIT_TASKS or Filters.COMMANDS_INIT",
        ),
    ),
    ("tutor.commands.context", ("Context",)),
    ("tutor.config", ("get_user", "get_yaml_file", "load", "load_full", "save_config_file", "update_with_env")),
    ("tutor.env", ("TEMPLATES_ROOT",)),
)

# The filters of init tasks, in the order in which a release with several runs them (15: commands/jobs.py initialise).
TASK_FILTERS = ("COMMANDS_PRE_INIT", "CLI_DO_INIT_TASKS", "COMMANDS_INIT")


def require_hooks(version: str) -> None:
    """Raise LecternError that names the version of Tutor and what its hooks lack."""
    missing = {
        module: [names for names in needed if not any(_has(module, name) for name in names.split(" or "))] for module, needed in NEEDED
    }
    sentences = ["%s lacks %s" % (module, ", ".join(names)) for module, names in missing.items() if names]
    if sentences:
        raise LecternError(
            "Tutor %s can't be used: its %s. Pin another version in tutor_packages, or update this collection."
            % (version, ", its ".join(sentences))
        )


def _has(module: str, name: str) -> bool:
    try:
        value: Any = importlib.import_module(module)
        for part in name.split("."):
            value = getattr(value, part)
    except (ImportError, AttributeError):
        return False
    return True


def plugin_context(hooks: Any, name: str) -> Any:
    """Return the context of one plugin."""
    return (hooks.Contexts.app if hasattr(hooks.Contexts, "app") else hooks.Contexts.APP)(name)


def enter_context(name: str) -> Any:
    """Return a context manager for the context of this full name."""
    try:
        contexts = importlib.import_module("tutor.core.hooks.contexts")
    except ImportError:
        contexts = importlib.import_module("tutor.hooks.contexts")
    return contexts.enter(name)


def on_load(hooks: Any, name: str, load: Callable[[], None]) -> None:
    """Have ``load`` called when the plugin of that name is loaded."""
    action = hooks.Actions.PLUGIN_LOADED
    if not hasattr(action, "add"):
        action(name).add()(load)
        return

    def load_if_named(loaded: str) -> None:
        if loaded == name:
            load()

    action.add()(load_if_named)


def announce_load(hooks: Any, name: str) -> None:
    """Announce that the plugin of that name is being loaded."""
    action = hooks.Actions.PLUGIN_LOADED
    if hasattr(action, "do"):
        action.do(name)
    else:
        action(name).do()


def add_item(hooks: Any, filter_: Any, item: Any, early: bool = False) -> None:
    """Add an item to a filter, before those of usual priority where ``early`` and the release has priorities."""
    if early and hasattr(hooks, "priorities"):
        filter_.add_item(item, priority=hooks.priorities.HIGH)
    else:
        filter_.add_item(item)


def task_filter(hooks: Any, early: bool) -> Any:
    """Return the filter that takes init tasks with their scripts; before 15 there is one for early tasks and one for the others."""
    names = ("CLI_DO_INIT_TASKS", "COMMANDS_PRE_INIT" if early else "COMMANDS_INIT")
    return next(filter_ for filter_ in (filter_named(hooks, name) for name in names) if filter_ is not None)


def add_patch(hooks: Any, version_puts_v0_first: bool, name: str, text: str) -> None:
    """Add a v0 plugin's patch where the release keeps it."""
    if version_puts_v0_first:
        hooks.Filters.ENV_PATCH(name).add_item(text)
    else:
        hooks.Filters.ENV_PATCHES.add_item((name, text))


def replace_iter_patches(hooks: Any) -> None:
    """Have ``tutor.plugins.iter_patches`` read all filters that hold patches, where upstream copies from one to the other.

    The engine reads both and would find the copies too.
    """
    named: Any = getattr(hooks.Filters, "ENV_PATCH", None)
    if named is None:
        return
    action = hooks.Actions.PLUGINS_LOADED
    action.callbacks = [callback for callback in action.callbacks if callback.func.__name__ != "_convert_plugin_patches"]

    def iter_patches(name: str) -> Iterator[str]:
        yield from named(name).iterate()
        yield from (text for key, text in hooks.Filters.ENV_PATCHES.iterate() if key == name)

    importlib.import_module("tutor.plugins").iter_patches = iter_patches  # type: ignore[attr-defined]


def named_patch_filters(hooks: Any) -> List[Tuple[str, Any]]:
    """Return (patch name, filter) of the filters that hold one patch each (ENV_PATCH, before 16)."""
    template = getattr(hooks.Filters, "ENV_PATCH", None)
    if template is None:
        return []
    prefix = template.template.replace("{0}", "")
    index = type(hooks.Filters.ENV_PATCHES).INDEX
    return [(name[len(prefix) :], filter_) for name, filter_ in list(index.items()) if name.startswith(prefix)]


def filter_named(hooks: Any, name: str) -> Optional[Any]:
    """Return a filter by its name; None where the release does not have it."""
    return getattr(hooks.Filters, name, None)
