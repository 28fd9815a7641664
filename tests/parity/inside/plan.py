# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, as JSON, what the engine would run: init tasks and images.

Runs in the interpreter that holds Tutor; takes the root and the plugins root.
"""

from __future__ import annotations

import json
import sys

import yaml
from ansible_collections.lectern.tutor.plugins.module_utils import compose, images, jobs, tasks
from ansible_collections.lectern.tutor.plugins.module_utils.places import places
from ansible_collections.lectern.tutor.plugins.module_utils.platform import load_platform

platform = load_platform(places(sys.argv[1], sys.argv[2]))
services = {}
for path in compose.files(platform, jobs=True):
    with open(path, encoding="utf-8") as stream:
        services.update(yaml.safe_load(stream)["services"] or {})
contexts = images.build_contexts(platform)
plan = {
    "compose": compose.command(platform),
    "compose_jobs": compose.command(platform, jobs=True),
    "init": [[jobs._compose_service(platform, task, services), task.script] for task in tasks.init_tasks(platform)],
    "build": [
        {
            "tag": image.tag,
            "path": image.path,
            "args": list(image.args),
            "contexts": [f"{stage}={path}" for path, stage in contexts.get(image.name, [])],
            "command": images.build_command(platform, ["buildx", "build"]),
        }
        for image in images.to_build(platform)
    ],
    "pull": [image.tag for image in images.to_pull(platform)],
    "push": [image.tag for image in images.to_push(platform)],
}
json.dump(plan, sys.stdout)
