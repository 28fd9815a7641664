# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what a deployment has left to do on a host whose environment is rendered, in one step."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ..root.platform import Platform
from . import jobs, one_job
from .compose import health, project, settled, starting
from .tasks import init_tasks


class Remaining(NamedTuple):
    """What the steps of a deployment have left to do, in their order; None where an earlier step has work to do."""

    missing_images: List[str]  # tags
    unsettled: List[str]  # sentences, as due and problems
    development: List[str]  # names of compose projects
    due: Optional[List[str]] = None
    due_jobs: Optional[List[str]] = None
    problems: Optional[List[str]] = None


def find_remaining(platform: Platform, client: Any, limit: Sequence[str] = (), wanted: Sequence[Dict[str, Any]] = ()) -> Remaining:
    """Return what is left to do, with the init tasks of the owners in ``limit``, or all. Write nothing.

    ``wanted`` are the jobs that have to run once, each with the options of the module job. Raises LecternError as the steps themselves do.
    """
    model, model_without_jobs = project.read_both_models(platform)
    definitions, containers = project.services_in(model), project.containers(platform, client)
    remaining = Remaining(
        project.missing_images(platform, client, definitions),
        settled.unsettled(platform, client, model, containers),
        sorted(starting.development(platform.places, client)),
    )
    if any(remaining):
        return remaining
    remaining = remaining._replace(due=jobs.describe_due(platform, client, init_tasks(platform, limit), definitions))
    if remaining.due:
        return remaining
    remaining = remaining._replace(due_jobs=_describe_due_jobs(platform, client, wanted, definitions))
    if remaining.due_jobs:
        return remaining
    definitions = project.services_in(model_without_jobs)
    report = health.examine(containers, definitions, health.proxy_of(platform, definitions), health.hosts_of(platform))
    return remaining._replace(problems=health.problems(report) + report.notes)


def _describe_due_jobs(platform: Platform, client: Any, wanted: Sequence[Dict[str, Any]], definitions: Dict[str, Any]) -> List[str]:
    works = [(one_job.work_of(platform, options), bool(options.get("force"))) for options in wanted]
    found = [one_job.describe_due(platform, client, work, definitions, force) for work, force in works]
    return [sentence for sentence in found if sentence]
