# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls a function in a forked process."""

from __future__ import annotations

import json
import os
from typing import Any, Callable

from .errors import LecternError
from .isolation import explain


def in_child(function: Callable[[], Any]) -> Any:
    """Return the JSON-able result of ``function``, called in a forked process that leaves no trace in this one.

    Raises LecternError with its words when it fails.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os._exit(_answer(function, writer))
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        text = stream.read()
    os.waitpid(child, 0)
    if not text:
        raise LecternError("the process ended without an answer")
    answer = json.loads(text)
    if "error" in answer:
        raise LecternError(answer["error"])
    return answer["result"]


def _answer(function: Callable[[], Any], writer: int) -> int:
    try:
        answer = json.dumps({"result": function()}, default=str)
    except LecternError as error:
        answer = json.dumps({"error": str(error)})
    except BaseException as error:
        answer = json.dumps({"error": explain(error)})
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        stream.write(answer)
    return 0
