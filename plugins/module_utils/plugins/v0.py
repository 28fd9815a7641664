# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The v0 plugin API: a module, or the mapping in a YAML file, with ``config``, ``patches``, ``templates`` and ``hooks``.

The rules are those of upstream's plugins/v0.py (15 and newer) and plugins.py (before). Nothing of Tutor is imported.
"""

from __future__ import annotations

import datetime
import importlib
import os
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..base import masking, serialize
from ..base.errors import LecternError, quoted
from ..base.isolation import calling
from ..base.places import is_absolute, is_literal
from .contributions import ImageItem, Patch, Setting, Target
from .discover import CONTROLS, Plugin

SECTIONS = {"add": "unique", "defaults": "defaults", "set": "overrides"}

PLAIN = (str, int, float, bool, type(None), datetime.date, list, tuple, dict)

TASKS = ("pre-init", "init")

IMAGES = ("build-image", "remote-image")


class Definition(NamedTuple):
    """What a v0 plugin declares, checked: ``config`` by layer with full key names."""

    config: Dict[str, List[Setting]]
    patches: List[Patch]
    hooks: Dict[str, Any]
    templates: Optional[str]


def load_definition(plugin: Plugin) -> Definition:
    """Import a v0 plugin and check all it declares.

    Raises LecternError with the plugin, the attribute and the value where it can't be imported or a value has the wrong type.
    """
    attributes = _read_attributes(plugin)
    return Definition(
        _config(plugin, attributes["config"]),
        _patches(plugin, attributes["patches"]),
        _hooks(plugin, attributes["hooks"]),
        _templates(plugin, attributes["templates"]),
    )


def _read_attributes(plugin: Plugin) -> Dict[str, Any]:
    holder: Any = plugin.data if plugin.data is not None else vars(_import_plugin(plugin))
    values = {name: holder.get(name) for name in ("config", "patches", "hooks", "templates")}
    for name, value in values.items():
        if callable(value):
            with calling("%s of %s failed" % (name, plugin)):
                values[name] = value()
    return values


def _import_plugin(plugin: Plugin) -> Any:
    with calling("Can't import %s" % plugin, plugin.value.partition(":")[0].split(".", 1)[0]):
        return import_entry_point(plugin.value)


def import_entry_point(value: str) -> Any:
    """Import what an entry point ``module:object [extras]`` names, and return it: a module, or something in one."""
    module, _colon, attribute = value.split("[", 1)[0].partition(":")
    target = importlib.import_module(module.strip())
    for part in filter(None, attribute.strip().split(".")):
        target = getattr(target, part)
    return target


def _type_error(plugin: Plugin, what: str, value: Any, expected: str) -> LecternError:
    shown = masking.MASK if masking.is_secret(what.rsplit(".", 1)[-1]) else quoted(value)
    return LecternError("%s of %s is a %s, %s: expected %s." % (what, plugin, type(value).__name__, shown, expected))


def _mapping(plugin: Plugin, what: str, value: Any) -> Dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _type_error(plugin, what, value, "a mapping")
    for key in value:
        if not isinstance(key, str):
            raise _type_error(plugin, "The key %s in %s" % (quoted(key), what), key, "text")
        if not key or CONTROLS.search(key):
            raise _type_error(plugin, "The key %s in %s" % (quoted(key), what), key, "a name, without control characters")
    return value


def _config(plugin: Plugin, config: Any) -> Dict[str, List[Setting]]:
    layers: Dict[str, List[Setting]] = {layer: [] for layer in SECTIONS.values()}
    for section, settings in _mapping(plugin, "config", config).items():
        for key, value in _mapping(plugin, "config.%s" % section, settings).items():
            if section in SECTIONS:
                name = key if section == "set" else "%s_%s" % (plugin.name.upper(), key)
                what = "config.%s.%s" % (section, key)
                serialize.refuse_overgrown(value, "%s of %s" % (what, plugin))
                _check_plain(plugin, what, value)
                layers[SECTIONS[section]].append(Setting(name, value, plugin.name))
    return layers


def _check_plain(plugin: Plugin, what: str, value: Any) -> None:
    if not isinstance(value, PLAIN):
        raise _type_error(plugin, what, value, "text, a number, a truth value, a date, a list or a mapping")
    for item in value if isinstance(value, (list, tuple)) else value.values() if isinstance(value, dict) else []:
        _check_plain(plugin, what, item)


def _patches(plugin: Plugin, patches: Any) -> List[Patch]:
    for name, text in _mapping(plugin, "patches", patches).items():
        if not isinstance(text, str):
            raise _type_error(plugin, "patches.%s" % name, text, "text")
    return [Patch(name, text, plugin.name) for name, text in (patches or {}).items()]


def _hooks(plugin: Plugin, hooks: Any) -> Dict[str, Any]:
    checked = dict(_mapping(plugin, "hooks", hooks))
    for name in TASKS:
        checked[name] = _services(plugin, "hooks.%s" % name, checked.get(name))
    for name in IMAGES:
        checked[name] = _mapping(plugin, "hooks.%s" % name, checked.get(name))
        for image, tag in checked[name].items():
            if not isinstance(tag, str) or not tag:
                raise _type_error(plugin, "hooks.%s.%s" % (name, image), tag, "an image's tag")
    return checked


def _services(plugin: Plugin, what: str, services: Any) -> List[str]:
    if not isinstance(services, (list, tuple, dict, type(None))):  # upstream takes the keys of a mapping
        raise _type_error(plugin, what, services, "a list of services")
    for service in services or []:
        if not isinstance(service, str) or service in ("", ".", "..") or "/" in service or CONTROLS.search(service):
            raise _type_error(plugin, "An item of %s" % what, service, "the name of a service")
    return list(services or [])


def _templates(plugin: Plugin, templates: Any) -> Optional[str]:
    if templates is None or templates == "":
        return None
    if not isinstance(templates, str):
        raise _type_error(plugin, "templates", templates, "the path of a folder")
    path = os.path.join(os.path.dirname(plugin.path), templates)
    if not is_absolute(path) or not is_literal(templates):
        raise _type_error(plugin, "templates", templates, "the absolute path of a folder")
    return path


def targets(name: str) -> List[Target]:
    """Return the targets of a v0 plugin's templates: only its ``apps`` and ``build``, below ``env/plugins``."""
    return [Target("%s/%s" % (name, folder), "plugins", name) for folder in ("apps", "build")]


def images(name: str, hooks: Dict[str, Any], kind: str, remote_prefix: str = "") -> List[ImageItem]:
    """Return the images of one kind (build, pull, push) that a v0 plugin's hooks name."""
    if kind == "build":
        return [ImageItem(image, tag, name, "plugins/%s/build/%s" % (name, image)) for image, tag in hooks["build-image"].items()]
    return [ImageItem(image, remote_prefix + tag, name) for image, tag in hooks["remote-image"].items()]


def read_scripts(plugin: Plugin, hook: str, services: List[str], roots: List[str]) -> List[Tuple[str, str]]:
    """Return (service, script template) of a v0 plugin's ``pre-init`` or ``init`` hook.

    Raises LecternError for a template ``NAME/hooks/SERVICE/HOOK`` that no template root holds.
    """
    scripts = []
    for service in services:
        name = "%s/hooks/%s/%s" % (plugin.name, service, hook)
        paths = [path for path in (os.path.join(root, name) for root in roots) if os.path.isfile(path)]
        if not paths:
            raise LecternError(
                "Hook '%s' of %s names the service '%s', but there is no template '%s' in: %s."
                % (hook, plugin, service, name, ", ".join(roots) or "no templates folder")
            )
        scripts.append((service, serialize.read(paths[0])))
    return scripts
