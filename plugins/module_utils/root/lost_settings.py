# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuses a config.yml that lost settings which the platform's data depends on: all of it, its end, or a generated secret."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Collection, Dict, Iterator, List, Optional, Set, Tuple

from ..base import files, releases, serialize
from ..base.content import read_bytes
from ..base.errors import LecternError
from ..base.places import Places
from ..base.releases import Release
from ..plugins.contributions import CORE, Contributions, Setting
from ..plugins.template_filters import generates_secret
from ..render.changes import Changes
from ..render.origin import saved_layers
from . import journal
from .manifest import Manifest

IN_EVERY_ENVIRONMENT = ("version", "local/docker-compose.yml")  # one of these is in every environment that was rendered as a whole

# Only rendering makes these.
RENDERED_ONLY = (*IN_EVERY_ENVIRONMENT, "kustomization.yml", "apps/openedx", "k8s/deployments.yml", "dev/docker-compose.yml")


def has_environment(places: Places) -> bool:
    """Return whether Lectern or ``tutor`` rendered an environment in this root; files that an operator put there don't count."""
    return any(os.path.exists(os.path.join(places.env, name)) for name in RENDERED_ONLY)


def refuse_lost_config(places: Places, user: Dict[str, Any], manifest: Manifest) -> None:
    """Raise LecternError where config.yml, which holds ``user``, is gone or empty beside an environment."""
    if user or not (manifest.rendered or has_environment(places)):
        return
    source = " from a backup"
    with contextlib.suppress(OSError, LecternError):
        if journal.generations(places):
            source = " (the last ones are kept in '%s')" % journal.generations_folder(places)
    raise LecternError(
        "'%s' is %s, but the environment was rendered with it: new secrets would lock the platform out of its data. Restore it%s, or "
        "remove '%s' and '%s' to start anew."
        % (places.config, "empty" if serialize.exists(places.config) else "gone", source, places.env, files.own_path(places))
    )


def refuse_cut(places: Places, user: Dict[str, Any], decided: Collection[str]) -> None:
    """Raise LecternError where config.yml is only the beginning of its last kept state.

    ``decided`` are settings that the call itself drops or sets.
    """
    with contextlib.suppress(OSError):
        now = read_bytes(places.config)
        kept, before = next(_kept(places), ("", b""))
        if not now or len(now) >= len(before) or not before.startswith(now):
            return
        settings_before = _settings_in(before)
        lost = sorted(
            key
            for key, value in settings_before.items()
            if key not in decided and not (key in user and serialize.are_equal(user[key], value))
        )
        if lost:
            raise LecternError(
                "'%s' is truncated: it lacks %s. Restore it from '%s'. If you removed these settings "
                "yourself, name them in unset." % (places.config, ", ".join(lost), kept)
            )


def refuse_lost_secrets(
    places: Places, user: Dict[str, Any], contributions: Contributions, release: Release, changes: Changes, manifest: Manifest
) -> None:
    """Raise LecternError where a generated secret is missing from config.yml and would be generated again, unless the call accepts that."""
    given = {key for key, value in changes.settings.items() if not generates_secret(value)}
    to_generate = {item.key for item in _saved_settings(contributions, release) if generates_secret(item.value)} | set(changes.settings)
    if manifest.config is None:
        generated_before = _generated_by_tutor(places, contributions, release)
    else:
        generated_before = set(manifest.generated) - set(manifest.dropped)
    saved = {key for key, value in user.items() if value is not None}  # a line that is cut off after its colon holds nothing
    lost = sorted((to_generate & generated_before) - saved - given - set(changes.accept_new_secrets))
    if lost:
        raise LecternError(
            "'%s' lacks %s, generated once: new secrets would lock the platform out of its data. Copy them back, or, if that data is "
            "gone, name them in accept_new_secrets."
            % (places.config, ", ".join("%s (%s)" % (key, _find_secret(places, key)) for key in lost))
        )


def refuse_incomplete(
    places: Places, user: Dict[str, Any], contributions: Contributions, release: Release, decided: Collection[str], manifest: Manifest
) -> None:
    """Raise LecternError where the end of config.yml was cut off before Lectern knew the root.

    It then lacks a setting that the ``tutor`` of this series saves with every environment.
    """
    version = _rendered_by(places)
    if manifest.config is not None or not version or not releases.is_of_series(release, version):
        return
    settings = _saved_settings(contributions, release)
    lost = sorted({item.key for item in settings if item.owner == CORE} - set(user) - set(decided))
    if any(generates_secret(item.value) for item in settings if item.key in lost):
        return  # refuse_lost_secrets reports this graver loss
    with contextlib.suppress(OSError):
        if not read_bytes(places.config).endswith((b"\n", b"}")):
            lost.append("the end of its last line")
    if lost:
        raise LecternError(
            "'%s' lacks %s, which tutor saves with every environment: it is truncated. Restore it from a backup, or, if you removed that "
            "yourself, run `tutor config save`." % (places.config, ", ".join(lost))
        )


def _saved_settings(contributions: Contributions, release: Release) -> List[Setting]:
    """Return the settings of core and plugins that are saved in config.yml."""
    return [item for _layer, item in saved_layers(contributions, release)]


def _generated_by_tutor(places: Places, contributions: Contributions, release: Release) -> Set[str]:
    """Return the generated settings that ``tutor`` saved before it rendered an environment that Lectern does not know yet.

    Where another series rendered it, these are the settings that every release generates.
    """
    if not any(os.path.isfile(os.path.join(places.env, name)) for name in IN_EVERY_ENVIRONMENT):
        return set()
    settings = _saved_settings(contributions, release)
    of_core = {item.key for item in settings if item.owner == CORE and generates_secret(item.value)}
    version = _rendered_by(places)
    return of_core if version and releases.is_of_series(release, version) else of_core & set(releases.GENERATED_BY_ALL)


def _rendered_by(places: Places) -> Optional[str]:
    """Return the version of Tutor that rendered the environment, if known."""
    with contextlib.suppress(OSError, ValueError):
        return read_bytes(os.path.join(places.env, "version")).decode("ascii").strip()
    return None


def _find_secret(places: Places, key: str) -> str:
    """Return where a lost secret can be found, in the words of an error."""
    for path, content in _kept(places):
        if key in _settings_in(content):
            return "'%s' has it" % path
    return "no kept state of config.yml has it; look in a backup, or in the files of '%s'" % places.env


def _kept(places: Places) -> Iterator[Tuple[str, bytes]]:
    """Yield path and content of the kept states of config.yml, newest first."""
    names: List[str] = []
    with contextlib.suppress(OSError):
        names = journal.generations(places)
    for name in reversed(names):
        yield name, files.read_own(name)


def _settings_in(content: bytes) -> Dict[str, Any]:
    """Return the settings in a kept state of config.yml; none where it is not YAML."""
    try:
        settings = serialize.load(content.decode("utf-8"), "")
    except (LecternError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}
