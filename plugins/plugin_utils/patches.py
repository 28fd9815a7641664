# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders patches on the controller: the engine's renderer with results of the info modules, without the plugins' Python and templates."""

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
from .results import REVEAL, OnlyOnHost, is_masked, masked_patch_error


class UnusableSetting(LecternError):
    """A template needs the value of a setting that the controller lacks. The message completes "The setting … in …"."""


class Unusable:
    """Stands for a value that is missing here. It is a defined text; any other use of it raises UnusableSetting."""

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
EXISTS_ON_HOST = "holds %s, which exists only on the host: have lectern.tutor.config_info render the patch there (option patches)"


def replace_unusable(key: str, value: Any) -> Any:
    """Return a setting's value with a stand-in for each masked text in it, and for what exists only on the host."""
    if isinstance(value, OnlyOnHost):
        return Unusable(key, EXISTS_ON_HOST % value.kind)
    if isinstance(value, Mapping) and not any(map(is_masked, value)):
        return {name: replace_unusable(key, item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(replace_unusable(key, item) for item in value)
    return Unusable(key, MASKED) if is_masked(value) else value


def _unusable(key: str, where: str, reason: str) -> LecternError:
    return LecternError(f"The setting '{key}' in {where} {reason}.")


def contributions_of(
    plugins: list[dict[str, Any]], order: dict[str, list[str]], variables: dict[str, Any], version: str | None
) -> Contributions:
    """Return the patches of ``plugins``, in the ``order`` that ``plugin_info`` reports, with what templates can use on the controller:
    ``variables``, and the filters and functions that are the same everywhere. ``version`` is Tutor's, if known.

    Raises LecternError for patches that are not texts.
    """
    patches = [patch for _place, patch in sorted(_patches_by_place(plugins, order), key=lambda placed: placed[0])]
    all_variables: dict[str, Any] = dict(globals_for(version))
    if version:
        all_variables["TUTOR_VERSION"] = version
    all_variables.update(variables)
    return Contributions(patches=patches, filters=filters_for(version), variables=all_variables)


def _patches_by_place(plugins: list[dict[str, Any]], order: dict[str, list[str]]) -> Iterator[tuple[float, Patch]]:
    """Yield each text with its place among those of the same name; texts of unknown place come last."""
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
    """Renders patches with the settings ``config``, stand-ins in place of values that can't be used here.

    ``version`` is Tutor's, if known. ``rendered_on_host(name, separator, suffix)`` returns a patch that the host rendered, or None;
    ``masked`` are the names of patches that contain a masked secret. The texts come from another machine, so they are rendered in Jinja's
    sandbox.
    """

    def __init__(
        self,
        contributions: Contributions,
        config: dict[str, Any],
        version: str | None = None,
        rendered_on_host: Callable[[str, str, str], str | None] = lambda *_patch: None,
        masked: Collection[str] = (),
    ) -> None:
        self._rendered_on_host, self._masked = rendered_on_host, masked
        self.unusable = {key: EXISTS_ON_HOST % value.kind for key, value in config.items() if isinstance(value, OnlyOnHost)}
        self.unusable.update((key, MASKED) for key, value in config.items() if is_masked(value))
        self.settings = {key: replace_unusable(key, value) for key, value in config.items()}
        super().__init__(contributions, release_of(version or NEWEST), user_id=0)
        variables = dict(self._globals(0), **contributions.variables)
        if "HOST_USER_ID" not in contributions.variables:  # the host's, which its result does not have
            del variables["HOST_USER_ID"]
        # The controller has no templates.
        filters = {name: function for name, function in self._filters().items() if name != "walk_templates"}
        self.jinja = environment([], filters, variables, sandboxed)

    def render_patch(self, name: str, settings: dict[str, Any], separator: str = "\n", suffix: str = "") -> str:
        """Return a patch as the engine does; one that the host rendered is returned as it is."""
        text = self._rendered_on_host(name, separator, suffix)
        if text is None and name in self._masked:
            raise masked_patch_error(name)
        return super().render_patch(name, settings, separator, suffix) if text is None else text

    def render_text(self, text: str, where: str, settings: dict[str, Any]) -> str:
        """Render a text as the engine does. Errors also name masked settings, and filters and functions that exist only on the host."""
        try:
            return super().render_text(text, where, settings)
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
        """Return the unusable setting behind a TypeError, which Python raises where only a real text will do, as in JSON."""
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
