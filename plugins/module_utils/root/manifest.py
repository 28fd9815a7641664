# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Lectern wrote into a root: files of the environment with digest and origin, plugins' overrides, and settings made of randomness."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Dict, List, NamedTuple, Optional

from ..base import content as contents
from ..base import masking, serialize
from ..base.content import File
from ..base.errors import LecternError
from ..base.files import damaged, own_path, read_json
from ..base.places import Places

Owners = Dict[str, Optional[str]]  # by key of a setting; None for the operator's own


class Manifest(NamedTuple):
    """What Lectern wrote into a root. Each file, by path below ``env/``, has ``digest``, ``template``, ``owner`` and ``patches``."""

    files: Dict[str, Dict[str, Any]] = {}
    overrides: Owners = {}  # of enabled plugins
    generated: Owners = {}  # settings made of randomness
    dropped: Owners = {}  # generated settings that were removed from config.yml on purpose
    config: Optional[str] = None  # digest of config.yml as saved last; None for a root that Lectern does not know yet
    rendered: bool = False  # whether Lectern ever rendered the environment


def path(places: Places) -> str:
    """Return the path of the manifest."""
    return own_path(places, "manifest.json")


def load(places: Places) -> Manifest:
    """Read the manifest; an empty one where nothing was written yet. Raises LecternError for a damaged file."""
    content = read_json(path(places), {"files": {}})
    if not _is_manifest(content):
        raise damaged(path(places))
    return Manifest(**{name: content[name] for name in Manifest._fields if name in content})


def saved_secrets(places: Places) -> List[str]:
    """Return the secrets in config.yml, as far as it can be read: those that its names tell even beside a damaged manifest."""
    generated: Owners = {}
    with contextlib.suppress(LecternError, OSError):
        generated = load(places).generated
    with contextlib.suppress(LecternError, OSError):
        return masking.secrets_of(serialize.load_mapping(places.config), generated)
    return []


def _is_manifest(content: Any) -> bool:
    if not isinstance(content, dict) or "files" not in content:
        return False
    if not all(isinstance(content.get(name, {}), dict) for name in ("files", "overrides", "generated", "dropped")):
        return False
    return all(_is_below_env(name) and _is_entry(entry) for name, entry in content["files"].items())


def _is_below_env(name: str) -> bool:
    return not os.path.isabs(name) and os.path.normpath(name).split(os.sep)[0] != os.pardir


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and {"owner", "digest"} <= set(entry)


def digest(content: contents.Content) -> str:
    """Return ``sha256:…`` of a file's content."""
    return "sha256:" + contents.digest(content)


def is_config_unchanged(places: Places, known: Manifest) -> bool:
    """Return whether config.yml is as Lectern saved it last."""
    return os.path.isfile(places.config) and known.config == digest(contents.read_bytes(places.config))


def update(known: Manifest, config: bytes, files: Dict[str, File], removed: List[str]) -> Manifest:
    """Return the manifest after a call that saved ``config``, wrote ``files`` and removed others."""
    entries = {name: entry for name, entry in known.files.items() if name not in removed}
    entries.update((name, _entry(file)) for name, file in files.items())
    return known._replace(config=digest(config), files=entries)


def _entry(file: File) -> Dict[str, Any]:
    return {"digest": digest(file.content), "template": file.template, "owner": file.owner, "patches": file.patches}


def to_bytes(manifest: Manifest) -> bytes:
    """Return the manifest as it is stored."""
    return (json.dumps(manifest._asdict(), sort_keys=True) + "\n").encode()  # with an indent Python would write it ten times slower
