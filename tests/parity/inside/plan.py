# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, as JSON, what the engine would run: init tasks and images.

Runs in the interpreter that holds Tutor; takes the root and the plugins root.
"""

from __future__ import annotations

import json
import sys

import yaml
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import resolve_places
from ansible_collections.lectern.tutor.plugins.module_utils.images import image_list
from ansible_collections.lectern.tutor.plugins.module_utils.root import compose_files
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs, tasks
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import project

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
