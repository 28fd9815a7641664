# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What two sites on one machine must not both claim."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.filter.collisions import collisions


def site(name: str, **settings: object) -> dict:
    return {"site": name, "root": f"/srv/{name}", "LOCAL_PROJECT_NAME": name, **settings}


A = site("a", CADDY_HTTP_PORT=81)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        pytest.param(site("b"), [], id="side by side"),
        pytest.param(dict(site("b"), root="/srv/x/../a/"), ["a and b both have the root '/srv/a': give each a tutor_root"], id="root"),
        pytest.param(
            dict(site("b"), root="/srv/a/b"), ["The root '/srv/a/b' of b lies in the root '/srv/a' of a: give each a"], id="inside"
        ),
        pytest.param(dict(site("b"), root="/srv"), ["The root '/srv/a' of a lies in the root '/srv' of b: give each"], id="around"),
        pytest.param(dict(site("b"), root="/srv/ab"), [], id="a longer name"),
        pytest.param(
            site("b", LOCAL_PROJECT_NAME="a"), ["a and b both have the compose project 'a': give each a LOCAL_PROJECT"], id="project"
        ),
        pytest.param(
            site("b", CADDY_HTTP_PORT="81"), ["a and b both publish port 81: give one of them another CADDY_HTTP_PORT"], id="port"
        ),
        pytest.param(site("b", CADDY_HTTP_PORT="127.0.0.1:81"), ["a and b both publish port 81"], id="port of one address"),
        pytest.param(site("b", CADDY_HTTP_PORT="0.0.0.0:81"), ["a and b both publish port 81"], id="port of all addresses"),
        pytest.param(site("b", NGINX_HTTP_PORT=81), ["a and b both publish port 81"], id="port of a release before 13"),
        pytest.param(site("b", CADDY_HTTP_PORT="{{ PORT }}"), [], id="a port that Tutor renders"),
        pytest.param(site("b", LOCAL_PROJECT_NAME="{{ TUTOR_APP }}_x"), [], id="a project that Tutor renders"),
    ],
)
def test_two_sites(other: dict, says: list[str]) -> None:
    assert len(collisions(other, [A])) == len(says)
    assert all(sentence.startswith(begin) for begin, sentence in zip(says, collisions(A, [other]), strict=True))


def test_defaults_collide() -> None:
    """What Tutor does where an inventory says nothing."""
    bare = [{"site": name, "root": f"/srv/{name}"} for name in ("a", "b")]
    assert [sentence.split(":")[0] for sentence in collisions(bare[0], bare[1:])] == [
        "a and b both have the compose project 'tutor_local'",
        "a and b both publish port 80",
    ]


@pytest.mark.parametrize(("proxy", "count"), [(True, 1), (False, 0)])
def test_https_is_published_by_the_web_proxy(proxy: bool, count: int) -> None:
    a, b = (site(name, CADDY_HTTP_PORT=port, ENABLE_HTTPS=True) for name, port in (("a", 81), ("b", 82)))
    b["ENABLE_WEB_PROXY"] = proxy
    found = collisions(a, [b])
    assert len(found) == count
    assert all("both publish port 443: " in sentence for sentence in found)


def test_two_addresses_of_one_machine() -> None:
    a, b = (site(name, CADDY_HTTP_PORT=f"192.0.2.{number}:80") for number, name in enumerate("ab"))
    assert collisions(a, [b]) == []
    assert len(collisions(a, [site("c", CADDY_HTTP_PORT="0.0.0.0:80")])) == 1


def test_several_sites() -> None:
    others = [site("b", CADDY_HTTP_PORT=81), site("c", CADDY_HTTP_PORT=82), site("d", LOCAL_PROJECT_NAME="a", CADDY_HTTP_PORT=83)]
    assert [sentence.split(":")[0] for sentence in collisions(A, others)] == [
        "a and b both publish port 81",
        "a and d both have the compose project 'a'",
    ]
