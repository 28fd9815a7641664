# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where settings come from: their layer and owner, which were generated, and which are secret."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ..base import masking
from ..base.errors import LecternError
from ..base.releases import Release
from ..plugins.contributions import CORE, Contributions, Setting
from ..plugins.template_filters import generates_secret
from .renderer import Renderer


class Origin(NamedTuple):
    """Where a setting's value comes from."""

    layer: str  # user, overrides, unique, base or defaults
    owner: str


def find_origins(renderer: Renderer, saved: Dict[str, Any], full: Dict[str, Any]) -> Dict[str, Origin]:
    """Return where each effective value comes from.

    What config.yml holds is the user's, unless a contribution makes the same of it.
    """
    contributions, release = renderer.contributions, renderer.release
    origin = {item.key: Origin("defaults", item.owner) for item in contributions.defaults}
    contributed = {}
    for layer, item in saved_layers(contributions, release):
        origin[item.key], contributed[item.key] = Origin(layer, item.owner), item
    for key in full:
        owner = origin.get(key, Origin("user", CORE)).owner
        is_users = key in saved and not (key in contributed and _may_have_made(renderer, full, contributed[key], saved[key]))
        if is_users or key not in origin or "TUTOR_" + key in os.environ:
            origin[key] = Origin("user", owner)
    return {key: origin[key] for key in full}


def saved_layers(contributions: Contributions, release: Release) -> List[Tuple[str, Setting]]:
    """Return (layer, setting) of what core and plugins have saved in config.yml, the weakest layer first."""
    required = [item for item in contributions.defaults if item.key in release.required]
    layers = (("base", required + contributions.base), ("unique", contributions.unique), ("overrides", contributions.overrides))
    return [(layer, item) for layer, items in layers for item in items]


def _may_have_made(renderer: Renderer, full: Dict[str, Any], item: Setting, value: Any) -> bool:
    """Whether a contributed setting may have made this value."""
    return generates_secret(item.value) or renderer.render_setting(item.key, item.value, full) == value


Generated = Dict[str, Optional[str]]  # by key: the plugin, or core, that generates the setting; None for the operator's own


def generated_settings(before: Generated, requested: Dict[str, Any], contributions: Contributions, release: Release) -> Generated:
    """Return the settings that were generated, by this call or an earlier one.

    ``before`` are those of earlier calls: what a plugin generated stays secret when the plugin is disabled.
    """
    kept = {key: owner for key, owner in before.items() if key not in requested}
    own = {key: before.get(key) for key, value in requested.items() if generates_secret(value)}
    contributed = {item.key: item.owner for _layer, item in saved_layers(contributions, release) if generates_secret(item.value)}
    return {**kept, **own, **contributed}


def refuse_lost(user: Dict[str, Any], unset: Iterable[str], generated: Generated) -> None:
    """Raise LecternError for dropping a secret that core or a plugin generated. Operators may drop their own."""
    for key in unset:
        if key in user and generated.get(key):
            raise LecternError(
                "%s is a secret that was generated once: dropping it would make a new one and lock the platform out of its data. "
                "Give it another value in the settings instead." % key
            )


def find_secrets(
    renderer: Renderer, user: Dict[str, Any], full: Dict[str, Any], origin: Dict[str, Origin], generated: Generated
) -> Tuple[List[str], List[str]]:
    """Return the keys whose values are secret, and the texts to mask: from the user, generated, or made of generated ones."""
    contributions = renderer.contributions
    templates = {item.key: item.value for item in contributions.defaults + contributions.base + contributions.unique}
    keys = [key for key in full if key in generated or masking.is_secret(key) or generates_secret(templates.get(key))]
    private = [key for key in keys if origin[key].layer in ("user", "base") or key in generated or generates_secret(templates.get(key))]
    texts = [text for key in private for value in (full[key], user.get(key)) for text in masking.setting_texts(key, value)]
    # The secrets of a published package are public, but an operator's own plugin is not published. Masking words would hide too much.
    texts += [text for key in keys for text in masking.texts_in(full[key]) if masking.is_no_word(text)]
    texts += masking.secret_texts({key: value for key, value in full.items() if origin[key].layer == "user"})
    texts += masking.login_texts([full, user], texts)
    return keys, sorted({*texts, *masking.texts_in(sorted(renderer.made_secrets))})
