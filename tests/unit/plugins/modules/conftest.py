# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Platforms on which the tests of modules work."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness


@pytest.fixture(scope="session")
def readable_collection():
    """Where Python finds a copy of this collection that every user of the machine can read: modules also run as another user."""
    with tempfile.TemporaryDirectory(prefix="lectern-tests-") as folder:
        yield harness.copy_collection(Path(folder))


@pytest.fixture(scope="session")
def servers(tmp_path_factory, readable_collection):
    """Starts the process that runs modules under one of the interpreters, once."""
    with harness.starting_servers(tmp_path_factory.mktemp, readable_collection) as server:
        yield server


@pytest.fixture(params=["without-tutor", "tutor-22"])
def site(request, servers, tmp_path):
    """An empty platform with small templates of its own; once without the tutor package, once with Tutor 22."""
    return harness.Site(servers(request.param), tmp_path)


@pytest.fixture
def plain(servers, tmp_path):
    """The same without the tutor package alone."""
    return harness.Site(servers("without-tutor"), tmp_path)


@pytest.fixture
def shared(servers):
    """The same where another user of the host can work, too."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        site = harness.Site(servers("without-tutor"), Path(folder))
        site.uid = 1234
        yield site


@pytest.fixture
def hooked(servers, tmp_path):
    """The same with Tutor 22 alone."""
    return harness.Site(servers("tutor-22"), tmp_path)


MEMORY = "LECTERN_MEMORY"  # the servers pass it on: LECTERN_MEMORY=0 runs all tests with the memory off


@pytest.fixture
def remembering():
    """For tests of what is remembered: they make no sense with the memory off."""
    if os.environ.get(MEMORY) == "0":
        pytest.skip("the memory is off")


@pytest.fixture(params=["1", "0"], ids=["memory-on", "memory-off"])
def memory(request):
    """Runs the modules of a test with the memory on, and off."""
    if request.param > os.environ.get(MEMORY, "1"):
        pytest.skip("the memory is off")
    return request.param
