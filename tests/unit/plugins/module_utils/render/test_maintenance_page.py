# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.render.caddyfile import read_tokens
from ansible_collections.lectern.tutor.plugins.module_utils.render.maintenance_page import (
    BEGIN,
    END,
    Page,
    built_in_page,
    encode,
    is_in,
    matchers,
    with_page,
    without_page,
)

PAGE = Page("<p>back {soon} `at` \\{ten\\}", ("192.0.2.0/24", "2001:db8::1"), 60, "token", "remote_ip")

SITES = [
    "a.test {\n respond x\n}\n",
    "{\n debug\n}\na.test, b.test {\n}\n\nc.test { # {\n}",
    "a.test\nrespond x\n",
    "a.test {\n route {\n }\n}\n",
]


@pytest.mark.parametrize("text", SITES)
def test_what_was_put_in_comes_out_again_to_the_byte(text):
    changed = with_page(text, PAGE)
    assert is_in(changed) and not is_in(text)
    assert without_page(changed) == text
    assert with_page(changed, PAGE) == changed
    assert with_page(with_page(text, PAGE._replace(text="other")), PAGE) == changed


def test_every_site_begins_with_the_page():
    changed = with_page(SITES[1], PAGE)
    assert re.findall(r"(\S+ \{)\n#[^\n]*\n\timport lectern_maintenance\n", changed) == ["b.test {", "c.test {"]
    assert "order route first\n# {lectern maintenance: end}\n}" in changed


def test_a_page_can_hold_neither_the_markers_nor_what_ends_it():
    hostile = PAGE._replace(text="`\n}" + END + BEGIN + "{$HOME} {env.HOME} {args[0]} \\{ \\` <<X\nX")
    changed = with_page(SITES[0], hostile)
    assert without_page(changed) == SITES[0]
    quoted = [token.text for token in read_tokens(changed) if token.text.startswith("`\n") or "`{http" in token.text]
    assert [text for text in quoted if "<<X" in text] == ["`%s`" % encode(hostile.text)]


def test_text_is_encoded_as_placeholders_alone():
    assert encode("a{b}`\\c") == (
        "a{http.request.header.Lectern-Brace}b}{http.request.header.Lectern-Backtick}{http.request.header.Lectern-Backslash}c"
    )


def test_another_directive_does_it_where_sites_use_route():
    changed = with_page(SITES[3], PAGE)
    assert "order invoke first" in changed and "invoke @lectern_maintenance lectern_maintenance" in changed
    assert "order route" not in changed
    with pytest.raises(LecternError, match="use 'route' and 'invoke' themselves"):
        with_page("a.test {\n route {\n }\n invoke x\n}", PAGE)


def test_without_a_site_there_is_nothing_to_show_it():
    with pytest.raises(LecternError, match="has no site"):
        with_page("{\n}\n", PAGE)


def test_addresses_come_from_a_header_behind_a_proxy_that_caddy_trusts():
    behind = "{\n servers {\n  trusted_proxies static 0.0.0.0/0\n }\n}\na.test {\n}"
    assert matchers(behind) == ("client_ip", "remote_ip forwarded") == matchers(with_page(behind, PAGE))
    assert matchers("a.test {\n reverse_proxy x {\n  trusted_proxies 1.2.3.4\n }\n}") == ("remote_ip",)
    assert "not client_ip 192.0.2.0/24 2001:db8::1\n" in with_page(behind, PAGE._replace(matcher="client_ip"))
    assert "remote_ip" not in with_page(behind, PAGE._replace(allow=()))


@pytest.mark.parametrize(
    "seconds, later",
    [(1, "in a minute"), (60, "in a minute"), (61, "in about 2 minutes"), (600, "in about 10 minutes"), (7200, "in about 2 hours")],
)
def test_the_built_in_page_names_the_platform_and_the_time(seconds, later):
    page = built_in_page("<script>&Uni", seconds)
    assert "<title>&lt;script&gt;&amp;Uni: maintenance</title>" in page and later in page and '<html lang="en">' in page
    assert "http" not in page and "src=" not in page
