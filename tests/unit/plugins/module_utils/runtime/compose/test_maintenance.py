# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beginning and ending maintenance with a stand-in for Caddy, killed at each step. The integration target has the real Caddy."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.render import caddy_config
from ansible_collections.lectern.tutor.plugins.module_utils.render.maintenance_page import Page, without_page
from ansible_collections.lectern.tutor.plugins.module_utils.root import drift, manifest
from ansible_collections.lectern.tutor.plugins.module_utils.root import maintenance as record
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import health, maintenance, mounts, web_proxy
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform

CADDYFILE = "apps/caddy/Caddyfile"
TEXT = "{\n}\nlms.test {\n respond x\n}"


class Killed(BaseException):
    """A run that ends here."""


class Caddy:
    """A web proxy that runs a text; what it is asked for may fail."""

    def __init__(self, ground):
        self.ground, self.loads, self.refuses, self.runs = ground, 0, "", True
        self.running = TEXT
        self.container = self
        self.id, self.status = "c1", "running"
        self.labels = {"com.docker.compose.service": "caddy"}
        self.attrs = {"Mounts": [{"Type": "bind", "Source": str(ground.env / CADDYFILE)}], "State": {"StartedAt": "2026-01-31T08:00:00.5Z"}}

    def find(self, _platform, _client):
        return web_proxy.WebProxy("caddy", {}, self if self.runs else None)

    def adapt(self, _platform, _client, _proxy, text, _secrets):
        if self.refuses and self.refuses in text:
            raise web_proxy.Refused("Caddy says no")
        return json.dumps({"text": without_page(text), "page": text})

    def load(self, _platform, _proxy, text, _secrets):
        if self.refuses == "load":
            raise web_proxy.Refused("Caddy says no")
        self.running, self.loads = text, self.loads + 1

    def restart(self):
        self.running = (self.ground.env / CADDYFILE).read_text()


@pytest.fixture
def caddy(ground, monkeypatch):
    ground.write(ground.templates, {CADDYFILE: TEXT})
    ground.call()
    caddy = Caddy(ground)
    mounts.record_current(ground.places, caddy)
    for name in ("find", "adapt", "load"):
        monkeypatch.setattr(web_proxy, name, getattr(caddy, name))
    monkeypatch.setattr(maintenance, "guarded_hosts", lambda _adapted, _original, _page: ["lms.test"])
    return caddy


@pytest.fixture
def begin(ground):
    def begin(page="<p>page</p>", **options):
        return maintenance.begin(Platform(ground.places, {}), None, page, **options)

    return begin


@pytest.fixture
def end(ground):
    return lambda **options: maintenance.end(Platform(ground.places, {}), None, **options)


def on_disk(ground):
    return (ground.env / CADDYFILE).read_text()


def has_drift(ground):
    return drift.report(ground.places, manifest.load(ground.places), [CADDYFILE])[CADDYFILE]["drift"]


def is_current(ground, caddy):
    return mounts.watch(ground.places, [caddy])[0].reason is None


def test_it_begins_and_ends_and_changes_nothing_the_second_time(ground, caddy, begin, end):
    assert maintenance.is_on(ground.places) is None
    assert begin(checking=True).changed and on_disk(ground) == TEXT == caddy.running
    begun = begin(allow=["192.0.2.0/24", "192.0.2.7"])
    assert begun.hosts == ["lms.test"] and begun.maintenance == maintenance.is_on(ground.places)
    assert caddy.running == on_disk(ground) != TEXT and not has_drift(ground) and is_current(ground, caddy)
    assert not begin(allow=["192.0.2.7", "192.0.2.0/24"], checking=True).changed
    assert not begin(allow=["192.0.2.0/24", "192.0.2.7"]).changed and caddy.loads == 1
    assert not ground.call().changes
    assert end(checking=True).changed and caddy.running == on_disk(ground) != TEXT
    assert end().changed
    assert caddy.running == on_disk(ground) == TEXT and not has_drift(ground) and is_current(ground, caddy)
    assert not end(checking=True).changed and not end().changed and caddy.loads == 2
    assert maintenance.is_on(ground.places) is None and not ground.call().changes


def test_the_page_is_part_of_what_is_rendered(ground, caddy, begin):
    begin()
    ground.write(ground.templates, {CADDYFILE: TEXT + "\ncms.test {\n}"})
    assert [change.path for change in ground.call().changes if CADDYFILE in change.path]
    assert on_disk(ground).count("import lectern_maintenance") == 2 and without_page(on_disk(ground)).endswith("cms.test {\n}")
    assert begin().actions == ["Loaded the maintenance page into service 'caddy'"] and caddy.running == on_disk(ground)


def test_tutor_takes_the_page_out_of_the_file_and_the_next_call_puts_it_back(ground, caddy, begin):
    begin()
    (ground.env / CADDYFILE).write_text(TEXT)
    assert begin().changed and caddy.running == on_disk(ground) != TEXT


def test_a_file_that_was_edited_by_hand_keeps_counting_as_edited(ground, caddy, begin, end):
    (ground.env / CADDYFILE).write_text(TEXT + "\n# mine\n")
    begin()
    assert has_drift(ground)
    end()
    assert has_drift(ground) and on_disk(ground) == TEXT + "\n# mine\n"


@pytest.mark.parametrize("place", [(web_proxy, "load"), (mounts, "record_current")])
def test_a_beginning_that_was_killed_is_completed(ground, caddy, begin, monkeypatch, place):
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(*place, kill)
        begin()
    assert on_disk(ground) != TEXT and not is_current(ground, caddy)
    assert begin(checking=True).changed
    assert begin().actions == ["Loaded the maintenance page into service 'caddy'"]
    assert caddy.running == on_disk(ground) and is_current(ground, caddy) and not begin().changed


def kill(*_arguments):
    raise Killed()


@pytest.mark.parametrize("place", [(web_proxy, "load"), (mounts, "record_current"), (record, "record_changes")])
def test_an_end_that_was_killed_is_completed(ground, caddy, begin, end, monkeypatch, place):
    begin()
    with monkeypatch.context() as patched, pytest.raises(Killed):
        if place[0] is record:
            patched.setattr(record, "record_changes", kill_if_removed(record.record_changes))
        else:
            patched.setattr(*place, kill)
        end()
    assert on_disk(ground) == TEXT and maintenance.is_on(ground.places) is None
    assert end().actions == ["Completed the end of the maintenance"]
    assert caddy.running == TEXT and is_current(ground, caddy) and not end().changed


def kill_if_removed(record_changes):
    return lambda places, wanted: kill() if wanted is None else record_changes(places, wanted)


def test_an_end_that_was_killed_is_completed_by_a_restart_too(ground, caddy, begin, end, monkeypatch):
    begin()
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(web_proxy, "load", kill)
        end()
    assert not is_current(ground, caddy)  # so that a deployment restarts it
    caddy.restart()
    assert caddy.running == TEXT


@pytest.mark.parametrize("refused", ["lectern", "load", "respond x"])
def test_what_caddy_refuses_changes_nothing(ground, caddy, begin, refused):
    caddy.refuses = refused
    with pytest.raises(LecternError, match="Caddy says no"):
        begin()
    assert on_disk(ground) == TEXT == caddy.running and maintenance.is_on(ground.places) is None
    assert not has_drift(ground) and is_current(ground, caddy)


def test_what_caddy_refuses_leaves_the_page_that_is_shown(ground, caddy, begin, end):
    begin()
    shown = on_disk(ground)
    caddy.refuses = "load"
    for call in (lambda: begin("<p>other</p>"), end):
        with pytest.raises(LecternError, match="Caddy says no"):
            call()
        assert on_disk(ground) == shown == caddy.running and maintenance.is_on(ground.places).page.text == "<p>page</p>"


def test_a_load_that_takes_too_long_is_not_undone(ground, caddy, begin, monkeypatch):
    def load(*_arguments):
        raise LecternError("too long")

    with monkeypatch.context() as patched, pytest.raises(LecternError, match="too long"):
        patched.setattr(web_proxy, "load", load)
        begin()
    assert on_disk(ground) != TEXT
    assert begin().changed and caddy.running == on_disk(ground)


def test_a_proxy_that_does_not_run_starts_with_the_page(ground, caddy, begin, end):
    caddy.runs = False
    assert begin().actions == [
        "Began maintenance: the page is in front of lms.test, from the next start of service 'caddy' on: it does not run"
    ]
    assert caddy.loads == 0 and on_disk(ground) != TEXT
    assert not begin().changed
    assert end().changed and on_disk(ground) == TEXT and not end().changed


def test_without_a_web_proxy_it_ends_but_does_not_begin(ground, caddy, begin, end, monkeypatch):
    begin()
    monkeypatch.setattr(web_proxy, "find", lambda _platform, _client: None)
    assert end().changed and on_disk(ground) == TEXT and not end().changed
    with pytest.raises(LecternError, match="^No service of project 'tutor_local' mounts '.*Caddyfile'"):
        begin()


def test_an_older_caddy_has_another_matcher(ground, caddy, begin):
    ground.write(ground.templates, {CADDYFILE: "{\n servers {\n  trusted_proxies static 0.0.0.0/0\n }\n}\nlms.test {\n}\n"})
    ground.call()
    caddy.refuses = "client_ip"
    assert begin(allow=["192.0.2.7"]).maintenance.page.matcher == "remote_ip forwarded"
    assert "not remote_ip forwarded 192.0.2.7" in on_disk(ground)
    assert not begin(allow=["192.0.2.7"]).changed


def test_a_damaged_record_is_named(ground, caddy, begin):
    begin()
    (ground.root / ".lectern/maintenance.json").write_text('{"page": {"text": 1}}')
    with pytest.raises(LecternError, match="maintenance.json' is damaged"):
        begin()


def test_the_health_check_passes_the_page(ground, caddy, begin):
    definitions = {"caddy": {"ports": [{"published": "80"}]}}
    assert health.proxy_of(Platform(ground.places, {}), definitions).headers == {}
    token = begin().maintenance.page.token
    assert health.proxy_of(Platform(ground.places, {}), definitions).headers == {"Lectern-Pass": token}
    assert record.secrets(ground.places) == [token]


PAGE = Page("", (), 60, "secret", "remote_ip")
OURS = {
    "match": [{"not": [{"header": {"Lectern-Pass": ["secret"]}}]}],
    "handle": [{"handler": "subroute", "routes": [{"handle": [{"handler": "static_response", "status_code": 503}]}]}],
}


def config(*routes):
    return {"apps": {"http": {"servers": {"srv0": {"routes": list(routes)}}}}}


def site(host, *routes):
    return {"match": [{"host": [host]}], "handle": [{"handler": "subroute", "routes": list(routes)}], "terminal": True}


INNER = {"group": "group2", "handle": [{"handler": "rewrite"}]}
RENUMBERED = {"group": "group9", "handle": [{"handler": "rewrite"}]}


@pytest.mark.parametrize(
    "adapted, original, hosts",
    [
        (config(site("a", OURS, RENUMBERED)), config(site("a", INNER)), ["a"]),
        (config(site("a", OURS), site("b", OURS)), config(site("a"), site("b")), ["a", "b"]),
        (config(OURS, INNER), config(INNER), ["(any host)"]),
        (config(site("a", OURS)), config({"match": [{"host": ["a"]}], "terminal": True}), ["a"]),
    ],
)
def test_configurations_differ_in_the_page_alone(adapted, original, hosts):
    assert caddy_config.guarded_hosts(json.dumps(adapted), json.dumps(original), PAGE) == hosts


@pytest.mark.parametrize(
    "adapted, original, message",
    [
        (config(site("a", OURS), site("b")), config(site("a"), site("b")), "before all that host 'b' does"),
        (config(site("a", INNER, OURS)), config(site("a", INNER)), "before all that host 'a' does"),
        (config(site("a", dict(OURS, handle=[]))), config(site("a")), "before all that host 'a' does"),
        (config(site("a", OURS, INNER)), config(site("a")), "would do more than show it"),
        (config(site("a", OURS)), config(site("a", INNER)), "would do more than show it"),
    ],
)
def test_anything_else_is_refused(adapted, original, message):
    with pytest.raises(LecternError, match=message):
        caddy_config.guarded_hosts(json.dumps(adapted), json.dumps(original), PAGE)
