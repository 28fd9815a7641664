# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks hosts on a port of this machine for paths as strangers do: strangers.py PORT RETRY_AFTER HOST,HOST… PATH,PATH… [PAGE]

Prints, for each that does not answer with the maintenance page and its headers, what it answered. PAGE is a file: the page has to be that,
byte for byte; without it, the built-in one.
"""

import http.client
import sys
from pathlib import Path

HEADERS = {"Accept": "application/json", "Lectern-Pass": "guessed", "Lectern-Brace": "evil", "X-Forwarded-For": "198.51.100.1"}


def ask(port, method, host, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, headers={**HEADERS, "Host": host})
    response = connection.getresponse()
    kept = [response.getheader(name) for name in ("Retry-After", "Cache-Control", "Content-Type")]
    return [response.status, *kept], response.read()


def main(port, retry_after, hosts, paths, page=None):
    wanted = [503, retry_after, "no-store", "text/html; charset=utf-8"]
    for host in hosts.split(","):
        for path in paths.split(","):
            for method in ("GET", "POST"):
                head, body = ask(int(port), method, host, path)
                with_page = body == Path(page).read_bytes() if page else b"is down for maintenance" in body
                if head != wanted or not with_page:
                    print(method, host, path, head, body)


main(*sys.argv[1:])
