# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a pull or a push is: the engine's stream of events, summed up in a line a second."""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Dict, Optional, Tuple

from ..base.logs import Write

DONE = re.compile("Pull complete|Already exists|Pushed|Layer already exists|Mounted from .*")

MOVED = re.compile("Pull(ing fs layer| complete)|Download(ing| complete)|Extracting|Push(ing|ed)")

COUNTED = ("Downloading", "Pushing")  # events whose progress is in bytes that go over the network


class Progress:
    """Takes the events of one transfer; ``verb`` is ``pulled`` or ``pushed``. Nothing is written where no layer has to be sent."""

    def __init__(self, verb: str, write: Write, clock: Callable[[], float] = time.monotonic) -> None:
        self._verb, self._write, self._clock = verb, write, clock
        self._done: Dict[str, bool] = {}
        self._bytes: Dict[str, Tuple[int, int]] = {}
        self._moved = False
        self._next: Optional[float] = None
        self._told = ""

    def __call__(self, event: Dict[str, Any]) -> None:
        """One event as the SDK decodes it."""
        layer, status = event.get("id"), str(event.get("status", ""))
        if not layer or not (MOVED.fullmatch(status) or DONE.fullmatch(status)):
            return
        self._moved = self._moved or bool(MOVED.fullmatch(status))
        self._done[layer] = bool(DONE.fullmatch(status))
        self._count(layer, status, event.get("progressDetail") or {})
        if self._next is None:
            self._next = self._clock() + 1
        elif self._clock() >= self._next:
            self._tell()

    def end(self) -> None:
        """Tells where it ended."""
        self._tell()

    def _count(self, layer: str, status: str, detail: Dict[str, Any]) -> None:
        if status in COUNTED and detail.get("total"):
            self._bytes[layer] = (min(int(detail.get("current", 0)), int(detail["total"])), int(detail["total"]))
        elif layer in self._bytes:  # it goes on with what came over the network
            self._bytes[layer] = (self._bytes[layer][1], self._bytes[layer][1])

    def _tell(self) -> None:
        text = "%s %d of %d layers%s" % (self._verb, sum(self._done.values()), len(self._done), self._sizes())
        if self._moved and text != self._told:
            self._write(text)
            self._told, self._next = text, self._clock() + 1

    def _sizes(self) -> str:
        current, total = (sum(pair[place] for pair in self._bytes.values()) / 1e6 for place in (0, 1))
        return ", %s of %s MB" % (_rounded(current), _rounded(total)) if total else ""


def _rounded(megabytes: float) -> str:
    return "%.0f" % megabytes if megabytes >= 10 else "%.1f" % megabytes
