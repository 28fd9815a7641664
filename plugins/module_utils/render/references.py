# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that refer to others: to defaults too, in which order they are rendered, and that they never go in a circle."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Set

from ..base.errors import LecternError, LimitError
from ..plugins.contributions import Contributions, Setting
from . import jinja
from .renderer import Renderer

# Functions of templates that may read any setting.
READ_SETTINGS = {"patch", "iter_values_named"}


def last(items: List[Setting]) -> List[Setting]:
    """One setting for a key: the last value at the first one's place."""
    return list({item.key: item for item in items}.values())


def rendered(renderer: Renderer, found: Contributions, key: str, value: Any) -> Any:
    """One setting, with the settings that are saved; where those don't do, with the defaults too."""
    try:
        return renderer.setting(key, value)
    except LimitError:
        raise
    except LecternError:
        with renderer.using(complete(renderer, found)):
            return renderer.setting(key, value)


def complete(renderer: Renderer, found: Contributions) -> Dict[str, Any]:
    """The settings so far and all defaults that can be rendered with them."""
    config = dict(renderer.config)
    for item in last(found.defaults):
        config.setdefault(item.key, item.value)
    with renderer.using(config):
        for key, value in list(config.items()):
            try:
                config[key] = renderer.setting(key, value)
            except LimitError:
                raise
            except LecternError:
                del config[key]  # whoever refers to it gets the error
    return config


def circle(keys: Iterable[str]) -> LecternError:
    """The error that names settings without an end."""
    return LecternError("Settings that refer to each other in a circle, or to themselves: %s." % ", ".join(sorted(keys)))


def refuse_circles(renderer: Renderer, config: Dict[str, Any]) -> None:
    """Raises LecternError for settings that need each other, or themselves: their texts would grow with every rendering."""
    endless = _endless({key: renderer.settings_in(value) for key, value in config.items() if _is_template(value)})
    if endless:
        raise circle(endless)


def _endless(needs: Dict[str, Set[str]]) -> Set[str]:
    """Of settings and what they need, those in a circle, and those that lie between two circles."""
    found = None
    while needs.keys() != found:
        found = needs.keys()
        needed = {name for names in needs.values() for name in names}
        needs = {key: names for key, names in needs.items() if key in needed and not names.isdisjoint(needs)}
    return set(needs)


def _is_template(value: Any) -> bool:
    if isinstance(value, str):
        return bool(jinja.JINJA.search(value))
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else []
    return any(_is_template(item) for item in items)


def with_what_needs_them(renderer: Renderer, found: Contributions, fresh: Dict[str, Any], given: Dict[str, Any]) -> Dict[str, Any]:
    """The given settings and those of ``fresh`` that need one of them, through others and through defaults too: templates by key, each
    after those that it needs. Raises LecternError for given ones that need themselves.
    """
    if not given:
        return {}
    templates = {**{item.key: item.value for item in found.defaults}, **renderer.config, **fresh, **given}
    needs = _needed_first(renderer, templates, [*fresh, *given])
    endless = _endless(needs)
    if not endless.isdisjoint(given):
        raise circle(endless)
    touched = {*given, *READ_SETTINGS}
    for key, names in needs.items():
        if not touched.isdisjoint(names):
            touched.add(key)
    return {key: templates[key] for key in needs if key in touched and (key in fresh or key in given)}


def _needed_first(renderer: Renderer, templates: Dict[str, Any], keys: Iterable[str]) -> Dict[str, Set[str]]:
    """What these templates need, and those that they need: names by key, each key after those that it needs."""
    needs: Dict[str, Set[str]] = {}
    visited: Set[str] = set()

    def visit(key: str) -> None:
        if key in templates and key not in visited:
            visited.add(key)
            names = renderer.settings_in(templates[key]) if _is_template(templates[key]) else set()
            for name in sorted(names):
                visit(name)
            needs[key] = names

    for key in keys:
        visit(key)
    return needs
