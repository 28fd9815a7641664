# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A single-file plugin of the v1 API that reaches into most of what the environment is made of."""

from __future__ import annotations

import os

from tutor import hooks
from tutor.hooks import priorities

TEMPLATES = os.path.join(os.path.dirname(__file__), "beacon-templates")

hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(TEMPLATES)
hooks.Filters.ENV_TEMPLATE_TARGETS.add_items([("beacon/apps", "plugins"), ("beacon/apps/light", "build/openedx")])
hooks.Filters.ENV_TEMPLATE_FILTERS.add_item(("beacon_shout", str.upper))
hooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(("beacon_number", 42))
hooks.Filters.ENV_PATTERNS_IGNORE.add_item(r".*\.beacon$")
hooks.Filters.ENV_PATTERNS_INCLUDE.add_item(r"beacon/apps/\.hidden")

hooks.Filters.CONFIG_DEFAULTS.add_items([("BEACON_COLOUR", "green for {{ LMS_HOST }}"), ("BEACON_LATE", "{{ BEACON_SECRET }}")])
hooks.Filters.CONFIG_UNIQUE.add_item(("BEACON_SECRET", "{{ ID | reverse }}"))
hooks.Filters.CONFIG_OVERRIDES.add_item(("BEACON_OVERRIDE", "{{ ID }}"))

hooks.Filters.ENV_PATCHES.add_item(("beacon-light", "second"))
hooks.Filters.ENV_PATCHES.add_item(("beacon-light", "first\n"), priority=priorities.HIGH)
hooks.Filters.ENV_PATCHES.add_item(("beacon-light", "last {{ patch('beacon-inner') }}"), priority=priorities.LOW)
hooks.Filters.ENV_PATCHES.add_item(("beacon-inner", "{{ BEACON_COLOUR }}"))

hooks.Filters.CLI_DO_INIT_TASKS.add_item(("lms", "\n  echo {{ BEACON_COLOUR }}\n\n"))
hooks.Filters.CLI_DO_INIT_TASKS.add_item(("mysql", "echo first"), priority=priorities.HIGH)

IMAGE = "example/{{ BEACON_SECRET | lower }}:1"
hooks.Filters.IMAGES_BUILD.add_item(("beacon", ("build", "openedx"), IMAGE, ("--build-arg", "COLOUR=green")))
hooks.Filters.IMAGES_PULL.add_item(("beacon", IMAGE))
hooks.Filters.IMAGES_PUSH.add_item(("beacon", IMAGE))


@hooks.Filters.IS_FILE_RENDERED.add()
def _copy_raw_files(rendered: bool, name: str) -> bool:
    return rendered and not name.endswith(".raw")


@hooks.Filters.DOCKER_BUILD_COMMAND.add()
def _build_with_plain_progress(command: list[str]) -> list[str]:
    return [*command, "--progress=plain"]


@hooks.Actions.ENV_SAVED.add()
def _write_what_no_template_can(root: str, config: dict[str, object]) -> None:
    with open(os.path.join(root, "apps", "beacon.txt"), "w", encoding="utf-8") as stream:
        stream.write(f"{config['BEACON_COLOUR']}\n")
