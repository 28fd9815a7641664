#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands between the engine and a real registry, passes everything on, and fails where a test says so.

Usage: failing_registry.py PORT UPSTREAM FOLDER. A request for a manifest of a repository with "slow" in its name waits for four seconds.
As long as there is a file FOLDER/failing, repositories fail: "denied" is refused, "half" loses the connection in the middle of a layer;
where the file says "kill", the real registry (its process is in FOLDER/plain.pid) is killed then. At PORT + 1 connections are taken, and
never answered.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, UPSTREAM, FOLDER = int(sys.argv[1]), sys.argv[2], sys.argv[3]
DENIED = b'{"errors": [{"code": "DENIED", "message": "this user may not use this repository"}]}'


def failing() -> str:
    """How repositories fail now; empty where they don't."""
    try:
        with open(os.path.join(FOLDER, "failing"), encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""


class Handler(BaseHTTPRequestHandler):
    """One connection of the engine."""

    protocol_version = "HTTP/1.1"

    def pass_on(self) -> None:
        body = self.content()
        if "slow" in self.path and "/manifests/" in self.path:
            time.sleep(4)
        if failing() and "denied" in self.path:
            self.answer(403, [("Content-Type", "application/json")], DENIED)
        elif failing() and "half" in self.path and "/blobs/" in self.path and body:
            self.fail()
        else:
            self.ask(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

    def content(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while True:
            size = int(self.rfile.readline(), 16)
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
            if not size:
                return b"".join(chunks)

    def ask(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection(UPSTREAM, timeout=30)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():  # several of one name, such as Accept, count all
                if name not in ("Transfer-Encoding", "Content-Length"):
                    upstream.putheader(name, value)
            upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body)
            answer = upstream.getresponse()
            content = answer.read()
        except OSError:
            self.close_connection = True
            return
        finally:
            upstream.close()
        half = bool(failing()) and "half" in self.path and "/blobs/sha256" in self.path and self.command == "GET"
        self.answer(answer.status, answer.getheaders(), content, half)

    def answer(self, status: int, headers: list[tuple[str, str]], content: bytes, half: bool = False) -> None:
        self.send_response(status)
        for name, value in headers:
            if name not in ("Connection", "Date", "Server") and (name != "Content-Length" or self.command == "HEAD"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if half:
            self.wfile.write(content[: len(content) // 2])
            self.fail()
        elif self.command != "HEAD":
            self.wfile.write(content)

    def fail(self) -> None:
        if failing().strip() == "kill":
            try:
                with open(os.path.join(FOLDER, "plain.pid"), encoding="utf-8") as stream:
                    os.kill(int(stream.read()), signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


def never_answer() -> None:
    listening = socket.create_server(("127.0.0.1", PORT + 1), backlog=100)
    taken = []
    while True:
        taken.append(listening.accept())


threading.Thread(target=never_answer, daemon=True).start()
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
