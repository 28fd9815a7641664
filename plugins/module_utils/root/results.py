# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Translates between a module and a transaction: checks settings, describes changes as actions and differences, masks secrets."""

from __future__ import annotations

import contextlib
import os
import re
from typing import Any, Dict, List, Optional

from ..base import access, files, masking, plain, serialize
from ..base.content import Change, Content, digest
from ..base.errors import LecternError
from ..base.masking import secrets_in, secrets_of
from ..render.changes import Changes
from ..render.user_config import PLUGINS
from . import journal, maintenance, manifest
from .platform import Platform
from .prepare import Prepared

SHOWN_BYTES = 2**20  # of a file that a difference shows in full; all files together have sixteen times as many

KEY = re.compile(r"[A-Za-z0-9_-]+")


def find_secrets_to_mask(prepared: Prepared, given: List[str]) -> List[str]:
    """Return the secrets that a difference may show, sorted: of the new state, of what was there before, and those ``given`` in options."""
    places, generated = prepared.platform.places, prepared.platform.settings.generated
    before = [change.before for change in prepared.changes if os.path.dirname(change.path) == places.plugins_root and change.before]
    with contextlib.suppress(OSError, LecternError):
        before += [files.read_own(path) for path in journal.generations(places)]
    old = [text for content in before for text in secrets_in(content.decode("utf-8", "replace"), generated)]
    return sorted(
        {*prepared.platform.secrets, *secrets_of(prepared.settings_before, generated), *given, *old, *maintenance.secrets(places)}
    )


def read_changes(params: Dict[str, Any]) -> Changes:
    """Check the options about settings and return them, ``settings_files`` overridden by ``settings``.

    Raises LecternError for a key that Tutor can't have, and for a value of the wrong type.
    """
    lists = [params.get(option) or [] for option in ("unset", "accept_new_secrets")]
    changes = Changes(params.get("settings") or {}, params.get("append") or {}, params.get("remove") or {}, *lists)
    for option, keys in zip(Changes._fields, changes):
        for key in keys:
            _check_key(option, key)
            if isinstance(keys, dict) and not all(map(plain.is_text, masking.strings_in(keys[key]))):
                raise LecternError("%s.%s holds half of a surrogate pair: no file of UTF-8 text can hold that." % (option, key))
    settings: Dict[str, Any] = {}
    for file in params.get("settings_files") or []:
        given = serialize.parse_mapping(file["text"], file["name"])
        for key in given:
            _check_key("'%s'" % file["name"], key)
        settings.update(given)
    changes = changes._replace(settings={**settings, **changes.settings})
    for option in ("append", "remove"):
        for key, values in getattr(changes, option).items():
            if not isinstance(values, list):
                raise LecternError("%s.%s is a %s: expected a list of values." % (option, key, type(values).__name__))
    return changes


def _check_key(option: str, key: Any) -> None:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise LecternError("%s has the key %r: a setting's name is made of letters, digits, '_' and '-'." % (option, key))
    if key == PLUGINS:
        raise LecternError("%s has the key PLUGINS: use the option plugins, or the module lectern.tutor.plugin." % option)


def describe_transaction(prepared: Prepared, secrets: Optional[List[str]]) -> Dict[str, Any]:
    """Return ``changed``, ``actions`` and ``diff`` of a transaction, with ``secrets`` masked; without ``secrets``, ``diff`` is empty."""
    platform, places = prepared.platform, prepared.platform.places
    actions = prepared.recovered + ["%s %s" % (change.kind.capitalize(), change.path) for change in prepared.changes]
    actions += ["Created folder %s" % folder for folder in prepared.folders]
    for folder, wanted in prepared.access_changes.items():
        sentence = "Made %s accessible to its owner alone (mode %04o)" if wanted.mode == access.DEFAULT else "Gave %s the mode %04o"
        actions.append(sentence % (folder, wanted.mode))
    shown = [change for change in prepared.changes if os.path.dirname(change.path) != os.path.dirname(manifest.path(places))]
    diff = describe_differences(shown, platform, secrets) if secrets is not None else []
    return dict(changed=bool(actions), actions=actions, diff=diff)


def describe_differences(changes: List[Change], platform: Platform, secrets: List[str]) -> List[Dict[str, str]]:
    """Describe each change; only by the size of the file where that, or all the files before it, are too long to show."""
    differences, size = [], 0
    for change in changes:
        contents = [content for content in (change.before, change.after) if content is not None]
        sizes = [len(bytes(content)) for content in contents]
        is_long = max(sizes) > SHOWN_BYTES or size > 16 * SHOWN_BYTES
        size += 0 if is_long else sum(sizes)
        differences.append(_difference(change, platform, secrets, is_long))
    return differences


def _difference(change: Change, platform: Platform, secrets: List[str], is_long: bool) -> Dict[str, str]:
    def shown(content: Optional[Content], mode: int) -> str:
        if is_long and content is not None:
            return "(%d bytes, too long to be shown, mode %04o, sha256:%s)\n" % (len(bytes(content)), mode, digest(content))
        return _shown(content, mode, change, platform, secrets)

    return dict(
        before_header=change.path if change.before is not None else "/dev/null",
        after_header=change.path if change.after is not None else "/dev/null",
        before=shown(change.before, change.mode_before),
        after=shown(change.after, change.mode),
    )


def _shown(content: Optional[Content], mode: int, change: Change, platform: Platform, secrets: List[str]) -> str:
    if content is None:
        return ""
    try:
        text = bytes(content).decode("utf-8")
    except UnicodeDecodeError:
        return "(%d bytes that are not text, mode %04o)\n" % (len(bytes(content)), mode)
    if change.path == platform.places.config_file:
        settings = serialize.load(text, change.path) or {}
        hidden = {*platform.settings.secret_keys, *platform.settings.generated, *filter(masking.is_secret, settings)}
        text = serialize.dump(masking.mask_settings(settings, hidden, secrets), True)
    text = masking.mask_text(text, secrets)
    return "mode: %04o\n%s" % (mode, text) if change.kind == "changed" and change.mode != change.mode_before else text


def mask_secret_settings(platform: Platform) -> Dict[str, Any]:
    """Return the effective settings, secret values masked."""
    return masking.mask_settings(platform.config, platform.settings.secret_keys, platform.secrets)


def changed_keys(prepared: Prepared) -> List[str]:
    """Return the keys of config.yml that this transaction adds, changes or drops, sorted."""
    before, after = prepared.settings_before, prepared.platform.settings.saved
    changed = {key for key in before.keys() & after.keys() if not serialize.are_equal(before[key], after[key])}
    return sorted(changed | (before.keys() ^ after.keys()))


def list_files(prepared: Prepared) -> Dict[str, Any]:
    """Return the changed files of the environment, by kind of change, and the number of unchanged ones."""
    env = prepared.platform.places.env + os.sep
    files: Dict[str, Any] = dict(created=[], changed=[], removed=[])
    for change in prepared.changes:
        if change.path.startswith(env):
            files[change.kind].append(change.path[len(env) :])
    touched = len(files["created"]) + len(files["changed"])
    return dict({kind: sorted(names) for kind, names in files.items()}, unchanged_count=len(prepared.tree) - touched)
