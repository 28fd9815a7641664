# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where settings come from: which layer, which were made of randomness, and which are secret for it or by their names."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ..base import masking
from ..base.errors import LecternError
from ..base.releases import Release
from ..plugins.contributions import CORE, Contributions, Setting
from .renderer import Renderer


class Origin(NamedTuple):
    """Where a setting's value comes from."""

    layer: str  # user, overrides, unique, base or defaults
    owner: str


def origins(renderer: Renderer, saved: Dict[str, Any], found: Contributions, release: Release) -> Dict[str, Origin]:
    """Where each effective value comes from. What config.yml holds is the user's, unless a contribution makes the same."""
    origin = {item.key: Origin("defaults", item.owner) for item in found.defaults}
    made = {}
    for layer, item in saved_layers(found, release):
        origin[item.key], made[item.key] = Origin(layer, item.owner), item
    for key in renderer.config:
        owner = origin.get(key, Origin("user", CORE)).owner
        given = key in saved and not (key in made and _is_made(renderer, made[key], saved[key]))
        if given or key not in origin or "TUTOR_" + key in os.environ:
            origin[key] = Origin("user", owner)
    return {key: origin[key] for key in renderer.config}


def saved_layers(found: Contributions, release: Release) -> List[Tuple[str, Setting]]:
    """What core and plugins have saved in config.yml, the weakest layer first: (layer, setting)."""
    required = [item for item in found.defaults if item.key in release.required]
    layers = (("base", required + found.base), ("unique", found.unique), ("overrides", found.overrides))
    return [(layer, item) for layer, items in layers for item in items]


def _is_made(renderer: Renderer, item: Setting, value: Any) -> bool:
    return masking.is_random(item.value) or renderer.setting(item.key, item.value) == value


Generated = Dict[str, Optional[str]]


def generated(before: Generated, given: Dict[str, Any], found: Contributions, release: Release) -> Generated:
    """The settings that were made of randomness, with the plugin (or core) whose they are, None for the operator's own.

    ``before`` are those that an earlier call saved: what a plugin made stays secret when the plugin is disabled.
    """
    kept = {key: owner for key, owner in before.items() if key not in given}
    own = {key: before.get(key) for key, value in given.items() if masking.is_random(value)}
    return {**kept, **own, **{item.key: item.owner for _layer, item in saved_layers(found, release) if masking.is_random(item.value)}}


def refuse_lost(user: Dict[str, Any], unset: Iterable[str], made: Generated) -> None:
    """Raises LecternError for a secret that core or a plugin generated and that is to be dropped. Operators may drop their own."""
    for key in unset:
        if key in user and made.get(key):
            raise LecternError(
                "%s is a secret that was generated once: dropping it would make a new one and lock the platform out of its data. "
                "Give it another value in the settings instead." % key
            )


def secrets(
    renderer: Renderer, user: Dict[str, Any], origin: Dict[str, Origin], found: Contributions, made: Generated
) -> Tuple[List[str], List[str]]:
    """The keys whose values are secret, and the texts to mask: what the user gave, what was generated, what was made of it."""
    config = renderer.config
    templates = {item.key: item.value for item in found.defaults + found.base + found.unique}
    keys = [key for key in config if key in made or masking.is_secret(key, templates.get(key))]
    private = [key for key in keys if origin[key].layer in ("user", "base") or key in made or masking.is_random(templates.get(key))]
    texts = [text for key in private for value in (config[key], user.get(key)) for text in masking.setting_texts(key, value)]
    # What a package gives as secret is known to all, but an operator's own plugin is no package. Words would hide too much.
    texts += [text for key in keys for text in masking.texts(config[key]) if masking.is_no_word(text)]
    texts += masking.secret_texts({key: value for key, value in config.items() if origin[key].layer == "user"})
    texts += masking.login_texts([config, user], texts)
    return keys, sorted({*texts, *masking.texts(sorted(renderer.made_secrets))})
