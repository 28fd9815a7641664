# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes one transaction over plugins, settings and files without writing anything. Check mode runs exactly this."""

from __future__ import annotations

import contextlib
import os
from copy import deepcopy
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..base import access, serialize
from ..base.content import Change, File
from ..base.errors import LecternError
from ..base.files import owner_of
from ..base.forks import in_child
from ..base.isolation import contained, docker_command, uncollected
from ..base.observation import unnoticed
from ..base.places import Places
from ..base.releases import Release
from ..memory import store
from ..memory.store import RememberedRendering
from ..plugins import core, discover, load
from ..plugins.contributions import CORE, Contributions
from ..plugins.discover import Plugin
from ..render import bytecode, effects, user_config
from ..render import tree as render_tree
from ..render.changes import Changes, with_requested
from ..render.renderer import Renderer
from ..render.settings import LastSave, Settings, merge
from ..render.user_config import PLUGINS
from . import compose_files, lost_settings, maintenance, manifest, plan
from .maintenance import Maintenance
from .manifest import Manifest
from .platform import Platform, announce_config_loaded

DEFAULT_NOT_INSTALLED = (
    "Of the plugins that Tutor enables by default, these are not installed: %s. PLUGINS is saved without them; to have one later, install "
    "its package (tutor_packages) and name it in tutor_plugins."
)

FileToWrite = Tuple[bytes, int]  # content and mode


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
    settings_before: Dict[str, Any]  # what config.yml holds
    enabled: List[str]
    tree: Dict[str, File]  # the files of env/ by path; empty where the request renders nothing
    changes: List[Change]
    access_changes: Dict[str, access.FolderAccess]  # by folder, where its mode or group changes
    folders: List[str]  # that plugins make and that do not exist yet
    not_installed: List[str]  # plugins that core enables by default
    remembered: Optional[RememberedRendering] = None  # what to remember; None where the inputs of the rendering can't be traced
    recovered: List[str] = []  # sentences on what a killed run left

    @property
    def warnings(self) -> List[str]:
        """Return what an operator should know of the plugins and of this call: sentences."""
        warnings = self.platform.contributions.warnings
        if self.not_installed:
            return [*warnings, DEFAULT_NOT_INSTALLED % ", ".join(self.not_installed)]
        return warnings


class RootState(NamedTuple):
    """A root before the call; ``user`` is what config.yml holds, ``saved`` what the manifest says about it."""

    places: Places
    release: Release
    manifest: Manifest
    user: Dict[str, Any]
    saved: LastSave
    maintenance: Optional[Maintenance]  # the one that it is in


class Leftovers(NamedTuple):
    """What plugins that are no longer enabled leave behind: keys in config.yml and paths below env/."""

    overrides: List[str]
    paths: List[str]


class Selection(NamedTuple):
    """The plugins of a call: the installed ones, the names enabled before and now, and config.yml with the latter."""

    core_settings: core.CoreSettings
    installed: List[Plugin]
    enabled_before: List[str]
    enabled: List[str]
    leftovers: Leftovers
    user: Dict[str, Any]
    not_installed: List[str]  # those that core enables by default


class Rendering(NamedTuple):
    """What rendering gave: settings, their renderer, the files of env/ by path, and what the plugins' code did to files."""

    settings: Settings
    renderer: Renderer
    tree: Dict[str, File]
    effects: effects.Effects


def prepare(places: Places, request: Request, checking: bool) -> Prepared:
    """Compute a transaction and write nothing.

    Raises LecternError for anything that is wrong with plugins, settings, templates and the root.
    """
    before = read_root(places)
    with uncollected(), store.recording() as recording:
        selection = select_plugins(before, request, checking)
        if recording:
            recording.packages = discover.packages_of(discover.plugins_named(selection.installed, selection.enabled, places.plugins_root))
        rendering = render(before, request, selection)
    platform = Platform(places, before.release, rendering.settings, rendering.renderer.contributions, rendering.renderer)
    outcome = rendering.effects.outcome
    stale = sorted({*stale_paths(before, request, selection, rendering.tree), *outcome.dropped})
    files = {**outcome.files, **files_to_write(before, request, selection, platform, rendering.tree, stale)}
    changes = plan_changes(places, files, rendering.tree, stale, outcome)
    if not checking or os.path.isdir(places.root):  # a play in check mode may not have made the root that an earlier task makes
        plan.refuse_unwritable(places, changes)
    prepared = Prepared(
        platform=platform,
        settings_before=before.user,
        enabled=selection.enabled,
        tree=rendering.tree,
        changes=changes,
        access_changes=access.find_access_changes(places, rendering.tree or before.manifest.files, request.root_mode),
        folders=outcome.folders,
        not_installed=selection.not_installed,
    )
    if recording is None or checking or not request.render or rendering.effects.is_untraceable:
        return prepared
    record = maintenance.to_bytes(before.maintenance) if before.maintenance else None
    written: Dict[str, Any] = {**files, maintenance.path(places): record and (record, 0o600)}
    written.update((os.path.join(places.env, name), (file.content, file.mode)) for name, file in rendering.tree.items())
    return prepared._replace(remembered=store.remember(recording, places, request, written, result_of(prepared)))


def read_root(places: Places) -> RootState:
    """Read manifest and config.yml. Raises LecternError for a config.yml that was lost."""
    release, known = core.installed_release(places), manifest.load(places)
    user = user_config.read_user_config(places.config, release)
    lost_settings.refuse_lost_config(places, user, known)
    saved = LastSave(manifest.is_config_unchanged(places, known), known.generated)
    return RootState(places, release, known, user, saved, maintenance.read(places))


def select_plugins(before: RootState, request: Request, checking: bool) -> Selection:
    """Decide which plugins are enabled, and what those leave behind that no longer are. Raises LecternError for broken plugins."""
    installed = discover.installed_plugins(before.places, before.release, request.files)
    discover.refuse_broken(installed)
    core_settings = core.read_settings(before.places, before.release)
    base = core_settings.base
    names = [plugin.name for plugin in installed]
    enabled_before = user_config.enabled_names(before.user, base, names)
    enabled = choose_names(request, enabled_before)
    not_installed: List[str] = []
    if request.plugins is None and PLUGINS not in before.user:
        not_installed = [name for name in user_config.default_plugins(base) if name not in names]
    disabled = [name for name in enabled_before if name not in enabled]
    leftovers = find_leftovers(before, core_settings, installed, disabled, {} if checking else before.user)
    user = {key: value for key, value in before.user.items() if key not in leftovers.overrides}
    # Where core saves plugins by itself, an empty list has to be said too.
    is_saved_by_core = before.release.settings == "layers" and any(item.key == PLUGINS for item in base)
    if enabled or enabled_before or PLUGINS in before.user or is_saved_by_core:
        user[PLUGINS] = list(enabled)
    return Selection(core_settings, installed, enabled_before, enabled, leftovers, user, not_installed)


def choose_names(request: Request, before: List[str]) -> List[str]:
    """Return the names of the plugins to enable, sorted; in the order of ``before`` where they are the same."""
    if request.plugins is not None:
        names = sorted(set(request.plugins))
    else:
        names = sorted((set(before) | set(request.enable)) - set(request.disable))
    return before if set(names) == set(before) else names


def find_leftovers(
    before: RootState, core_settings: core.CoreSettings, installed: List[Plugin], disabled: List[str], user: Dict[str, Any]
) -> Leftovers:
    """Find what disabled plugins leave behind: what the manifest says, and what the plugins themselves say where they still load."""
    overrides = [key for key, owner in before.manifest.overrides.items() if owner in disabled]
    paths = [path for path, entry in before.manifest.files.items() if entry["owner"] in disabled]
    for name in disabled:
        with contextlib.suppress(LecternError):
            own = Leftovers(*in_child(lambda name=name: leftovers_of(before, core_settings, installed, name, user)))  # type: ignore[misc]
            overrides, paths = overrides + own.overrides, paths + own.paths
    return Leftovers(overrides, paths)


def leftovers_of(
    before: RootState, core_settings: core.CoreSettings, installed: List[Plugin], name: str, user: Dict[str, Any]
) -> Leftovers:
    """Load one plugin and return its settings and files. Unless ``user`` is empty, tell it that it is unloaded."""
    with effects.on_a_copy(before.places, discover.plugins_named(installed, [name]), {}):
        contributions = load.load_plugins(before.places, before.release, core_settings, installed, [name])
        contributions.roots = [root for root in contributions.roots if root.owner in (CORE, name)]
        contributions.targets = [target for target in contributions.targets if target.owner == name]
        paths = render_tree.list_paths(Renderer(contributions, before.release, 0))
    kept = dict(user)
    if user:
        with contained():
            contributions.unloaded(name, kept)
    overrides = [item.key for item in contributions.overrides if item.owner == name] + [key for key in user if key not in kept]
    return Leftovers(overrides, [path for path, owner in paths.items() if owner == name])


def render(before: RootState, request: Request, selection: Selection) -> Rendering:
    """Load the plugins, merge the settings and, if the request says so, render the environment. What plugins write goes to a copy."""
    places, known_files = before.places, before.manifest.files
    with effects.on_a_copy(places, discover.plugins_named(selection.installed, selection.enabled), known_files) as effect:
        renderer = load_renderer(before, request, selection)
        with unnoticed():
            refuse_lost_settings(before, request, selection, renderer.contributions)
        merged = merge(effect.with_written_settings(selection.user), renderer, request.changes, before.saved)
        renderer = announce_config_loaded(renderer, merged)
        tree = render_files(renderer, merged.full, effect, request.root_mode) if request.render else {}
        tree = maintenance.put_into(tree, before.maintenance)
    return Rendering(merged, renderer, tree, effect)


def load_renderer(before: RootState, request: Request, selection: Selection) -> Renderer:
    """Return a renderer of what the enabled plugins contribute."""
    places, release, codes = before.places, before.release, bytecode.load(before.places)
    given = with_requested(selection.user, request.changes)
    contributions = load.load_plugins(places, release, selection.core_settings, selection.installed, selection.enabled, given)
    with unnoticed():
        user_id = owner_of(places)
    return Renderer(contributions, release, user_id, codes)


def refuse_lost_settings(before: RootState, request: Request, selection: Selection, contributions: Contributions) -> None:
    """Raise LecternError where config.yml lost something and the call does not say that it may."""
    changes = request.changes
    decided = [*changes.unset, *changes.settings, *changes.accept_new_secrets]
    if request.plugins is not None:
        decided.append(PLUGINS)
    if not before.saved.unchanged:
        lost_settings.refuse_cut(before.places, before.user, decided)
    lost_settings.refuse_incomplete(before.places, before.user, contributions, before.release, decided, before.manifest)
    lost_settings.refuse_lost_secrets(before.places, selection.user, contributions, before.release, changes, before.manifest)


def render_files(renderer: Renderer, config: Dict[str, Any], effect: effects.Effects, root_mode: int) -> Dict[str, File]:
    """Render the files of the environment, and add those that plugins write after saving."""
    with contained(), docker_command():
        tree = render_tree.render_environment(renderer, config)
        tree = effect.after_saving(tree, renderer.contributions.env_saved, lambda: deepcopy(config))
    return {name: file._replace(mode=access.file_mode(file.mode, root_mode)) for name, file in tree.items()}


def stale_paths(before: RootState, request: Request, selection: Selection, tree: Dict[str, File]) -> List[str]:
    """Return the paths below env/ that Lectern or a disabled plugin wrote and that are no longer made."""
    if not request.prune:
        return []
    candidates = set(selection.leftovers.paths)
    if request.render:
        candidates |= set(before.manifest.files)
    return sorted(path for path in candidates if path not in tree)


def files_to_write(
    before: RootState, request: Request, selection: Selection, platform: Platform, tree: Dict[str, File], stale: List[str]
) -> Dict[str, FileToWrite]:
    """Return what to write beside the environment, by path: config.yml, plugin files and, last, the manifest."""
    places = platform.places
    config = serialize.dump(platform.settings.saved, platform.release.allow_unicode).encode("utf-8")
    updated = manifest.update(update_owners(before, request, selection, platform), config, tree, stale)
    files = {places.config_file: (config, access.config_mode(request.root_mode))}
    for name, source in request.files.items():
        files[os.path.join(places.plugins_root, name)] = (source.encode("utf-8"), 0o600)
    files[manifest.path(places)] = (manifest.to_bytes(updated), 0o600)
    return files


def update_owners(before: RootState, request: Request, selection: Selection, platform: Platform) -> Manifest:
    """Return the manifest with the owners of overrides, generated settings, and generated ones dropped from config.yml on purpose."""
    generated, saved = platform.settings.generated, platform.settings.saved
    dropped = [*before.manifest.dropped, *selection.leftovers.overrides, *request.changes.unset]
    return before.manifest._replace(
        overrides={item.key: item.owner for item in platform.contributions.overrides},
        generated=generated,
        dropped={key: generated[key] for key in dropped if key in generated and key not in saved},
        rendered=request.render or before.manifest.rendered,
    )


def plan_changes(
    places: Places, files: Dict[str, FileToWrite], tree: Dict[str, File], stale: List[str], outcome: effects.PluginChanges
) -> List[Change]:
    """Compare with the disk. The last of ``files``, the manifest, stays last. Raises LecternError where a link would be followed."""
    written_by_plugins = [*outcome.files, *outcome.removed, *(os.path.join(folder, "x") for folder in outcome.folders)]
    plan.refuse_links(places.root, [os.path.relpath(path, places.root) for path in written_by_plugins])
    changes_of_files = []
    for path, (content, mode) in files.items():
        is_plugin = os.path.dirname(path) == places.plugins_root
        changes_of_files.append(plan.changes_to_write_plugin(path, content) if is_plugin else plan.changes_to_write(path, content, mode))
    removals = [plan.changes_to_remove(path) for path in outcome.removed]
    parts = [*changes_of_files[:-1], *removals, plan.changes_to_environment(places, tree, stale), changes_of_files[-1]]
    return [change for part in parts for change in part]


def result_of(prepared: Prepared) -> Dict[str, Any]:
    """Return what a call returns beside its changes, for the next one that comes to the same."""
    return dict(
        plugins=prepared.enabled,
        files=sorted(prepared.tree),
        project_name=compose_files.project_name(prepared.platform),
        release=prepared.platform.release.version,
        warnings=prepared.platform.contributions.warnings,
    )
