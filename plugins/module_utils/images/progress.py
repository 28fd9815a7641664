# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums up the engine's events during a pull or a push: one line a second says how far it is."""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Dict, Optional, Tuple

from ..base.logs import Write

FINISHED = re.compile("Pull complete|Already exists|Pushed|Layer already exists|Mounted from .*")

SENT = re.compile("Pull(ing fs layer| complete)|Download(ing| complete)|Extracting|Push(ing|ed)")

COUNTED_IN_BYTES = ("Downloading", "Pushing")  # events whose progress is in bytes that go over the network


class Progress:
    """Receives the events of one transfer; ``verb`` is ``pulled`` or ``pushed``. Where no layer has to be sent, writes nothing."""

    def __init__(self, verb: str, write: Write, clock: Callable[[], float] = time.monotonic) -> None:
        self._verb, self._write, self._clock = verb, write, clock
        self._done: Dict[str, bool] = {}
        self._bytes: Dict[str, Tuple[int, int]] = {}
        self._any_layer_sent = False
        self._next: Optional[float] = None
        self._last_line = ""

    def __call__(self, event: Dict[str, Any]) -> None:
        """Receive one event as the SDK decodes it."""
        layer, status = event.get("id"), str(event.get("status", ""))
        if not layer or not (SENT.fullmatch(status) or FINISHED.fullmatch(status)):
            return
        self._any_layer_sent = self._any_layer_sent or bool(SENT.fullmatch(status))
        self._done[layer] = bool(FINISHED.fullmatch(status))
        self._count(layer, status, event.get("progressDetail") or {})
        if self._next is None:
            self._next = self._clock() + 1
        elif self._clock() >= self._next:
            self._write_line()

    def end(self) -> None:
        """Write where the transfer ended."""
        self._write_line()

    def _count(self, layer: str, status: str, detail: Dict[str, Any]) -> None:
        if status in COUNTED_IN_BYTES and detail.get("total"):
            self._bytes[layer] = (min(int(detail.get("current", 0)), int(detail["total"])), int(detail["total"]))
        elif layer in self._bytes:  # the layer came over the network and is unpacked now
            self._bytes[layer] = (self._bytes[layer][1], self._bytes[layer][1])

    def _write_line(self) -> None:
        text = "%s %d of %d layers%s" % (self._verb, sum(self._done.values()), len(self._done), self._sizes())
        if self._any_layer_sent and text != self._last_line:
            self._write(text)
            self._last_line, self._next = text, self._clock() + 1

    def _sizes(self) -> str:
        current, total = (sum(pair[place] for pair in self._bytes.values()) / 1e6 for place in (0, 1))
        return ", %s of %s MB" % (_rounded(current), _rounded(total)) if total else ""


def _rounded(megabytes: float) -> str:
    return "%.0f" % megabytes if megabytes >= 10 else "%.1f" % megabytes
