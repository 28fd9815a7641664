# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuses a config.yml that lost what the platform's data depends on: all of it, its end, or a generated secret."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Collection, Dict, Iterator, List, Optional, Set, Tuple

from ..base import files, masking, releases, serialize
from ..base.content import read_bytes
from ..base.errors import LecternError
from ..base.places import Places
from ..base.releases import Release
from ..plugins.contributions import CORE, Contributions
from ..render.changes import Changes
from ..render.origin import saved_layers
from . import journal

WHOLE = ("version", "local/docker-compose.yml")  # one of these is in every environment that was rendered as a whole

# Nothing but a rendering makes these.
SIGNS = (*WHOLE, "kustomization.yml", "apps/openedx", "k8s/deployments.yml", "dev/docker-compose.yml")


def has_environment(places: Places) -> bool:
    """Whether an environment was rendered in this root, by Lectern or by ``tutor``, and not just files of an operator's were put there."""
    return any(os.path.exists(os.path.join(places.env, name)) for name in SIGNS)


def refuse_lost_config(places: Places, user: Dict[str, Any], manifest: Dict[str, Any]) -> None:
    """Raises LecternError where config.yml is gone or empty beside an environment. ``user`` is what it holds."""
    if user or not (manifest.get("rendered") or has_environment(places)):
        return
    kept = " from a backup"
    with contextlib.suppress(OSError, LecternError):
        kept = " (the last ones are kept in '%s')" % journal.generations_folder(places) if journal.generations(places) else kept
    raise LecternError(
        "'%s' is %s, but the environment was rendered with it: new secrets would lock the platform out of its data. Restore it%s, or "
        "remove '%s' and '%s' to start anew."
        % (places.config, "empty" if serialize.exists(places.config) else "gone", kept, places.env, files.own_path(places))
    )


def refuse_cut(places: Places, user: Dict[str, Any], decided: Collection[str]) -> None:
    """Raises LecternError where config.yml is the beginning of its last kept state. ``decided`` are settings that the call itself drops or
    sets."""
    with contextlib.suppress(OSError):
        now = read_bytes(places.config)
        kept, before = next(_kept(places), ("", b""))
        if not now or len(now) >= len(before) or not before.startswith(now):
            return
        was = _settings(before)
        lost = sorted(key for key in was if key not in decided and not (key in user and serialize.same(user[key], was[key])))
        if lost:
            raise LecternError(
                "'%s' is cut off: it is the beginning of what it was, and lacks %s. Restore it from '%s'. Where you dropped these settings "
                "yourself, name them in unset." % (places.config, ", ".join(lost), kept)
            )


def refuse_lost_secrets(
    places: Places, user: Dict[str, Any], found: Contributions, release: Release, changes: Changes, manifest: Dict[str, Any]
) -> None:
    """Raises LecternError where a secret that was generated is no longer in config.yml and would be made anew, unless the call accepts
    that."""
    given = {key for key, value in changes.settings.items() if not masking.is_random(value)}
    made = {item.key for _layer, item in saved_layers(found, release) if masking.is_random(item.value)} | set(changes.settings)
    ours = set(manifest["generated"]) - set(manifest.get("dropped", {}))
    known = ours if "config" in manifest else _generated_by_tutor(places, found, release)
    held = {key for key, value in user.items() if value is not None}  # a line that is cut off after its colon holds nothing
    lost = sorted((made & known) - held - given - set(changes.accept_new_secrets))
    if lost:
        raise LecternError(
            "'%s' lacks %s, generated once: new secrets would lock the platform out of its data. Copy them back, or, where that data is "
            "gone, name them in accept_new_secrets." % (places.config, ", ".join("%s (%s)" % (key, _where(places, key)) for key in lost))
        )


def refuse_incomplete(
    places: Places, user: Dict[str, Any], found: Contributions, release: Release, decided: Collection[str], manifest: Dict[str, Any]
) -> None:
    """Raises LecternError where a root that Lectern does not know yet lacks a setting that the ``tutor`` of this series saves with every
    environment: the end of config.yml was cut off."""
    version = _rendered_by(places)
    if "config" in manifest or not version or not releases.is_of_series(release, version):
        return
    lost = sorted({item.key for _layer, item in saved_layers(found, release) if item.owner == CORE} - set(user) - set(decided))
    if any(masking.is_random(item.value) for _layer, item in saved_layers(found, release) if item.key in lost):
        return  # a graver loss, which is told by refuse_lost_secrets
    with contextlib.suppress(OSError):
        lost += [] if read_bytes(places.config).endswith((b"\n", b"}")) else ["the end of its last line"]
    if lost:
        raise LecternError(
            "'%s' lacks %s, which tutor saves with every environment: it is cut off. Restore it from a backup, or, where you dropped that "
            "yourself, run `tutor config save`." % (places.config, ", ".join(lost))
        )


def _generated_by_tutor(places: Places, found: Contributions, release: Release) -> Set[str]:
    """What ``tutor`` must have saved before it rendered the environment of a root that Lectern does not know yet; newer releases
    generate more."""
    if not any(os.path.isfile(os.path.join(places.env, name)) for name in WHOLE):
        return set()
    of_core = {item.key for _layer, item in saved_layers(found, release) if item.owner == CORE and masking.is_random(item.value)}
    version = _rendered_by(places)
    return of_core if version and releases.is_of_series(release, version) else of_core & set(releases.GENERATED_BY_ALL)


def _rendered_by(places: Places) -> Optional[str]:
    """The version of Tutor that rendered the environment, if that is known."""
    with contextlib.suppress(OSError, ValueError):
        return read_bytes(os.path.join(places.env, "version")).decode("ascii").strip()
    return None


def _where(places: Places, key: str) -> str:
    """Where a secret can still be found."""
    for path, content in _kept(places):
        if key in _settings(content):
            return "'%s' has it" % path
    return "no state of config.yml is kept that has it; look into a backup, or into the files of '%s'" % places.env


def _kept(places: Places) -> Iterator[Tuple[str, bytes]]:
    """The kept states of config.yml, the newest first."""
    names: List[str] = []
    with contextlib.suppress(OSError):
        names = journal.generations(places)
    for name in reversed(names):
        yield name, files.read_own(name)


def _settings(content: bytes) -> Dict[str, Any]:
    """The settings that a kept state holds; none where it is no YAML."""
    try:
        found = serialize.load(content.decode("utf-8"), "")
    except (LecternError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
