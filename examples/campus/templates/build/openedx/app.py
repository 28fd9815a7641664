# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The campus's own application: keeps lines of text, each in a section, in a database and shows a section as a list.

app.py serve          answer /lines/SECTION and /health on port 8000
app.py migrate        create the table
app.py load SECTION   replace the lines of a section with those read from standard input
"""

import contextlib
import html
import http.server
import os
import signal
import sys

import pymysql

PAGE = "<ul>\n%s\n</ul>\n"


@contextlib.contextmanager
def database():
    connection = pymysql.connect(
        host=os.environ["MYSQL_HOST"],
        port=int(os.environ["MYSQL_PORT"]),
        user=os.environ["MYSQL_USERNAME"],
        password=os.environ["MYSQL_PASSWORD"],
        database=os.environ["MYSQL_DATABASE"],
        charset="utf8mb4",
    )
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor
        connection.commit()


def migrate():
    with database() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS line (id INT AUTO_INCREMENT PRIMARY KEY, section VARCHAR(50), content TEXT)")


def load(section):
    lines = [line.strip() for line in sys.stdin if line.strip()]
    with database() as cursor:
        cursor.execute("DELETE FROM line WHERE section = %s", (section,))
        cursor.executemany("INSERT INTO line (section, content) VALUES (%s, %s)", [(section, line) for line in lines])
    print(f"{len(lines)} lines loaded into section {section}")


def section_page(section):
    with database() as cursor:
        cursor.execute("SELECT content FROM line WHERE section = %s ORDER BY id", (section,))
        return PAGE % "\n".join(f"  <li>{html.escape(content)}</li>" for (content,) in cursor.fetchall())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(200, "ok\n")
        elif self.path.startswith("/lines/"):
            self.answer(200, section_page(self.path[len("/lines/") :]))
        else:
            self.answer(404, "Not found\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as process 1 of a container it would be ignored
    http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()


if __name__ == "__main__":
    {"serve": serve, "migrate": migrate, "load": load}[sys.argv[1]](*sys.argv[2:])
