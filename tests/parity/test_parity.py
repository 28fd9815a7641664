# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one config.yml, upstream and the collection make the same of it, byte for byte."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.lectern.tutor.tests.parity import trees
from ansible_collections.lectern.tutor.tests.parity.cases import OTHER_JOBS, Case
from ansible_collections.lectern.tutor.tests.parity.comparison import Both


def test_files(both: Both) -> None:
    assert trees.difference(both.upstream.files, both.lectern.files) == ""


def test_settings(both: Both) -> None:
    assert _texts(both.lectern.settings) == _texts(both.upstream.settings)


def test_patches(both: Both) -> None:
    """As `tutor config patches show` prints them, where upstream has that command."""
    if both.upstream.patches:
        assert both.lectern.patches == both.upstream.patches


def test_init_tasks(both: Both) -> None:
    """In upstream's order, with its scripts, through the same compose files and project."""
    reference = [_compose(command) for command in both.upstream.plan["init"]]
    assert [_planned_task(both.lectern.plan, service, script) for service, script in both.lectern.plan["init"]] == reference


def test_jobs(both: Both, case: Case) -> None:
    """The jobs that there are, and of each the scripts with their services, for several arguments; wrong ones are refused by both."""
    lectern, reference = both.lectern.plan, both.upstream.plan
    ran = {name: runs for name, runs in reference["jobs"].items() if any(runs)}
    assert lectern["job_names"] == (reference["job_names"] or sorted(ran))
    if not case.name.endswith("-contrib"):  # of plugins of others, not every job is in JOBS
        assert set(lectern["job_names"]) == {*ran, *OTHER_JOBS} & set(lectern["job_names"])
    assert {name: [_planned(lectern, each) for each in runs] for name, runs in lectern["jobs"].items()} == {
        name: [run if run is None else [_compose(command) for command in run] for run in reference["jobs"][name]] for name in ran
    }


def _planned(plan: dict[str, Any], scripts: list[list[str]] | None) -> list[tuple[list[str], str, str]] | None:
    return scripts if scripts is None else [_planned_task(plan, service, script) for service, script in scripts]


def test_images_to_build(both: Both) -> None:
    reference = [_build(command) for command in both.upstream.plan["build"]]
    planned = zip(both.lectern.plan["build"], reference, strict=True)
    assert [_planned_build(image, command) for image, command in planned] == reference


def test_images_to_pull(both: Both) -> None:
    assert [["pull", tag] for tag in both.lectern.plan["pull"]] == both.upstream.plan["pull"]


def test_images_to_push(both: Both) -> None:
    assert [["push", tag] for tag in both.lectern.plan["push"]] == both.upstream.plan["push"]


def _texts(settings: dict[str, Any]) -> dict[str, str]:
    """Every value with its type to be seen: 1, true and "1" differ."""
    return {key: json.dumps(value, sort_keys=True) for key, value in settings.items()}


def _compose(command: list[str]) -> tuple[list[str], str, str]:
    """Files and project, service, and script of one compose command line."""
    run = command.index("run")
    return sorted(command[command.index("-f") : run]), command[-5], command[-1]


def _planned_task(plan: dict[str, Any], service: str, script: str) -> tuple[list[str], str, str]:
    """The same for a task of the engine. Old releases run a service that has no job service without the file of those."""
    command = plan["compose_jobs"] if service.endswith("-job") else plan["compose"]
    return _compose([*command, "run", service, "sh", "-e", "-c", script])


def _build(command: list[str]) -> list[str]:
    """Tag, folder and options of one build, sorted: their order means nothing to docker."""
    text = "\0".join(command).replace("-t\0", "--tag=", 1)  # releases before buildx
    return sorted(text.split("\0"))


def _planned_build(image: dict[str, Any], reference: list[str]) -> list[str]:
    """The same for what the engine plans. It builds with buildx and its cache on every release, old ones of upstream on none."""
    command = [f"--tag={image['tag']}", *image["args"], *[f"--build-context={context}" for context in image["contexts"]], image["path"]]
    if "buildx" not in reference:
        return sorted(["build", *command])
    return sorted([*image["command"], *command, "--output=type=docker", f"--cache-from=type=registry,ref={image['tag']}-cache"])
