# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times many roots on each of three servers: one run of lectern.tutor.environment over SSH settles them all.

Usage: servers.py [ROUNDS [ROOTS…]]. The servers are those of the end-to-end test, each root has the five plugins of its site. How many
roots a server has grows (2, 5 and 10), and what a root costs should not: then wall time grows at most linearly in roots per server.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lectern.tutor.tests.e2e import kit

NAMES = ("north", "south", "west")
FORKS = 10  # as in examples/fleet
SITE = yaml.safe_load((kit.HERE / "inventory/hosts.yml").read_text())["tutor"]
CONNECTION = {name: value for name, value in SITE["hosts"]["campus"].items() if name.startswith("ansible_")}
FOLDER = "/home/deployer/sites"


def host(server: dict[str, str], number: int, count: int) -> dict[str, Any]:
    """The variables of one root among ``count`` on its server: root, compose project and port are its own. Each round has new ones."""
    name, folder = f"site{number:02}", f"{FOLDER}/{{{{ round }}}}/{count}/{number:02}"
    settings = {"LOCAL_PROJECT_NAME": f"{name}of{count}", "CADDY_HTTP_PORT": 8000 + number, "LMS_HOST": f"{name}.{{{{ domain }}}}"}
    return {
        **CONNECTION,
        "ansible_host": server["address"],
        "ansible_ssh_private_key_file": server["key"],
        "tutor_root": f"{folder}/root",
        "tutor_plugins_root": f"{folder}/plugins",
        "tutor_settings": settings,
    }


def inventory(servers: list[dict[str, str]], count: int) -> dict[str, Any]:
    """Roots of one server are not side by side in it, so that all servers have something to do at any time."""
    shared = {"tutor_packages": SITE["vars"]["tutor_packages"], "tutor_plugins": SITE["vars"]["tutor_plugins"]}
    hosts = {f"site{n:02}-{name}": host(server, n, count) for n in range(1, count + 1) for name, server in zip(NAMES, servers, strict=True)}
    return {"tutor": {"hosts": hosts, "vars": {**shared, "tutor_venv": "/home/deployer/tutor"}}}


def settle(folder: Path, count: int, number: int, domain: str) -> float:
    """Seconds that the playbook takes for all roots of an inventory in a round; ends this program where it fails."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TUTOR_"))}
    environ = {
        **own,
        "ANSIBLE_COLLECTIONS_PATH": str(kit.PROJECT / ".build/collections"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_HOST_KEY_CHECKING": "false",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "ssh"),
    }
    command = [kit.PROJECT / ".build/controller/bin/ansible-playbook", "--inventory", folder / f"{count}.json", "--forks", str(FORKS)]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "lectern.tutor.environment", "--extra-vars", f"domain={domain} round={number}"],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit((done.stdout + done.stderr)[-4000:])
    return time.perf_counter() - started


def measure(folder: Path, counts: list[int], rounds: int) -> dict[tuple[int, str], float]:
    """Medians of seconds by count and state. In each round all counts get their turn: the machine may be faster in one than in another."""
    domains = {"first": "example.org", "changed": "example.com", "nothing": "example.com"}
    taken: dict[tuple[int, str], list[float]] = {(count, state): [] for count in counts for state in domains}
    for number in range(1, rounds + 1):
        for (count, state), seconds in taken.items():
            seconds.append(settle(folder, count, number, domains[state]))
    return {which: statistics.median(seconds) for which, seconds in taken.items()}


def lines(folder: Path, counts: list[int], rounds: int) -> Iterator[str]:
    """Seconds of a whole run, seconds for each root of a server, and that as a share of what it was with the fewest roots."""
    yield f"{len(NAMES)} servers, {FORKS} processes at once, median of {rounds} rounds"
    yield f"{'roots per server':<16} {'state':<8} {'seconds':>8} {'per root':>9} {'of fewest':>9}"
    fewest: dict[str, float] = {}
    for (count, state), seconds in measure(folder, counts, rounds).items():
        each = seconds / count
        yield f"{count:<16} {state:<8} {seconds:>8.1f} {each:>9.2f} {each / fewest.setdefault(state, each):>9.2f}"


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    rounds, counts = (given[0] if given else 3), sorted(given[1:]) or [2, 5, 10]
    kit.build()
    servers = [kit.up(f"{kit.SERVER}-fleet-{name}") for name in NAMES]
    try:
        with tempfile.TemporaryDirectory(prefix="fleet") as name:
            folder = Path(name)
            for count in {1, *counts}:
                (folder / f"{count}.json").write_text(json.dumps(inventory(servers, count)))
            print(f"Tutor and plugins installed in {settle(folder, 1, 0, 'example.org'):.0f} s", flush=True)
            for line in lines(folder, counts, rounds):
                print(line, flush=True)
    finally:
        for server in servers:
            kit.down(server["name"])


if __name__ == "__main__":
    main()
