# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a platform lives: options, then Tutor's environment variables, then Tutor's defaults."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.places import places


def test_options_win_over_the_environment_and_that_over_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = str(tmp_path)
    monkeypatch.setenv("HOME", home)
    for name in ("TUTOR_ROOT", "TUTOR_PLUGINS_ROOT", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert places()[:2] == (home + "/.local/share/tutor", home + "/.local/share/tutor-plugins")
    monkeypatch.setenv("TUTOR_ROOT", "~/mine")
    assert places().root == home + "/mine"
    assert places(root=home + "/given").root == home + "/given"


def test_a_linked_root_is_the_folder_that_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert places(root=str(tmp_path / "link")).root == os.path.realpath(str(tmp_path / "real"))


@pytest.mark.parametrize("option", ["root", "plugins_root", "templates"])
def test_a_relative_path_is_refused_because_it_depends_on_who_logs_in(option: str) -> None:
    with pytest.raises(LecternError, match="The path 'srv/tutor' is relative"):
        places(**{option: "srv/tutor"})
