# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The init tasks of a platform, in upstream's order (commands/jobs.py ``initialise``)."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence

from ..base.errors import LecternError
from ..plugins.contributions import Task
from ..root.platform import Platform


class InitTask(NamedTuple):
    """A script, rendered and stripped, to run once in a container of ``service``."""

    owner: str
    service: str
    script: str


def init_tasks(platform: Platform, limit: Sequence[str] = ()) -> List[InitTask]:
    """All init tasks, or those of the owners in ``limit``.

    Raises LecternError for an owner that has none, and for a script that can't be rendered.
    """
    tasks = platform.contributions.tasks
    known = list(dict.fromkeys(task.owner for task in tasks))
    for name in limit:
        if name not in known:
            raise LecternError("'%s' has no init tasks. Owners that have are: %s." % (name, ", ".join(known) or "none"))
    return [_rendered(platform, task) for task in tasks if not limit or task.owner in limit]


def _rendered(platform: Platform, task: Task) -> InitTask:
    where = "init task of '%s' in service '%s'" % (task.owner, task.service)
    return InitTask(task.owner, task.service, platform.render(task.text, where).strip())
