# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the configurations that Caddy makes of a Caddyfile with and without a maintenance page: what ``caddy adapt`` prints."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

from ..base.errors import LecternError
from .maintenance_page import NAME, PASS, Page

ANY_HOST = "(any host)"


def guarded_hosts(adapted: str, original: str, page: Page) -> List[str]:
    """Return the hosts that answer with the page first, each once.

    Raises LecternError where one does not, and where more than the page differs from what Caddy made of the ``original``.
    """
    config, before = json.loads(adapted), json.loads(original)
    hosts: List[str] = []
    for server in _servers(config).values():
        hosts += _guarded_hosts_of(server, page)
    for server in _servers(config).values():
        (server.get("named_routes") or {}).pop(NAME, None)
        if not server.get("named_routes"):
            server.pop("named_routes", None)
    if _plain(_without_page(config, page)) != _plain(_without_page(before, page)):
        raise LecternError(
            "With the maintenance page, Caddy would do more than show it: it makes another configuration of all else in the Caddyfile. "
            "Nothing was changed."
        )
    return list(dict.fromkeys(hosts))


def _servers(config: Dict[str, Any]) -> Dict[str, Any]:
    return ((config.get("apps") or {}).get("http") or {}).get("servers") or {}


def _guarded_hosts_of(server: Dict[str, Any], page: Page) -> List[str]:
    """Return the hosts of a server, all of which have to be guarded. One without any condition needs no route of its own."""
    routes = server.get("routes") or []
    if routes and _is_page(routes[0], server, page):
        return [ANY_HOST]
    hosts = []
    for route in routes:
        names = [name for condition in route.get("match") or [{}] for name in condition.get("host") or [ANY_HOST]]
        inner = [handler.get("routes") or [] for handler in route.get("handle") or [] if handler.get("handler") == "subroute"]
        if not (inner and inner[0] and _is_page(inner[0][0], server, page)):
            raise LecternError(
                "The maintenance page can't be put before all that host '%s' does: its site is in a file that the Caddyfile imports, or "
                "in a form that Lectern does not know. Write the site into the Caddyfile itself (patch 'caddyfile')." % ", ".join(names)
            )
        hosts += names
    return hosts


def _is_page(route: Any, server: Dict[str, Any], page: Page) -> bool:
    """Whether a route answers all but those who may pass with status 503."""
    if not _is_ours(route, page):
        return False
    answer = json.dumps([route["handle"], (server.get("named_routes") or {}).get(NAME)])
    return '"static_response"' in answer and ": 503" in answer and len(route.get("match") or []) == 1


def _is_ours(route: Any, page: Page) -> bool:
    if not isinstance(route, dict) or "handle" not in route:
        return False
    sets = [each for condition in route.get("match") or [] for each in condition.get("not") or []]
    return any((each.get("header") or {}).get(PASS) == [page.token] for each in sets)


def _without_page(value: Any, page: Page) -> Any:
    """Return a configuration without the routes of the page, and without what is empty then: a site may do nothing at all."""
    if isinstance(value, dict):
        found = {key: _without_page(each, page) for key, each in value.items()}
        return {key: each for key, each in found.items() if key not in ("handle", "routes") or each}
    if isinstance(value, list):
        inner = [_without_page(each, page) for each in value if not _is_ours(each, page)]
        return [each for each in inner if each != {"handler": "subroute"}]
    return value


def _plain(value: Any, groups: Optional[Dict[str, int]] = None) -> Any:
    """Return a configuration with its groups of routes numbered as they come: Caddy counts the page's own directive too."""
    groups = {} if groups is None else groups
    if isinstance(value, dict):
        found = {key: _plain(each, groups) for key, each in sorted(value.items()) if key != "group"}
        if isinstance(value.get("group"), str):
            found["group"] = groups.setdefault(value["group"], len(groups))
        return found
    return [_plain(each, groups) for each in value] if isinstance(value, list) else value
