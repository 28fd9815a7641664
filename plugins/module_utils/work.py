# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several images at a time: in threads, in an order that respects which image is built from which."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence

from .errors import LecternError


class Outcome(NamedTuple):
    """What came of one image: ``digest`` is what its registry holds under the tag (None: unknown), ``action`` a sentence,
    ``before`` and ``after`` what to show in a diff."""

    changed: bool
    digest: Optional[str] = None
    action: Optional[str] = None
    before: Optional[str] = None
    after: Optional[str] = None


class Done(NamedTuple):
    """One image, its outcome or its error, and the seconds it took; neither outcome nor error when it was not started."""

    image: Any
    outcome: Optional[Outcome]
    error: Optional[LecternError]
    duration: float


Do = Callable[[Any, List[Done]], Outcome]


def run_all(images: Sequence[Any], do: Do, parallel: int, bases: Callable[[Any], Iterable[str]] = lambda image: ()) -> Dict[str, Done]:
    """Calls ``do(image, the images before it that it is built from)`` for each, up to ``parallel`` at a time; results by tag.

    ``bases`` names the tags that an image is built from. After a failure nothing new is started. Of two images with one tag
    the last one counts, as it would if they were worked on in turn.
    """
    stop = threading.Event()
    futures: Dict[str, Future[Done]] = {}
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        for image in {image.tag: image for image in images}.values():
            waits = [futures[tag] for tag in bases(image) if tag in futures]
            futures[image.tag] = pool.submit(_one, image, do, waits, stop)
    return {tag: future.result() for tag, future in futures.items()}


def _one(image: Any, do: Do, waits: List[Future[Done]], stop: threading.Event) -> Done:
    before = [future.result() for future in waits]
    if stop.is_set():
        return Done(image, None, None, 0.0)
    started = time.monotonic()
    try:
        return Done(image, do(image, before), None, time.monotonic() - started)
    except LecternError as error:
        stop.set()
        return Done(image, None, error, time.monotonic() - started)
