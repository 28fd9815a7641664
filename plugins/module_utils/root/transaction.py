# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One transaction over plugins, settings and files: everything is computed first, then written at once, or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Iterator, List, Optional, Union

from ..base import access, files, locks, mount_points, serialize
from ..base.content import Change, digest
from ..base.errors import LecternError
from ..base.places import Places
from ..memory import store
from ..memory.store import FORM, Look, Past, is_known, path
from ..render import bytecode
from . import apply, journal, manifest, plan
from .prepare import Prepared, Request, prepare


def commit(prepared: Prepared) -> None:
    """Writes a prepared transaction, and gives the root its mode. The caller holds the lock."""
    places = prepared.platform.places
    if not prepared.changes and mount_points.is_read_only(places.root):
        return  # all is as it should be, and what is remembered can wait
    changes = prepared.changes + _own_changes(prepared)
    access.change(places, prepared.opened)  # first, as it tells which mode new folders have
    if changes:
        apply.apply(places, changes)
    apply.make_folders(places, prepared.folders)


def _own_changes(prepared: Prepared) -> List[Change]:
    """What is remembered for the next call; nobody else sees it."""
    if not prepared.tree:
        return []
    places, changed = prepared.platform.places, bool(prepared.changes)
    code = prepared.platform.renderer.compiled.content(prepared.complete)
    return changes(places, prepared.past, changed) + (plan.file(bytecode.path(places), code, 0o600) if changed else [])


def execute(places: Places, request: Request, checking: bool) -> Prepared:
    """Prepares and, unless ``checking``, writes: under the lock, after completing what a killed run left."""
    if not checking and not files.is_there(places):
        with locks.locked_before_it_is_there(places):
            if not files.is_there(places):
                return _first(places, request)
    with _held(places, checking) as recovered:
        return _carry_out(places, request, checking)._replace(recovered=recovered)


def render_root(places: Places, request: Request, checking: bool) -> Union[Prepared, Past]:
    """Executes a request that renders; returns what is known of the last rendering where the same would come of it again."""
    if not files.is_there(places):
        return execute(places, request, checking)
    with _held(places, checking) as recovered:
        look = store.look(places)
        is_whole = not recovered and not os.path.lexists(journal.path(places))
        if is_whole and look.past and store.holds(places, look.past, request) and store.answered(look):
            return look.past
        return _carry_out(places, request, checking, look)._replace(recovered=recovered)


@contextlib.contextmanager
def _held(places: Places, checking: bool) -> Iterator[List[str]]:
    """The lock; sentences on what a killed run left, which a failure tells too. What only checks waits for the call that works."""
    if checking:
        with locks.undisturbed(places):
            yield []
        return
    with locks.locked(places):
        recovered = apply.recover(places)
        try:
            yield recovered
        except LecternError as error:
            if recovered:
                error.details.update(changed=True, actions=recovered)
            raise


def _carry_out(places: Places, request: Request, checking: bool, look: Look = store.NOTHING) -> Prepared:
    prepared = prepare(places, request, checking, look)
    if not checking:
        commit(prepared)
    return prepared


def _first(places: Places, request: Request) -> Prepared:
    """The first call on a root: what fails must not even leave an empty folder, so its own lock comes after the work."""
    prepared = prepare(places, request, False)
    missing = files.missing_folders(places)
    try:
        with locks.locked(places):
            if serialize.exists(manifest.path(places)):  # by a run that came between the two locks
                raise LecternError("Another run has just set up '%s': run again." % places.root)
            try:
                commit(prepared)
            except (OSError, LecternError):
                if not os.path.lexists(journal.path(places)) and not os.path.lexists(manifest.path(places)):
                    files.remove_own(places)
                raise
    except OSError as error:
        raise LecternError("Can't write below '%s': %s. Nothing was changed." % (places.root, error.strerror)) from None
    finally:
        files.remove_empty(missing)
    return prepared


def changes(places: Places, past: Optional[Past], changed: bool) -> List[Change]:
    """What has to be written to remember a call, or to forget all where it can't be told.

    A call that changes nothing else writes only what was not known at all.
    """
    if past is None:
        return plan.removal(path(places))
    content = json.dumps(past._asdict(), sort_keys=True).encode()
    content = FORM % (digest(content).encode(), content)
    return plan.file(path(places), content, 0o600) if changed or not is_known(places) else []
