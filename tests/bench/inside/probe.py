# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a server: asks each target every 50 ms until its input ends, and prints what came of it.

Usage: probe.py TARGETS, a JSON object of [address, port, Host header, path] by name. An address that is the name of a container is looked
up every second, as a container that is started again may get another. Prints a JSON object by name:
{requests, failed, away}; failed is what did not answer with a status below 500 within two seconds, away the seconds from the first
request of the longest row of failed ones to the next that was answered.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

EVERY, LIMIT = 0.05, 2.0


def answers(address, port, host, path):
    connection = http.client.HTTPConnection(address, port, timeout=LIMIT)
    try:
        connection.request("GET", path, headers={"Host": host, "Connection": "close"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def look_up(addresses):
    """Keeps the addresses of containers, by name."""
    form = "{{slice .Name 1}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    while True:
        told = subprocess.run(["docker", "inspect", "--format", form, *addresses], capture_output=True, text=True, check=False).stdout
        addresses.update(line.split() for line in told.splitlines() if len(line.split()) == 2)
        time.sleep(1)


def longest(rows):
    away, since = 0.0, None
    for moment, good in [*rows, (rows[-1][0], True)]:
        if good and since is not None:
            away, since = max(away, moment - since), None
        elif not good and since is None:
            since = moment
    return away


def main():
    targets, ended = json.loads(sys.argv[1]), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    addresses = {target[0]: "" for target in targets.values() if not target[0][0].isdigit()}
    threading.Thread(target=look_up, args=(addresses,), daemon=True).start()
    while not all(addresses.values()):
        time.sleep(EVERY)
    with ThreadPoolExecutor(64 * len(targets)) as pool:
        asked = []
        while not ended.wait(EVERY):
            asked += [
                (name, time.time(), pool.submit(answers, addresses.get(target[0], target[0]), *target[1:]))
                for name, target in targets.items()
            ]
        rows = {name: [(moment, future.result()) for each, moment, future in asked if each == name] for name in targets}
    found = {
        name: {"requests": len(of), "failed": sum(not good for _at, good in of), "away": round(longest(of), 1)} for name, of in rows.items()
    }
    print(json.dumps(found))


main()
