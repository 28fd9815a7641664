# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the info modules returned, as the lookups read it on the controller."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..module_utils.base.errors import LecternError
from ..module_utils.base.masking import MASK
from ..module_utils.base.plain import untyped
from ..module_utils.render.renderer import joined

# The engine's mask, and what Ansible puts in place of a value that is registered as not to be logged.
MASKS = (MASK, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
REVEAL = "register lectern.tutor.config_info with 'reveal: true' and 'no_log: true'"


def native(value: Any) -> Any:
    """Ansible's tagged, unsafe, lazy and vaulted values as plain Python data."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {native(key): native(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [native(item) for item in value]
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    return str(value)


def plugins_of(result: Any) -> list[dict[str, Any]]:
    """The enabled plugins of a result of ``plugin_info`` or of its list ``plugins``, in Tutor's order.

    Raises LecternError when it is neither, and when an enabled plugin could not be loaded.
    """
    found = _content(result, "plugins", "plugin_info")
    if isinstance(found, (str, Mapping)) or not isinstance(found, Sequence):
        raise _wrong(found, "plugins", "a list", "plugin_info")
    for plugin in found:
        if not isinstance(plugin, Mapping) or not isinstance(plugin.get("name"), str):
            raise _wrong(plugin, "plugins", "a list of plugins, each with a name", "plugin_info")
        if not isinstance(plugin.get("patches") or {}, Mapping):
            raise _wrong(plugin["patches"], "plugins", "a list of plugins, each with a dict of patches", "plugin_info")
    enabled = [dict(plugin) for plugin in found if plugin.get("enabled", True)]
    for plugin in enabled:
        if plugin.get("error"):
            raise LecternError(f"The enabled plugin '{plugin['name']}' is broken: {plugin['error']}")
    return sorted(enabled, key=lambda plugin: str(plugin["name"]))


def order_of(result: Any) -> dict[str, list[str]]:
    """The plugins of each patch, one for each text, in Tutor's order, where a result of ``plugin_info`` tells it."""
    return _beside(result, "plugins", "patch_order")


def settings_of(result: Any) -> dict[str, Any]:
    """The settings of a result of ``config_info``, or of its dict ``config``.

    Raises LecternError when it is neither.
    """
    found = _content(result, "config", "config_info")
    if not isinstance(found, Mapping):
        raise _wrong(found, "config", "a dict of settings", "config_info")
    return dict(found)


class OnlyOnHost(NamedTuple):
    """Stands for a setting's value that can't leave the host; ``kind`` says what it is."""

    kind: str


def exact_settings_of(result: Any) -> dict[str, Any]:
    """The same with what JSON lacks (tuples, dates …) as Tutor has it, where a result of ``config_info`` tells it.

    Raises LecternError as ``settings_of`` does.
    """
    return {**settings_of(result), **{key: _exact(data) for key, data in _beside(result, "config", "typed").items()}}


def _exact(data: Any) -> Any:
    try:
        return untyped(data)
    except LecternError as error:
        return OnlyOnHost(str(error))
    except (LookupError, TypeError, ValueError):
        raise _wrong(data, "config", "what config_info returned", "config_info") from None


def masked_patches_of(plugins: list[dict[str, Any]]) -> set[str]:
    """The names of the patches in which ``plugin_info`` masked something, of these plugins."""
    return {name for plugin in plugins for name in plugin.get("masked_patches") or ()}


def masked_patch(name: str) -> LecternError:
    """The error of a patch in which something is masked."""
    return LecternError(f"The patch '{name}' holds secrets that are masked: to use it, {REVEAL}, and with 'patches: [all]'.")


def rendered_patch(result: Any, name: str, separator: str, suffix: str) -> str | None:
    """What ``config_info`` rendered of a patch on the host; None where its result does not hold it, or only with another separator.

    Raises LecternError when it could not be rendered there, and when secrets in it are masked.
    """
    errors = _beside(result, "config", "patch_errors")
    if name in errors:
        raise LecternError(str(errors[name]))
    texts, whole = _beside(result, "config", "patch_texts"), _beside(result, "config", "patches")
    if name not in texts and (name not in whole or separator != "\n"):
        return None
    found = texts[name] if name in texts else [whole[name]]
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise _wrong(found, "config", "a result with texts of patches", "config_info")
    masked = result.get("masked_patches")
    if name in masked if isinstance(masked, list) else is_masked(found):
        raise masked_patch(name)
    return joined(found, separator, suffix)


def version_of(result: Any) -> str | None:
    """Tutor's version, where a result of ``config_info`` tells it."""
    release = result.get("release") if isinstance(result, Mapping) and "config" in result else None
    return release if isinstance(release, str) else None


def variables_of(result: Any) -> dict[str, Any]:
    """The template variables that are no settings, where a result of ``config_info`` tells them; none that is masked."""
    return {name: value for name, value in _beside(result, "config", "variables").items() if not is_masked(value)}


def _beside(result: Any, noun: str, name: str) -> dict[str, Any]:
    found = result.get(name) if isinstance(result, Mapping) and noun in result else None
    return dict(found) if isinstance(found, Mapping) else {}


def setting(config: Mapping[str, Any], key: str) -> Any:
    """One setting's value.

    Raises LecternError when there is none of that name, and when its value is masked.
    """
    if key not in config:
        raise LecternError(unknown_setting(config, key))
    if is_masked(config[key]):
        raise LecternError(f"The setting '{key}' is masked: to use it, {REVEAL}.")
    return config[key]


def unknown_setting(config: Mapping[str, Any], key: str) -> str:
    """A sentence about a setting that is not there, with the names that come close."""
    close = difflib.get_close_matches(str(key), [str(name) for name in config])
    hint = f"did you mean {' or '.join(close)}?" if close else "no name comes close."
    return f"The setting '{key}' is undefined: {hint} Was lectern.tutor.config_info limited by 'keys'?"


def is_masked(value: Any) -> bool:
    """Whether a mask stands in a value, at any depth."""
    if isinstance(value, Mapping):
        return any(is_masked(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(is_masked(item) for item in value)
    if isinstance(value, bytes):
        return is_masked(value.decode("latin-1"))
    return isinstance(value, str) and any(mask in value for mask in MASKS)


def _content(result: Any, name: str, module: str) -> Any:
    if not isinstance(result, Mapping) or name not in result:
        # The result of a module that did nothing has none of its own nouns.
        if isinstance(result, Mapping) and (result.get("skipped") or result.get("failed")):
            raise LecternError(f"lectern.tutor.{module} was skipped or failed: its result holds no '{name}'.")
        return result
    return result[name]


def _wrong(value: Any, option: str, wanted: str, module: str) -> LecternError:
    return LecternError(
        f"'{option}' is {wanted}, not {type(value).__name__}: pass what lectern.tutor.{module} returned, or register it as tutor_{module}."
    )
