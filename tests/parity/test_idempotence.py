# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""On real input: check mode tells what the real run does, and afterwards neither the collection nor upstream finds anything to do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lectern.tutor.tests.parity import collection, sites, trees, upstream
from ansible_collections.lectern.tutor.tests.parity.cases import RELEASES

on_every_release = pytest.mark.parametrize("case", RELEASES, ids=lambda case: case.name, indirect=True, scope="session")


@pytest.fixture(params=["1", "0"], ids=["memory-on", "memory-off"])
def memory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a test with the memory on, and off. The playbooks pass the variable on."""
    if request.param > os.environ.get("LECTERN_MEMORY", "1"):
        pytest.skip("the memory is off")
    monkeypatch.setenv("LECTERN_MEMORY", request.param)


def _environment(site: sites.Site, options: Mapping[str, Any], check: bool = False) -> dict[str, Any]:
    return collection.run(site.venv, [("environment", {**site.places, **options})], site.environ, check)[0]


def _in_env(root: Path) -> list[str]:
    return sorted(trees.read(root / "env"))


@on_every_release
def test_four_runs_on_a_config_of_upstream(site: sites.Site, memory: None) -> None:
    sites.fresh_root(site)
    before = trees.read(site.root)

    check = _environment(site, {}, check=True)
    assert trees.read(site.root) == before

    real = _environment(site, {})
    assert real["changed"] and check["changed"]
    assert sorted(check["files"]["created"]) == sorted(real["files"]["created"]) == _in_env(site.root)
    assert check["changed_keys"] == real["changed_keys"]
    _assert_nothing_to_do(site, {})


@on_every_release
def test_four_runs_without_a_config(site: sites.Site) -> None:
    """Secrets are made once; the second run, and upstream, take them from config.yml."""
    config = yaml.safe_load((sites.FILES / site.case.release.config).read_text(encoding="utf-8"))
    options = {"plugins": config["PLUGINS"], "settings": {**site.case.settings, "PLATFORM_NAME": "Łódź"}}
    sites.fresh_root(site)
    (site.root / "config.yml").unlink()

    check = _environment(site, options, check=True)
    assert trees.read(site.root) == {}

    real = _environment(site, options)
    assert sorted(check["files"]["created"]) == sorted(real["files"]["created"]) == _in_env(site.root)
    assert sorted(check["changed_keys"]) == sorted(real["changed_keys"])
    _assert_nothing_to_do(site, options)


def _assert_nothing_to_do(site: sites.Site, options: Mapping[str, Any]) -> None:
    states, files = trees.states(site.root), trees.read(site.root)

    for check in (True, False):
        again = _environment(site, options, check)
        assert not again["changed"], again["actions"]
        assert again["files"]["unchanged_count"] == len(_in_env(site.root))
        assert trees.states(site.root) == states

    upstream.tutor(site.venv, site.environ, "config", "save")
    assert trees.difference(files, trees.read(site.root)) == ""

    after_upstream = _environment(site, options)
    assert not after_upstream["changed"], after_upstream["actions"]
