# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes one transaction over plugins, settings and files, and writes nothing."""

from __future__ import annotations

import contextlib
import os
from copy import deepcopy
from dataclasses import asdict
from typing import Any, Dict, List, NamedTuple, Optional

from ..base import access, serialize
from ..base.content import Change, File
from ..base.errors import LecternError
from ..base.files import owner_of
from ..base.forks import in_child
from ..base.isolation import contained, docker_command, uncollected
from ..base.observation import unnoticed
from ..base.places import Places
from ..base.releases import Release
from ..memory import audit, dependencies, store
from ..memory.store import Look, Past
from ..plugins import core, discover, load
from ..plugins.contributions import CORE, Contributions, Setting
from ..render import bytecode, effects, settings, user_config
from ..render import tree as render_tree
from ..render.changes import Changes, with_given
from ..render.renderer import Renderer
from ..render.user_config import PLUGINS
from . import compose_files, lost_settings, manifest, plan
from .platform import Platform, told

MISSING = (
    "Of the plugins that Tutor enables by default, these are not installed: %s. PLUGINS is saved without them; to have one later, install "
    "its package (tutor_packages) and name it in tutor_plugins."
)


class Request(NamedTuple):
    """What a call asks for. ``files`` are single-file plugins (name → text) for the plugins root."""

    plugins: Optional[List[str]] = None  # exact list; None: as in config.yml
    enable: List[str] = []
    disable: List[str] = []
    files: Dict[str, str] = {}
    changes: Changes = Changes()
    prune: bool = True
    render: bool = True
    root_mode: int = access.DEFAULT


class Prepared(NamedTuple):
    """A transaction that can be written: the platform as it will be, and the changes on disk."""

    platform: Platform
    user: Dict[str, Any]  # config.yml before
    changes: List[Change]
    tree: Dict[str, File]
    was_enabled: List[str]
    enabled: List[str]
    opened: Dict[str, access.Wanted]  # the folders whose mode or group changes
    past: Optional[Past] = None  # what to remember, if it can be told
    complete: bool = True  # all of the tree was rendered, nothing taken as it was
    recovered: List[str] = []  # sentences on what a killed run left
    folders: List[str] = []  # that plugins make, and are not there yet
    missing: List[str] = []  # plugins that core enables by default and that are not installed

    @property
    def warnings(self) -> List[str]:
        """What an operator should know of the plugins, and of this call alone: sentences."""
        return self.platform.contributions.warnings + ([MISSING % ", ".join(self.missing)] if self.missing else [])


class _Before(NamedTuple):
    """What there is before the call; ``user`` is config.yml."""

    places: Places
    release: Release
    manifest: Dict[str, Any]
    user: Dict[str, Any]
    saved: settings.Saved


class _Retired(NamedTuple):
    """What plugins that are no longer enabled leave behind."""

    overrides: List[str] = []
    paths: List[str] = []


class _Choice(NamedTuple):
    """The plugins of ``packages``, all that are installed, the names enabled before and now, config.yml with the latter, and the names that
    core would enable and that are not installed."""

    packages: List[discover.Plugin]
    plugins: List[discover.Plugin]
    before: List[str]
    names: List[str]
    retired: _Retired
    user: Dict[str, Any]
    missing: List[str]


def prepare(places: Places, request: Request, checking: bool, look: Look = store.NOTHING) -> Prepared:
    """Computes everything and writes nothing. ``look`` is what is known of the last rendering.

    Raises LecternError for everything that is wrong with plugins, settings, templates and the root.
    """
    there = _before(places)
    with uncollected(), audit.watching(look.asked) as seen:
        past = _past(there, look)
        choice = _choose(there, request, past, checking)
        seen.loads(discover.packages_of(discover.named(choice.plugins, choice.names, places.plugins_root)))
        same = past if past and store.is_of(past, (choice.names, request.files)) else None
        with effects.on_a_copy(places, discover.named(choice.plugins, choice.names), there.manifest["files"]) as effect:
            renderer = _loaded(there, request, choice)
            with unnoticed():
                _refuse_lost(there, request, choice, renderer.contributions)
            merged = settings.merge(effect.settings(choice.user), renderer.contributions, renderer, request.changes, there.saved)
            renderer = told(renderer, merged)
            reused = store.reusable(places, same, there.manifest["files"], merged.full) if same else {}
            tree = _rendered(renderer, reused, effect, request.root_mode) if request.render else {}
    platform = Platform(places, there.release, merged, renderer.contributions, renderer)
    stale = sorted({*_stale(request, there.manifest, tree, choice.retired), *effect.outcome.dropped})
    owners = _owners(platform, there.manifest, [*choice.retired.overrides, *request.changes.unset])
    files = {**effect.outcome.files, **_files(platform, request, tree, stale, there.manifest, owners)}
    changes = _changes(places, files, tree, stale, effect.outcome)
    if not checking or os.path.isdir(places.root):  # what is checked may be a play whose earlier tasks would have made the root
        plan.refuse_unwritable(places, changes)
    opened = access.to_change(places, tree or there.manifest["files"], request.root_mode)
    prepared = Prepared(platform, there.user, changes, tree, choice.before, choice.names, opened, complete=not reused)
    prepared = prepared._replace(folders=effect.outcome.folders, missing=choice.missing)
    if checking or not request.render:
        return prepared
    made = dependencies.Made(request.files, tree)
    inputs = None if effect.is_untold else dependencies.inputs(seen, places, made, past.inputs if past else None)
    return prepared._replace(past=_to_remember(prepared, request, inputs, files, choice.packages))


def _before(places: Places) -> _Before:
    release, known = core.installed_release(places), manifest.load(places)
    saved = settings.Saved(manifest.saved_config(places, known), known["generated"])
    return _Before(places, release, known, _read_user(places, release, known), saved)


def _past(there: _Before, look: Look) -> Optional[Past]:
    """What is known, if programs still answer the same. They may take as long as it takes to import Tutor."""
    if look.past:
        load.ahead(there.places, there.release)
    return store.answered(look)


def _choose(there: _Before, request: Request, past: Optional[Past], checking: bool) -> _Choice:
    packages = [discover.Plugin(**found) for found in past.packages] if past else discover.entry_points(there.release)
    plugins = discover.installed(there.places, there.release, request.files, packages)
    discover.refuse_broken(plugins)
    base, _defaults = core.settings(there.places, there.release)
    installed = [plugin.name for plugin in plugins]
    before = user_config.plugin_names(there.user, base, installed)
    names = _wanted(request, before)
    is_default = request.plugins is None and PLUGINS not in there.user
    missing = [name for name in user_config.default_plugins(base) if name not in installed] if is_default else []
    retired = _retire(there, plugins, before, names, {} if checking else there.user)
    return _Choice(packages, plugins, before, names, retired, _enabling(there, names, before, retired, base), missing)


def _loaded(there: _Before, request: Request, choice: _Choice) -> Renderer:
    """A renderer of what the plugins add."""
    places, release, codes = there.places, there.release, bytecode.load(there.places)
    given = with_given(choice.user, request.changes)
    contributions = load.contributions(places, release, choice.plugins, choice.names, given)
    with unnoticed():
        user_id = owner_of(places)
    return Renderer(contributions, release, {}, user_id, codes)


def _read_user(places: Places, release: Release, known: Dict[str, Any]) -> Dict[str, Any]:
    user = user_config.read_user(places.config, release)
    lost_settings.refuse_lost_config(places, user, known)
    return user


def _refuse_lost(there: _Before, request: Request, choice: _Choice, found: Contributions) -> None:
    """Raises LecternError where config.yml lost something, and the call does not say that it may."""
    changes = request.changes
    decided = [*changes.unset, *changes.settings, *changes.accept_new_secrets, *([] if request.plugins is None else [PLUGINS])]
    if not there.saved.unchanged:
        lost_settings.refuse_cut(there.places, there.user, decided)
    lost_settings.refuse_incomplete(there.places, there.user, found, there.release, decided, there.manifest)
    lost_settings.refuse_lost_secrets(there.places, choice.user, found, there.release, changes, there.manifest)


def _wanted(request: Request, before: List[str]) -> List[str]:
    if request.plugins is not None:
        names = sorted(set(request.plugins))
    else:
        names = sorted((set(before) | set(request.enable)) - set(request.disable))
    return before if set(names) == set(before) else names


def _retire(there: _Before, plugins: List[discover.Plugin], before: List[str], names: List[str], user: Dict[str, Any]) -> _Retired:
    """What plugins that are enabled no longer leave: from the manifest, and from the plugins themselves where they still load."""
    dropped = [name for name in before if name not in names]
    overrides = [key for key, owner in there.manifest["overrides"].items() if owner in dropped]
    paths = [path for path, entry in there.manifest["files"].items() if entry["owner"] in dropped]
    for name in dropped:
        with contextlib.suppress(LecternError):
            own = in_child(lambda name=name: _left_behind(there, plugins, name, user))  # type: ignore[misc]
            overrides, paths = overrides + own[0], paths + own[1]
    return _Retired(overrides, paths)


def _left_behind(there: _Before, plugins: List[discover.Plugin], name: str, user: Dict[str, Any]) -> Any:
    """The settings and the files of one plugin; it is told that it is unloaded, unless there are no settings to tell of."""
    with effects.on_a_copy(there.places, discover.named(plugins, [name]), {}):
        found = load.contributions(there.places, there.release, plugins, [name])
        found.roots = [root for root in found.roots if root.owner in (CORE, name)]
        found.targets = [target for target in found.targets if target.owner == name]
        paths = render_tree.paths(Renderer(found, there.release, {}, 0))
    config = dict(user)
    if user:
        with contained():
            found.unloaded(name, config)
    keys = [item.key for item in found.overrides if item.owner == name] + [key for key in user if key not in config]
    return keys, [path for path, owner in paths.items() if owner == name]


def _enabling(there: _Before, names: List[str], before: List[str], retired: _Retired, base: List[Setting]) -> Dict[str, Any]:
    """config.yml with this list of plugins; where core saves some by itself, also an empty one has to be said."""
    changed = {key: value for key, value in there.user.items() if key not in retired.overrides}
    of_core = there.release.settings == "layers" and any(item.key == PLUGINS for item in base)
    if names or before or PLUGINS in there.user or of_core:
        changed[PLUGINS] = list(names)
    return changed


def _rendered(renderer: Renderer, reused: Dict[str, File], effect: effects.Effects, root_mode: int) -> Dict[str, File]:
    with contained(), docker_command():
        tree = render_tree.tree(renderer, reused)
        tree = effect.after_saving(tree, renderer.contributions.env_saved, lambda: deepcopy(renderer.config))
    return {name: file._replace(mode=access.file_mode(file.mode, root_mode)) for name, file in tree.items()}


def _stale(request: Request, known: Dict[str, Any], tree: Dict[str, File], retired: _Retired) -> List[str]:
    if not request.prune:
        return []
    candidates = set(retired.paths) | (set(known["files"]) if request.render else set())
    return sorted(path for path in candidates if path not in tree)


def _files(
    platform: Platform, request: Request, tree: Dict[str, File], stale: List[str], known: Dict[str, Any], owners: Dict[str, manifest.Owners]
) -> Dict[str, Any]:
    """What is to be written beside the environment: (content, mode) by path."""
    places = platform.places
    text = serialize.dump(platform.settings.saved, platform.release.allow_unicode).encode("utf-8")
    made = manifest.make(known, text, tree, stale, owners, request.render)
    plugins = {os.path.join(places.plugins_root, name): (source.encode("utf-8"), 0o600) for name, source in request.files.items()}
    config = {places.config_file: (text, access.config_mode(request.root_mode))}
    return {**config, **plugins, manifest.path(places): (manifest.text(made), 0o600)}


def _owners(platform: Platform, known: Dict[str, Any], dropped: List[str]) -> Dict[str, manifest.Owners]:
    """Whose settings are. ``dropped`` are those that this call takes out of config.yml."""
    generated, saved = platform.settings.generated, platform.settings.saved
    gone = {key: generated[key] for key in [*known.get("dropped", {}), *dropped] if key in generated and key not in saved}
    return {"overrides": {item.key: item.owner for item in platform.contributions.overrides}, "generated": generated, "dropped": gone}


def _changes(places: Places, files: Dict[str, Any], tree: Dict[str, File], stale: List[str], outcome: effects.Outcome) -> List[Change]:
    """Of ``files``, the manifest comes last."""
    inside = [*outcome.files, *outcome.removed, *(os.path.join(folder, "x") for folder in outcome.folders)]
    plan.refuse_links(places.root, [os.path.relpath(path, places.root) for path in inside])
    found = [
        plan.plugin_file(path, content) if os.path.dirname(path) == places.plugins_root else plan.file(path, content, mode)
        for path, (content, mode) in files.items()
    ]
    removed = [plan.removal(path) for path in outcome.removed]
    return [change for part in [*found[:-1], *removed, plan.environment(places, tree, stale), found[-1]] for change in part]


def _to_remember(
    prepared: Prepared, request: Request, inputs: Optional[Dict[str, Any]], files: Dict[str, Any], packages: List[discover.Plugin]
) -> Optional[Past]:
    platform, tree = prepared.platform, prepared.tree
    if inputs is None:
        return None
    written = {**files, **{os.path.join(platform.places.env, name): (file.content, file.mode) for name, file in tree.items()}}
    past = store.make(inputs, request, (prepared.enabled, request.files), written, platform.config, tree)
    result = dict(
        plugins=prepared.enabled,
        files=sorted(tree),
        project_name=compose_files.project_name(platform),
        release=platform.release.version,
        warnings=platform.contributions.warnings,
    )
    return past._replace(packages=[asdict(plugin) for plugin in packages], result=result)
