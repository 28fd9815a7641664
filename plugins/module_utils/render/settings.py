# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merges the layers of settings and renders them, in the order and with the precedence of the release.

Upstream sources: config.py ``load_all`` (before 13, "sequential") and ``load_minimal``/``load_full`` (from 13 on, "layers").
"""

from __future__ import annotations

import os
from typing import Any, Collection, Dict, List, NamedTuple, Tuple

from ..base import masking, serialize
from ..base.errors import LecternError, LimitError, quoted
from ..plugins.contributions import CORE, Setting
from ..plugins.template_filters import generates_secret
from . import bind_mounts, setting_types
from .changes import Changes, apply_changes
from .origin import Generated, Origin, find_origins, find_secrets, generated_settings, refuse_lost
from .references import in_order_of_need, last_of_each_key, refuse_circles, render_with_defaults, with_defaults
from .renderer import Renderer
from .user_config import PLUGINS


class Settings(NamedTuple):
    """The settings of a platform: ``saved`` is the content of config.yml, ``full`` are all effective settings, rendered, and ``generated``
    those that were generated, by this call or an earlier one. ``secrets`` are texts to mask."""

    saved: Dict[str, Any]
    full: Dict[str, Any]
    origin: Dict[str, Origin]
    secret_keys: List[str]
    secrets: List[str]
    generated: Generated


class LastSave(NamedTuple):
    """What is known of config.yml: whether it still is as Lectern saved it last, and which settings were generated up to then."""

    unchanged: bool
    generated: Generated


NEVER_SAVED = LastSave(False, {})


def merge(user: Dict[str, Any], renderer: Renderer, changes: Changes, last_save: LastSave = NEVER_SAVED) -> Settings:
    """Merge and render all layers, with the changes applied.

    ``user`` are the settings of config.yml. Where Lectern saved it last, its values are rendered already and stay as they are; upstream
    renders them again with every save.
    Raises LecternError for two plugins that set one key differently, for an undefined setting, for a change of the wrong type, for a
    generated secret that would be lost, for a relative folder in MOUNTS and for a setting of core that is of the wrong type.
    """
    contributions, release = renderer.contributions, renderer.release
    generated = generated_settings(last_save.generated, changes.settings, contributions, release)
    refuse_lost(user, changes.unset, generated)
    _refuse_conflicts(contributions.overrides, set(user) | set(changes.settings))
    user = {key: value for key, value in user.items() if key not in changes.unset}
    if release.settings == "sequential":
        saved = _merge_sequentially(renderer, user, changes)
    else:
        saved = _merge_layers(renderer, user, changes, user if last_save.unchanged else {})
    full = _load_full(renderer, serialize.load(serialize.dump(saved, True), "config.yml") or {})
    if release.mounts:
        bind_mounts.refuse_relative_setting(full, user, contributions, changes.settings, changes.append)
    origin = find_origins(renderer, saved, full)
    setting_types.refuse_wrong(full, contributions.base + contributions.defaults, origin)
    keys, texts = find_secrets(renderer, user, full, origin, {key: owner for key, owner in generated.items() if key in saved})
    return Settings(saved, full, origin, keys, texts, generated)


def _refuse_conflicts(overrides: List[Setting], decided: Collection[str]) -> None:
    """Raise LecternError for two plugins that override one setting differently, unless it is among those that the operator decided."""
    seen: Dict[str, Setting] = {}
    for item in overrides:
        other = seen.setdefault(item.key, item)
        if other.value != item.value and other.owner != item.owner and item.key not in decided:
            raise LecternError(
                "Plugins '%s' and '%s' both set %s, to different values. Decide by giving %s in the settings, or disable one of them."
                % (other.owner, item.owner, item.key, item.key)
            )


def _with_environment(settings: Dict[str, Any]) -> Dict[str, Any]:
    """Return the settings with the values of ``TUTOR_<KEY>`` in the process's environment, for those that have one.

    PLUGINS is not read from there. Raises LecternError for a value that no file can hold.
    """
    return {key: _from_environment(key) if _is_in_environment(key) and key != PLUGINS else value for key, value in settings.items()}


def _is_in_environment(key: str) -> bool:
    return "TUTOR_" + key in os.environ


def _from_environment(key: str) -> Any:
    text = os.environ["TUTOR_" + key]
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise LecternError("The environment variable TUTOR_%s is not UTF-8 text." % key)
    try:
        return serialize.load(text, "TUTOR_" + key)
    except LimitError:
        raise
    except LecternError:
        return text


def _merge_layers(renderer: Renderer, user: Dict[str, Any], changes: Changes, rendered: Dict[str, Any]) -> Dict[str, Any]:
    """Return the content of config.yml, as releases from 13 on save it. ``rendered`` are those of ``user`` that are rendered already."""
    contributions = renderer.contributions
    settings = _with_environment(user)
    settings.update((item.key, _storable(item)) for item in contributions.user)
    layers = last_of_each_key(contributions.base + contributions.unique + contributions.overrides)
    new = {item.key: _storable(item) for item in layers if item.key not in settings}
    templates = in_order_of_need(renderer, settings, new, changes.settings)
    settings.update(new)
    refuse_circles(renderer, settings)
    settings, late = _render_each(renderer, settings, rendered, templates.keys() - changes.settings.keys())
    settings = _render_late(renderer, settings, late)
    settings = apply_changes(renderer, settings, user, changes, templates)
    settings = _render_random(renderer, settings, user)
    return _render_late(renderer, settings, _unrenderable(renderer, settings))


def _storable(item: Setting) -> Any:
    """Return a setting's value as config.yml will give it back.

    Raises LecternError for one that YAML can't hold.
    """
    try:
        if isinstance(item.value, str):
            return item.value.encode("utf-8").decode("utf-8")
        return serialize.load(serialize.dump(item.value, True), item.key)
    except (LecternError, UnicodeEncodeError):
        message = "Plugin '%s' gives %s the value %s (%s), which config.yml can't hold: expected text, numbers, lists and mappings."
        value = repr(masking.MASK) if masking.is_secret(item.key) else quoted(item.value)
        raise LecternError(message % (item.owner, item.key, value, type(item.value).__name__)) from None


def _render_each(
    renderer: Renderer, templates: Dict[str, Any], rendered: Dict[str, Any], waiting: Collection[str]
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Render every setting once, in order, except those that depend on others. Settings in ``rendered`` are only test-rendered
    and keep their value.

    A setting before one that it refers to takes that one's text as it is, as upstream does. Returns the settings, and the templates among
    them that need a setting which is not there yet.
    """
    settings, late, once = dict(templates), {}, {}
    for key, template in templates.items():
        if key in waiting:
            continue
        try:
            value = renderer.render_setting(key, template, settings)
        except LimitError:
            raise
        except LecternError:
            late[key] = template
            continue
        once[key] = template
        settings[key] = template if key in rendered and rendered[key] == template else value
    return _render_random(renderer, settings, once), late


def _render_random(renderer: Renderer, settings: Dict[str, Any], templates: Dict[str, Any]) -> Dict[str, Any]:
    """Return the settings without templates that make something random: each call would make another secret of one.

    ``templates`` are the texts that they were rendered from.
    """
    settings = dict(settings)
    for key, template in reversed(list(templates.items())):
        if generates_secret(settings[key]):
            settings[key] = renderer.render_setting(key, template, settings)
    return settings


def _unrenderable(renderer: Renderer, settings: Dict[str, Any]) -> Dict[str, Any]:
    """Return the settings whose text needs one that is not saved: the next call would change them, and upstream would fail."""
    late = {}
    for key, value in settings.items():
        try:
            renderer.render_setting(key, value, settings)
        except LimitError:
            raise
        except LecternError:
            late[key] = value
    return late


def _render_late(renderer: Renderer, settings: Dict[str, Any], late: Dict[str, Any]) -> Dict[str, Any]:
    """Return the settings with these rendered with the defaults: upstream refuses them, an operator means the default's value."""
    settings = {key: value for key, value in settings.items() if key not in late}
    for key, value in late.items():
        settings[key] = renderer.render_setting(key, value, with_defaults(renderer, settings))
    return settings


def _merge_sequentially(renderer: Renderer, user: Dict[str, Any], changes: Changes) -> Dict[str, Any]:
    """Return the content of config.yml, as releases before 13 save it."""
    contributions = renderer.contributions
    defaults = {item.key: item.value for item in contributions.defaults}
    of_core = {item.key: item.value for item in contributions.defaults if item.owner == CORE}
    settings = {**user, **{key: value for key, value in _with_environment(of_core).items() if _is_in_environment(key)}}
    required = [Setting(key, defaults[key], CORE) for key in renderer.release.required if key in defaults]
    of_plugins = [item for name in contributions.plugins for item in contributions.unique + contributions.overrides if item.owner == name]
    new: Dict[str, Any] = {}
    for item in required + of_plugins:
        if item.key not in settings:
            new.setdefault(item.key, _storable(item))
    templates = in_order_of_need(renderer, settings, new, changes.settings)
    for key, value in new.items():
        if key not in templates:
            settings[key] = render_with_defaults(renderer, settings, key, value)
    return apply_changes(renderer, settings, user, changes, templates)


def _load_full(renderer: Renderer, saved: Dict[str, Any]) -> Dict[str, Any]:
    """Return the effective settings, as upstream loads them from the config.yml that holds ``saved``."""
    contributions = renderer.contributions
    defaults = {item.key: item.value for item in last_of_each_key(contributions.defaults)}
    if renderer.release.settings == "sequential":
        settings = dict(saved)
        for key, value in defaults.items():
            if key not in settings:
                settings[key] = renderer.render_setting(key, value, settings)
        return settings
    settings = _with_environment(saved)
    settings.update((item.key, _storable(item)) for item in contributions.user)
    settings = {**settings, **{key: value for key, value in _with_environment(defaults).items() if key not in settings}}
    for key, value in settings.items():
        settings[key] = renderer.render_setting(key, value, settings)
    return settings
