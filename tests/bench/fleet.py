# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times a fleet: many roots settled by one ansible-playbook, against as many runs of ``tutor config save`` side by side.

Usage: fleet.py [ROUNDS [SITES [PROCESSES]]]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import bench

GOALS = {"changed": 0.6, "nothing": 0.35}
# What a user can set, too (docs/performance.md).
SETTINGS = {"ANSIBLE_PIPELINING": "true"}
PLAY = {
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {
            "lectern.tutor.environment": {
                "root": "{{ folder }}/root",
                "plugins_root": "{{ folder }}/plugins",
                "settings": {"LMS_HOST": "{{ lms_host }}"},
            }
        }
    ],
}


class Fleet(NamedTuple):
    """Sites of one side, and how many processes may work on them at once."""

    sites: list[bench.Site]
    processes: int


def new_fleet(folder: Path, count: int, processes: int) -> Fleet:
    fleet = Fleet([bench.new_site(folder / f"site{number:02}") for number in range(count)], processes)
    shared = {"ansible_connection": "local", "ansible_python_interpreter": str(bench.TUTOR / "python")}
    hosts = {site.folder.name: dict(shared, folder=str(site.folder)) for site in fleet.sites}
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    (folder / "playbook.yml").write_text(json.dumps([PLAY]))
    return fleet


def upstream(fleet: Fleet, host: str) -> None:
    """``tutor config save`` on every root, as many at once as allowed."""

    def save(site: bench.Site) -> None:
        subprocess.run(bench.tutor(site, [f"LMS_HOST={host}"]), env=site.environ, check=True, capture_output=True)

    with ThreadPoolExecutor(fleet.processes) as pool:
        list(pool.map(save, fleet.sites))


def lectern(fleet: Fleet, host: str) -> int:
    """The playbook over all roots. Returns the controller's memory at its peak, in KiB."""
    folder = fleet.sites[0].folder.parent
    command = [str(bench.BUILD / "controller/bin/ansible-playbook"), "--inventory", str(folder / "inventory.json")]
    command += ["--forks", str(fleet.processes), "--extra-vars", json.dumps({"lms_host": host}), str(folder / "playbook.yml")]
    with open(folder / "output", "w+") as output:
        process = subprocess.Popen(command, env={**fleet.sites[0].environ, **SETTINGS}, stdout=output, stderr=output)
        peak = watch(process)
        if process.returncode:
            output.seek(0)
            sys.exit(output.read()[-3000:])
    return peak


def watch(process: subprocess.Popen[bytes]) -> int:
    """Waits for a process. Returns what it and its workers, which are its forks, had in memory at the peak, shared pages counted once."""
    peak, ended = 0, threading.Event()

    def look() -> None:
        nonlocal peak
        while not ended.wait(0.1):
            peak = max(peak, sum(memory(pid) for pid in [process.pid, *workers(process.pid)]))

    watcher = threading.Thread(target=look)
    watcher.start()
    process.wait()
    ended.set()
    watcher.join()
    return peak


def workers(pid: int) -> list[int]:
    """The forks of ansible-playbook; what they start in turn works on a host and is no part of the controller."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def memory(pid: int) -> int:
    """The proportional set size in KiB, 0 of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def seconds(work: object, *arguments: object) -> tuple[float, object]:
    started = time.perf_counter()
    answer = work(*arguments)
    return time.perf_counter() - started, answer


def measure(rounds: int, ours: Fleet, theirs: Fleet) -> Iterator[str]:
    upstream(theirs, "host.example.org")
    lectern(ours, "host.example.org")
    times: dict[str, list[tuple[float, float]]] = {state: [] for state in GOALS}
    peak = 0
    for number in range(rounds):
        for state in GOALS:
            host = f"host{number}.example.org"
            upstream_seconds, _nothing = seconds(upstream, theirs, host)
            lectern_seconds, memory_peak = seconds(lectern, ours, host)
            times[state].append((upstream_seconds, lectern_seconds))
            peak = max(peak, memory_peak)
    for state, goal in GOALS.items():
        before, after = (statistics.median(column) for column in zip(*times[state], strict=True))
        yield f"{state:<14} {before:>9.1f} {after:>8.1f} {after / before:>6.2f} {goal:>9.2f}"
    yield f"memory of the controller at its peak: {peak / 1024:.0f} MiB"


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    rounds, count, processes = [*given, *(3, 50, os.cpu_count() or 1)[len(given) :]]
    with tempfile.TemporaryDirectory() as folder:
        fleets = [new_fleet(Path(folder) / side, count, processes) for side in ("lectern", "upstream")]
        print(f"{count} sites, {processes} processes at once, median of {rounds} rounds")
        print(f"{'seconds':<14} {'upstream':>9} {'Lectern':>8} {'share':>6} {'at most':>9}", flush=True)
        for line in measure(rounds, *fleets):
            print(line, flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    main()
