# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several images at a time: in threads, in an order that respects which image is built from which."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence

from ..base.errors import LecternError


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
    pending = list({image.tag: image for image in images}.values())
    done = {image.tag: Done(image, None, None, 0.0) for image in pending}
    waits = {image.tag: _before(pending, number, bases(image)) for number, image in enumerate(pending)}
    running: Dict[Future[Done], str] = {}
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        while pending or running:
            open_tags = {image.tag for image in pending} | set(running.values())
            ready = [image for image in pending if not open_tags.intersection(waits[image.tag])][: parallel - len(running)]
            for image in ready:
                pending.remove(image)
                running[pool.submit(_one, image, do, [done[tag] for tag in waits[image.tag]])] = image.tag
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done[running.pop(future)] = future.result()
                pending = [] if future.result().error else pending
    return done


def _before(images: Sequence[Any], number: int, bases: Iterable[str]) -> List[str]:
    """The tags among ``bases`` that images before this one have: of two images that name each other, the first goes first."""
    wanted = set(bases)
    return [image.tag for image in images[:number] if image.tag in wanted]


def _one(image: Any, do: Do, bases: List[Done]) -> Done:
    started = time.monotonic()
    try:
        return Done(image, do(image, bases), None, time.monotonic() - started)
    except LecternError as error:
        return Done(image, None, error, time.monotonic() - started)
