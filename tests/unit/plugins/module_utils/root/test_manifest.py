# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of the files that were written."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import File
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.root import drift, manifest
from ansible_collections.lectern.tutor.plugins.module_utils.root.manifest import Manifest

FILE = File(b"x", 0o644, "t/x", "p", {"patch": ["q"]})
ENTRY = {"digest": manifest.digest(b"x"), "template": "t/x", "owner": "p", "patches": {"patch": ["q"]}}
OWNERS = {"overrides": {"KEY": "p"}, "generated": {"SALT": "p", "MINE": None}}


def test_update():
    first = manifest.update(Manifest(**OWNERS), b"A: 1\n", {"a": FILE, "b": FILE}, [])
    assert first == Manifest(config=manifest.digest(b"A: 1\n"), files={"a": ENTRY, "b": ENTRY}, **OWNERS)
    assert manifest.update(first, b"A: 2\n", {}, ["a"]) == first._replace(config=manifest.digest(b"A: 2\n"), files={"b": ENTRY})


def test_load(ground):
    assert manifest.load(ground.places) == Manifest()
    ground.write(ground.root, {".lectern/manifest.json": manifest.to_bytes(Manifest(files={"a": ENTRY})).decode()})
    assert manifest.load(ground.places) == Manifest(files={"a": ENTRY})


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
    with pytest.raises(LecternError, match="manifest.json' is damaged: remove it, and Lectern recreates it[.]$"):
        manifest.load(ground.places)


@pytest.mark.parametrize("content", ["{", '{"files": {}, "generated": {"OURS": "core"}}'])
def test_saved_secrets(ground, content):
    """Those that names tell are masked beside a damaged manifest, too."""
    assert manifest.saved_secrets(ground.places) == []
    settings = "SMTP_PASSWORD: Open-Sesame-1\nOURS: Open-Sesame-2\n"
    ground.write(ground.root, {"config.yml": settings, ".lectern/manifest.json": content})
    found = manifest.saved_secrets(ground.places)
    assert ("Open-Sesame-1" in found, "Open-Sesame-2" in found) == (True, content != "{")


def test_report(ground):
    ground.write(ground.env, {"same": "x", "edited": "y", "folder/same": "x"})
    (ground.env / "link").symlink_to("same")
    found = Manifest(files=dict.fromkeys(("same", "edited", "missing", "link", "folder/same"), ENTRY))
    assert {name: entry["drift"] for name, entry in drift.report(ground.places, found, []).items()} == {
        "same": False,
        "edited": True,
        "missing": True,
        "link": True,
        "folder/same": False,
    }
    assert sorted(drift.report(ground.places, found, ["folder/", "./same", "sa"])) == ["folder/same", "same"]
    assert len(drift.report(ground.places, found, ["."])) == 5
