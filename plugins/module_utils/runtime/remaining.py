# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left to do on a host whose environment is rendered: all that a deployment asks there, as one question."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, List, NamedTuple, Optional, Sequence

from ..root.platform import Platform
from . import jobs
from .compose import health, project, settled, starting
from .tasks import init_tasks


class Remaining(NamedTuple):
    """What the steps of a deployment have left to do, in their order. None: not looked at, because an earlier step has work to do.

    ``missing_images`` are tags, ``development`` names of compose projects, the others sentences.
    """

    missing_images: List[str]
    unsettled: List[str]
    development: List[str]
    due: Optional[List[str]] = None
    problems: Optional[List[str]] = None


def find_remaining(platform: Platform, client: Any, limit: Sequence[str] = ()) -> Remaining:
    """Return what is left to do, the init tasks being those of the owners in ``limit``. Write nothing.

    Raises LecternError as the steps themselves do.
    """
    with ThreadPoolExecutor(2) as pool:  # each takes Compose a while
        model, model_without_jobs = pool.map(lambda with_jobs: project.read_model(platform, with_jobs), (True, False))
    definitions, containers = project.services_in(model), project.containers(platform, client)
    found = Remaining(
        project.missing_images(platform, client, definitions),
        settled.unsettled(platform, client, model, containers),
        sorted(starting.development(platform.places, client)),
    )
    if any(found):
        return found
    found = found._replace(due=jobs.due(platform, client, init_tasks(platform, limit), definitions))
    if found.due:
        return found
    definitions = project.services_in(model_without_jobs)
    seen = health.look(containers, definitions, health.proxy_of(platform, definitions), health.hosts_of(platform))
    return found._replace(problems=health.problems(seen) + seen.notes)
