# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets upstream and the collection each work on one case and gathers what came of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from . import collection, trees, upstream
from .cases import JOBS, RELEASES
from .pythons import PROJECT
from .sites import Site, fresh_root


@dataclass(frozen=True)
class Outcome:
    """What one side made of a case."""

    files: dict[str, bytes]
    """config.yml and everything in env/."""
    settings: dict[str, Any]
    plan: dict[str, Any]
    """`init`, `build`, `pull` and `push`: what would be run. Upstream: the arguments of each docker command. `jobs`: by name, the same
    for each of its arguments in JOBS, None where they are refused; of the cases of RELEASES alone. `job_names`: all jobs."""
    patches: dict[str, str | None]
    """What `tutor config patches show` prints; None where it fails. Of upstream {} where it has no such command."""


@dataclass(frozen=True)
class Both:
    """What both sides made of the same case."""

    upstream: Outcome
    lectern: Outcome


def compare(site: Site) -> Both:
    """Runs upstream in the root of the case, then the collection in a fresh one at the same place."""
    fresh_root(site)
    reference = _upstream(site)
    fresh_root(site)
    return Both(reference, _lectern(site))


def _upstream(site: Site) -> Outcome:
    upstream.tutor(site.venv, site.environ, "config", "save")
    files = _files(site)
    commands = {
        "build": ("images", "build", "all"),
        "pull": ("images", "pull", "all"),
        "push": ("images", "push", "all"),
        "init": site.case.release.init,
    }
    of_jobs = {f"{name} {number}": (name, arguments) for name, each in _jobs(site).items() for number, arguments in enumerate(each)}
    group = site.case.release.init[:-1]
    words = {key: (*group, name, *arguments) for key, (name, arguments) in of_jobs.items()}
    recorded = upstream.recorded(site.venv, site.environ, site.root, {**commands, **words})
    plan = recorded["plan"]
    plan["init"] = [_without_empty_files(command) for command in plan["init"]]
    plan["jobs"] = {}
    for key, (name, _arguments) in of_jobs.items():
        ran = plan.pop(key)
        plan["jobs"].setdefault(name, []).append(ran if ran is None else [_without_empty_files(command) for command in ran])
    return Outcome(files, **recorded, patches=upstream.patches(site.venv, site.environ))


def _jobs(site: Site) -> Mapping[str, Sequence[Sequence[str]]]:
    return JOBS if site.case in RELEASES else {}


def _without_empty_files(command: list[str]) -> list[str]:
    """A compose command line less `-f …tmp.yml` without services: upstream 13 to 15 writes them on each run from its option --mount."""
    empty = {path for path in command if path.endswith(".tmp.yml") and not yaml.safe_load(Path(path).read_text())["services"]}
    dropped = {place for index, path in enumerate(command) if path in empty for place in (index - 1, index)}
    return [argument for index, argument in enumerate(command) if index not in dropped]


def _lectern(site: Site) -> Outcome:
    tasks = [("environment", site.places), ("config_info", {**site.places, "patches": ["all"], "reveal": True})]
    info = collection.run(site.venv, tasks, site.environ)[-1]
    patches = {name: text + "\n" if text else "" for name, text in info["patches"].items()}
    return Outcome(_files(site), info["config"], _plan(site), {**patches, **dict.fromkeys(info["patch_errors"])})


def _plan(site: Site) -> dict[str, Any]:
    path = f"{PROJECT / '.build' / 'collections'}:{site.environ['PYTHONPATH']}"
    command = [
        site.venv / "bin" / "python",
        "-W",
        "ignore",
        collection.HERE / "inside" / "plan.py",
        site.root,
        site.plugins_root,
        json.dumps(_jobs(site)),
    ]
    done = subprocess.run(command, env={**site.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _files(site: Site) -> dict[str, bytes]:
    env = {f"env/{name}": content for name, content in trees.read(site.root / "env").items()}
    return {"config.yml": (site.root / "config.yml").read_bytes(), **env}
