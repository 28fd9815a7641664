# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives v1 plugins the running ``tutor`` command and the settings that they expect to find."""

from __future__ import annotations

import contextlib
import importlib
import os
from copy import deepcopy
from typing import Any, Callable, Dict, Iterator, Optional

from ..base.places import Places
from . import v1_compat

# The functions that are replaced in ``tutor.config``, and the place that each takes.
ANSWERED = {"get_user": "root", "load": "root", "load_full": "root", "get_yaml_file": "config", "save_config_file": "root"}


@contextlib.contextmanager
def in_command_context(places: Places) -> Iterator[None]:
    """Run the block, which loads plugins, in the context of the command ``tutor``, which has the root.

    After that the process is in the context of a command below it, as when upstream renders.
    """
    click = importlib.import_module("click")
    context = importlib.import_module("tutor.commands.context").Context
    with click.Context(click.Command("tutor"), info_name="tutor", obj=context(places.root)) as above:
        above.params["root"] = places.root
        yield
    click.Context(click.Command("save"), info_name="save", parent=above).__enter__()


class KnownSettings:
    """The settings that plugins find: ``saved`` is what config.yml holds once this call has saved it, ``full`` are all effective ones.

    ``full`` is None while Tutor's own functions have to merge them.
    """

    saved: Dict[str, Any] = {}
    full: Optional[Dict[str, Any]] = None


def answer_with_settings_of_call(hooks: Any, places: Places, user: Dict[str, Any]) -> None:
    """Have ``tutor.config`` answer from the settings of this call, not from what the last one left in config.yml.

    Plugins import its functions by name, so the functions stay the same from here on and only ``KnownSettings`` changes.
    """
    KnownSettings.saved, KnownSettings.full = user, None
    config: Any = importlib.import_module("tutor.config")
    of_tutor = {name: getattr(getattr(config, name), "of_tutor", getattr(config, name)) for name in ANSWERED}
    of_plugins = v1_compat.filter_named(hooks, "CONFIG_USER")

    def get_user(_root: str) -> Dict[str, Any]:
        settings = deepcopy(KnownSettings.saved)
        config.update_with_env(settings)
        settings.update(of_plugins.iterate() if of_plugins else [])
        return settings

    def load_full(root: str) -> Any:
        return of_tutor["load_full"](root) if KnownSettings.full is None else deepcopy(KnownSettings.full)

    def save_config_file(root: str, content: Dict[str, Any]) -> None:
        of_tutor["save_config_file"](root, content)
        KnownSettings.saved, KnownSettings.full = deepcopy(content), None

    answers: Dict[str, Callable[..., Any]] = {
        "get_user": get_user,
        "load_full": load_full,
        "load": load_full,  # Tutor's own refuses where there is no config.yml yet
        "get_yaml_file": lambda _path: deepcopy(KnownSettings.saved),
        "save_config_file": save_config_file,
    }
    for name, answer in answers.items():
        setattr(config, name, _answering_for(getattr(places, ANSWERED[name]), answer, of_tutor[name]))


def update_known_settings(saved: Dict[str, Any], full: Optional[Dict[str, Any]]) -> None:
    """Have ``tutor.config`` answer as if ``saved`` were in config.yml, sorted as it will be there.

    ``full`` are all effective settings; without them, Tutor merges them whenever a plugin asks.
    """
    KnownSettings.saved, KnownSettings.full = dict(sorted(saved.items())), full


def _answering_for(own: str, answer: Callable[..., Any], of_tutor: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of ``tutor.config`` that answers for the path ``own``, and calls Tutor's own for any other."""

    def function(path: Any, *args: Any, **kwargs: Any) -> Any:
        if os.path.abspath(os.fspath(path)) != own:
            return of_tutor(path, *args, **kwargs)
        return answer(path, *args, **kwargs)

    setattr(function, "of_tutor", of_tutor)  # noqa: B010
    return function
