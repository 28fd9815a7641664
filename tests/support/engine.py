# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for a Docker engine that has the images and containers it is told. It can only be looked at."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote


class Handler(BaseHTTPRequestHandler):
    server: Engine

    def do_GET(self) -> None:
        path = re.sub(r"^/v[0-9.]+|\?.*", "", unquote(self.path))
        image, container = re.fullmatch(r"/images/(.*)/json", path), re.fullmatch(r"/containers/(.+)/json", path)
        if container and container[1] in self.server.containers:
            self.answer(200, self.server.containers[container[1]])
        elif container:
            self.answer(404, {"message": f"No such container: {container[1]}"})
        elif image:
            digest = self.server.images.get(image[1])
            repository = image[1].rpartition(":")[0]
            found = {"Id": digest, "Created": "2026-01-31T08:00:00Z", "RepoTags": [image[1]], "RepoDigests": [f"{repository}@{digest}"]}
            self.answer(*((200, found) if digest else (404, {"message": f"No such image: {image[1]}"})))
        else:
            known: dict[str, object] = {"/_ping": "OK", "/version": {"ApiVersion": "1.47", "MinAPIVersion": "1.24"}}
            known["/containers/json"] = [{"Id": name} for name in self.server.containers]
            self.answer(*((200, known[path]) if path in known else (500, {"message": f"a stand-in does not know {self.path}"})))

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def address_string(self) -> str:
        return "a socket"

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


class Engine(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, socket: str, images: dict[str, str], containers: dict[str, object]) -> None:
        self.images, self.containers = images, containers
        """Digests by tags, and what the engine says of containers by their ids."""
        super().__init__(socket, Handler)


@contextmanager
def serving(folder: Path, images: dict[str, str], containers: dict[str, object] | None = None) -> Iterator[str]:
    """Its address (DOCKER_HOST) meanwhile. Every filter of a list of containers finds all of them."""
    engine = Engine(str(folder / "engine.sock"), images, containers if containers is not None else {})
    threading.Thread(target=engine.serve_forever, daemon=True).start()
    try:
        yield f"unix://{folder}/engine.sock"
    finally:
        engine.shutdown()
        engine.server_close()
        (folder / "engine.sock").unlink()
