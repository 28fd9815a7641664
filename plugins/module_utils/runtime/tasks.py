# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists the init tasks of a platform in upstream's order (commands/jobs.py ``initialise``)."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence

from ..base.errors import LecternError
from ..plugins.contributions import InitTask
from ..root.platform import Platform


class Task(NamedTuple):
    """A script, rendered and stripped, to run once in a container of ``service``; an operator's own script has no owner.

    ``job`` is the name of a job other than init, and ``arguments`` the digest of what it was given.
    """

    owner: Optional[str]
    service: str
    script: str
    job: str = ""
    arguments: str = ""


def init_tasks(platform: Platform, limit: Sequence[str] = ()) -> List[Task]:
    """Return all init tasks, or those of the owners in ``limit``.

    Raises LecternError for an owner that has none, and for a script that can't be rendered.
    """
    tasks = platform.contributions.tasks
    owners = list(dict.fromkeys(task.owner for task in tasks))
    for name in limit:
        if name not in owners:
            raise LecternError("'%s' has no init tasks. Owners that have are: %s." % (name, ", ".join(owners) or "none"))
    return [render_task(platform, task) for task in tasks if not limit or task.owner in limit]


def render_task(platform: Platform, task: InitTask) -> Task:
    """Render the script of an init task. Raises LecternError where that fails."""
    where = "init task of '%s' in service '%s'" % (task.owner, task.service)
    return Task(task.owner, task.service, platform.render(task.text, where).strip())
