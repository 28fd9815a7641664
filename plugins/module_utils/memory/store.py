# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last rendering of a root, remembered: while nothing that it depended on has changed, no plugin has to be loaded.

``recall`` returns it if it still holds; ``recording`` and ``remember`` record a new one. Whatever can't be traced is not remembered.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from typing import Any, ContextManager, Dict, List, NamedTuple, Optional, Tuple

from ..base import access, delegate, files
from ..base.content import digest, read_bytes
from ..base.errors import LecternError
from ..base.places import Places
from . import audit, dependencies, untraceable

VARIABLE = "LECTERN_MEMORY"  # "0" in the host's environment turns the memory off

FORM = b'{"digest": "%s", "memory": %s}'  # of the file

DAMAGED = (LecternError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class RememberedRendering(NamedTuple):
    """``inputs`` are what it depended on (``dependencies.describe``), ``request`` is a digest of what was asked for, ``outputs`` are digest
    and mode of all that was written, by path, or None for a file that may not be there. ``result`` is what the call returned beside its
    changes."""

    inputs: Dict[str, Any]
    request: str
    outputs: Dict[str, Optional[List[Any]]]
    result: Dict[str, Any]


def is_on() -> bool:
    """Whether anything is remembered at all."""
    return os.environ.get(VARIABLE) != "0"


def path(places: Places) -> str:
    """Return where the memory is kept."""
    return files.own_path(places, "memory.json")


def recall(places: Places, request: Any) -> Optional[RememberedRendering]:
    """Return the last rendering if this request would come to the same now, and all that it wrote is still there."""
    return _recall(places, request.root_mode, digest(repr(request)))


def recall_saved(places: Places, root_mode: int) -> Optional[RememberedRendering]:
    """Return the last rendering, whatever it was asked for, if all that it depended on and wrote is as it left it.

    What was asked for is saved by then, so that rendering with the saved settings would come to the same.
    """
    return _recall(places, root_mode, None)


def _recall(places: Places, root_mode: int, request: Optional[str]) -> Optional[RememberedRendering]:
    """Return the last rendering if it still holds and its request has this digest; None stands for any."""
    if not is_on():
        return None
    with contextlib.suppress(*DAMAGED):
        remembered = RememberedRendering(**_read(places))
        if (
            request in (None, remembered.request)
            and not access.find_access_changes(places, remembered.result["files"], root_mode)
            and not any(_is_behind_link(folder, places.root) for folder in {os.path.dirname(name) for name in remembered.outputs})
            and all(_digest_output(name) == value for name, value in remembered.outputs.items())
            and dependencies.are_the_same(remembered.inputs, places)
        ):
            return remembered
    return None


def recording() -> ContextManager[Optional[audit.Recording]]:
    """Record what is read in the block; yields None where nothing is remembered."""
    return audit.recording() if is_on() else contextlib.nullcontext()


def remember(
    seen: Optional[audit.Recording], places: Places, request: Any, written: Dict[str, Optional[Tuple[Any, int]]], result: Dict[str, Any]
) -> Optional[RememberedRendering]:
    """Return what to remember of a call; None where its inputs can't be traced.

    ``written`` are (content, mode) by path of all that it wrote or left as it was; None where no file may be.
    """
    inputs = dependencies.describe(seen, places, request.files) if seen else None
    if inputs is None:
        return None
    outputs = {name: file and [digest(file[0]), file[1]] for name, file in written.items()}
    return RememberedRendering(inputs, digest(repr(request)), outputs, result)


def text(remembered: RememberedRendering) -> bytes:
    """Return the content of the file that keeps it."""
    content = json.dumps(remembered._asdict(), sort_keys=True).encode()
    return FORM % (digest(content).encode(), content)


def is_kept(places: Places, remembered: RememberedRendering) -> bool:
    """Whether a rendering by the same interpreter, user and code is kept already."""
    with contextlib.suppress(*DAMAGED):
        return bool(_read(places)["inputs"]["process"] == remembered.inputs["process"])
    return False


def read_ahead() -> None:
    """Read what a process that becomes another user may not be able to read later."""
    dependencies.digest_engine()
    untraceable.mentioned_before(list(sys.modules), set())


delegate.READ_AHEAD.append(read_ahead)


def _read(places: Places) -> Dict[str, Any]:
    """Return what is kept. Raises one of DAMAGED where that is not as it was written."""
    content = files.read_own(path(places), trusted=True)
    kept = content[len(FORM % (digest("").encode(), b"")) - 1 : -1]
    if content != FORM % (digest(kept).encode(), kept):
        raise ValueError("not as it was written")
    return dict(json.loads(kept))


def _is_behind_link(folder: str, root: str) -> bool:
    """Whether a link below the root leads to a folder."""
    return folder.startswith(root) and os.path.realpath(folder) != os.path.realpath(root) + folder[len(root) :]


def _digest_output(name: str) -> Optional[List[Any]]:
    """Return digest and mode of a file; None where there is none, or a link."""
    try:
        mode = os.lstat(name).st_mode
        return [digest(read_bytes(name)), stat.S_IMODE(mode)] if stat.S_ISREG(mode) else None
    except OSError:
        return None
