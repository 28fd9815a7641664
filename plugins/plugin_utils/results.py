# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the results of the info modules for the lookups on the controller."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..module_utils.base.errors import LecternError
from ..module_utils.base.masking import MASK
from ..module_utils.base.plain import untyped
from ..module_utils.render.renderer import join_texts

# The engine's mask, and the text with which Ansible replaces values of options with no_log.
MASKS = (MASK, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
REVEAL = "register lectern.tutor.config_info with 'reveal: true' and 'no_log: true'"


def to_plain_data(value: Any) -> Any:
    """Return Ansible's tagged, unsafe, lazy and vaulted values as plain Python data."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {to_plain_data(key): to_plain_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain_data(item) for item in value]
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    return str(value)


def plugins_of(result: Any) -> list[dict[str, Any]]:
    """Return the enabled plugins of a result of ``plugin_info``, or of its list ``plugins``, sorted by name.

    Raises LecternError for anything else, and for an enabled plugin that could not be loaded.
    """
    plugins = _result_or_part(result, "plugins", "plugin_info")
    if isinstance(plugins, (str, Mapping)) or not isinstance(plugins, Sequence):
        raise _wrong_type(plugins, "plugins", "a list", "plugin_info")
    for plugin in plugins:
        if not isinstance(plugin, Mapping) or not isinstance(plugin.get("name"), str):
            raise _wrong_type(plugin, "plugins", "a list of plugins, each with a name", "plugin_info")
        if not isinstance(plugin.get("patches") or {}, Mapping):
            raise _wrong_type(plugin["patches"], "plugins", "a list of plugins, each with a dict of patches", "plugin_info")
    enabled = [dict(plugin) for plugin in plugins if plugin.get("enabled", True)]
    for plugin in enabled:
        if plugin.get("error"):
            raise LecternError(f"The enabled plugin '{plugin['name']}' is broken: {plugin['error']}")
    return sorted(enabled, key=lambda plugin: str(plugin["name"]))


def order_of(result: Any) -> dict[str, list[str]]:
    """Return by patch the plugins that add its texts, in Tutor's order; empty without a whole result of ``plugin_info``."""
    return _other_result(result, "plugins", "patch_order")


def settings_of(result: Any) -> dict[str, Any]:
    """Return the settings of a result of ``config_info``, or of its dict ``config``.

    Raises LecternError for anything else.
    """
    settings = _result_or_part(result, "config", "config_info")
    if not isinstance(settings, Mapping):
        raise _wrong_type(settings, "config", "a dict of settings", "config_info")
    return dict(settings)


class OnlyOnHost(NamedTuple):
    """Stands for the value of a setting that can't leave the host; ``kind`` says what it is."""

    kind: str


def exact_settings_of(result: Any) -> dict[str, Any]:
    """Return the settings with the types that JSON lacks (tuples, dates …), where a whole result of ``config_info`` has them.

    Raises LecternError as ``settings_of`` does.
    """
    return {**settings_of(result), **{key: _exact_value(data) for key, data in _other_result(result, "config", "typed").items()}}


def _exact_value(data: Any) -> Any:
    try:
        return untyped(data)
    except LecternError as error:
        return OnlyOnHost(str(error))
    except (LookupError, TypeError, ValueError):
        raise _wrong_type(data, "config", "what config_info returned", "config_info") from None


def masked_patches_of(plugins: list[dict[str, Any]]) -> set[str]:
    """Return the names of the patches of these plugins in which ``plugin_info`` masked a secret."""
    return {name for plugin in plugins for name in plugin.get("masked_patches") or ()}


def masked_patch_error(name: str) -> LecternError:
    """Return the error for a patch that contains a masked secret."""
    return LecternError(f"The patch '{name}' holds secrets that are masked: to use it, {REVEAL}, and with 'patches: [all]'.")


def rendered_patch(result: Any, name: str, separator: str, suffix: str) -> str | None:
    """Return a patch that ``config_info`` rendered on the host; None where its result has it not, or only with another separator.

    Raises LecternError where it could not be rendered there, and where secrets in it are masked.
    """
    errors = _other_result(result, "config", "patch_errors")
    if name in errors:
        raise LecternError(str(errors[name]))
    texts, whole = _other_result(result, "config", "patch_texts"), _other_result(result, "config", "patches")
    if name not in texts and (name not in whole or separator != "\n"):
        return None
    parts = texts[name] if name in texts else [whole[name]]
    if not isinstance(parts, list) or not all(isinstance(text, str) for text in parts):
        raise _wrong_type(parts, "config", "a result with texts of patches", "config_info")
    masked = result.get("masked_patches")
    if name in masked if isinstance(masked, list) else is_masked(parts):
        raise masked_patch_error(name)
    return join_texts(parts, separator, suffix)


def version_of(result: Any) -> str | None:
    """Return Tutor's version from a whole result of ``config_info``, else None."""
    release = result.get("release") if isinstance(result, Mapping) and "config" in result else None
    return release if isinstance(release, str) else None


def variables_of(result: Any) -> dict[str, Any]:
    """Return the template variables beside the settings from a whole result of ``config_info``, without masked ones."""
    return {name: value for name, value in _other_result(result, "config", "variables").items() if not is_masked(value)}


def _other_result(result: Any, main: str, name: str) -> dict[str, Any]:
    """Return the dict ``name`` of a whole result, which has ``main`` too; empty where there is none."""
    value = result.get(name) if isinstance(result, Mapping) and main in result else None
    return dict(value) if isinstance(value, Mapping) else {}


def find_setting(config: Mapping[str, Any], key: str) -> Any:
    """Return the value of one setting.

    Raises LecternError for an unknown name and for a masked value.
    """
    if key not in config:
        raise LecternError(unknown_setting(config, key))
    if is_masked(config[key]):
        raise LecternError(f"The setting '{key}' is masked: to use it, {REVEAL}.")
    return config[key]


def unknown_setting(config: Mapping[str, Any], key: str) -> str:
    """Return a sentence about an unknown setting, with similar names."""
    close = difflib.get_close_matches(str(key), [str(name) for name in config])
    hint = f"did you mean {' or '.join(close)}?" if close else "no name comes close."
    return f"The setting '{key}' is undefined: {hint} Was lectern.tutor.config_info limited by 'keys'?"


def is_masked(value: Any) -> bool:
    """Return whether a value contains a mask, at any depth."""
    if isinstance(value, Mapping):
        return any(is_masked(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(is_masked(item) for item in value)
    if isinstance(value, bytes):
        return is_masked(value.decode("latin-1"))
    return isinstance(value, str) and any(mask in value for mask in MASKS)


def _result_or_part(result: Any, name: str, module: str) -> Any:
    if not isinstance(result, Mapping) or name not in result:
        # The result of a module that was skipped or failed has none of its own keys.
        if isinstance(result, Mapping) and (result.get("skipped") or result.get("failed")):
            raise LecternError(f"lectern.tutor.{module} was skipped or failed: its result holds no '{name}'.")
        return result
    return result[name]


def _wrong_type(value: Any, option: str, wanted: str, module: str) -> LecternError:
    return LecternError(
        f"'{option}' is {wanted}, not {type(value).__name__}: pass what lectern.tutor.{module} returned, or register it as tutor_{module}."
    )
