# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of deployments."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import moments
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import last_run


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / ".lectern").mkdir(mode=0o700)
    return Places(str(tmp_path), "/plugins")


def test_failure_keeps_when_a_deployment_succeeded(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    assert last_run.read_last_run(places) is None
    assert last_run.next_run(places, "failed").succeeded is None
    for result, moment, succeeded in (("succeeded", 0, 0), ("failed", 60, 0), ("failed", 120, 0), ("succeeded", 180, 180)):
        monkeypatch.setattr(moments.time, "gmtime", lambda moment=moment: (1970, 1, 1, 0, moment // 60, 0, 3, 1, 0))
        last_run.record(places, last_run.next_run(places, result))
        expected = (f"1970-01-01T00:0{moment // 60}:00Z", result, f"1970-01-01T00:0{succeeded // 60}:00Z")
        assert last_run.read_last_run(places) == expected
    monkeypatch.undo()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", last_run.next_run(places, "failed").finished)


def test_root_that_no_deployment_set_up_stays_as_it_is(tmp_path: Path) -> None:
    places = Places(str(tmp_path / "root"), "/plugins")
    last_run.record(places, last_run.next_run(places, "failed"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"finished": "x", "result": "perhaps", "succeeded": None},
        {"finished": 1, "result": "failed", "succeeded": None},
        {"finished": "x", "result": "failed", "succeeded": 1},
        {"finished": "x", "result": "failed"},
    ],
)
def test_damaged(places: Places, content: object) -> None:
    Path(last_run.path(places)).write_text(json.dumps(content))
    with pytest.raises(LecternError, match=r"run\.json' is damaged: remove it, and Lectern recreates it\.$"):
        last_run.read_last_run(places)
