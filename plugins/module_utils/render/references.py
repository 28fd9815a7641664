# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that refer to others, to defaults too: renders them, puts them in order, and refuses circles."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Set

from ..base.errors import LecternError, LimitError
from ..plugins.contributions import Setting
from . import jinja
from .renderer import Renderer

# Functions of templates that may read any setting.
READ_SETTINGS = {"patch", "iter_values_named"}


def last_of_each_key(items: List[Setting]) -> List[Setting]:
    """Return one setting for each key: the last value at the first one's place."""
    return list({item.key: item for item in items}.values())


def render_with_defaults(renderer: Renderer, settings: Dict[str, Any], key: str, value: Any) -> Any:
    """Render one setting with these settings, and where they are not enough, with the defaults too."""
    try:
        return renderer.render_setting(key, value, settings)
    except LimitError:
        raise
    except LecternError:
        return renderer.render_setting(key, value, with_defaults(renderer, settings))


def with_defaults(renderer: Renderer, settings: Dict[str, Any]) -> Dict[str, Any]:
    """Return the settings, rendered, with all defaults that can be rendered with them."""
    complete = dict(settings)
    for item in last_of_each_key(renderer.contributions.defaults):
        complete.setdefault(item.key, item.value)
    for key, value in list(complete.items()):
        try:
            complete[key] = renderer.render_setting(key, value, complete)
        except LimitError:
            raise
        except LecternError:
            del complete[key]  # a setting that refers to it gets the error
    return complete


def circle_error(keys: Iterable[str]) -> LecternError:
    """Return the error that names settings which need each other."""
    return LecternError("Settings that refer to each other in a circle, or to themselves: %s." % ", ".join(sorted(keys)))


def refuse_circles(renderer: Renderer, settings: Dict[str, Any]) -> None:
    """Raise LecternError for settings that need each other, or themselves: their texts would grow with every rendering."""
    circular = _circular({key: renderer.settings_in(value) for key, value in settings.items() if _is_template(value)})
    if circular:
        raise circle_error(circular)


def _circular(needs: Dict[str, Set[str]]) -> Set[str]:
    """Return, of settings and the names that each needs, those in a circle and those between two circles."""
    before = None
    while needs.keys() != before:
        before = needs.keys()
        needed = {name for names in needs.values() for name in names}
        needs = {key: names for key, names in needs.items() if key in needed and not names.isdisjoint(needs)}
    return set(needs)


def _is_template(value: Any) -> bool:
    if isinstance(value, str):
        return bool(jinja.JINJA.search(value))
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else []
    return any(_is_template(item) for item in items)


def in_order_of_need(renderer: Renderer, settings: Dict[str, Any], new: Dict[str, Any], requested: Dict[str, Any]) -> Dict[str, Any]:
    """Return the requested settings, and those of ``new`` that need one of them, directly or through others and defaults: templates by key,
    each after those that it needs.

    ``settings`` are the saved ones, ``new`` those that core and plugins add to them. Raises LecternError for requested settings that need
    themselves.
    """
    if not requested:
        return {}
    defaults = {item.key: item.value for item in renderer.contributions.defaults}
    templates = {**defaults, **settings, **new, **requested}
    needs = _needed_first(renderer, templates, [*new, *requested])
    circular = _circular(needs)
    if not circular.isdisjoint(requested):
        raise circle_error(circular)
    affected = {*requested, *READ_SETTINGS}
    for key, names in needs.items():
        if not affected.isdisjoint(names):
            affected.add(key)
    return {key: templates[key] for key in needs if key in affected and (key in new or key in requested)}


def _needed_first(renderer: Renderer, templates: Dict[str, Any], keys: Iterable[str]) -> Dict[str, Set[str]]:
    """Return the names that each of these templates needs, and each that they need: by key, each key after those that it needs."""
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
