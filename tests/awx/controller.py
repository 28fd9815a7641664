# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the API of AWX: keeps what it is sent, as far as the modules of awx.awx need it back.

What it does not do is check: of what AWX refuses, only what the modules themselves or an unknown name refuse is found here.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

API = "/api/v2/"
SINGULAR = {"inventories": "inventory", "credential_types": "credential_type"}
LISTS = ("credentials", "success_nodes")


class Controller:
    """Objects by their kind and number; ``writes`` are the requests that changed something."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, dict[str, Any]]] = {}
        self.lists: dict[str, list[int]] = {}
        self.surveys: dict[str, Any] = {}
        self.writes: list[tuple[str, str, Any]] = []

    def add(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        number = sum(map(len, self.objects.values())) + 1
        url = f"{API}{kind}/{number}/"
        own = {"id": number, "url": url, "type": SINGULAR.get(kind, kind[:-1]), "summary_fields": {}, "scm_revision": ""}
        related = {"survey_spec": f"{url}survey_spec/"}
        self.objects.setdefault(kind, {})[number] = {**data, **own, "related": related}
        return self.objects[kind][number]

    def get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        kind, number, sub = (path.removeprefix(API).strip("/").split("/") + [None, None])[:3]
        if sub == "survey_spec":
            return self.surveys.get(path, {})
        if sub:
            return self.page([{"id": one} for one in self.lists.get(path, [])])
        if number:
            return self.objects[kind][int(number)]
        kinds = ("job_templates", "workflow_job_templates") if kind == "unified_job_templates" else (kind,)
        found = [one for each in kinds for one in self.objects.get(each, {}).values()]
        return self.page([one for one in found if all(str(one.get(key)) == value for key, value in query.items())])

    @staticmethod
    def page(results: list[dict[str, Any]]) -> dict[str, Any]:
        return {"count": len(results), "results": results, "next": None}

    def write(self, method: str, path: str, data: Any) -> tuple[int, Any]:
        self.writes.append((method, path, data))
        kind, number, sub = (path.removeprefix(API).strip("/").split("/") + [None, None])[:3]
        if sub == "survey_spec":
            self.surveys[path] = data
            return 200, {}
        if sub == "create_approval_template":
            approval = self.add("workflow_approval_templates", data)
            self.objects[kind][int(number)]["related"]["unified_job_template"] = approval["url"]
            return 201, approval
        if sub in LISTS:
            self.lists.setdefault(path, []).append(data["id"])
            return 204, None
        if method == "PATCH":
            self.objects[kind][int(number)].update(data)
            return 200, self.objects[kind][int(number)]
        return 201, self.add(kind, data)

    def named(self, kind: str, name: str) -> dict[str, Any]:
        (found,) = [one for one in self.objects[kind].values() if one.get("name", one.get("identifier")) == name]
        return found


@contextmanager
def serving(controller: Controller) -> Iterator[str]:
    """The address at which it is served meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self.answer(200, controller.get(url.path, dict(parse_qsl(url.query))))

        def do_POST(self) -> None:
            data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(*controller.write(self.command, re.sub(r"\?.*", "", self.path), data))

        do_PATCH = do_DELETE = do_POST

        def answer(self, status: int, body: Any) -> None:
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
