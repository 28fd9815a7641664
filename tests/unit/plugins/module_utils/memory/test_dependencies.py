# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that may have changed after they were read, on file systems that keep fractions of seconds and on those that do not."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.memory import dependencies

OPENED = 1000.5


@pytest.mark.parametrize(
    "changed, expected",
    [
        (1000.4, False),
        (1000.498, True),
        (1000.6, True),
        (1000.0, True),  # at any time of that second
        (999.0, True),
        (998.0, False),
    ],
)
def test_a_change_after_a_file_was_opened(monkeypatch, changed, expected):
    monkeypatch.setattr(os, "lstat", lambda _name: SimpleNamespace(st_ctime_ns=int(changed * 10**9)))
    assert dependencies._may_have_changed_since("any", OPENED) is expected


def test_a_file_that_is_gone_has_not_changed():
    assert dependencies._may_have_changed_since("/nowhere/at/all", OPENED) is False
