# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times the collection against upstream: the same work in the same interpreter, in turn, and prints what share of upstream's time it takes.

Usage: bench.py [ROUNDS]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).resolve().parent / "inside"
BUILD = PROJECT / ".build"
TUTOR = BUILD / "tutor-22" / "bin"
CONFIG = PROJECT / "tests/parity/files/verawood.yml"
STATES = ("first", "changed", "nothing")
GOALS = {"engine": (0.8, 0.45, 0.15), "whole command": (1.3, 1.0, 0.8)}
PLUGIN = """
from tutor import hooks
hooks.Filters.CONFIG_DEFAULTS.add_item(("{name}_HOST", "{name}.{{{{ LMS_HOST }}}}"))
hooks.Filters.ENV_PATCHES.add_items([("openedx-lms-common-settings", "{name}_%d = '{{{{ {name}_HOST }}}}/%d'" % (n, n)) for n in range(20)])
"""


class Site(NamedTuple):
    """A root with its plugins root."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PATH": f"{TUTOR}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(BUILD / "collections"),
            "TUTOR_ROOT": str(self.root),
            "TUTOR_PLUGINS_ROOT": str(self.folder / "plugins"),
            "ANSIBLE_COLLECTIONS_PATH": str(BUILD / "collections"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }


Measure = Callable[[Site, list[str]], tuple[float, int]]


def engine(script: str) -> Measure:
    """Seconds and KiB as a script of inside/ tells them."""

    def measure(site: Site, settings: list[str]) -> tuple[float, int]:
        command = [TUTOR / "python", "-W", "ignore", INSIDE / script, *settings]
        done = subprocess.run(command, env=site.environ, check=True, capture_output=True, text=True)
        return tuple(json.loads(done.stdout.splitlines()[-1]))

    return measure


def whole(command: Callable[[Site, list[str]], list[str]]) -> Measure:
    """Seconds that a command takes, and 0."""

    def measure(site: Site, settings: list[str]) -> tuple[float, int]:
        started = time.perf_counter()
        subprocess.run(command(site, settings), env=site.environ, check=True, capture_output=True)
        return time.perf_counter() - started, 0

    return measure


def tutor(site: Site, settings: list[str]) -> list[str]:
    return [str(TUTOR / "tutor"), "config", "save", *(argument for setting in settings for argument in ("--set", setting))]


def ansible(site: Site, settings: list[str]) -> list[str]:
    options = {"root": str(site.root), "plugins_root": str(site.folder / "plugins"), "settings": dict(s.split("=") for s in settings)}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"lectern.tutor.environment": options}]}
    play["vars"] = {"ansible_connection": "local", "ansible_python_interpreter": str(TUTOR / "python")}
    playbook = site.folder / "playbook.yml"
    playbook.write_text(json.dumps([play]))
    return [str(BUILD / "controller/bin/ansible-playbook"), "--inventory", "localhost,", str(playbook)]


PAIRS = {
    "engine": (engine("upstream.py"), engine("lectern.py")),
    "whole command": (whole(tutor), whole(ansible)),
}


def new_site(folder: Path) -> Site:
    site = Site(folder)
    (folder / "plugins").mkdir(parents=True)
    site.root.mkdir(mode=0o700)
    shutil.copy(CONFIG, site.root / "config.yml")
    return site


def states(measure: Measure, site: Site, number: int) -> dict[str, tuple[float, int]]:
    """Seconds and KiB in each state."""
    old = Path(tempfile.mkdtemp(dir=site.folder))  # nothing is removed yet: ext4 is slow at making files for minutes after many were
    for found in [site.root / name for name in ("env", ".lectern") if (site.root / name).exists()]:
        found.rename(old / found.name)
    host = [f"LMS_HOST=host{number}.example.org"]
    return {"first": measure(site, []), "changed": measure(site, host), "nothing": measure(site, host)}


def compare(rounds: int, folder: Path) -> Iterator[str]:
    for name, measures in PAIRS.items():
        sites = [new_site(folder / f"{name}-{side}") for side in ("upstream", "lectern")]
        found = [[states(measure, site, number) for measure, site in zip(measures, sites, strict=True)] for number in range(rounds)]
        for state, goal in zip(STATES, GOALS[name], strict=True):
            theirs, ours = (statistics.median(row[side][state][0] for row in found) for side in (0, 1))
            yield f"{name:<14} {state:<8} {theirs:>9.3f} {ours:>8.3f} {ours / theirs:>6.2f} {goal:>9.2f}"
        if name == "engine":
            memory = [max(row[side][state][1] for row in found for state in STATES) / 1024 for side in (0, 1)]
    yield f"{'memory (MiB)':<14} {'peak':<8} {memory[0]:>9.1f} {memory[1]:>8.1f} {memory[1] / memory[0]:>6.2f} {1.0:>9.1f}"


def grow(folder: Path, plugins: int, templates: int) -> Site:
    """A platform with that many plugins, of 20 patches each, and templates."""
    site = new_site(folder)
    names = [f"P{number:03}" for number in range(plugins)]
    for name in names:
        (folder / "plugins" / f"{name}.py").write_text(PLUGIN.format(name=name))
    source = folder / "templates" / "many" / "apps"
    source.mkdir(parents=True)
    for number in range(templates):
        (source / f"t{number}.txt").write_text("host: {{ LMS_HOST }}\nnumber: %d\n" % number)
    text = f"name: many\nversion: '1'\ntemplates: {folder / 'templates'}\n"
    (folder / "plugins" / "many.yml").write_text(text)
    (site.root / "config.yml").write_text(json.dumps({"PLUGINS": [*names, "many"]}))
    return site


def growth(rounds: int, folder: Path) -> Iterator[str]:
    sizes = {"half": (100, 2500), "plugins": (200, 2500), "templates": (100, 5000), "both": (200, 5000)}
    upstream, lectern = PAIRS["engine"]
    seconds = {}
    for name, (plugins, templates) in sizes.items():
        site = grow(folder / name, plugins, templates)
        found = [(states(upstream, site, number)["first"][0], states(lectern, site, number)["first"][0]) for number in range(rounds)]
        theirs, ours = seconds[name] = [statistics.median(column) for column in zip(*found, strict=True)]
        yield f"{plugins:>4} plugins {templates:>6} templates {theirs:>9.2f} {ours:>8.2f} {ours / theirs:>6.2f} {0.5:>9.1f}"
    for name in ("plugins", "templates"):
        yield f"twice the {name:<20} {'':>9} {'':>8} {seconds[name][1] / seconds['half'][1]:>6.2f} {2.2:>9.1f}"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'seconds':<23} {'upstream':>9} {'Lectern':>8} {'share':>6} {'at most':>9}")
        for line in compare(rounds, Path(folder)):
            print(line, flush=True)
        for line in growth(min(rounds, 3), Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    main()
