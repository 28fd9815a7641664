# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One transaction over plugins, settings and files: computes everything first, then writes all of it or nothing."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Iterator, List, Union

from ..base import access, files, locks, mount_points, serialize
from ..base.content import Change
from ..base.errors import LecternError
from ..base.places import Places
from ..memory import store
from ..memory.store import RememberedRendering
from ..render import bytecode
from . import apply, journal, manifest, plan
from .platform import refuse_missing_config
from .prepare import Prepared, Request, prepare


def execute(places: Places, request: Request, checking: bool) -> Prepared:
    """Carry out a request under the lock, after completing what a killed run left; where ``checking``, write nothing."""
    if not checking and not files.has_own_folder(places):
        with locks.locked_root(places):
            if not files.has_own_folder(places):
                return set_up_root(places, request)
    with locked_and_recovered(places, checking) as recovered:
        return prepare_and_commit(places, request, checking)._replace(recovered=recovered)


def render_root(places: Places, request: Request, checking: bool) -> Union[Prepared, RememberedRendering]:
    """Carry out a request that renders. Returns the remembered rendering where it still holds."""
    if not files.has_own_folder(places):
        return execute(places, request, checking)
    with locked_and_recovered(places, checking) as recovered:
        is_whole = not recovered and not os.path.lexists(journal.path(places))
        remembered = store.recall(places, request) if is_whole else None
        return remembered or prepare_and_commit(places, request, checking)._replace(recovered=recovered)


def find_pending(places: Places) -> Union[Prepared, RememberedRendering]:
    """Compute what rendering with the saved settings would change; write nothing. Returns the remembered rendering where it still holds.

    Raises LecternError where there is no config.yml, and for anything that rendering fails at.
    """
    refuse_missing_config(places)
    root_mode = stat.S_IMODE(os.stat(places.root).st_mode)
    with locks.locked_for_reading(places):
        is_whole = not os.path.lexists(journal.path(places))
        remembered = store.recall_saved(places, root_mode) if is_whole else None
        return remembered or prepare(places, Request(root_mode=root_mode), True)


@contextlib.contextmanager
def locked_and_recovered(places: Places, checking: bool) -> Iterator[List[str]]:
    """Hold the lock; yield sentences on what a killed run left. A failure has them too, as its ``actions``.

    Where ``checking``, only wait for the call that writes, and complete nothing.
    """
    if checking:
        with locks.locked_for_reading(places):
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


def prepare_and_commit(places: Places, request: Request, checking: bool) -> Prepared:
    """Prepare a request and, unless ``checking``, write it. The caller holds the lock."""
    prepared = prepare(places, request, checking)
    if not checking:
        commit(prepared)
    return prepared


def set_up_root(places: Places, request: Request) -> Prepared:
    """Carry out the first request on a root. The root's own lock comes after the work: a failure must not even leave an empty folder."""
    prepared = prepare(places, request, False)
    missing = files.missing_own_folders(places)
    try:
        with locks.locked(places):
            if serialize.exists(manifest.path(places)):  # by a run that came between the two locks
                raise LecternError("Another run has just set up '%s': run again." % places.root)
            try:
                commit(prepared)
            except (OSError, LecternError):
                if not os.path.lexists(journal.path(places)) and not os.path.lexists(manifest.path(places)):
                    files.remove_own_folder(places)
                raise
    except OSError as error:
        raise LecternError("Can't write below '%s': %s. Nothing was changed." % (places.root, error.strerror)) from None
    finally:
        files.remove_empty(missing)
    return prepared


def commit(prepared: Prepared) -> None:
    """Write a prepared transaction and give the root its mode. The caller holds the lock."""
    places = prepared.platform.places
    if not prepared.changes and mount_points.is_read_only(places.root):
        return  # nothing has to change, and what is remembered can wait
    changes = prepared.changes + memory_changes(prepared)
    access.set_access(places, prepared.access_changes)  # first, as it decides which mode new folders have
    if changes:
        apply.apply(places, changes)
    apply.make_folders(places, prepared.folders)


def memory_changes(prepared: Prepared) -> List[Change]:
    """Return what to write for the next call to remember this one; it is not part of the result.

    A call that changes nothing else writes only where nothing was known.
    """
    if not prepared.tree or not store.is_on():
        return []
    places, changed = prepared.platform.places, bool(prepared.changes)
    if prepared.remembered is None:
        changes = plan.changes_to_remove(store.path(places))
    elif changed or not store.is_kept(places, prepared.remembered):
        changes = plan.changes_to_write(store.path(places), store.text(prepared.remembered), 0o600)
    else:
        changes = []
    if changed:
        changes = changes + plan.changes_to_write(bytecode.path(places), prepared.platform.renderer.compiled.content(), 0o600)
    return changes
