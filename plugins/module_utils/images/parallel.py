# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Works on several images at a time, in threads; an image waits for those that it is built from."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence

from ..base.errors import LecternError
from .image import Image, ImageOutcome


class Attempt(NamedTuple):
    """One image with its outcome or its error, and the seconds it took. One that was not started has neither outcome nor error."""

    image: Image
    outcome: Optional[ImageOutcome]
    error: Optional[LecternError]
    duration: float


Work = Callable[[Image, List[Attempt]], ImageOutcome]


def work_on_all(
    images: Sequence[Image], work: Work, parallel: int, bases_of: Callable[[Image], Iterable[str]] = lambda image: ()
) -> Dict[str, Attempt]:
    """Call ``work(image, attempts of the images that it is built from)`` for each image, up to ``parallel`` at a time.

    ``bases_of`` returns the tags that an image is built from. Returns the attempts by tag. After a failure nothing new is started. Of
    two images with one tag only the last one is worked on: it would replace the other.
    """
    pending = list({image.tag: image for image in images}.values())
    attempts = {image.tag: Attempt(image, None, None, 0.0) for image in pending}
    waits_for = {image.tag: _bases_before(pending, number, bases_of(image)) for number, image in enumerate(pending)}
    running: Dict[Future[Attempt], str] = {}
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        while pending or running:
            unfinished = {image.tag for image in pending} | set(running.values())
            ready = [image for image in pending if not unfinished.intersection(waits_for[image.tag])]
            for image in ready[: parallel - len(running)]:
                pending.remove(image)
                running[pool.submit(_attempt, image, work, [attempts[tag] for tag in waits_for[image.tag]])] = image.tag
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                attempts[running.pop(future)] = future.result()
                if future.result().error:
                    pending = []
    return attempts


def _bases_before(images: Sequence[Image], number: int, bases: Iterable[str]) -> List[str]:
    """Return the tags among ``bases`` of the images before this one. So the first of two images that name each other does not wait."""
    wanted = set(bases)
    return [image.tag for image in images[:number] if image.tag in wanted]


def _attempt(image: Image, work: Work, bases: List[Attempt]) -> Attempt:
    started = time.monotonic()
    try:
        return Attempt(image, work(image, bases), None, time.monotonic() - started)
    except LecternError as error:
        return Attempt(image, None, error, time.monotonic() - started)
