# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times what an operator waits for and what users notice, against upstream's own command on a server of the same kind, in turn.

Usage: site.py [ROUNDS [SECONDS]]. Two servers of the end-to-end test get the same site of five plugins, one by lectern.tutor.deploy over
SSH, the other by Tutor's own command on the server itself, which is installed there from the same packages. Then, in turn: a deployment
with nothing changed, and one that enables notes. Targets are asked every 50 ms meanwhile. The stand-ins of LMS and CMS load in a second;
where SECONDS are given, each server, worker and command of theirs takes so much longer, by a plugin whose patch makes their settings wait.
"""

from __future__ import annotations

import contextlib
import json
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
from ansible_collections.lectern.tutor.tests.e2e.server import ROOT, Server

INSIDE = Path(__file__).resolve().parent / "inside"
VARS = yaml.safe_load((kit.HERE / "inventory/hosts.yml").read_text())["tutor"]["vars"]
PACKAGES = [*VARS["tutor_packages"], "tutor-notes==22.0.0"]
# Behind Caddy: the sites. By their own port: services that enabling notes does not concern.
SITES = {"lms": "campus.example.org", "cms": "studio.campus.example.org"}
APART = {
    "discovery": (8000, "/health/"),
    "meilisearch": (7700, "/health"),
    "minio": (9000, "/minio/health/live"),
    "xqueue": (8000, "/xqueue/status/"),
}
Found = dict[str, dict[str, float]]


def targets() -> dict[str, list[Any]]:
    """What is asked, as inside/probe.py takes it."""
    sites = {name: ["127.0.0.1", 80, host, "/heartbeat"] for name, host in SITES.items()}
    apart = {name: [f"tutor_local-{name}-1", port, f"{name}.campus.example.org", path] for name, (port, path) in APART.items()}
    return {**sites, **apart}


@contextlib.contextmanager
def probed(server: Server, found: Found) -> Iterator[None]:
    """Asks the server's services while something is done; fills ``found`` when it is done and the sites answer again."""
    command = [
        "docker",
        "exec",
        "--interactive",
        server.name,
        "python3",
        "-c",
        (INSIDE / "probe.py").read_text(),
        json.dumps(targets()),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(1)
        yield
        wait_for_sites(server)
        found.update(json.loads(process.communicate()[0]))


def wait_for_sites(server: Server) -> None:
    for _attempt in range(600):
        with contextlib.suppress(OSError):
            if all(server.get(host, "/heartbeat")[0] == 200 for host in SITES.values()):
                return
        time.sleep(0.2)
    raise RuntimeError(f"the site on {server.name} does not answer")


def lectern(server: Server, plugins: list[str], *options: str) -> tuple[float, list[str]]:
    """Deploys over SSH: (seconds, names of the tasks that changed something)."""
    variables = {"tutor_packages": PACKAGES, "tutor_plugins": plugins, "tutor_registries": []}
    start = time.monotonic()
    with contextlib.redirect_stdout(None):
        run = server.playbook("deploy", "--extra-vars", json.dumps(variables), *options)
    if run.code:
        raise RuntimeError(run.output[-4000:])
    return time.monotonic() - start, run.changed


def tutor(server: Server, *commands: str) -> float:
    """Upstream's command on the server, as the user who deploys: seconds."""
    script = " && ".join(f"/opt/tutor/bin/tutor {command}" for command in commands)
    environment = f"TUTOR_ROOT={ROOT} TUTOR_PLUGINS_ROOT={VARS['tutor_plugins_root']}"
    start = time.monotonic()
    server.run("sudo", "-u", "deployer", "sh", "-c", f"export {environment}; {script}")
    return time.monotonic() - start


def new_server(name: str, sockets: str) -> Server:
    return Server(**kit.up(f"{kit.SERVER}-{name}"), sockets=f"{sockets}/{name}", loudness=())


def slow_down(server: Server, seconds: float) -> None:
    """Gives the server a plugin, slow, by which whatever loads the settings of LMS or CMS takes longer."""
    folder, patch = VARS["tutor_plugins_root"], f"import time\ntime.sleep({seconds:g})"
    plugin = json.dumps({"name": "slow", "version": "1", "patches": {"openedx-common-settings": patch}})
    server.run("install", "-d", "-o", "deployer", "-m", "0700", folder)
    server.run("sudo", "-u", "deployer", "sh", "-c", 'printf %s "$1" >"$0/slow.yml"', folder, plugin)


def prepare(sockets: str, slower: float) -> tuple[Server, Server, list[str]]:
    """Both servers with the same site, and its plugins."""
    kit.build()
    ours, theirs = (new_server(name, sockets) for name in ("lectern", "upstream"))
    plugins = list(VARS["tutor_plugins"])
    if slower:
        plugins.append("slow")
        for server in (ours, theirs):
            slow_down(server, slower)
    print(f"first deployment, from nothing: Lectern {lectern(ours, plugins)[0]:.0f} s", flush=True)
    lectern(theirs, plugins, "--tags", "preflight,engine,plugins")
    theirs.run("install", "-d", "-o", "deployer", "-m", "0700", ROOT, VARS["tutor_plugins_root"])
    settings = " ".join(f"--set {key}={value}" for key, value in VARS["tutor_settings"].items())
    seconds = tutor(theirs, f"plugins enable {' '.join(plugins)}", f"config save {settings}", "local launch -I")
    print(f"first launch, engine and packages there already: upstream {seconds:.0f} s", flush=True)
    return ours, theirs, plugins


def told(name: str, seconds: float, found: Found) -> str:
    others = [value for each, value in found.items() if each not in SITES]
    lms, rest = found["lms"], sum(int(value["failed"]) for value in others)
    return f"{name:<28} {seconds:>8.1f} {lms['failed']:>10.0f} {lms['away']:>10.1f} {rest:>12}"


def unchanged(ours: Server, theirs: Server, plugins: list[str], rounds: int) -> Iterator[str]:
    """(a) A deployment with nothing changed."""
    taken: dict[str, list[float]] = {"Lectern": [], "upstream": []}
    for _round in range(rounds):
        found: Found = {}
        started = ours.containers()
        with probed(ours, found):
            seconds, changed = lectern(ours, plugins)
        touched = sorted(name for name, since in ours.containers().items() if started.get(name) != since)
        taken["Lectern"].append(seconds)
        yield told("nothing changed, Lectern", seconds, found) + f"   changed={len(changed)}, containers touched: {len(touched)}"
        found = {}
        started = theirs.containers()
        with probed(theirs, found):
            seconds = tutor(theirs, "local launch -I")
        touched = sorted(name for name, since in theirs.containers().items() if started.get(name) != since)
        taken["upstream"].append(seconds)
        yield told("nothing changed, upstream", seconds, found) + f"   containers touched: {len(touched)}"
    yield share("nothing changed", taken, 5)
    alone = [lectern(ours, plugins)[0] for _round in range(rounds)]  # the requests take processors of the same machine
    yield f"nothing changed, while nobody asks: Lectern {statistics.median(alone):.1f} s"


def share(name: str, taken: dict[str, list[float]], goal: float) -> str:
    mine, other = (statistics.median(taken[side]) for side in ("Lectern", "upstream"))
    return (
        f"{name}: medians {mine:.1f} and {other:.1f} s, share {mine / other:.2f}, fastest {min(taken['Lectern']):.1f} s (goal {goal:g} s)"
    )


def notes(ours: Server, theirs: Server, plugins: list[str]) -> Iterator[str]:
    """(b) Enabling notes."""
    found: Found = {}
    started = ours.containers()
    with probed(ours, found):
        mine, _changed = lectern(ours, [*plugins, "notes"])
    results = [json.loads(line) for line in (kit.STATE / "results").read_text().splitlines()]
    ran = [f"{task['owner']} {task['service']}" for result in results for task in result.get("tasks", []) if task["changed"]]
    now = ours.containers()
    yield told("notes enabled, Lectern", mine, found)
    yield f"   init tasks that ran: {', '.join(ran)}"
    yield f"   containers started or restarted: {', '.join(sorted(name for name in now if started.get(name) != now[name]))}"
    found = {}
    with probed(theirs, found):
        other = tutor(theirs, "plugins enable notes", "local launch -I")
    yield told("notes enabled, upstream", other, found)
    yield share("notes enabled", {"Lectern": [mine], "upstream": [other]}, other / 3)
    found = {}
    with probed(ours, found):
        ours.run("docker", "restart", "tutor_local-lms-1")
    yield f"   one restart of lms alone: away {found['lms']['away']:.1f} s"


def live_output(ours: Server, rounds: int) -> Iterator[str]:
    """(c) What following costs where there is nothing to say: the playbook init with no task to run."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    with contextlib.redirect_stdout(None):
        ours.playbook("init")  # opens the connection, which the others find open
    for live in [True, False, False, True] * rounds:
        start = time.monotonic()
        with contextlib.redirect_stdout(None):
            run = ours.playbook("init", "--extra-vars", json.dumps({"tutor_live_output": live}))
        taken[live].append(time.monotonic() - start)
        if run.code or run.changed:
            raise RuntimeError(run.output[-4000:])
    on, off = (statistics.median(taken[live]) for live in (True, False))
    yield f"init with nothing to run: live output {on:.2f} s, without {off:.2f} s, share {on / off:.2f}"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    slower = float(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(prefix="bench") as sockets:
        ours, theirs, plugins = prepare(sockets, slower)
        print(f"{'':<28} {'seconds':>8} {'lms failed':>10} {'lms away':>10} {'rest failed':>12}")
        for lines in (unchanged(ours, theirs, plugins, rounds), live_output(ours, rounds), notes(ours, theirs, plugins)):
            for line in lines:
                print(line, flush=True)
    for server in (ours, theirs):
        kit.down(server.name)


if __name__ == "__main__":
    main()
