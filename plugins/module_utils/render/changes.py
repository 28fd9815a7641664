# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes that a call requests: settings to set and to drop, items to add to lists and to remove from them."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple

from ..base import serialize
from ..base.errors import LecternError
from .references import circle_error, render_with_defaults
from .renderer import Renderer


class Changes(NamedTuple):
    """The changes that a call requests: ``settings`` to set (values may be templates), list items to ``append`` and to ``remove``, keys to
    ``unset``, and generated secrets that may be generated again although they were saved once."""

    settings: Dict[str, Any] = {}
    append: Dict[str, List[Any]] = {}
    remove: Dict[str, List[Any]] = {}
    unset: List[str] = []
    accept_new_secrets: List[str] = []


def with_requested(user: Dict[str, Any], changes: Changes) -> Dict[str, Any]:
    """Return the settings of config.yml with those that a call sets and unsets, not rendered: all that is known before plugins load."""
    return dict({key: value for key, value in user.items() if key not in changes.unset}, **changes.settings)


def apply_changes(
    renderer: Renderer, settings: Dict[str, Any], user: Dict[str, Any], changes: Changes, templates: Dict[str, Any]
) -> Dict[str, Any]:
    """Return the settings with the changes applied.

    ``user`` are the settings of config.yml, ``templates`` the settings to set and the new ones of core and plugins that need them, each
    after those that it needs. Raises LecternError for a change of the wrong type, and for settings that refer to each other in a circle.
    """
    settings = _set(renderer, settings, user, templates)
    for key, values in changes.append.items():
        current = _list(renderer, settings, key, "append to")
        longer = _with_new(current, [_render_steady(renderer, settings, key, value) for value in values])
        if len(longer) > len(current):
            settings[key] = longer
    for key, values in changes.remove.items():
        current = _list(renderer, settings, key, "remove from")
        unwanted = [render_with_defaults(renderer, settings, key, value) for value in values]
        shorter = [item for item in current if not _is_in(item, unwanted)]
        if len(shorter) < len(current):
            settings[key] = shorter
    return settings


def _set(renderer: Renderer, settings: Dict[str, Any], user: Dict[str, Any], templates: Dict[str, Any]) -> Dict[str, Any]:
    """Return the settings with these templates, rendered against each other until nothing changes any more.

    A random one keeps the value that it has in ``user``.
    """
    settings = {**settings, **templates}
    steady = {}
    for key, template in templates.items():
        settings[key] = render_with_defaults(renderer, settings, key, template)
        if serialize.are_equal(settings[key], render_with_defaults(renderer, settings, key, template)):
            steady[key] = template
        elif key in user:
            settings[key] = user[key]
    for _round in range(len(steady) + 2):
        before = {key: settings[key] for key in steady}
        for key, template in steady.items():
            settings[key] = render_with_defaults(renderer, settings, key, template)
        if before == {key: settings[key] for key in steady}:
            return settings
    raise circle_error(steady)


def _with_new(items: List[Any], values: List[Any]) -> List[Any]:
    """Return the items, and those of the values that are not among them yet."""
    longer = list(items)
    for value in values:
        if not _is_in(value, longer):
            longer.append(value)
    return longer


def _is_in(value: Any, items: List[Any]) -> bool:
    return any(serialize.are_equal(value, item) for item in items)


def _render_steady(renderer: Renderer, settings: Dict[str, Any], key: str, value: Any) -> Any:
    """Render an item to append. Raises LecternError for a random one: every call would append another."""
    item = render_with_defaults(renderer, settings, key, value)
    if item != render_with_defaults(renderer, settings, key, value):
        raise LecternError(
            "append.%s: %r renders to another value each time. Give the value itself, or the whole list in settings." % (key, value)
        )
    return item


def _list(renderer: Renderer, settings: Dict[str, Any], key: str, verb: str) -> List[Any]:
    """Return the list that a setting is now. Raises LecternError for one that is no list."""
    default = {item.key: item.value for item in renderer.contributions.defaults}.get(key, [])
    # A saved value is rendered already: rendered once more, an item would not be recognized.
    current = settings[key] if key in settings else render_with_defaults(renderer, settings, key, default)
    if not isinstance(current, list):
        raise LecternError("Can't %s %s: it is a %s, not a list." % (verb, key, type(current).__name__))
    return current
