# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Visits a public host through the web proxy on this host, as a browser that keeps cookies. Names need not resolve."""

from __future__ import annotations

import json
from http.cookies import CookieError, SimpleCookie
from typing import Any, Dict, NamedTuple, Optional
from urllib.parse import urlencode

from ...base.terminal import clean, shorten
from .health import Proxy, connect_to

LONGEST = 100 * 1000  # bytes that are read of an answer

SHOWN = 300  # characters of an answer that messages show

ANSWER = 30.0  # seconds that an answer may take


class Page(NamedTuple):
    """The answer to a request."""

    status: int
    kind: str  # its media type
    text: str

    def data(self) -> Dict[str, Any]:
        """Return the JSON object in it; empty for anything else."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def describe(self) -> str:
        """Return what messages say of it. A page in HTML says nothing in a line."""
        words = " ".join(clean(self.text).split()) if self.kind in ("application/json", "text/plain") else ""
        return "status %d%s" % (self.status, words and " (%s)" % shorten(words, SHOWN))


class Visitor:
    """Visits one host. ``is_https`` is whether users reach it by HTTPS, which another proxy in front may do."""

    def __init__(self, proxy: Proxy, host: str, is_https: bool) -> None:
        self.cookies: Dict[str, str] = {}
        self._proxy, self._host, self._scheme = proxy, host, "https" if is_https else "http"

    def visit(self, path: str, form: Optional[Dict[str, str]] = None) -> Page:
        """Get a page, or post a form with the token that Django expects. Redirections are not followed.

        Raises OSError and http.client.HTTPException where there is no answer.
        """
        headers = {"Host": self._host, "User-Agent": "lectern.tutor smoke", "X-Forwarded-Proto": self._scheme, "Accept": "application/json"}
        headers.update(self._proxy.headers)
        headers["Referer"] = "%s://%s%s" % (self._scheme, self._host, path)
        if self.cookies:
            headers["Cookie"] = "; ".join("%s=%s" % cookie for cookie in self.cookies.items())
        if form is not None:
            headers.update({"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.cookies.get("csrftoken", "")})
        connection = connect_to(self._proxy, self._host, ANSWER)
        try:
            connection.request("GET" if form is None else "POST", path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or ():
                self._keep_cookies(line)
            return Page(answer.status, answer.headers.get_content_type(), answer.read(LONGEST).decode("utf-8", "replace"))
        finally:
            connection.close()

    def _keep_cookies(self, line: str) -> None:
        try:
            found = SimpleCookie(line)
        except CookieError:
            return
        self.cookies.update({name: morsel.coded_value for name, morsel in found.items()})
