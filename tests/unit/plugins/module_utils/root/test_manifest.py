# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of the files that were written."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import File
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root import drift, manifest

FILE = File(b"x", 0o644, "t/x", "p", {"patch": ["q"]})
ENTRY = {"digest": manifest.digest(b"x"), "template": "t/x", "owner": "p", "patches": {"patch": ["q"]}}
OWNERS = {"overrides": {"KEY": "p"}, "generated": {"SALT": "p", "MINE": None}}


def test_make():
    nothing = {"files": {}, "overrides": {}}
    first = manifest.make(nothing, b"A: 1\n", {"a": FILE, "b": FILE}, [], OWNERS, True)
    config = manifest.digest(b"A: 1\n")
    assert first == {"config": config, "files": {"a": ENTRY, "b": ENTRY}, "rendered": True, **OWNERS}
    second = manifest.make(first, b"A: 1\n", {}, ["a"], {"overrides": {}, "generated": {}}, False)
    assert second == {"config": config, "files": {"b": ENTRY}, "overrides": {}, "generated": {}, "rendered": True}
    assert not manifest.make(nothing, b"", {}, [], {}, False)["rendered"]


def test_load(ground):
    assert manifest.load(ground.places) == {"files": {}, "overrides": {}, "generated": {}}
    ground.write(ground.root, {".lectern/manifest.json": manifest.text({"files": {"a": ENTRY}, "overrides": {}}).decode()})
    assert manifest.load(ground.places)["files"] == {"a": ENTRY}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"files": [], "overrides": {}},
        {"files": {}, "overrides": 1},
        {"files": {"a": 1}, "overrides": {}},
        {"files": {}, "generated": []},
    ]
    + [{"files": {name: ENTRY}, "overrides": {}} for name in ("../x", "/x", "a/../../x")],
)
def test_damaged(ground, content):
    ground.write(ground.root, {".lectern/manifest.json": json.dumps(content)})
    with pytest.raises(LecternError, match="manifest.json' is damaged: remove it, Lectern makes it anew[.]$"):
        manifest.load(ground.places)


def test_report(ground):
    ground.write(ground.env, {"same": "x", "edited": "y", "folder/same": "x"})
    (ground.env / "link").symlink_to("same")
    found = {"files": dict.fromkeys(("same", "edited", "missing", "link", "folder/same"), ENTRY)}
    assert {name: entry["drift"] for name, entry in drift.report(ground.places, found, []).items()} == {
        "same": False,
        "edited": True,
        "missing": True,
        "link": True,
        "folder/same": False,
    }
    assert sorted(drift.report(ground.places, found, ["folder/", "./same", "sa"])) == ["folder/same", "same"]
    assert len(drift.report(ground.places, found, ["."])) == 5
