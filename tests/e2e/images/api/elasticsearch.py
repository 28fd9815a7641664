#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elasticsearch 7 as far as creating indices goes; forgets them when it stops."""

from stub import Handler, serve

INDICES = set()


class Elasticsearch(Handler):
    def answer(self, body):
        name = self.path.partition("?")[0].strip("/")
        if not name:
            return 200, {"version": {"number": "7.17.13"}, "tagline": "You Know, for Search"}, {"X-elastic-product": "Elasticsearch"}
        if self.command == "PUT":
            INDICES.add(name)
        elif name not in INDICES:
            return 404, {"error": "index_not_found_exception", "status": 404}, {}
        return 200, {"acknowledged": True}, {}


serve(9200, Elasticsearch)
