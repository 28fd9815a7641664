# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merges the layers of settings and renders them, in the order and with the precedence of the release.

Upstream sources: config.py ``load_all`` (before 13, "sequential") and ``load_minimal``/``load_full`` (from 13 on, "layers").
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, NamedTuple

from . import jinja, masking, serialize
from .contributions import CORE, Contributions, Setting
from .errors import LecternError
from .releases import Release
from .render import Renderer

PLUGINS = "PLUGINS"


class Origin(NamedTuple):
    """Where a setting's value comes from."""

    layer: str  # user, overrides, unique, base or defaults
    owner: str


class Settings(NamedTuple):
    """``saved`` is what config.yml holds, ``full`` all effective settings, rendered; ``secrets`` are texts to mask."""

    saved: Dict[str, Any]
    full: Dict[str, Any]
    origin: Dict[str, Origin]
    secret_keys: List[str]
    secrets: List[str]


class Changes(NamedTuple):
    """What a call asks for: settings to set (values may be templates), list items to add and remove, keys to drop."""

    settings: Dict[str, Any] = {}
    append: Dict[str, List[Any]] = {}
    remove: Dict[str, List[Any]] = {}
    unset: List[str] = []


def read_user(path: str, facts: Release) -> Dict[str, Any]:
    """The settings in config.yml, obsolete names replaced; none where there is no file.

    Raises LecternError when it is not a mapping of settings.
    """
    if not serialize.exists(path):
        if os.path.exists(path[: -len("yml")] + "json"):
            raise LecternError(
                "'%s' is of a Tutor before 3.0: run `tutor config save` once to convert it." % (path[: -len("yml")] + "json")
            )
        return {}
    user = serialize.load_mapping(path)
    return _renamed(user, facts)


def _renamed(user: Dict[str, Any], facts: Release) -> Dict[str, Any]:
    """Obsolete names as upstream's ``upgrade_obsolete`` replaces them."""
    for old, new in facts["inverted"]:
        if old in user:
            user[new] = not user.pop(old)
    for old, names in facts["renamed"]:
        if old in user:
            user.update(dict.fromkeys(names, user.pop(old)))
    for old, plugin in facts["became_plugins"]:
        if user.pop(old, False) and plugin not in user.setdefault(PLUGINS, []):
            user[PLUGINS] = sorted([*user[PLUGINS], plugin])
    return user


def given(user: Dict[str, Any], changes: Changes) -> Dict[str, Any]:
    """What config.yml holds with what a call sets and unsets, not rendered: all that is known before the plugins are."""
    return dict({key: value for key, value in user.items() if key not in changes.unset}, **changes.settings)


def plugin_names(user: Dict[str, Any], base: List[Setting], installed: List[str]) -> List[str]:
    """The enabled plugins as config.yml lists them; without a list, those of Tutor's own base that are installed.

    Raises LecternError when the list is not one of names.
    """
    default = [item.value for item in base if item.key == PLUGINS]
    names = user.get(PLUGINS, [name for name in (default or [[]])[0] if name in installed])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise LecternError("PLUGINS in config.yml is %r: it must be a list of plugin names." % (names,))
    return names


def merge(user: Dict[str, Any], found: Contributions, renderer: Renderer, changes: Changes, saved_before: bool = False) -> Settings:
    """All layers, with the changes applied.

    ``user`` is what config.yml holds; where it was saved before, its values are rendered already, and stay as they are. Upstream renders
    them once more with every save. ``renderer`` comes with no settings and leaves with the full ones.
    Raises LecternError for two plugins that set one key differently, for an undefined setting, for a change of the wrong
    type and for a generated secret that would be lost.
    """
    _refuse_conflicts(found.overrides, set(user) | set(changes.settings))
    user = {key: value for key, value in user.items() if key not in changes.unset}
    facts = renderer.facts
    if facts["settings"] == "sequential":
        _sequential(renderer, user, found, changes)
    else:
        _layers(renderer, user, found, changes, user if saved_before else {})
    saved = dict(renderer.config)
    full = _full(renderer, serialize.load(serialize.dump(saved, True), "config.yml"), found, facts)
    origin = _origin(renderer, saved, found, facts)
    keys, secrets = _secrets(renderer, user, origin, found, changes)
    return Settings(saved, full, origin, keys, secrets)


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
            except LecternError:
                config[key] = text


def _layers(renderer: Renderer, user: Dict[str, Any], found: Contributions, changes: Changes, done: Dict[str, Any]) -> None:
    config = renderer.config
    config.update(user)
    _from_environment(config)
    config.update((item.key, _storable(item)) for item in found.user)
    for item in _last(found.base + found.unique + found.overrides):
        config.setdefault(item.key, _storable(item))
    _refuse_circles(renderer, config)
    _render_late(renderer, _render_known(renderer, done), found)
    _apply(renderer, user, found, changes)
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
        message = "Plugin '%s' gives %s the value %r (%s), which config.yml can't hold: expected text, numbers, lists and mappings."
        shown = masking.MASK if masking.is_secret(item.key) else item.value
        raise LecternError(message % (item.owner, item.key, shown, type(item.value).__name__)) from None


def _last(items: List[Setting]) -> List[Setting]:
    """One setting for a key: the last value at the first one's place."""
    return list({item.key: item for item in items}.values())


def _render_known(renderer: Renderer, done: Dict[str, Any]) -> Dict[str, Any]:
    """Renders every setting once, in order, those that are done only to see whether they can be; returns those that need one which is
    not there yet.

    A setting before the one that it refers to takes that one's text as it is, as upstream has it. Only text that makes something
    random is not left so: each call would make another secret of it.
    """
    config, late = renderer.config, {}
    templates = dict(config)
    for key, value in templates.items():
        try:
            rendered = renderer.setting(key, value)
        except LecternError:
            late[key] = value
            continue
        config[key] = value if key in done and done[key] == value else rendered
    for key, value in reversed(list(templates.items())):
        if key not in late and masking.is_random(config[key]):
            config[key] = renderer.setting(key, value)
    return late


def _not_yet(renderer: Renderer) -> Dict[str, Any]:
    """The settings whose text needs one that is not saved: left so, the next call would find something to do, and upstream fail."""
    late = {}
    for key, value in renderer.config.items():
        try:
            renderer.setting(key, value)
        except LecternError:
            late[key] = value
    return late


def _render_late(renderer: Renderer, late: Dict[str, Any], found: Contributions) -> None:
    """Settings that refer to defaults: upstream refuses them, an operator means the default's value."""
    for key in late:
        del renderer.config[key]
    for key, value in late.items():
        with renderer.using(_complete(renderer, found)):
            rendered = renderer.setting(key, value)
        renderer.config[key] = rendered


def _complete(renderer: Renderer, found: Contributions) -> Dict[str, Any]:
    """The settings so far and all defaults that can be rendered with them."""
    config = dict(renderer.config)
    for item in _last(found.defaults):
        config.setdefault(item.key, item.value)
    with renderer.using(config):
        for key, value in list(config.items()):
            try:
                config[key] = renderer.setting(key, value)
            except LecternError:
                del config[key]  # whoever refers to it gets the error
    return config


def _sequential(renderer: Renderer, user: Dict[str, Any], found: Contributions, changes: Changes) -> None:
    config = renderer.config
    config.update(user)
    defaults = {item.key: item.value for item in found.defaults}
    from_environment = dict(defaults)
    _from_environment(from_environment)
    config.update((key, from_environment[key]) for key in defaults if "TUTOR_" + key in os.environ)
    required = [Setting(key, defaults[key], CORE) for key in renderer.facts["required"] if key in defaults]
    of_plugins = [item for name in found.plugins for item in found.unique + found.overrides if item.owner == name]
    for item in required + of_plugins:
        if item.key not in config:
            config[item.key] = renderer.setting(item.key, _storable(item))
    _apply(renderer, user, found, changes)


def _full(renderer: Renderer, saved: Dict[str, Any], found: Contributions, facts: Release) -> Dict[str, Any]:
    """The effective settings, as upstream loads them from the config.yml that holds ``saved``."""
    config = renderer.config
    config.clear()
    config.update(saved or {})
    if facts["settings"] == "sequential":
        for key, value in ((item.key, item.value) for item in _last(found.defaults)):
            if key not in config:
                config[key] = renderer.setting(key, value)
        return config
    _from_environment(config)
    config.update((item.key, _storable(item)) for item in found.user)
    defaults = {item.key: item.value for item in _last(found.defaults)}
    _from_environment(defaults)
    for key, value in defaults.items():
        config.setdefault(key, value)
    for key, value in config.items():
        config[key] = renderer.setting(key, value)
    return config


def _apply(renderer: Renderer, user: Dict[str, Any], found: Contributions, changes: Changes) -> None:
    config = renderer.config
    _set(renderer, user, found, changes.settings)
    for key, values in changes.append.items():
        current = _list(renderer, found, key, "append to")
        new = [_steady(renderer, found, key, value) for value in values]
        added = [value for index, value in enumerate(new) if value not in current + new[:index]]
        config.update({key: current + added} if added else {})
    for key, values in changes.remove.items():
        current = _list(renderer, found, key, "remove from")
        unwanted = [_render_given(renderer, found, key, value) for value in values]
        kept = [value for value in current if value not in unwanted]
        config.update({key: kept} if kept != current else {})
    _refuse_lost(user, found, changes)


def _steady(renderer: Renderer, found: Contributions, key: str, value: Any) -> Any:
    """An item to append. Raises LecternError for one made of randomness: every call would append another."""
    rendered = _render_given(renderer, found, key, value)
    if rendered != _render_given(renderer, found, key, value):
        raise LecternError(
            "append.%s: %r makes another value each time. Give the value itself, or the whole list in settings." % (key, value)
        )
    return rendered


def _list(renderer: Renderer, found: Contributions, key: str, verb: str) -> List[Any]:
    default = {item.key: item.value for item in found.defaults}.get(key, [])
    # What is saved is rendered already: once more, and an item that is there would not be found again.
    current = renderer.config[key] if key in renderer.config else _render_given(renderer, found, key, default)
    if not isinstance(current, list):
        raise LecternError("Can't %s %s: it is a %s, not a list." % (verb, key, type(current).__name__))
    return current


def _set(renderer: Renderer, user: Dict[str, Any], found: Contributions, values: Dict[str, Any]) -> None:
    """Renders the given settings against each other, whatever their order, until nothing changes any more.

    One made of randomness keeps the value that it once got.
    """
    config = renderer.config
    config.update(values)
    _refuse_circles(renderer, config)
    pending = dict(values)
    for key in [
        key for key in pending if _render_given(renderer, found, key, pending[key]) != _render_given(renderer, found, key, pending[key])
    ]:
        template = pending.pop(key)
        config[key] = user[key] if key in user else _render_given(renderer, found, key, template)
    for _round in range(len(pending) + 2):
        before = {key: config[key] for key in pending}
        for key, value in pending.items():
            config[key] = _render_given(renderer, found, key, value)
        if before == {key: config[key] for key in pending}:
            return
    raise _circle(pending)


def _circle(keys: Iterable[str]) -> LecternError:
    return LecternError("Settings that refer to each other in a circle, or to themselves: %s." % ", ".join(sorted(keys)))


def _refuse_circles(renderer: Renderer, config: Dict[str, Any]) -> None:
    """Raises LecternError for settings that need each other, or themselves: their texts would grow with every rendering."""
    needs = {key: renderer.settings_in(value) for key, value in config.items() if _is_template(value)}
    found = None
    while needs != found:
        found = needs
        needed = {name for names in needs.values() for name in names}
        needs = {key: names for key, names in needs.items() if key in needed and not names.isdisjoint(needs)}
    if needs:
        raise _circle(needs)


def _is_template(value: Any) -> bool:
    if isinstance(value, str):
        return bool(jinja.JINJA.search(value))
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else []
    return any(_is_template(item) for item in items)


def _render_given(renderer: Renderer, found: Contributions, key: str, value: Any) -> Any:
    """One given setting, with the settings that are saved; else with the defaults too."""
    try:
        return renderer.setting(key, value)
    except LecternError:
        with renderer.using(_complete(renderer, found)):
            return renderer.setting(key, value)


def _refuse_lost(user: Dict[str, Any], found: Contributions, changes: Changes) -> None:
    generated = {item.key for item in found.base + found.unique if masking.is_random(item.value)}
    for key in changes.unset:
        if key in generated:
            raise LecternError(
                "%s is a secret that was generated once: dropping it would make a new one and lock the platform out of its data. "
                "Give it another value in the settings instead." % key
            )


def _origin(renderer: Renderer, saved: Dict[str, Any], found: Contributions, facts: Release) -> Dict[str, Origin]:
    """Where each effective value comes from. What config.yml holds is the user's, unless a contribution makes the same."""
    origin = {item.key: Origin("defaults", item.owner) for item in found.defaults}
    origin.update({key: Origin("base", CORE) for key in facts["required"]})
    made = {item.key: item for item in found.defaults if item.key in facts["required"]}
    for layer, items in (("base", found.base), ("unique", found.unique), ("overrides", found.overrides)):
        for item in items:
            origin[item.key], made[item.key] = Origin(layer, item.owner), item
    for key in renderer.config:
        owner = origin.get(key, Origin("user", CORE)).owner
        given = key in saved and not (key in made and _is_made(renderer, made[key], saved[key]))
        if given or key not in origin or "TUTOR_" + key in os.environ:
            origin[key] = Origin("user", owner)
    return {key: origin[key] for key in renderer.config}


def _is_made(renderer: Renderer, item: Setting, value: Any) -> bool:
    return masking.is_random(item.value) or renderer.setting(item.key, item.value) == value


def _secrets(renderer: Renderer, user: Dict[str, Any], origin: Dict[str, Origin], found: Contributions, changes: Changes) -> Any:
    """The keys whose values are secret, and the texts to mask: what the user gave, what was generated, what was made of it."""
    templates = {item.key: item.value for item in found.defaults + found.base + found.unique}
    templates.update({key: value for key, value in changes.settings.items() if masking.is_random(value)})
    keys = [key for key in renderer.config if masking.is_secret(key, templates.get(key))]
    private = [key for key in keys if origin[key].layer in ("user", "base") or masking.is_random(templates.get(key))]
    made = [text for key in private for text in masking.texts(renderer.config[key]) + masking.texts(user.get(key))]
    # What a package gives as secret is known to all, but an operator's own plugin is no package. Words would hide too much.
    made += [text for key in keys for text in masking.texts(renderer.config[key]) if masking.is_no_word(text)]
    made += masking.secret_texts({key: value for key, value in renderer.config.items() if origin[key].layer == "user"})
    return keys, sorted(set(made + masking.texts(sorted(renderer.made_secrets))))
