#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Meilisearch as far as API keys and indices go: every call needs the master key or a key made with it. State in /meili_data."""

import hashlib
import hmac
import json
import os
import re
from pathlib import Path

from stub import Handler, serve

MASTER_KEY = os.environ["MEILI_MASTER_KEY"]
STATE = Path("/meili_data/state.json")
NOW = "2026-01-01T00:00:00.000000Z"
DONE = {"status": "succeeded", "type": "any", "details": {}, "error": None, "canceledBy": None, "duration": "PT0S"}


def load():
    return json.loads(STATE.read_text()) if STATE.exists() else {"keys": {}, "indexes": {}}


def save(state):
    new = STATE.with_suffix(".new")
    new.write_text(json.dumps(state))
    new.replace(STATE)


def make_key(state, wanted):
    if wanted["uid"] in state["keys"]:
        return failure(409, "api_key_already_exists")
    key = hmac.new(MASTER_KEY.encode(), wanted["uid"].encode(), hashlib.sha256).hexdigest()
    state["keys"][wanted["uid"]] = {**wanted, "key": key, "createdAt": NOW, "updatedAt": NOW}
    save(state)
    return 201, state["keys"][wanted["uid"]], {}


def make_index(state, wanted):
    state["indexes"].setdefault(wanted["uid"], {**wanted, "createdAt": NOW, "updatedAt": NOW})
    save(state)
    return 202, {"taskUid": 1, "indexUid": wanted["uid"], "status": "enqueued", "type": "indexCreation", "enqueuedAt": NOW}, {}


def listing(values):
    return 200, {"results": list(values), "offset": 0, "limit": 20, "total": len(values)}, {}


def failure(status, code):
    return status, {"message": code, "code": code, "type": "invalid_request", "link": ""}, {}


class Meilisearch(Handler):
    def answer(self, body):
        path, state = self.path.partition("?")[0], load()
        if path in ("/", "/health"):
            return 200, {"status": "available"}, {}
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if key not in [MASTER_KEY, *(known["key"] for known in state["keys"].values())]:
            return failure(403, "invalid_api_key")
        return self.route(path, json.loads(body) if body else None, state)

    def route(self, path, body, state):
        if path == "/keys":
            return make_key(state, body) if self.command == "POST" else listing(state["keys"].values())
        if path == "/indexes":
            return make_index(state, body) if self.command == "POST" else listing(state["indexes"].values())
        kind, _slash, name = path.strip("/").partition("/")
        if kind == "tasks":
            return 200, {**DONE, "uid": int(name), "indexUid": None, "enqueuedAt": NOW, "startedAt": NOW, "finishedAt": NOW}, {}
        found = state.get(kind, {}).get(name) if re.fullmatch("keys|indexes", kind) else None
        return (200, found, {}) if found else failure(404, "not_found")


serve(7700, Meilisearch)
