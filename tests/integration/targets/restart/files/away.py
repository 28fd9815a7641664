# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks ports of this machine ten times a second until a file exists: away.py FILE PORT...

Prints a JSON object: by port, the times [from, to] between which it did not answer, in seconds since the start.
"""

import contextlib
import http.client
import json
import os
import sys
import time


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=0.5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    return False


def main(path, ports):
    rows, start = {port: [] for port in ports}, time.monotonic()
    away = set()
    while not os.path.exists(path):
        for port in ports:
            asked, good = time.monotonic() - start, answers(port)
            if not good and port not in away:
                away.add(port)
                rows[port].append([asked, None])
            elif good and port in away:
                away.remove(port)
                rows[port][-1][1] = time.monotonic() - start
        time.sleep(0.1)
    print(json.dumps(rows))


main(sys.argv[1], [int(port) for port in sys.argv[2:]])
