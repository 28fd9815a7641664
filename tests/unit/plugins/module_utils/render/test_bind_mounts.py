# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an entry of MOUNTS names, and in which releases there is that setting."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core
from ansible_collections.lectern.tutor.plugins.module_utils.render import bind_mounts


@pytest.mark.parametrize(
    "entry, paths",
    [
        ("/srv/x", ("/srv/x",)),
        ("/srv/x:/y", ("/srv/x:/y",)),
        ("lms:/srv/x", ("lms:/srv/x",)),
        ("lms:/srv/x:/y", ("/srv/x", "/y")),
        ("lms, cms-worker,a_b:/srv/x:/y:ro,z", ("/srv/x", "/y")),
        ("C:/srv/x:/y", ("C:/srv/x:/y",)),
        ("lms:C:/x:/y", ("C", "/x")),
    ],
)
def test_paths_of_an_entry(entry, paths):
    assert bind_mounts.paths_in(entry) == paths


@pytest.mark.parametrize("version, is_refused", [("13.3.1", False), ("15.3.7", False), ("16.0.0", True), ("22.0.3", True)])
def test_mounts_before_16_are_a_setting_like_others(ground, monkeypatch, version, is_refused):
    monkeypatch.setattr(core, "installed_version", lambda: version)
    ground.edit(MOUNTS=["./x"], PLUGINS=[])
    if not is_refused:
        ground.call()
        assert ground.saved()["MOUNTS"] == ["./x"]
        return
    with pytest.raises(LecternError, match=r"^MOUNTS in config.yml has './x': give an absolute path"):
        ground.call()
