# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of deployments: how the last one ended, and when one succeeded last."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional

from ..base import files, moments
from ..base.places import Places

SUCCEEDED, FAILED = "succeeded", "failed"


class LastRun(NamedTuple):
    """When the last deployment ended, as ``2026-01-31T08:00:00Z``, how, and when one succeeded last (None: never)."""

    finished: str
    result: str
    succeeded: Optional[str]


def path(places: Places) -> str:
    """Return the path of the record."""
    return files.own_path(places, "run.json")


def read_last_run(places: Places) -> Optional[LastRun]:
    """Return the last deployment; None where none was recorded. Raises LecternError for a damaged record."""
    content = files.read_json(path(places), None)
    if content is None:
        return None
    if not _is_run(content):
        raise files.damaged(path(places))
    return LastRun(**{name: content[name] for name in LastRun._fields})


def _is_run(content: Any) -> bool:
    if not isinstance(content, dict) or content.get("result") not in (SUCCEEDED, FAILED) or "succeeded" not in content:
        return False
    return isinstance(content.get("finished"), str) and isinstance(content["succeeded"], (str, type(None)))


def next_run(places: Places, result: str) -> LastRun:
    """Return the record of a deployment that ends now."""
    before, now = read_last_run(places), moments.now()
    return LastRun(now, result, now if result == SUCCEEDED else before.succeeded if before else None)


def record(places: Places, run: LastRun) -> None:
    """Write the record, whole or not at all. A root that no deployment has set up yet has none."""
    if files.has_own_folder(places):
        content: Dict[str, Any] = run._asdict()
        files.write_json(path(places), content)
