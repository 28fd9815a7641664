# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: job_errors
short_description: What is wrong with tutor_jobs
version_added: 1.1.0
author: The Lectern contributors (@lectern)
description:
  - Checks a list of jobs as the role P(lectern.tutor.jobs#role) reads it, before Tutor is asked. Shows no arguments and no scripts.
options:
  _input:
    description: The list of jobs.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Check the jobs of the inventory
  ansible.builtin.assert:
    that: tutor_jobs | lectern.tutor.job_errors | length == 0
"""

RETURN = r"""
_value:
  description: A sentence for each error. Empty for a valid list.
  type: list
  elements: str
  sample: ["tutor_jobs[0] has neither name nor script."]
"""

from typing import Any, Callable, Dict, Iterator, List

from ansible.module_utils.parsing.convert_bool import BOOLEANS
from ansible_collections.lectern.tutor.plugins.plugin_utils.results import to_plain_data

TEXTS = ("name", "service", "script", "unless")
FIELDS = ("name", "args", "service", "script", "unless", "force", "timeout")


def job_errors(jobs: Any) -> List[str]:
    """Return what is wrong with a list of jobs, as sentences."""
    jobs = to_plain_data(jobs)  # arguments may be vaulted values, which older releases of Ansible keep until they are used
    if not isinstance(jobs, list):
        return ["tutor_jobs is no list of jobs."]
    return [error for number, job in enumerate(jobs) for error in _errors_in("tutor_jobs[%d]" % number, job)]


def _errors_in(place: str, job: Any) -> Iterator[str]:
    if not isinstance(job, dict):
        yield "%s is no mapping with name, or service and script." % place
        return
    if isinstance(job.get("name"), str):
        place += " (%s)" % job["name"]
    unknown = sorted({str(key) for key in job} - set(FIELDS))
    if unknown:
        yield "%s has '%s': it can have %s." % (place, "', '".join(unknown), ", ".join(FIELDS))
    given = {name: value for name, value in job.items() if value is not None}
    yield from _wrong_values(place, given)
    yield from _wrong_together(place, given)


def _wrong_values(place: str, job: Dict[str, Any]) -> Iterator[str]:
    for name in TEXTS:
        if name in job and (not isinstance(job[name], str) or not job[name].strip()):
            yield "%s of %s is no text, or empty: put it in quotes." % (name, place)
    args = job.get("args", [])
    if not isinstance(args, list):
        yield "args of %s is no list: write it as a list, one item for each word of the command line." % place
    else:
        for number, word in enumerate(args):
            if not isinstance(word, (str, int, float)) or isinstance(word, bool):
                yield "args[%d] of %s is no text: put it in quotes." % (number, place)
    if "force" in job and (not isinstance(job["force"], (str, bool)) or job["force"] not in BOOLEANS):
        yield "force of %s is neither true nor false." % place
    timeout = str(job.get("timeout", 1))
    if not timeout.isdigit() or int(timeout) < 1:
        yield "timeout of %s is no number of seconds, at least 1." % place


def _wrong_together(place: str, job: Dict[str, Any]) -> Iterator[str]:
    if job.get("name") == "init":
        yield "%s: the init tasks are run by the role init, before the jobs." % place
    if "name" not in job and "script" not in job:
        yield "%s has neither name nor script." % place
    if "name" in job and "script" in job:
        yield "%s has name and script: it is either a job or a script." % place
    elif "script" in job and "service" not in job:
        yield "%s has a script, but no service to run it in." % place
    if "args" in job and "name" not in job:
        yield "%s has args, but no name: only a job takes arguments." % place
    if "name" in job and "service" in job and "unless" not in job:
        yield "%s has name and service: a job says itself where its scripts run, and service is only for unless." % place


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"job_errors": job_errors}
