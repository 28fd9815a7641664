# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes what each installed plugin contributes alone, for the module plugin_info."""

from __future__ import annotations

import sys
from typing import Any, Dict, List

from ..base import masking, plain
from ..base.errors import LecternError
from ..base.forks import in_child
from ..base.places import Places
from ..base.releases import INIT, PRE_INIT, Release
from ..plugins import core, discover, load
from ..plugins.contributions import Contributions, Job, Setting
from ..plugins.core import CoreSettings
from ..plugins.discover import Plugin
from ..render import effects, user_config


def describe_plugins(places: Places, names: List[str]) -> Dict[str, Any]:
    """Return ``plugins``, an entry for each installed plugin (of these names, if any) sorted by name, and ``patch_order``, by name of a
    patch the enabled plugins that add its texts.

    Raises LecternError for a name that is not installed.
    """
    release = core.installed_release(places)
    plugins = discover.installed_plugins(places, release)
    wanted = discover.plugins_named(plugins, names, places.plugins_root) if names else plugins
    user = user_config.read_user_config(places.config, release)
    core_settings = core.read_settings(places, release)
    enabled = user_config.enabled_names(user, core_settings.base, [plugin.name for plugin in plugins])
    wanted = sorted(wanted, key=lambda plugin: plugin.name)
    entries = [_describe_plugin(places, release, core_settings, plugin, user, plugin.name in enabled) for plugin in wanted]
    try:
        order = in_child(
            lambda: _patch_order(places, release, core_settings, [plugin for plugin in wanted if plugin.name in enabled], user)
        )
    except LecternError:  # a plugin is broken; its entry says why
        order = {}
    return dict(plugins=entries, patch_order=order)


def disabled_with_job(places: Places, name: str) -> List[str]:
    """Return the plugins that bring the job of this name and are not enabled; those that can't be loaded are passed over."""
    described = describe_plugins(places, [])["plugins"]
    return [plugin["name"] for plugin in described if not plugin["enabled"] and name in [job["name"] for job in plugin["jobs"]]]


def _patch_order(
    places: Places, release: Release, core_settings: CoreSettings, plugins: List[Plugin], user: Dict[str, Any]
) -> Dict[str, List[str]]:
    sys.dont_write_bytecode = True
    order: Dict[str, List[str]] = {}
    with effects.on_a_copy(places, plugins, {}):
        for patch in load.load_plugins(places, release, core_settings, plugins, [plugin.name for plugin in plugins], user).patches:
            order.setdefault(patch.name, []).append(patch.owner)
        return order


def _describe_plugin(
    places: Places, release: Release, core_settings: CoreSettings, plugin: Plugin, user: Dict[str, Any], enabled: bool
) -> Dict[str, Any]:
    described = dict(
        name=plugin.name,
        api=plugin.api,
        source=plugin.source,
        package=plugin.package,
        version=plugin.version,
        path=plugin.path,
        enabled=enabled,
    )
    nothing: Dict[str, Any] = dict(
        config=dict(unique={}, defaults={}, overrides={}), patches={}, masked_patches=[], hooks={}, templates=None, jobs=[]
    )
    try:
        if plugin.error:
            raise LecternError(plugin.error)
        # In a process of its own, so that nothing of one plugin appears in the entry of another.
        contributions = in_child(lambda: _load_alone(places, release, core_settings, plugin, user))
    except LecternError as error:
        return dict(described, **nothing, error=str(error))
    return dict(described, **contributions, error="")


def _load_alone(places: Places, release: Release, core_settings: CoreSettings, plugin: Plugin, user: Dict[str, Any]) -> Dict[str, Any]:
    sys.dont_write_bytecode = True
    with effects.on_a_copy(places, [plugin], {}):
        contributions = load.load_plugins(places, release, core_settings, [plugin], [plugin.name], user)
        if not core.has_hooks(release):
            contributions.jobs = list  # commands of Tutor alone
        return _describe_contributions(contributions, plugin)


def _describe_contributions(contributions: Contributions, plugin: Plugin) -> Dict[str, Any]:
    roots = [root.path for root in contributions.roots if root.owner == plugin.name]
    patches = _patches_of(contributions, plugin.name)
    layers = dict(unique=contributions.unique, defaults=contributions.defaults, overrides=contributions.overrides)
    entry = dict(
        config={layer: _settings_of(items, plugin.name) for layer, items in layers.items()},
        patches=masking.mask_value(patches, []),
        masked_patches=sorted(name for name, texts in patches.items() if masking.mask_value(texts, []) != texts),
        hooks=_hooks_of(contributions, plugin.name),
        templates=roots[0] if roots else None,
        jobs=[_describe_job(job) for job in contributions.jobs() if job.owner == plugin.name],
    )
    return dict(plain.plain(entry))


def _describe_job(job: Job) -> Dict[str, Any]:
    described = [
        dict(
            name=item.name,
            flags=list(item.flags),
            required=item.required,
            default=item.default,
            multiple=item.multiple,
            prompt=item.asked,
            help=item.help,
        )
        for item in job.parameters
    ]
    return dict(name=job.name, help=job.help, parameters=described)


def _settings_of(items: List[Setting], owner: str) -> Dict[str, Any]:
    return {item.key: _without_secrets(item.value, masking.is_secret(item.key)) for item in items if item.owner == owner}


def _without_secrets(value: Any, is_secret: bool) -> Any:
    """Return a value with each secret text masked, but not templates."""
    if isinstance(value, dict):
        return {key: _without_secrets(item, is_secret or masking.is_secret(plain.shown(key))) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_without_secrets(item, is_secret) for item in value]
    is_public = value is None or isinstance(value, bool) or value == "" or isinstance(value, str) and "{" in value
    return masking.MASK if is_secret and not is_public else value


def _patches_of(contributions: Contributions, owner: str) -> Dict[str, List[str]]:
    patches: Dict[str, List[str]] = {}
    for patch in contributions.patches:
        if patch.owner == owner:
            patches.setdefault(patch.name, []).append(patch.text)
    return patches


def _hooks_of(contributions: Contributions, owner: str) -> Dict[str, Any]:
    """Return the plugin's hooks in the terms of the v0 API, whichever API it uses."""
    layers = (contributions.base, contributions.unique, contributions.overrides, contributions.defaults)
    config = {item.key: item.value for layer in layers for item in layer}
    tags = {}
    for kind in ("build", "pull", "push"):
        tags[kind] = {image.name: image.tag for image in contributions.images(kind, config) if image.owner == owner}
    hooks: Dict[str, Any] = {"build-image": tags["build"], "remote-image": dict(tags["pull"], **tags["push"])}
    for hook in (PRE_INIT, INIT):
        hooks[hook] = [task.service for task in contributions.tasks if task.owner == owner and task.hook == hook]
    return hooks
