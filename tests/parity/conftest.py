# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the parity tests, and the table that closes a run."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.lectern.tutor.tests.parity import comparison, pythons, sites
from ansible_collections.lectern.tutor.tests.parity.cases import CASES, RELEASES, Case, Release


class Row(NamedTuple):
    """One line of the closing table."""

    case: str
    files: str
    identical: str
    seconds: str


TABLE: dict[str, Row] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-releases", action="store_true", help="run the cases of every release, not only those of every day")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what runs only with --all-releases, and jobs of cases that add none."""
    left_out = [item for item in items if item.name.startswith("test_jobs") and _case(item) not in RELEASES]
    if not config.getoption("--all-releases"):
        left_out += [item for item in items if (case := _case(item)) and not case.everyday and item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _case(item: pytest.Item) -> Case | None:
    return item.callspec.params.get("case") if hasattr(item, "callspec") else None


@pytest.fixture(scope="session")
def environments(request: pytest.FixtureRequest) -> dict[Release, Path | str]:
    """By release: its virtual environment, or why this machine cannot have one."""
    releases = {case.release for item in request.session.items if (case := _case(item))}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(releases, pool.map(_environment, releases), strict=True))


def _environment(release: Release) -> Path | str:
    try:
        return pythons.environment(release)
    except pythons.NotOnThisMachine as problem:
        return str(problem)


@pytest.fixture(scope="session", params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture(scope="session")
def site(case: Case, environments: dict[Release, Path | str], tmp_path_factory: pytest.TempPathFactory) -> sites.Site:
    venv = environments[case.release]
    if isinstance(venv, str):
        TABLE[case.name] = Row(case.name, "", "not run", venv)
        pytest.skip(f"not run: {venv}")
    return sites.lay_out(case, venv, tmp_path_factory.mktemp(case.name))


@pytest.fixture(scope="session")
def both(site: sites.Site) -> comparison.Both:
    """What upstream and the collection each make of the case."""
    start = time.monotonic()
    TABLE[site.case.name] = Row(site.case.name, "", "failed", "")
    both = comparison.compare(site)
    same = sum(both.lectern.files.get(name) == content for name, content in both.upstream.files.items())
    seconds = f"{time.monotonic() - start:.1f}"
    TABLE[site.case.name] = Row(site.case.name, str(len(both.upstream.files)), str(same), seconds)
    return both


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not TABLE:
        return
    terminalreporter.section("parity with upstream")
    for row in [Row("case", "files", "identical", "seconds"), *TABLE.values()]:
        terminalreporter.write_line(f"{row.case:<24} {row.files:>6} {row.identical:>10}  {row.seconds}")
