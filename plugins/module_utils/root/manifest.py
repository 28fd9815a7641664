# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Lectern wrote into a root: files of the environment with digest and origin, plugins' overrides, and settings made of randomness."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Optional

from ..base import content as contents
from ..base.content import File
from ..base.errors import LecternError
from ..base.files import own_path, read_json
from ..base.places import Places

Owners = Dict[str, Optional[str]]

NOTHING: Dict[str, Any] = {"files": {}, "overrides": {}, "generated": {}}


def path(places: Places) -> str:
    """Where the manifest is kept."""
    return own_path(places, "manifest.json")


def load(places: Places) -> Dict[str, Any]:
    """``{config: digest, files: {path below env/: {digest, template, owner, patches}}, overrides: {KEY: owner},
    generated: {KEY: owner}, dropped: {KEY: owner}, rendered: bool}``; empty where nothing was written yet.

    Raises LecternError when the file holds something else.
    """
    found = read_json(path(places), NOTHING)
    if not _is_manifest(found):
        raise LecternError("'%s' is damaged: remove it, Lectern makes it anew." % path(places))
    return dict(NOTHING, **found)


def _is_manifest(found: Any) -> bool:
    if (
        not isinstance(found, dict)
        or not all(isinstance(found.get(name, {}), dict) for name in (*NOTHING, "dropped"))
        or "files" not in found
    ):
        return False
    files = found["files"]
    inside = [name for name in files if not os.path.isabs(name) and os.path.normpath(name).split(os.sep)[0] != os.pardir]
    return len(inside) == len(files) and all(isinstance(item, dict) and {"owner", "digest"} <= set(item) for item in files.values())


def digest(content: contents.Content) -> str:
    """``sha256:…`` of a file's content."""
    return "sha256:" + contents.digest(content)


def saved_config(places: Places, found: Dict[str, Any]) -> bool:
    """Whether config.yml is as Lectern saved it last."""
    return os.path.isfile(places.config) and found.get("config") == digest(contents.read_bytes(places.config))


def entry(file: File) -> Dict[str, Any]:
    """What the manifest keeps of a file."""
    return {"digest": digest(file.content), "template": file.template, "owner": file.owner, "patches": file.patches}


def make(
    before: Dict[str, Any], config: bytes, files: Dict[str, File], gone: List[str], owners: Dict[str, Owners], rendered: bool
) -> Dict[str, Any]:
    """The manifest after a call that saved ``config``: ``files`` were rendered (or not at all), ``gone`` were removed, ``owners`` are those
    of ``overrides``, of ``generated`` settings, and of those that were ``dropped`` from config.yml on purpose."""
    kept = {name: found for name, found in before["files"].items() if name not in gone}
    kept.update((name, entry(file)) for name, file in files.items())
    return {
        "config": digest(config),
        "files": kept,
        "rendered": rendered or bool(before.get("rendered")),
        **owners,
    }


def text(manifest: Dict[str, Any]) -> bytes:
    """The manifest as it is stored."""
    return (json.dumps(manifest, sort_keys=True) + "\n").encode()  # with an indent Python would write it ten times slower
