# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types that core's templates expect of its settings: those of their defaults in the installed release."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Tuple

from ..base import masking
from ..base.errors import LecternError, quoted
from ..plugins.contributions import CORE, Setting

# Texts that may stand for a truth value. Templates take any other text for true as well, even "false".
TRUE = ("true", "yes", "on", "1")

KINDS = ((bool, "a truth value"), (str, "a text"), ((int, float), "a number"), ((list, tuple), "a list"), (dict, "a mapping"))

EXPECTED = {bool: "true or false", int: "a number", str: "a text", list: "a list", dict: "a mapping"}


def kind_of(value: Any) -> str:
    """Say what type a value has."""
    return "empty" if value is None else next((words for types, words in KINDS if isinstance(value, types)), "a %s" % type(value).__name__)


def describe_setting(key: str, value: Any) -> str:
    """Return ``KEY is VALUE, a text``, with a secret masked."""
    shown = masking.MASK if masking.is_secret(key) and value else quoted(value)
    return "%s is empty" % key if value is None else "%s is %s, %s" % (key, shown, kind_of(value))


def refuse_wrong(full: Dict[str, Any], of_core: List[Setting], origin: Mapping[str, Tuple[str, str]]) -> None:
    """Raise LecternError for an effective setting of core that its templates can't work with, or would misread.

    ``of_core`` are base settings and defaults, ``origin`` is layer and owner of each setting. Values that plugins set are only refused
    where templates can't work with them: upstream takes them as they are.
    """
    for item in of_core:
        value = full.get(item.key)
        layer, owner = origin.get(item.key, ("user", CORE))
        of_user = layer == "user" or owner == CORE
        strictly = of_user and "TUTOR_" + item.key not in os.environ  # a variable is read as YAML, whatever type results
        if item.owner != CORE or item.key not in full or fits(item.value, value, strictly):
            continue
        whose = "" if of_user else " of plugin '%s'" % owner
        advice = ", which templates take for true" if isinstance(item.value, bool) and isinstance(value, str) else ""
        raise LecternError(
            "The setting %s%s: Tutor expects %s, such as its default %s."
            % (describe_setting(item.key + whose, value), advice, EXPECTED[type(item.value)], quoted(item.value))
        )


def fits(default: Any, value: Any, strictly: bool) -> bool:
    """Whether a value is of the type of core's default; ``strictly`` also refuses values that templates would render to nonsense."""
    if isinstance(default, (list, dict)):
        if isinstance(value, (str, tuple, list, dict)) and not value:
            return True
        return isinstance(value, (list, tuple) if isinstance(default, list) else dict) and not (
            isinstance(default, list) and any(item is None or isinstance(item, (list, tuple, dict)) for item in value)
        )
    if not strictly or type(default) not in EXPECTED:
        return True
    if isinstance(value, (list, tuple, dict)):
        return False
    if isinstance(default, bool):
        return value in (0, 1, "", None) or str(value).strip().lower() in TRUE
    if isinstance(default, str) and (not default or default.startswith("{")):  # the type of a template is unknown
        return True
    return value is not None and not isinstance(value, bool)
