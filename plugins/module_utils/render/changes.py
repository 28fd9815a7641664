# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call asks for: settings to set and to drop, items to add to lists and to take out of them."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple

from ..base import serialize
from ..base.errors import LecternError
from ..plugins.contributions import Contributions
from .references import circle, rendered
from .renderer import Renderer


class Changes(NamedTuple):
    """What a call asks for: settings to set (values may be templates), list items to add and remove, keys to drop, and generated secrets
    that may be made anew although they were saved once."""

    settings: Dict[str, Any] = {}
    append: Dict[str, List[Any]] = {}
    remove: Dict[str, List[Any]] = {}
    unset: List[str] = []
    accept_new_secrets: List[str] = []


def with_given(user: Dict[str, Any], changes: Changes) -> Dict[str, Any]:
    """What config.yml holds with what a call sets and unsets, not rendered: all that is known before the plugins are."""
    return dict({key: value for key, value in user.items() if key not in changes.unset}, **changes.settings)


def apply(renderer: Renderer, user: Dict[str, Any], found: Contributions, changes: Changes, given: Dict[str, Any]) -> None:
    """Brings the changes into the renderer's settings. ``user`` is what config.yml holds, ``given`` are the templates of the settings to
    set and of those that core and plugins have just added and that need them, each after those that it needs.

    Raises LecternError for a change of the wrong type, and for settings that refer to each other in a circle.
    """
    _set(renderer, user, found, given)
    for key, values in changes.append.items():
        current = _list(renderer, found, key, "append to")
        longer = _with_new(current, [_steady(renderer, found, key, value) for value in values])
        renderer.config.update({key: longer} if len(longer) > len(current) else {})
    for key, values in changes.remove.items():
        current = _list(renderer, found, key, "remove from")
        unwanted = [rendered(renderer, found, key, value) for value in values]
        kept = [item for item in current if not _is_in(item, unwanted)]
        renderer.config.update({key: kept} if len(kept) < len(current) else {})


def _set(renderer: Renderer, user: Dict[str, Any], found: Contributions, values: Dict[str, Any]) -> None:
    """Renders these templates against each other, each after those that it needs, until nothing changes any more.

    One made of randomness keeps the value that it once got.
    """
    config = renderer.config
    config.update(values)
    steady = {}
    for key, template in values.items():
        config[key] = rendered(renderer, found, key, template)
        if serialize.same(config[key], rendered(renderer, found, key, template)):
            steady[key] = template
        elif key in user:
            config[key] = user[key]
    for _round in range(len(steady) + 2):
        before = {key: config[key] for key in steady}
        config.update((key, rendered(renderer, found, key, template)) for key, template in steady.items())
        if before == {key: config[key] for key in steady}:
            return
    raise circle(steady)


def _with_new(items: List[Any], values: List[Any]) -> List[Any]:
    """The items and those of the values that are not among them yet."""
    longer = list(items)
    for value in values:
        longer += [] if _is_in(value, longer) else [value]
    return longer


def _is_in(value: Any, items: List[Any]) -> bool:
    return any(serialize.same(value, item) for item in items)


def _steady(renderer: Renderer, found: Contributions, key: str, value: Any) -> Any:
    """An item to append. Raises LecternError for one made of randomness: every call would append another."""
    item = rendered(renderer, found, key, value)
    if item != rendered(renderer, found, key, value):
        raise LecternError(
            "append.%s: %r makes another value each time. Give the value itself, or the whole list in settings." % (key, value)
        )
    return item


def _list(renderer: Renderer, found: Contributions, key: str, verb: str) -> List[Any]:
    default = {item.key: item.value for item in found.defaults}.get(key, [])
    # What is saved is rendered already: once more, and an item that is there would not be found again.
    current = renderer.config[key] if key in renderer.config else rendered(renderer, found, key, default)
    if not isinstance(current, list):
        raise LecternError("Can't %s %s: it is a %s, not a list." % (verb, key, type(current).__name__))
    return current
