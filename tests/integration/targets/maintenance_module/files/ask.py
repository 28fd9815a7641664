# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a host on a port of this machine, by a new connection each time, until a file exists: ask.py FILE PORT HOST

Prints a JSON object: how often each status came, what else came instead of one, and how often a connection that the server ended before it
answered had to be made again, as browsers do.
"""

import http.client
import json
import os
import sys
import time
from collections import Counter


def ask(port, host, answers):
    try:
        return ask_once(port, host)
    except (ConnectionResetError, http.client.RemoteDisconnected):
        answers["again"] += 1
    return ask_once(port, host)


def ask_once(port, host):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": host})
        response = connection.getresponse()
        response.read()
        return str(response.status)
    finally:
        connection.close()


def main(path, port, host):
    answers = Counter()
    while not os.path.exists(path):
        try:
            answers[ask(port, host, answers)] += 1
        except (OSError, http.client.HTTPException) as error:
            answers[repr(error)] += 1
        time.sleep(0.01)
    print(json.dumps(answers))


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
