# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a v1 plugin finds that asks the running ``tutor`` command for its root, or ``tutor.config`` for the settings."""

from __future__ import annotations

import contextlib
import importlib
from copy import deepcopy
from typing import Any, Dict, Iterator

from . import hook_api, witness
from .places import Places


@contextlib.contextmanager
def loading(places: Places) -> Iterator[None]:
    """Plugins load in the context of ``tutor``, which has the root; from then on this process is in that of a command below it, as
    upstream renders."""
    click = importlib.import_module("click")
    context = importlib.import_module("tutor.commands.context").Context
    with click.Context(click.Command("tutor"), info_name="tutor", obj=context(places.root)) as above:
        above.params["root"] = places.root
        yield
    click.Context(click.Command("save"), info_name="save", parent=above).__enter__()


def settings_given(hooks: Any, user: Dict[str, Any]) -> None:
    """Plugins that ask while they load find the settings of this call, not those that the last one left in config.yml."""
    config: Any = importlib.import_module("tutor.config")
    of_plugins = hook_api.filter_named(hooks, "CONFIG_USER")

    def get_user(_root: str) -> Dict[str, Any]:
        witness.asks_settings()
        found = deepcopy(user)
        config.update_with_env(found)
        found.update(of_plugins.iterate() if of_plugins else [])
        return found

    _answer(get_user, config.load_full)


def settings_merged(full: Dict[str, Any]) -> None:
    """Plugins that ask from now on find these."""

    def get(_root: str) -> Dict[str, Any]:
        witness.asks_settings()
        return deepcopy(full)

    _answer(get, get)


def _answer(get_user: Any, load: Any) -> None:
    """There need not be a config.yml yet: upstream's ``load`` would refuse."""
    config: Any = importlib.import_module("tutor.config")
    config.get_user, config.load_full, config.load = get_user, load, load
