# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's renderer on the controller: over results of the info modules, without the plugins' Python and templates."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import jinja2
import jinja2.meta
import jinja2.nodes

from ..module_utils.base.errors import LecternError
from ..module_utils.base.releases import NEWEST, release_of
from ..module_utils.plugins.contributions import Contributions, Patch
from ..module_utils.plugins.template_filters import TABLE, filters_for, globals_for
from ..module_utils.render.jinja import environment, sandboxed
from ..module_utils.render.renderer import Renderer
from .results import REVEAL, OnlyOnHost, is_masked, masked_patch


class UnusableSetting(LecternError):
    """Something needs the value of a setting that the controller doesn't have. The message completes "The setting … in …"."""


class Unusable:
    """Stands for a value that isn't here: it is a text that is defined; doing anything else with it raises UnusableSetting."""

    def __init__(self, key: str, reason: str) -> None:
        self.__dict__.update(key=key, reason=reason)

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # what isinstance() sees, and with it Jinja's tests
        return str

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
        raise UnusableSetting(self.__dict__["key"], reason=self.__dict__["reason"])

    __getattr__ = __getitem__ = __iter__ = __len__ = __contains__ = __call__ = _refuse
    __str__ = __repr__ = __format__ = __bool__ = __int__ = __float__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = _refuse


MASKED = f"is masked: to use it, {REVEAL}"
ONLY_THERE = "holds %s, which exists only on the host: have lectern.tutor.config_info render the patch there (option patches)"


def hide(key: str, value: Any) -> Any:
    """Returns a setting's value with a stand-in for each text in it that is masked, and for what exists only on the host."""
    if isinstance(value, OnlyOnHost):
        return Unusable(key, ONLY_THERE % value.kind)
    if isinstance(value, Mapping) and not any(map(is_masked, value)):
        return {name: hide(key, item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(hide(key, item) for item in value)
    return Unusable(key, MASKED) if is_masked(value) else value


def _unusable(key: str, where: str, reason: str) -> LecternError:
    return LecternError(f"The setting '{key}' in {where} {reason}.")


def contributions(
    plugins: list[dict[str, Any]], order: dict[str, list[str]], variables: dict[str, Any], version: str | None
) -> Contributions:
    """The patches of ``plugins``, as ``plugin_info`` lists them with their ``order``, and what templates can be given here: ``variables``,
    and of filters and functions those that are the same everywhere. ``version`` is Tutor's, if known.

    Raises LecternError for patches that are no texts.
    """
    patches = [patch for _place, patch in sorted(_placed(plugins, order), key=lambda placed: placed[0])]
    told = dict({"TUTOR_VERSION": version} if version else {}, **variables)
    return Contributions(patches=patches, filters=filters_for(version), variables=dict(globals_for(version), **told))


def _placed(plugins: list[dict[str, Any]], order: dict[str, list[str]]) -> Iterator[tuple[float, Patch]]:
    """Each text with its place among those of the same name; those of unknown place come last."""
    for plugin in plugins:
        for name, texts in (plugin.get("patches") or {}).items():
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                raise LecternError(
                    f"Patch '{name}' of plugin '{plugin['name']}' is {texts!r}: "
                    "expected a list of texts, as lectern.tutor.plugin_info returns it."
                )
            places = [place for place, owner in enumerate(order.get(name, [])) if owner == plugin["name"]]
            for place, text in zip(itertools.chain(places, itertools.repeat(math.inf)), texts):
                yield place, Patch(name, text, plugin["name"])


class PatchRenderer(Renderer):
    """Renders patches with ``settings``: those of ``config``, with stand-ins for what can't be used here. ``version`` is Tutor's, if known.
    ``known`` gives patches that the host rendered, by name, separator and suffix; ``masked`` names patches with masked texts.

    The texts come from another machine, so they are rendered in Jinja's sandbox.
    """

    def __init__(
        self,
        found: Contributions,
        config: dict[str, Any],
        version: str | None = None,
        known: Callable[[str, str, str], str | None] = lambda *_patch: None,
        masked: Collection[str] = (),
    ) -> None:
        self._known, self._masked = known, masked
        self.unusable = {key: ONLY_THERE % value.kind for key, value in config.items() if isinstance(value, OnlyOnHost)}
        self.unusable.update((key, MASKED) for key, value in config.items() if is_masked(value))
        self.settings = {key: hide(key, value) for key, value in config.items()}
        super().__init__(found, release_of(version or NEWEST), user_id=0)
        variables = dict(self._globals(0), **found.variables)
        if "HOST_USER_ID" not in found.variables:  # that of the host, and nobody told it
            del variables["HOST_USER_ID"]
        filters = {name: function for name, function in self._filters().items() if name != "walk_templates"}  # there are none here
        self.jinja = environment([], filters, variables, sandboxed)

    def patch(self, name: str, settings: dict[str, Any], separator: str = "\n", suffix: str = "") -> str:
        """As the engine's; what the host rendered is taken as it is."""
        text = self._known(name, separator, suffix)
        if text is None and name in self._masked:
            raise masked_patch(name)
        return super().patch(name, settings, separator, suffix) if text is None else text

    def text(self, text: str, where: str, settings: dict[str, Any]) -> str:
        """As the engine's; errors also tell masked settings, and names that exist only on the host."""
        try:
            return super().text(text, where, settings)
        except UnusableSetting as error:
            raise _unusable(str(error), where, error.details["reason"]) from None
        except LecternError as error:
            key, name = self._unusable_key(text, error.__cause__), self._only_on_host(text, error.__cause__)
            if key:
                raise _unusable(key, where, self.unusable[key]) from error
            if name:
                raise LecternError(
                    f"The {name} in {where} exists only on the host, in the Python of Tutor or of a plugin: "
                    "have lectern.tutor.config_info render the patch there (option patches)."
                ) from error
            raise

    def _unusable_key(self, text: str, cause: BaseException | None) -> str | None:
        """What Python does with texts only, such as writing JSON, takes no stand-in and raises a TypeError."""
        if not isinstance(cause, TypeError):
            return None
        return next(iter(sorted(jinja2.meta.find_undeclared_variables(self.jinja.parse(text)) & self.unusable.keys())), None)

    def _only_on_host(self, text: str, cause: BaseException | None) -> str | None:
        missing = re.match(r"No (filter|test) named '([^']+)'", str(cause))
        if missing:
            return f"template {missing[1]} '{missing[2]}'"
        if isinstance(cause, jinja2.TemplateNotFound):
            return f"template '{cause.name}'"
        undefined = re.match(r"'([^']+)' is undefined", str(cause))
        if undefined and undefined[1] in self._called(text) | {row.name for row in TABLE}:
            return f"template variable '{undefined[1]}'"
        return None

    def _called(self, text: str) -> set[str]:
        calls = self.jinja.parse(text).find_all(jinja2.nodes.Call)
        return {call.node.name for call in calls if isinstance(call.node, jinja2.nodes.Name)}
