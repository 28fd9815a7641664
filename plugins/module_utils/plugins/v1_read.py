# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what core and v1 plugins put into Tutor's filters back as contributions that know their owner."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from copy import deepcopy
from typing import Any, Callable, Dict, Iterable, List, Sequence, Tuple

from ..base import serialize
from ..base.errors import LecternError, LimitError, quoted
from ..base.isolation import calling
from ..base.places import Places, is_absolute
from ..base.releases import INIT, PRE_INIT, Release
from . import core, job_commands, v1_compat, v1_context
from .contributions import (
    CORE,
    Callbacks,
    Contributions,
    ImageItem,
    ImageLister,
    InitTask,
    Job,
    Patch,
    Setting,
    Target,
    TemplateRoot,
)
from .core import CoreSettings

MOST_ITEMS = 10_000  # of one filter

IMAGE_FILTERS = {"build": "IMAGES_BUILD", "pull": "IMAGES_PULL", "push": "IMAGES_PUSH"}

Owned = Tuple[Any, str]  # an item of a filter, and the plugin (or core) that added it


def contributor_of(callback: Any) -> str:
    """Return the plugin (or core task) that added a callback; ``core`` for Tutor itself."""
    names = [name[len("app:") :] for name in callback.contexts if name.startswith("app:")]
    return names[-1] if names else CORE


def filter_items(name: str, filter_: Any, *args: Any, first: Sequence[Owned] = ()) -> List[Owned]:
    """Return the items of a filter that makes a list, called as ``filter.apply(first, *args)``.

    An item that a later callback passes on keeps its owner. Raises LecternError with the plugin whose callback fails.
    """
    value: List[Any] = [item for item, _owner in first]
    owners = [owner for _item, owner in first]
    for callback in filter_.callbacks:
        changed = _apply_callback(name, callback, value, *args)
        owners = _trace_owners(value, owners, changed, contributor_of(callback))
        value = changed
    return list(zip(value, owners))


def _apply_callback(name: str, callback: Any, value: List[Any], *args: Any) -> List[Any]:
    with calling("%s of plugin '%s' failed" % (name, contributor_of(callback))):
        changed = callback.apply(list(value), *args)
        if isinstance(changed, Iterable) and not isinstance(changed, (str, bytes, dict)):
            items = list(itertools.islice(changed, MOST_ITEMS + 1))
            if len(items) > MOST_ITEMS:
                raise LimitError("Plugin '%s' adds more than %d items to %s." % (contributor_of(callback), MOST_ITEMS, name))
            return items
    code = getattr(callback.func, "__code__", None)
    place = ", at %s line %d" % (code.co_filename, code.co_firstlineno) if code else ""
    raise LecternError("Plugin '%s' returns %s for %s%s: expected a list." % (contributor_of(callback), quoted(changed), name, place))


def checked_items(hooks: Any, name: str, *types: Any, given: Sequence[Any] = (), first: Sequence[Owned] = ()) -> List[Owned]:
    """Return the ``filter_items`` of the filter of that name, each a tuple of these types; none where the release has no such filter.

    ``given`` are the arguments that the filter takes. Raises LecternError with the plugin and the item that has another shape.
    """
    items = items_of(hooks, name, *given, first=first)
    for item, owner in items:
        _check_item(name, item, owner, *types)
    return items


def _check_item(name: str, item: Any, owner: str, *types: Any) -> None:
    fits = isinstance(item, (tuple, list)) and len(item) == len(types)
    if not fits or not all(isinstance(part, kind) for part, kind in zip(item, types)):
        shapes = [" or ".join(one.__name__ for one in kind) if isinstance(kind, tuple) else kind.__name__ for kind in types]
        raise LecternError("Plugin '%s' adds %s to %s: expected a tuple of %s." % (owner, quoted(item), name, ", ".join(shapes)))


def items_of(hooks: Any, name: str, *args: Any, first: Sequence[Owned] = ()) -> List[Owned]:
    """Return the ``filter_items`` of the filter of that name; none where the release has no such filter."""
    filter_ = v1_compat.filter_named(hooks, name)
    return [] if filter_ is None else filter_items(name, filter_, *args, first=first)


def _trace_owners(before: List[Any], owners: List[str], after: List[Any], newcomer: str) -> List[str]:
    if len(after) >= len(before) and all(a is b for a, b in zip(before, after)):
        return owners + [newcomer] * (len(after) - len(before))
    left = list(zip(before, owners))
    traced = []
    for item in after:
        index = next((i for i, (known, _owner) in enumerate(left) if known is item or known == item), None)
        traced.append(newcomer if index is None else left.pop(index)[1])
    return traced


def read_contributions(
    hooks: Any,
    places: Places,
    release: Release,
    core_settings: CoreSettings,
    names: List[str],
    note: Callable[[str], None] = lambda name: None,
) -> Contributions:
    """Read back what core and the loaded plugins put into Tutor's filters.

    ``note`` is called with the name of each plugin that was called with the settings. Raises LecternError with the plugin that put
    something into a filter that does not belong there.
    """
    roots = _roots(hooks, places)
    unique, overrides = _saved_settings(hooks)
    filters, variables = _template_filters(hooks), checked_items(hooks, "ENV_TEMPLATE_VARIABLES", str, object)
    defaults_of_core = [] if release.core_defaults_in_filter else core_settings.defaults
    return Contributions(
        plugins=names,
        base=list(core_settings.base),
        unique=unique,
        overrides=overrides,
        defaults=defaults_of_core + _settings(checked_items(hooks, "CONFIG_DEFAULTS", str, object)),
        user=_settings(checked_items(hooks, "CONFIG_USER", str, object)),
        patches=_patches(hooks),
        roots=roots,
        targets=_targets(hooks),
        tasks=_tasks(hooks, [root.path for root in roots]),
        include=_patterns(hooks, "ENV_PATTERNS_INCLUDE"),
        ignore=_patterns(hooks, "ENV_PATTERNS_IGNORE"),
        filters=dict(item for item, _owner in filters),
        variables=dict(item for item, _owner in variables),
        public_hosts=_list_public_hosts(hooks, places, release, core_settings),
        is_rendered=_rendering_rule(hooks, release),
        images=_image_lister(hooks, places, release),
        build_mounts=lambda path: [item for item, _owner in checked_items(hooks, "IMAGES_BUILD_MOUNTS", str, str, given=[path])],
        build_command=_build_command(hooks),
        config_loaded=_config_loaded(hooks, note),
        unloaded=_unloaded(hooks, places),
        env_saved=_env_saved(hooks),
        compose_project_started=_callbacks_of_plugins(hooks, "COMPOSE_PROJECT_STARTED"),
        jobs=_job_lister(hooks, places, release),
        test_files=_test_lister(hooks),
        do_job=_callbacks_of_plugins(hooks, "DO_JOB"),
    )


def _template_filters(hooks: Any) -> List[Owned]:
    filters = checked_items(hooks, "ENV_TEMPLATE_FILTERS", str, object)
    for (name, function), owner in filters:
        if not callable(function):
            raise LecternError(
                "Plugin '%s' adds %s to ENV_TEMPLATE_FILTERS as '%s': expected a function." % (owner, quoted(function), name)
            )
    return filters


def _saved_settings(hooks: Any) -> Tuple[List[Setting], List[Setting]]:
    """Return what plugins add and what they override. Callbacks for the latter are given the former, and may change or drop it."""
    unique = checked_items(hooks, "CONFIG_UNIQUE", str, object)
    both = checked_items(hooks, "CONFIG_OVERRIDES", str, object, first=unique)
    of_unique = {id(item) for item, _owner in unique}
    passed_on = [pair for pair in both if id(pair[0]) in of_unique]
    new = [pair for pair in both if id(pair[0]) not in of_unique]
    return _settings(passed_on), _settings(new)


def _settings(items: Iterable[Owned]) -> List[Setting]:
    settings = [Setting(item[0], item[1], owner) for item, owner in items]
    for item in settings:
        serialize.refuse_overgrown(item.value, "%s of plugin '%s'" % (item.key, item.owner))
    return settings


def _patterns(hooks: Any, name: str) -> List[str]:
    patterns = items_of(hooks, name)
    for pattern, owner in patterns:
        try:
            if isinstance(getattr(pattern, "pattern", pattern), bytes):
                raise TypeError("it is no text")
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise LecternError(
                "Plugin '%s' adds %s to %s: it is no regular expression (%s)." % (owner, quoted(pattern), name, error)
            ) from None
    return [pattern for pattern, _owner in patterns]


def _roots(hooks: Any, places: Places) -> List[TemplateRoot]:
    roots = items_of(hooks, "ENV_TEMPLATE_ROOTS", first=[(core.templates_folder(places), CORE)])
    for path, owner in roots:
        if not is_absolute(path):
            raise LecternError("Plugin '%s' adds %s to ENV_TEMPLATE_ROOTS: expected the absolute path of a folder." % (owner, quoted(path)))
    return [TemplateRoot(os.fsdecode(path), owner) for path, owner in roots]


def _targets(hooks: Any) -> List[Target]:
    items = checked_items(hooks, "ENV_TEMPLATE_TARGETS", str, str)
    for item, owner in items:
        if not is_absolute(os.sep + item[1]):
            raise LecternError("Plugin '%s' adds %s to ENV_TEMPLATE_TARGETS: no folder can be named so." % (owner, quoted(item)))
    return [Target(item[0].replace(os.sep, "/"), item[1], owner) for item, owner in items]


def _patches(hooks: Any) -> List[Patch]:
    named = [
        Patch(name, text, owner)
        for name, filter_ in v1_compat.named_patch_filters(hooks)
        for text, owner in filter_items("ENV_PATCH", filter_)
    ]
    return named + [Patch(item[0], item[1], owner) for item, owner in checked_items(hooks, "ENV_PATCHES", str, str)]


def _tasks(hooks: Any, roots: List[str]) -> List[InitTask]:
    """Return the init tasks; those before the usual priority are what v0 calls pre-init."""
    tasks = []
    for name in v1_compat.TASK_FILTERS:
        early = _count_early(hooks, name)
        for index, (item, owner) in enumerate(checked_items(hooks, name, str, (str, list, tuple))):
            text = item[1] if isinstance(item[1], str) else _read_script(list(item[1]), owner, roots)
            tasks.append(InitTask(item[0], text, owner, PRE_INIT if index < early else INIT))
    return tasks


def _count_early(hooks: Any, name: str) -> int:
    """Return how many tasks of a filter run before those of usual priority."""
    filter_ = v1_compat.filter_named(hooks, name)
    if filter_ is None or name == "COMMANDS_INIT":
        return 0
    value: List[Any] = []
    for callback in filter_.callbacks:
        if name == "COMMANDS_PRE_INIT" or callback.priority < hooks.priorities.DEFAULT:
            value = callback.apply(value)
    return len(value)


def _read_script(path: List[str], owner: str, roots: List[str]) -> str:
    """Return the init task at the path of a template (before 16)."""
    for root in roots:
        if os.path.isfile(os.path.join(root, *path)):
            return serialize.read(os.path.join(root, *path))
    raise LecternError("An init task of plugin '%s' needs the template '%s', but no template root holds it." % (owner, "/".join(path)))


def _list_public_hosts(hooks: Any, places: Places, release: Release, core_settings: CoreSettings) -> List[str]:
    hosts = items_of(hooks, "APP_PUBLIC_HOSTS", "local")
    for host, owner in hosts:
        _check_item("APP_PUBLIC_HOSTS", [host], owner, str)
    if places.templates or v1_compat.filter_named(hooks, "APP_PUBLIC_HOSTS") is None:
        return core.public_hosts(release, core_settings) + [host for host, owner in hosts if owner != CORE]
    return [host for host, _owner in hosts]


def _rendering_rule(hooks: Any, release: Release) -> Callable[[str], bool]:
    filter_ = v1_compat.filter_named(hooks, "IS_FILE_RENDERED")
    if filter_ is None:
        return core.rendering_rule(release)

    def is_rendered(name: str) -> bool:
        with calling("IS_FILE_RENDERED of a plugin failed for '%s'" % name):
            return bool(filter_.apply(True, name))

    return is_rendered


def _image_lister(hooks: Any, places: Places, release: Release) -> ImageLister:
    images_of_core = core.image_lister(core.templates_folder(places), release)

    def images(kind: str, config: Dict[str, Any]) -> List[ImageItem]:
        items = [_image(kind, item, owner) for item, owner in items_of(hooks, IMAGE_FILTERS[kind], config)]
        return items + (images_of_core("build_after", config) if kind == "build" else [])

    return images


def _image(kind: str, item: Any, owner: str) -> ImageItem:
    shape = (str, (str, list, tuple), str, (list, tuple)) if kind == "build" else (str, str)
    _check_item(IMAGE_FILTERS[kind], item, owner, *shape)
    if kind != "build":
        return ImageItem(item[0], item[1], owner)
    path, args = (item[1],) if isinstance(item[1], str) else tuple(item[1]), tuple(item[3])
    if not all(isinstance(text, str) for text in path + args):
        raise LecternError(
            "Plugin '%s' adds %s to IMAGES_BUILD: the parts of its path and its arguments must be text." % (owner, quoted(item))
        )
    return ImageItem(item[0], item[2], owner, os.path.join("", *path), args)


def _build_command(hooks: Any) -> Callable[[List[str]], List[str]]:
    filter_ = v1_compat.filter_named(hooks, "DOCKER_BUILD_COMMAND")

    def changed(arguments: List[str]) -> List[str]:
        for callback in [] if filter_ is None else filter_.callbacks:
            arguments = _apply_callback("DOCKER_BUILD_COMMAND", callback, arguments)
        return arguments

    return changed


def call_in_contexts(action: Any, what: str, note: Callable[[str], None], *args: Any) -> None:
    """Call an action's callbacks in the contexts of their plugins, so that what they add has an owner, and ``note`` with each's name."""
    for callback in list(action.callbacks):
        with contextlib.ExitStack() as stack, calling("%s of plugin '%s' failed" % (what, contributor_of(callback))):
            for name in callback.contexts:
                stack.enter_context(v1_compat.enter_context(name))
            callback.do(*args)
        note(contributor_of(callback))


def has_config_listeners(hooks: Any) -> bool:
    """Whether a plugin wants to know the settings once they are loaded."""
    return _has_plugin_callbacks(getattr(hooks.Actions, "CONFIG_LOADED", None))


def _has_plugin_callbacks(hook: Any) -> bool:
    """Whether a plugin is called by a filter or action; ``hook`` is None if the release lacks it."""
    return hook is not None and any(contributor_of(callback) != CORE for callback in hook.callbacks)


def _config_loaded(hooks: Any, note: Callable[[str], None]) -> Callable[[Dict[str, Any], Dict[str, Any]], None]:
    def tell(saved: Dict[str, Any], config: Dict[str, Any]) -> None:
        v1_context.update_known_settings(saved, None if has_config_listeners(hooks) else deepcopy(config))
        if hasattr(hooks.Actions, "CONFIG_LOADED"):
            call_in_contexts(hooks.Actions.CONFIG_LOADED, "CONFIG_LOADED", note, config)

    return tell


def _unloaded(hooks: Any, places: Places) -> Callable[[str, Dict[str, Any]], None]:
    def tell(name: str, config: Dict[str, Any]) -> None:
        for callback in hooks.Actions.PLUGIN_UNLOADED.callbacks:
            if contributor_of(callback) == name:
                with calling("PLUGIN_UNLOADED of plugin '%s' failed" % name):
                    callback.do(name, places.root, config)

    return tell


def _callbacks_of_plugins(hooks: Any, name: str) -> Callbacks:
    """Return the plugins' callbacks of the action of that name; none where the release has no such action."""
    action = getattr(hooks.Actions, name, None)
    return [
        (contributor_of(callback), callback.do) for callback in (action.callbacks if action else []) if contributor_of(callback) != CORE
    ]


def _job_lister(hooks: Any, places: Places, release: Release) -> Callable[[], List[Job]]:
    if v1_compat.filter_named(hooks, job_commands.FILTER) is None:
        return lambda: job_commands.of_release(places, release)
    return job_commands.of_filter(lambda: items_of(hooks, job_commands.FILTER), places)


def _test_lister(hooks: Any) -> Callable[[str], List[str]]:
    def list_files(suite: str) -> List[str]:
        items = [item for item, _owner in checked_items(hooks, "TESTS", str, str, str)]
        return list(dict.fromkeys(path for _service, name, path in items if name == suite))

    return list_files


def _env_saved(hooks: Any) -> List[Tuple[str, Callable[[str, Dict[str, Any]], None]]]:
    if not hasattr(hooks.Actions, "ENV_SAVED"):
        return []
    return [(contributor_of(callback), callback.do) for callback in hooks.Actions.ENV_SAVED.callbacks]
