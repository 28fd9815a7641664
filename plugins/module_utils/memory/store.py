# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last rendering of a root depended on and came to. While none of it changed, there is no need to load a plugin.

Everything is compared by content. What can't be told of is left to be rendered each time.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..base import access, files
from ..base.content import File, digest, read_bytes
from ..base.errors import LecternError
from ..base.observation import unnoticed
from ..base.places import Places
from .dependencies import are_the_same, describe_process, folders_to
from .programs import Answers, answers, ask, is_question

FORM = b'{"digest": "%s", "memory": %s}'  # of the file

DAMAGED = (LecternError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Past(NamedTuple):
    """``request``, ``plugins`` (those enabled and given), ``settings`` (by key) and ``outputs`` (by path: content and mode) are digests,
    ``uses`` the settings that decide about a file of the environment, ``result`` is what the call returned beside its changes,
    ``packages`` are the installed plugins (discover.Plugin)."""

    inputs: Dict[str, Any]
    request: str
    plugins: str
    outputs: Dict[str, List[Any]]
    settings: Dict[str, str]
    uses: Dict[str, List[str]]
    packages: List[Dict[str, Any]]
    result: Dict[str, Any]


class Look(NamedTuple):
    """What is known of the last rendering, if anything, and the programs that are asked whether it still holds."""

    past: Optional[Past]
    asked: Answers


NOTHING = Look(None, {})


def path(places: Places) -> str:
    """Where the memory is kept."""
    return files.own_path(places, "memory.json")


def look(places: Places) -> Look:
    """What is known of the last rendering; nothing where what it depended on is no longer the same.

    Programs that it depended on are asked meanwhile: ``answered`` waits for them.
    """
    asked: Answers = {}
    with contextlib.suppress(*DAMAGED):
        past = Past(**_read(places))
        past.inputs["compared"] = time.time()
        asked.update(ask(_questions_of(past)))
        return Look(past if are_the_same(past.inputs, places) else None, asked)
    return Look(None, asked)


def _questions_of(past: Past) -> List[Tuple[str, ...]]:
    """The programs to ask. Raises ValueError for one that does more than answer: nothing else is run because a file says so."""
    commands = [tuple(command) for command, _answer in past.inputs["programs"]]
    if not all(is_question(command) for command in commands):
        raise ValueError("not a question")
    return commands


def answered(look: Look) -> Optional[Past]:
    """What is known, if programs still answer the same."""
    past, asked = look
    return past if past and list(answers(asked).values()) == [answer for _command, answer in past.inputs["programs"]] else None


def holds(places: Places, past: Past, request: Any) -> bool:
    """Whether the same is asked for, and all that was written is still there."""
    return (
        past.request == digest(repr(request))
        and not access.to_change(places, past.result["files"], request.root_mode)
        and not any(os.path.islink(folder) for folder in folders_to(past.outputs, places.root))
        and all(_output(name) == value for name, value in past.outputs.items())
    )


def is_of(past: Past, plugins: Any) -> bool:
    """Whether the same plugins would add the same, whatever the settings are."""
    return past.plugins == digest(repr(plugins)) and not past.inputs["settings"]


def reusable(places: Places, past: Past, manifest: Dict[str, Any], settings: Dict[str, Any]) -> Dict[str, File]:
    """The files of the environment that would be rendered to what is on disk: by path below ``env/``."""
    now = _of_settings(settings)
    changed = {key for key in {*now, *past.settings} if now.get(key) != past.settings.get(key)}
    found = {}
    for name, used in past.uses.items():
        file = os.path.join(places.env, name)
        if changed.isdisjoint(used) and name in manifest:
            with unnoticed():
                held = _held(file)
            if held and _output_of(held) == past.outputs.get(file):
                known = manifest[name]
                found[name] = File(*held, known["template"], known["owner"], known["patches"], used)
    return found


def make(
    inputs: Dict[str, Any], request: Any, plugins: Any, written: Dict[str, Any], settings: Dict[str, Any], tree: Dict[str, File]
) -> Past:
    """What to remember of a call. ``written`` are (content, mode) by path of all that it wrote or found as it should be."""
    outputs = {name: [digest(content), mode] for name, (content, mode) in written.items()}
    uses = {name: file.settings for name, file in tree.items() if file.settings is not None}
    return Past(inputs, digest(repr(request)), digest(repr(plugins)), outputs, _of_settings(settings), uses, [], {})


def _of_settings(settings: Dict[str, Any]) -> Dict[str, str]:
    """The digest of each setting's value."""
    return {key: digest(repr(value)) for key, value in settings.items()}


def is_known(places: Places) -> bool:
    """Whether what this process would find is kept already."""
    with contextlib.suppress(*DAMAGED):
        return bool(_read(places)["inputs"]["process"] == describe_process(places))
    return False


def _read(places: Places) -> Dict[str, Any]:
    """What is kept. Raises one of DAMAGED where that is not as it was written."""
    content = files.read_own(path(places), trusted=True)
    text = content[len(FORM % (digest("").encode(), b"")) - 1 : -1]
    if content != FORM % (digest(text).encode(), text):
        raise ValueError("not as it was written")
    return dict(json.loads(text))


def _output(name: str) -> Optional[List[Any]]:
    held = _held(name)
    return _output_of(held) if held else None


def _output_of(held: Tuple[bytes, int]) -> List[Any]:
    content, mode = held
    return [digest(content), mode]


def _held(name: str) -> Optional[Tuple[bytes, int]]:
    """Content and mode of a file; None where there is none, or a link."""
    try:
        mode = os.lstat(name).st_mode
        return (read_bytes(name), stat.S_IMODE(mode)) if stat.S_ISREG(mode) else None
    except OSError:
        return None
