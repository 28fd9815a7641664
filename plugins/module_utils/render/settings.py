# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merges the layers of settings and renders them, in the order and with the precedence of the release.

Upstream sources: config.py ``load_all`` (before 13, "sequential") and ``load_minimal``/``load_full`` (from 13 on, "layers").
"""

from __future__ import annotations

import os
from typing import Any, Collection, Dict, List, NamedTuple

from ..base import masking, serialize
from ..base.errors import LecternError, LimitError, quoted
from ..base.releases import Release
from ..plugins.contributions import CORE, Contributions, Setting
from . import bind_mounts, setting_types
from .changes import Changes, apply
from .origin import Generated, Origin, generated, origins, refuse_lost, secrets
from .references import complete, last, refuse_circles, rendered, with_what_needs_them
from .renderer import Renderer
from .user_config import PLUGINS


class Settings(NamedTuple):
    """``saved`` is what config.yml holds, ``full`` all effective settings, rendered; ``secrets`` are texts to mask, ``generated`` what was
    made of randomness, by this call and those before."""

    saved: Dict[str, Any]
    full: Dict[str, Any]
    origin: Dict[str, Origin]
    secret_keys: List[str]
    secrets: List[str]
    generated: Generated


class Saved(NamedTuple):
    """What is known of config.yml: whether it is as Lectern saved it last, and what in it was made of randomness then."""

    unchanged: bool
    generated: Generated


NOT_SAVED = Saved(False, {})


def merge(user: Dict[str, Any], found: Contributions, renderer: Renderer, changes: Changes, past: Saved = NOT_SAVED) -> Settings:
    """All layers, with the changes applied.

    ``user`` is what config.yml holds; where it was saved before, its values are rendered already, and stay as they are. Upstream renders
    them once more with every save. ``renderer`` comes with no settings and leaves with the full ones.
    Raises LecternError for two plugins that set one key differently, for an undefined setting, for a change of the wrong
    type, for a generated secret that would be lost, for a relative folder in MOUNTS and for a setting of core that is of the wrong type.
    """
    release = renderer.release
    made = generated(past.generated, changes.settings, found, release)
    refuse_lost(user, changes.unset, made)
    _refuse_conflicts(found.overrides, set(user) | set(changes.settings))
    user = {key: value for key, value in user.items() if key not in changes.unset}
    if release.settings == "sequential":
        _sequential(renderer, user, found, changes)
    else:
        _layers(renderer, user, found, changes, user if past.unchanged else {})
    saved = dict(renderer.config)
    full = _full(renderer, serialize.load(serialize.dump(saved, True), "config.yml"), found, release)
    if release.mounts:
        bind_mounts.refuse_relative_setting(full, user, found, changes.settings, changes.append)
    origin = origins(renderer, saved, found, release)
    setting_types.refuse_wrong(full, found.base + found.defaults, origin)
    keys, texts = secrets(renderer, user, origin, found, {key: owner for key, owner in made.items() if key in saved})
    return Settings(saved, full, origin, keys, texts, made)


def _refuse_conflicts(overrides: List[Setting], decided: Any) -> None:
    seen: Dict[str, Setting] = {}
    for item in overrides:
        other = seen.setdefault(item.key, item)
        if other.value != item.value and other.owner != item.owner and item.key not in decided:
            raise LecternError(
                "Plugins '%s' and '%s' both set %s, to different values. Decide by giving %s in the settings, or disable one of them."
                % (other.owner, item.owner, item.key, item.key)
            )


def _from_environment(config: Dict[str, Any]) -> None:
    """``TUTOR_<KEY>`` of the process, for keys that are there; plugins are those of the call or of config.yml.

    Raises LecternError for one that no file can hold.
    """
    for key in config:
        if "TUTOR_" + key in os.environ and key != PLUGINS:
            text = os.environ["TUTOR_" + key]
            if any("\ud800" <= char <= "\udfff" for char in text):
                raise LecternError("The environment variable TUTOR_%s is not UTF-8 text." % key)
            try:
                config[key] = serialize.load(text, "TUTOR_" + key)
            except LimitError:
                raise
            except LecternError:
                config[key] = text


def _layers(renderer: Renderer, user: Dict[str, Any], found: Contributions, changes: Changes, done: Dict[str, Any]) -> None:
    config = renderer.config
    config.update(user)
    _from_environment(config)
    config.update((item.key, _storable(item)) for item in found.user)
    fresh = {item.key: _storable(item) for item in last(found.base + found.unique + found.overrides) if item.key not in config}
    given = with_what_needs_them(renderer, found, fresh, changes.settings)
    config.update(fresh)
    refuse_circles(renderer, config)
    _render_late(renderer, _render_known(renderer, done, given.keys() - changes.settings.keys()), found)
    apply(renderer, user, found, changes, given)
    _make_random(renderer, user)
    _render_late(renderer, _not_yet(renderer), found)


def _storable(item: Setting) -> Any:
    """A setting's value as config.yml will give it back.

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


def _render_known(renderer: Renderer, done: Dict[str, Any], waiting: Collection[str]) -> Dict[str, Any]:
    """Renders every setting once, in order, but those that wait for others; those that are done only to see whether they can be. Returns
    those that need one which is not there yet.

    A setting before the one that it refers to takes that one's text as it is, as upstream has it.
    """
    config, late = renderer.config, {}
    templates = {key: value for key, value in config.items() if key not in waiting}
    for key, value in templates.items():
        try:
            text = renderer.setting(key, value)
        except LimitError:
            raise
        except LecternError:
            late[key] = value
            continue
        config[key] = value if key in done and done[key] == value else text
    _make_random(renderer, {key: value for key, value in templates.items() if key not in late})
    return late


def _make_random(renderer: Renderer, templates: Dict[str, Any]) -> None:
    """Text that makes something random is not left as it is: each call would make another secret of it."""
    for key, value in reversed(list(templates.items())):
        if masking.is_random(renderer.config[key]):
            renderer.config[key] = renderer.setting(key, value)


def _not_yet(renderer: Renderer) -> Dict[str, Any]:
    """The settings whose text needs one that is not saved: left so, the next call would find something to do, and upstream fail."""
    late = {}
    for key, value in renderer.config.items():
        try:
            renderer.setting(key, value)
        except LimitError:
            raise
        except LecternError:
            late[key] = value
    return late


def _render_late(renderer: Renderer, late: Dict[str, Any], found: Contributions) -> None:
    """Settings that refer to defaults: upstream refuses them, an operator means the default's value."""
    for key in late:
        del renderer.config[key]
    for key, value in late.items():
        with renderer.using(complete(renderer, found)):
            text = renderer.setting(key, value)
        renderer.config[key] = text


def _sequential(renderer: Renderer, user: Dict[str, Any], found: Contributions, changes: Changes) -> None:
    config = renderer.config
    config.update(user)
    defaults = {item.key: item.value for item in found.defaults}
    from_environment = {item.key: item.value for item in found.defaults if item.owner == CORE}
    _from_environment(from_environment)
    config.update((key, value) for key, value in from_environment.items() if "TUTOR_" + key in os.environ)
    required = [Setting(key, defaults[key], CORE) for key in renderer.release.required if key in defaults]
    of_plugins = [item for name in found.plugins for item in found.unique + found.overrides if item.owner == name]
    fresh: Dict[str, Any] = {}
    for item in required + of_plugins:
        if item.key not in config:
            fresh.setdefault(item.key, _storable(item))
    given = with_what_needs_them(renderer, found, fresh, changes.settings)
    for key, value in fresh.items():
        if key not in given:
            config[key] = rendered(renderer, found, key, value)
    apply(renderer, user, found, changes, given)


def _full(renderer: Renderer, saved: Dict[str, Any], found: Contributions, release: Release) -> Dict[str, Any]:
    """The effective settings, as upstream loads them from the config.yml that holds ``saved``."""
    config = renderer.config
    config.clear()
    config.update(saved or {})
    if release.settings == "sequential":
        for key, value in ((item.key, item.value) for item in last(found.defaults)):
            if key not in config:
                config[key] = renderer.setting(key, value)
        return config
    _from_environment(config)
    config.update((item.key, _storable(item)) for item in found.user)
    defaults = {item.key: item.value for item in last(found.defaults)}
    _from_environment(defaults)
    for key, value in defaults.items():
        config.setdefault(key, value)
    for key, value in config.items():
        config[key] = renderer.setting(key, value)
    return config
