# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the courses that the database holds, at /catalog/courses on port 8000."""

import contextlib
import html
import http.server
import os
import signal
import sys

import pymysql


def courses():
    connection = pymysql.connect(
        host=os.environ["MYSQL_HOST"],
        port=int(os.environ["MYSQL_PORT"]),
        user=os.environ["MYSQL_USERNAME"],
        password=os.environ["MYSQL_PASSWORD"],
        database=os.environ["MYSQL_DATABASE"],
        charset="utf8mb4",
    )
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT code, title FROM course ORDER BY code")
        return cursor.fetchall()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/catalog/courses"
        rows = courses() if found else []
        text = "".join(f"  <dt>{html.escape(code)}</dt><dd>{html.escape(title)}</dd>\n" for code, title in rows)
        body = f"<dl>\n{text}</dl>\n".encode() if found else b"Not found\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as process 1 of a container it would be ignored
    http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
