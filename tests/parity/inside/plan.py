# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, as JSON, what the engine would run: init tasks, jobs and images.

Runs in the interpreter that holds Tutor; takes the root, the plugins root, and {job: [arguments]}.
"""

from __future__ import annotations

import json
import sys

import yaml
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import resolve_places
from ansible_collections.lectern.tutor.plugins.module_utils.base.unattended import Watch
from ansible_collections.lectern.tutor.plugins.module_utils.images import image_list
from ansible_collections.lectern.tutor.plugins.module_utils.root import compose_files
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs, one_job, tasks
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import project


def job_scripts(name, arguments):
    """The services and scripts of a job; None where it refuses its arguments."""
    try:
        scripts = one_job.work_of(platform, {"name": name, "args": arguments}).scripts(Watch(may_act=True), None, one_job.ignore)
        return [[jobs._compose_service(platform, task, services), task.script] for task in scripts]
    except LecternError as error:
        if "refuses its args" not in str(error):
            raise
        return None


platform = load_platform(resolve_places(sys.argv[1], sys.argv[2]))
services = {}
for path in compose_files.files(platform, jobs=True):
    with open(path, encoding="utf-8") as stream:
        services.update(yaml.safe_load(stream)["services"] or {})
contexts = image_list.build_contexts(platform)
plan = {
    "compose": project.command(platform),
    "compose_jobs": project.command(platform, jobs=True),
    "init": [[jobs._compose_service(platform, task, services), task.script] for task in tasks.init_tasks(platform)],
    "job_names": sorted(job.name for job in platform.contributions.jobs()),
    "jobs": {
        name: [job_scripts(name, arguments) for arguments in each]
        for name, each in json.loads(sys.argv[3]).items()
        if name in [job.name for job in platform.contributions.jobs()]
    },
    "build": [
        {
            "tag": image.tag,
            "path": image.path,
            "args": list(image.args),
            "contexts": [f"{stage}={path}" for path, stage in contexts.get(image.name, [])],
            "command": image_list.build_command(platform, ["buildx", "build"]),
        }
        for image in image_list.to_build(platform)
    ],
    "pull": [image.tag for image in image_list.to_pull(platform)],
    "push": [image.tag for image in image_list.to_push(platform)],
}
json.dump(plan, sys.stdout)
