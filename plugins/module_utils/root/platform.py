# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform of a root: its release, settings and contributions put together."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Dict, Iterable, List, NamedTuple

from ..base import files, masking, serialize
from ..base.errors import LecternError
from ..base.isolation import contained, docker_command, uncollected
from ..base.observation import unnoticed
from ..base.places import Places
from ..base.releases import Release
from ..plugins import core, discover, load
from ..plugins.contributions import Contributions
from ..render import bytecode, effects, settings, user_config
from ..render.changes import Changes
from ..render.renderer import Renderer
from ..render.settings import Settings
from . import lost_settings, manifest

ALL = "all"


class Platform(NamedTuple):
    """The platform of one root: its release, its settings, and what core and plugins contribute."""

    places: Places
    release: Release
    settings: Settings
    contributions: Contributions
    renderer: Renderer

    @property
    def config(self) -> Dict[str, Any]:
        """Return all effective settings, rendered."""
        return self.settings.full

    @property
    def secrets(self) -> List[str]:
        """Return the texts to mask, sorted, with those that crypto filters made while templates were rendered."""
        return sorted({*self.settings.secrets, *masking.texts_in(sorted(self.renderer.made_secrets))})

    def hide(self, texts: Iterable[str]) -> None:
        """Count these texts as secrets from here on."""
        self.renderer.made_secrets.update(texts)

    def render(self, text: str, where: str) -> str:
        """Render a text with all settings; ``where`` names it in errors."""
        return self.renderer.render_text(text, where, self.config)


def load_platform(places: Places) -> Platform:
    """Load the platform that config.yml describes; write nothing.

    Raises LecternError where there is no config.yml, and for anything that is wrong with plugins and settings.
    """
    refuse_missing_config(places)
    release = core.installed_release(places)
    user, known = user_config.read_user_config(places.config, release), manifest.load(places)
    lost_settings.refuse_lost_config(places, user, known)
    if not manifest.is_config_unchanged(places, known):
        lost_settings.refuse_cut(places, user, ())
    with uncollected():
        plugins = discover.installed_plugins(places, release)
        discover.refuse_broken(plugins)
        core_settings = core.read_settings(places, release)
        names = user_config.enabled_names(user, core_settings.base, [plugin.name for plugin in plugins])
        with effects.on_a_copy(places, discover.plugins_named(plugins, names), {}) as effect:
            contributions = load.load_plugins(places, release, core_settings, plugins, names, user)
            renderer = Renderer(contributions, release, files.owner_of(places), bytecode.load(places))
            with unnoticed():
                lost_settings.refuse_incomplete(places, user, contributions, release, (), known)
                lost_settings.refuse_lost_secrets(places, user, contributions, release, Changes(), known)
            merged = settings.merge(effect.with_written_settings(user), renderer, Changes(), settings.LastSave(True, known.generated))
            renderer = announce_config_loaded(renderer, merged)
    return Platform(places, release, merged, renderer.contributions, renderer)


def load_core(places: Places) -> Platform:
    """Load what core and config.yml alone describe, and no plugin's code: what is left to look at where a plugin is broken.

    Raises LecternError as ``load_platform`` does.
    """
    refuse_missing_config(places)
    release = core.installed_release(places)
    user, generated = user_config.read_user_config(places.config, release), manifest.load(places).generated
    contributions = core.contribute(places, release, core.read_settings(places, release))
    renderer = Renderer(contributions, release, files.owner_of(places), bytecode.load(places))
    return Platform(places, release, settings.merge(user, renderer, Changes(), settings.LastSave(True, generated)), contributions, renderer)


def refuse_missing_config(places: Places) -> None:
    """Raise LecternError where there is no config.yml."""
    if not serialize.exists(places.config):
        raise LecternError("'%s' does not exist: render the environment first (module lectern.tutor.environment)." % places.config)


def announce_config_loaded(renderer: Renderer, merged: Settings) -> Renderer:
    """Call the plugins that listen for the effective settings (upstream's CONFIG_LOADED).

    Returns a renderer of what core and plugins contribute after that; the same one where no plugin listens.
    """
    contributions = renderer.contributions
    with contained():
        contributions.config_loaded(deepcopy(merged.saved), deepcopy(merged.full))
        if contributions.read_again is None:
            return renderer
        return renderer.with_contributions(contributions.read_again())


class RenderedPatches(NamedTuple):
    """Texts of patches by name, and by name why other patches can't be rendered."""

    texts: Dict[str, List[str]]
    errors: Dict[str, str]


def render_patches(platform: Platform, names: List[str]) -> RenderedPatches:
    """Render these patches, or with ``all`` every patch that plugins add to, as upstream's ``config patches show`` does.

    Raises LecternError for a patch in ``names`` that can't be rendered.
    """
    rendered = RenderedPatches({}, {})
    others = platform.renderer.patch_names() if ALL in names else []
    with contained(), docker_command(), effects.on_a_copy(platform.places, [], {}):
        for name in sorted({*names, *others} - {ALL}):
            try:
                rendered.texts[name] = platform.renderer.render_patch_texts(name, platform.config)
            except LecternError as error:
                if name in names:
                    raise
                rendered.errors[name] = str(error)
    return rendered


def public_hosts(platform: Platform) -> List[str]:
    """Return the hosts that users reach, ``host`` or ``host:port`` (upstream's filter APP_PUBLIC_HOSTS)."""
    return [platform.render(host, "public host '%s'" % host) for host in platform.contributions.public_hosts]
