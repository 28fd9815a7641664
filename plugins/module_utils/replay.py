# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugins that take long to import. Of those that only add data, what they add is kept, and added again without them.

Some import a whole web server for a command of their own, which nothing here calls. Whoever adds a function is imported each time, but
not the libraries in it, until one is used; whoever changes anything else in the process while it is imported, is imported with all.
It takes Tutor 16 or newer, which can list all of its hooks.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import FunctionType, ModuleType
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from .contributions import Kept
from .guard import is_of_python

MANY = 50  # modules; fewer are imported in no time
# Filters for the command line, which the engine does not read.
COMMANDS = ("CLI_COMMANDS", "CLI_DO_COMMANDS")
# Packages whose classes and lists could be changed in place, so that something else is rendered.
RENDERING = ("tutor", "jinja2", "markupsafe", "yaml")
# A class that only behaves like one of these, or like a list or a mapping, is no plain data.
PLAIN = (str, bytes, int, float, bool, type(None))
ADDS_ITEMS = "Filter.add_items.<locals>.callback"
ENVIRONMENT = "_data"  # where ``os.environ`` keeps the variables; without it nobody can tell whether a plugin changes one
State = Dict[str, Tuple[Dict[Any, Any], List[Any]]]  # by module: its attributes, and what is in those that could be changed in place


class Recorder:
    """Loads plugins one after the other; ``found`` is what can be kept of them.

    Those of ``kept`` are loaded without importing them, and the others are known to be of no such kind; None where nothing is known yet.
    """

    def __init__(self, kept: Optional[Dict[str, Kept]]) -> None:
        self.found: Dict[str, Kept] = {}
        self._kept = kept
        self._first = set(sys.modules)
        self._imported: Dict[str, Set[str]] = {}
        self._state: State = {}

    def load(self, hooks: Any, name: str, import_: Callable[[], None]) -> None:
        """Loads one plugin, in its contexts. ``import_`` does it by importing its modules."""
        if self._kept is None and _all(hooks) and hasattr(os.environ, ENVIRONMENT):
            self._record(hooks, name, import_)
        elif self._kept and name in self._kept:
            self.found[name] = self._kept[name]
            _again(hooks, self._kept[name], import_)
        else:
            import_()

    def _record(self, hooks: Any, name: str, import_: Callable[[], None]) -> None:
        modules, callbacks = set(sys.modules), {id(hook): list(hook.callbacks) for hook in _all(hooks)}
        self._state.update(_state(modules - set(self._state)))
        import_()
        self._imported[name] = imported = set(sys.modules) - modules
        if len(imported) < MANY or not _is_same(self._state):
            return
        added = _added(hooks, callbacks, name)
        knowing = {name for name in imported if any(_is_below(origin, "tutor") for origin in _origins(name))}
        if added is not None:
            self.found[name] = Kept(repr(added), sorted(knowing), [])
        else:
            self.found[name] = Kept("", [], sorted(_libraries(imported) - {module.partition(".")[0] for module in knowing}))

    def settle(self) -> None:
        """When all plugins are loaded: forgets those whose modules another one uses."""
        for name in self._imported.keys() & self.found.keys():
            kept, others = self.found[name], set(sys.modules) - self._first - self._imported[name]
            if any(not _origins(other).isdisjoint(kept.modules) for other in others):
                del self.found[name]
        self._state = {}  # Tutor's hooks hold on to this object

    def is_doubled(self) -> bool:
        """Whether another plugin has imported one that was not to be imported."""
        return any(module in sys.modules for kept in (self._kept or {}).values() for module in kept.modules)


def _again(hooks: Any, kept: Kept, import_: Callable[[], None]) -> None:
    import ast  # here, as most calls need it not

    if not kept.added:
        with _lazily(kept.libraries):
            import_()
        return
    for key, priority, items in ast.literal_eval(kept.added):
        getattr(hooks.Filters, key).add_items(items, priority=priority)


class _Lazy(MetaPathFinder):
    """Finds modules whose code runs when something in them is used first."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = set(names)

    def find_spec(self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None) -> Optional[ModuleSpec]:
        spec = PathFinder.find_spec(name, path, target) if name in self.names else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextlib.contextmanager
def _lazily(names: Iterable[str]) -> Iterator[None]:
    finder = _Lazy(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def _libraries(modules: Iterable[str]) -> Set[str]:
    """Those that are packages, and none of Python's own."""
    paths = {name: str(getattr(sys.modules[name], "__file__", "")) for name in modules if "." not in name}
    return {name for name, path in paths.items() if path.endswith("__init__.py") and not is_of_python(path)}


def _all(hooks: Any) -> List[Any]:
    """All filters and actions, also those of plugins; none where the release does not list them."""
    kinds = (type(hooks.Filters.CONFIG_DEFAULTS), type(hooks.Actions.CORE_READY))
    return [hook for kind in kinds for hook in getattr(kind, "INSTANCES", [])]


def _added(hooks: Any, callbacks: Dict[int, List[Any]], name: str) -> Optional[List[Any]]:
    """What was added to Tutor's filters, as (filter, priority, items); None where there was anything else."""
    names = {id(filter_): key for key, filter_ in vars(hooks.Filters).items()}
    found = []
    for hook in _all(hooks):
        before = callbacks.get(id(hook), hook.callbacks)
        new = [callback for callback in hook.callbacks if all(callback is not known for known in before)]
        if len(hook.callbacks) != len(before) + len(new):
            return None
        found += [(names.get(id(hook), ""), callback.priority, _items(callback, hooks, name)) for callback in new]
    data = [item for item in found if item[0] not in COMMANDS]
    return data if all(key and items is not None and _is_plain(items) for key, _priority, items in data) else None


def _items(callback: Any, hooks: Any, name: str) -> Optional[List[Any]]:
    function, own = callback.func, {hooks.Contexts.PLUGINS.name, hooks.Contexts.app(name).name}
    where = (getattr(function, "__module__", ""), getattr(function, "__qualname__", ""))
    is_known = where == (type(hooks.Filters.CONFIG_DEFAULTS).__module__, ADDS_ITEMS) and set(callback.contexts) == own
    return list(function([])) if is_known else None


def _is_plain(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(_is_plain(item) for item in value)
    if type(value) in (dict,):
        return all(_is_plain(item) for pair in value.items() for item in pair)
    return type(value) in PLAIN and not (type(value) in (float,) and not math.isfinite(value))  # no literal is infinite


def _state(modules: Iterable[str]) -> State:
    """What the modules hold, and what else a plugin could change for all."""
    variables = getattr(os.environ, ENVIRONMENT, None)
    of_all = [item for items in (sys.path, sys.meta_path, sys.path_hooks, variables) for item in _inside(items)]
    return {"": ({}, of_all), **{name: _attributes(name) for name in modules if name in sys.modules}}


def _attributes(name: str) -> Tuple[Dict[Any, Any], List[Any]]:
    found = dict(getattr(sys.modules.get(name), "__dict__", {}))
    is_rendering = any(_is_below(name, package) for package in RENDERING)
    return found, [item for value in found.values() for item in _inside(value)] if is_rendering else []


def _inside(value: Any) -> List[Any]:
    """The items of a list, mapping or class."""
    if issubclass(type(value), type):
        value = dict(vars(value))
    return [*value, *value.values()] if type(value) in (dict,) else list(value) if type(value) in (list, set) else []


def _is_same(state: State) -> bool:
    """Whether all is as it was, but for modules that became known as parts of others."""
    now = _state(state)
    for name, (attributes, inside) in state.items():
        found, found_inside = now.get(name, ({}, []))
        new = [value for key, value in found.items() if attributes.get(key, state) is not value]
        if not all(issubclass(type(value), ModuleType) for value in new) or not found.keys() >= attributes.keys():
            return False
        if len(inside) != len(found_inside) or any(a is not b for a, b in zip(inside, found_inside)):
            return False
    return True


def _origins(name: str) -> Set[str]:
    """The modules that what a module holds comes from."""
    found = set()
    for value in list(getattr(sys.modules.get(name), "__dict__", {}).values()):
        kind = type(value)  # nothing is asked of the value itself: it may be one that is not there yet
        if issubclass(kind, ModuleType):
            found.add(str(vars(value).get("__name__")))
        else:
            found.add(str(value.__module__ if kind is FunctionType or issubclass(kind, type) else kind.__module__))
    return found


def _is_below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")
