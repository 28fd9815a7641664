# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Begins and ends a site's maintenance: a page with status 503 in front of all its hosts, through its running web proxy.

The page is in the Caddyfile of the environment, so that it survives a restart of the proxy, and is loaded into the proxy that runs, so that
nothing has to be restarted. A call that is killed in between leaves the file ahead of the proxy, and the next one loads it.
"""

from __future__ import annotations

import os
import secrets
from ipaddress import ip_address, ip_network
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

from ...base import moments
from ...base.content import Change
from ...base.errors import LecternError
from ...base.places import Places
from ...render import maintenance_page
from ...render.caddy_config import guarded_hosts
from ...render.maintenance_page import CADDYFILE, Page
from ...root import apply, maintenance, transaction
from ...root.compose_files import project_name
from ...root.maintenance import Maintenance
from ...root.platform import Platform
from . import mounts, web_proxy
from .web_proxy import WebProxy

LONGEST_PAGE = 128 * 1024  # bytes: the page is in the Caddyfile, and Caddy keeps it once for each site

MOST_ADDRESSES = 1000

RETRY_AFTER = 600  # seconds


class Outcome(NamedTuple):
    """``maintenance`` is None where the site is in none now; ``hosts`` are those with the page, as far as Caddy was asked."""

    maintenance: Optional[Maintenance]
    actions: List[str]
    changes: List[Change]
    hosts: List[str]

    @property
    def changed(self) -> bool:
        return bool(self.actions)


def is_on(places: Places) -> Optional[Maintenance]:
    """Return the maintenance that a site is in; None where it is in none."""
    return maintenance.read(places)


def begin(
    platform: Platform,
    client: Any,
    page: Optional[str] = None,
    allow: Sequence[str] = (),
    retry_after: int = RETRY_AFTER,
    checking: bool = False,
) -> Outcome:
    """Show a page (HTML; None: the built-in one) in front of all hosts, to all but the addresses and networks in ``allow``.

    Where maintenance is on already, page and addresses become these. The caller does not hold the root's lock.
    Raises LecternError, and leaves file and proxy as they were, where Caddy refuses the page or would not show it everywhere.
    """
    if page is None:
        page = maintenance_page.built_in_page(str(platform.config.get("PLATFORM_NAME") or "This site"), retry_after)
    wanted = Page(_checked_page(page), _checked_addresses(allow), _checked_seconds(retry_after), "", "")
    with transaction.locked_and_recovered(platform.places, checking) as recovered:
        text, before = _caddyfile(platform), maintenance.read(platform.places)
        proxy = _web_proxy(platform, client)
        record = before or Maintenance(Page("", (), 0, secrets.token_hex(16), ""), moments.now())
        wanted = wanted._replace(token=record.page.token)
        record, hosts = _choose_matcher(platform, client, proxy, text, record._replace(page=wanted))
        new = maintenance_page.with_page(text, record.page)
        changes = maintenance.changes(platform.places, new, record)
        actions = _describe_begin(before is None, bool(changes), hosts, proxy, checking)
        loaded = _take(platform, proxy, Step(text, new, changes, before), checking)
    if loaded and not actions:
        actions = ["%s the maintenance page into service '%s'" % ("Would load" if checking else "Loaded", proxy.service)]
    return Outcome(record, [*recovered, *actions], changes, hosts)


def end(platform: Platform, client: Any, checking: bool = False) -> Outcome:
    """Take the page away again. The caller does not hold the root's lock.

    Raises LecternError, and leaves file and proxy as they were, where Caddy refuses the Caddyfile without it.
    """
    places = platform.places
    with transaction.locked_and_recovered(places, checking) as recovered:
        text, record = maintenance.read_caddyfile(places), maintenance.read_record(places)
        if record is None and not maintenance_page.is_in(text or ""):
            return Outcome(None, recovered, [], [])
        if text is None:
            changes = maintenance.record_changes(places, None)
            if not checking:
                apply.apply(places, changes)
            return Outcome(None, [*recovered, "Removed the record of a maintenance"], changes, [])
        proxy, new = web_proxy.find(platform, client), maintenance_page.without_page(text)
        is_late = record is not None and record.ends
        final = record._replace(ends=True) if record and proxy and proxy.container is not None else None
        changes = maintenance.changes(places, new, final)
        _take(platform, proxy, Step(text, new, changes, record), checking)
        if final is not None and not checking:
            apply.apply(places, maintenance.record_changes(places, None))
    if is_late:
        actions = ["Would complete the end of the maintenance" if checking else "Completed the end of the maintenance"]
    else:
        actions = ["%s the maintenance" % ("Would end" if checking else "Ended")]
    return Outcome(None, [*recovered, *actions], changes, [])


class Step(NamedTuple):
    """A Caddyfile on its way from one text to another, with the changes that write it, and the record as it was for going back."""

    before: str
    after: str
    changes: List[Change]
    record: Optional[Maintenance]


def _caddyfile(platform: Platform) -> str:
    text = maintenance.read_caddyfile(platform.places)
    if text is None:
        raise LecternError(
            "'%s' has no '%s': a maintenance page needs Caddy as the web proxy, which Tutor has from release 11 on (this is %s), and a "
            "rendered environment (module lectern.tutor.environment)." % (platform.places.env, CADDYFILE, platform.release.version)
        )
    return text


def _web_proxy(platform: Platform, client: Any) -> WebProxy:
    proxy = web_proxy.find(platform, client)
    if proxy is None:
        raise LecternError(
            "No service of project '%s' mounts '%s': there is no web proxy that could show a page."
            % (project_name(platform), os.path.join(platform.places.env, CADDYFILE))
        )
    return proxy


def _checked_page(page: str) -> str:
    size = len(page.encode("utf-8", "surrogatepass"))
    if size > LONGEST_PAGE:
        raise LecternError("The maintenance page has %d bytes: at most %d are possible. Make it shorter." % (size, LONGEST_PAGE))
    if not page.strip():
        raise LecternError("The maintenance page is empty: write some HTML, or leave it out for the built-in page.")
    unfit = next((each for each in page if (each < " " and each not in "\t\n\r") or "\ud800" <= each <= "\udfff"), None)
    if unfit is not None:
        raise LecternError("The maintenance page holds a character that no HTML page can (number %d): remove it." % ord(unfit))
    return page


def _checked_addresses(allow: Sequence[str]) -> Tuple[str, ...]:
    if len(allow) > MOST_ADDRESSES:
        raise LecternError("allow has %d addresses: at most %d are possible. Use networks (192.0.2.0/24)." % (len(allow), MOST_ADDRESSES))
    found = set()
    for address in allow:
        try:
            found.add(str(ip_network(address)) if "/" in address else str(ip_address(address)))
        except ValueError as error:
            raise LecternError(
                "allow holds '%s', which is no address or network (%s): write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32." % (address, error)
            ) from None
        if "%" in address:
            raise LecternError("allow holds '%s': an address with a zone is known to one host alone. Leave out the zone." % address)
    return tuple(sorted(found))


def _checked_seconds(retry_after: int) -> int:
    if not 1 <= retry_after <= 7 * 86400:
        raise LecternError("retry_after is %d: expected seconds, from 1 to 604800 (a week)." % retry_after)
    return retry_after


def _choose_matcher(platform: Platform, client: Any, proxy: WebProxy, text: str, record: Maintenance) -> Tuple[Maintenance, List[str]]:
    """Return the record with a matcher that this Caddy knows, and the hosts that would answer with the page.

    Caddy is not asked about a text that is in the file already.
    """
    matchers = maintenance_page.matchers(text)
    known = record._replace(page=record.page._replace(matcher=_known_matcher(platform.places, matchers)))
    if maintenance_page.with_page(text, known.page) == text:
        return known, []
    original = web_proxy.adapt(platform, client, proxy, maintenance_page.without_page(text), [])
    if original is None:
        return known, []
    refused: List[web_proxy.Refused] = []
    for matcher in matchers:
        page = record.page._replace(matcher=matcher)
        try:
            adapted = web_proxy.adapt(platform, client, proxy, maintenance_page.with_page(text, page), [page.token])
            return record._replace(page=page), guarded_hosts(adapted or "{}", original, page)
        except web_proxy.Refused as error:
            refused.append(error)
    raise refused[0]


def _known_matcher(places: Places, matchers: Sequence[str]) -> str:
    before = maintenance.read(places)
    return before.page.matcher if before and before.page.matcher in matchers else matchers[0]


def _describe_begin(is_new: bool, is_changed: bool, hosts: List[str], proxy: WebProxy, would: bool) -> List[str]:
    if not is_changed:
        return []
    of_hosts = " in front of %s" % ", ".join(hosts) if hosts else ""
    if is_new:
        sentence = "%s maintenance: the page is%s" % ("Would begin" if would else "Began", of_hosts or " in front of all hosts")
    else:
        sentence = "%s the maintenance page%s" % ("Would change" if would else "Changed", of_hosts)
    if proxy.container is None:
        sentence += ", from the next start of service '%s' on: it does not run" % proxy.service
    return [sentence]


def _take(platform: Platform, proxy: Optional[WebProxy], step: Step, checking: bool) -> bool:
    """Write the Caddyfile and have the running proxy load it. Returns whether the proxy has to, or had to.

    Where it refuses, the file becomes again what it was.
    """
    places, container = platform.places, proxy.container if proxy else None
    watched = mounts.watch(places, [container]) if container is not None else []
    was_current = bool(watched) and watched[0].reason is None
    if proxy is None or not watched or (was_current and step.before == step.after):
        if step.changes and not checking:
            apply.apply(places, step.changes)
        return False
    if checking:
        return True
    if step.changes:
        apply.apply(places, step.changes)
    try:
        web_proxy.load(platform, proxy, step.after, maintenance.secrets(places))
    except web_proxy.Refused:
        apply.apply(places, maintenance.changes(places, step.before, step.record))
        raise
    if was_current or web_proxy.mounts_only_caddyfile(mounts.sources(container, places), places):
        mounts.record_current(places, container)
    return True
