# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of the end-to-end test, built and started once."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.tests.e2e import kit
from ansible_collections.lectern.tutor.tests.e2e.server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A fresh server. It stays for a look at it when a test fails, until the next run or `make clean`."""
    kit.build()
    return Server(**kit.up(), sockets=str(tmp_path_factory.mktemp("ssh")))
