# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of the time and the memory that plugins and templates may take at a time. Only a mistake exceeds them."""

from __future__ import annotations

import contextlib
import resource
import signal
import threading
from typing import Any, Iterator, Optional

SECONDS = 30.0  # of processor time for one callback of a plugin, or for rendering one text

MEMORY = 2 * 2**30  # bytes of memory of this process while it renders


class Endless(Exception):
    """Raised in code that works for longer than SECONDS. Waiting is no work."""

    def __init__(self) -> None:
        super().__init__("stopped after %d s of work, as it seems to have no end" % SECONDS)


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """Raise Endless in a block that works for longer than SECONDS. The time of an inner block does not count for the outer one.

    While the interpreter is in one long operation, such as a power of huge numbers, it is raised after that.
    """
    if threading.current_thread() is not threading.main_thread():  # only the main thread handles signals
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        raise Endless

    usual = signal.signal(signal.SIGVTALRM, stop)
    left = signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS, 1.0)  # and again each second, as a plugin may catch it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, *left)
        signal.signal(signal.SIGVTALRM, usual)


class Interrupted(BaseException):
    """Raised in plugin code that has to end here. No ``except Exception`` of a plugin keeps it."""


class TooLong(Interrupted):
    """Raised in code that takes longer than it may."""


@contextlib.contextmanager
def within(seconds: Optional[float]) -> Iterator[None]:
    """Raise TooLong in a block that takes longer than these seconds, waiting included; None is no limit."""
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        raise TooLong

    usual = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raise Endless as ``in_time`` does, and MemoryError where this process takes more than MEMORY."""
    usual = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [MEMORY, *(limit for limit in usual if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), usual[1]))
    try:
        with in_time():
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, usual)


LARGEST = 100 * 2**20  # bytes of one template, and of its rendered text
