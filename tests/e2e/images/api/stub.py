# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP server that answers every request with one function."""

import json
import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Reads the body, calls answer() and sends what it returns: (status, body as dict, str or bytes, headers)."""

    protocol_version = "HTTP/1.1"

    def answer(self, body):
        raise NotImplementedError

    def handle_request(self):
        length = int(self.headers.get("Content-Length") or 0)
        status, content, headers = self.answer(self.rfile.read(length))
        if isinstance(content, dict):
            content, headers = json.dumps(content), {"Content-Type": "application/json", **headers}
        data = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

    def log_message(self, *arguments):
        """Keeps quiet: the compose log is for the platform."""


def serve(port, handler):
    """Serves until SIGTERM, which PID 1 would ignore without a handler."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    ThreadingHTTPServer(("0.0.0.0", port), handler).serve_forever()
