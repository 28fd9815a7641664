# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Lectern wrote into a root: each file of the environment with its digest and origin, and the plugins' overrides."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List

from . import state
from .contributions import Setting
from .errors import LecternError
from .places import Places
from .render import File


def path(places: Places) -> str:
    """Where the manifest is kept."""
    return os.path.join(places.root, ".lectern", "manifest.json")


def load(places: Places) -> Dict[str, Any]:
    """``{config: digest, files: {path below env/: {digest, template, owner, patches}}, overrides: {KEY: owner}, rendered: bool}``;
    empty where nothing was written yet.

    Raises LecternError when the file holds something else.
    """
    nothing: Dict[str, Any] = {"files": {}, "overrides": {}}
    found = state.read_json(path(places), nothing)
    if not _is_manifest(found):
        raise LecternError("'%s' is damaged: remove it, Lectern makes it anew." % path(places))
    return dict(nothing, **found)


def _is_manifest(found: Any) -> bool:
    files, overrides = (found.get("files"), found.get("overrides")) if isinstance(found, dict) else (None, None)
    if not isinstance(files, dict) or not isinstance(overrides, dict):
        return False
    inside = [name for name in files if not os.path.isabs(name) and os.path.normpath(name).split(os.sep)[0] != os.pardir]
    return len(inside) == len(files) and all(isinstance(item, dict) and {"owner", "digest"} <= set(item) for item in files.values())


def digest(content: state.Content) -> str:
    """``sha256:…`` of a file's content."""
    return "sha256:" + state.digest(content)


def saved_config(places: Places, found: Dict[str, Any]) -> bool:
    """Whether config.yml is as Lectern saved it last."""
    return os.path.isfile(places.config) and found.get("config") == digest(state.read_bytes(places.config))


def entry(file: File) -> Dict[str, Any]:
    """What the manifest keeps of a file."""
    return {"digest": digest(file.content), "template": file.template, "owner": file.owner, "patches": file.patches}


def make(
    before: Dict[str, Any], config: bytes, files: Dict[str, File], gone: List[str], overrides: List[Setting], rendered: bool
) -> Dict[str, Any]:
    """The manifest after a call that saved ``config``: ``files`` were rendered (or not at all), ``gone`` were removed."""
    kept = {name: found for name, found in before["files"].items() if name not in gone}
    kept.update((name, entry(file)) for name, file in files.items())
    return {
        "config": digest(config),
        "files": kept,
        "overrides": {item.key: item.owner for item in overrides},
        "rendered": rendered or bool(before.get("rendered")),
    }


def text(manifest: Dict[str, Any]) -> bytes:
    """The manifest as it is stored."""
    return (json.dumps(manifest, sort_keys=True) + "\n").encode()  # with an indent Python would write it ten times slower


def report(places: Places, found: Dict[str, Any], paths: List[str]) -> Dict[str, Any]:
    """The manifest's files (those at or below ``paths``, if any), with ``drift``: edited or removed by hand since."""
    wanted = [os.path.normpath(item) for item in paths]
    files = {}
    for name, known in found["files"].items():
        if not wanted or any(name == item or name.startswith(item + os.sep) or item == os.curdir for item in wanted):
            files[name] = dict(known, drift=_digest_on_disk(os.path.join(places.env, name)) != known["digest"])
    return files


def _digest_on_disk(name: str) -> str:
    if os.path.islink(name) or not os.path.isfile(name):
        return ""
    with open(name, "rb") as stream:
        return digest(stream.read())
