# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What core contributes: from the installed package ``tutor``, or from a folder of templates laid out like it."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

from ..base import about, releases, serialize
from ..base.about import package_folder
from ..base.errors import LecternError
from ..base.places import Places
from ..base.releases import Release
from .contributions import CORE, Contributions, ImageItem, ImageLister, InitTask, Setting, Target, TemplateRoot
from .template_filters import filters_for, globals_for


class CoreSettings(NamedTuple):
    """Core's settings, not rendered."""

    base: List[Setting]
    defaults: List[Setting]


def installed_version() -> str:
    """Return the version that the installed package names, else that of its distribution; empty where Tutor is not installed."""
    if not package_folder():
        return ""
    version = about.version()
    if version:
        return version
    from importlib import metadata  # here, as newer releases do not need it

    for name in ("tutor", "tutor-openedx"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return ""


def templates_folder(places: Places) -> str:
    """Return the folder of core's templates.

    Raises LecternError when Tutor is not installed and no ``templates`` are given.
    """
    if places.templates:
        if not os.listdir(places.templates):
            raise LecternError("templates '%s' is empty: copy the templates there first." % places.templates)
        return places.templates
    folder = package_folder()
    if not folder:
        raise LecternError(
            "The package 'tutor' is not installed for this interpreter: add it to tutor_packages (such as tutor==%s), "
            "or name a folder of templates." % releases.NEWEST
        )
    return os.path.join(folder, "templates")


def installed_release(places: Places) -> Release:
    """Return the release whose rules apply: that of the installed package, else the one that the folder ``templates`` is laid out like."""
    folder = templates_folder(places)
    version = installed_version()
    layered = os.path.isdir(os.path.join(folder, "config"))
    if not version:
        version = releases.NEWEST if layered else releases.OLDEST
    return releases.release_of(version)


def has_hooks(release: Release) -> bool:
    """Whether this interpreter can load v1 plugins: ``tutor.hooks`` is installed and the release has it."""
    return bool(release.has_hooks and package_folder())


def read_settings(places: Places, release: Release) -> CoreSettings:
    """Read core's base settings and defaults. Raises LecternError for a folder that has neither: it holds no templates of Tutor."""
    folder = templates_folder(places)
    if not any(os.path.exists(os.path.join(folder, name)) for name in release.config_files):
        raise LecternError("templates '%s' holds no templates of Tutor: there is no file '%s' in it." % (folder, release.config_files[-1]))
    base, defaults = (_read_settings_file(os.path.join(folder, name)) for name in release.config_files)
    return CoreSettings(base, defaults)


def _read_settings_file(path: str) -> List[Setting]:
    values = serialize.load_mapping(path) if os.path.exists(path) else {}
    return [Setting(key, value, CORE) for key, value in values.items()]


def contribute(places: Places, release: Release, core_settings: CoreSettings) -> Contributions:
    """Return core's part of the contributions, for those of plugins to be added."""
    folder = templates_folder(places)
    return Contributions(
        base=list(core_settings.base),
        defaults=list(core_settings.defaults),
        roots=[TemplateRoot(folder, CORE)],
        targets=[Target(src, "", CORE) for src in release.targets],
        ignore=list(release.ignore),
        filters=dict(filters_for(release.version)),
        variables=dict(globals_for(release.version), **template_variables(places, release)),
        is_rendered=rendering_rule(release),
        images=image_lister(folder, release),
        public_hosts=public_hosts(release, core_settings),
    )


def public_hosts(release: Release, core_settings: CoreSettings) -> List[str]:
    """Return the templates of the hosts that users reach, as far as core has a setting for them."""
    keys = {item.key for item in core_settings.base + core_settings.defaults}
    return [host for key, host in release.public_hosts if key in keys]


def template_variables(places: Places, release: Release) -> Dict[str, Any]:
    """Return the template variables that describe the release."""
    version = releases.numbers(release.version)
    return {
        "TUTOR_APP": about.app().replace("-", "_"),
        "TUTOR_VERSION": release.version,
        "TUTOR_VERSION_MAJOR": version[0],
        "TUTOR_VERSION_MINOR": version[1],
        "TUTOR_BRANCH_IS_MAIN": release.version.endswith("-main"),
    }


def rendering_rule(release: Release) -> Callable[[str], bool]:
    """Return the function that says whether a template is rendered: others are copied byte for byte, by the last suffix of their name."""
    verbatim = set(release.verbatim)
    return lambda name: os.path.splitext(name)[1] not in verbatim


def image_lister(folder: str, release: Release) -> ImageLister:
    """Return the function that lists core's images of one kind: those that the templates build and the settings name."""

    def list_images(kind: str, config: Dict[str, Any]) -> List[ImageItem]:
        if kind.startswith("build"):
            return [
                ImageItem(name, *_tag(name, release), path, args)
                for name, path, args in (release.build_after if kind == "build_after" else release.build)
                if os.path.isdir(os.path.join(folder, path)) and _key(name) in config
            ]
        names = {
            "pull": [name for name in release.pull if kind == "pull" and config.get(release.run_prefix + name.upper(), True)],
            "remote": [name for name in release.remote if os.path.isdir(os.path.join(folder, "build", name))],
        }
        return [ImageItem(name, *_tag(name, release)) for group in release.pull_order for name in names[group] if _key(name) in config]

    return list_images


def _key(name: str) -> str:
    return "DOCKER_IMAGE_" + name.upper().replace("-", "_")


def _tag(name: str, release: Release) -> Tuple[str, str]:
    return release.tag % _key(name), CORE


def init_tasks(places: Places, release: Release, plugins: Dict[str, List[InitTask]]) -> List[InitTask]:
    """Return core's init tasks whose scripts exist, with the plugins' ``pre-init`` and ``init`` tasks where the release runs them."""
    folder = templates_folder(places)
    tasks: List[InitTask] = []
    for item in release.tasks:
        if isinstance(item, str):
            tasks += plugins.get(item, [])
        elif os.path.isfile(os.path.join(folder, item[2])):
            tasks.append(InitTask(item[1], serialize.read(os.path.join(folder, item[2])), item[0]))
    return tasks
