# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a platform lives: options, then Tutor's environment variables, then Tutor's defaults."""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import about
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import nearest_folder, path_below, resolve_places


def test_options_win_over_the_environment_and_that_over_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = str(tmp_path)
    monkeypatch.setenv("HOME", home)
    for name in ("TUTOR_ROOT", "TUTOR_PLUGINS_ROOT", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert resolve_places()[:2] == (home + "/.local/share/tutor", home + "/.local/share/tutor-plugins")
    monkeypatch.setenv("TUTOR_ROOT", "~/mine")
    assert resolve_places().root == home + "/mine"
    assert resolve_places(root=home + "/given").root == home + "/given"


def test_a_linked_root_is_the_folder_that_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert resolve_places(root=str(tmp_path / "link")).root == os.path.realpath(str(tmp_path / "real"))


@pytest.mark.parametrize("option", ["root", "plugins_root", "templates"])
def test_a_relative_path_is_refused_because_it_depends_on_who_logs_in(option: str) -> None:
    with pytest.raises(LecternError, match="The path 'srv/tutor' is relative"):
        resolve_places(**{option: "srv/tutor"})


ABOUT = {
    "old": '__version__ = "12.0.0"\n',
    "new": '__version__ = "22.0.3"\n__version_suffix__ = ""\n__app__ = os.environ.get("TUTOR_APP", "tutor")\n',
    "main": '__version__ = "22.0.3"\n__version_suffix__ = "main"\n__app__ = os.environ.get("TUTOR_APP", "tutor")\n',
    "fork": "__version__ = '22.0.3'\n__version_suffix__ = ''\n__app__ = 'campus'\n",
}


@pytest.mark.parametrize(
    "release, app, name",
    [
        ("none", None, "tutor"),
        ("none", "campus", "campus"),
        ("old", None, "tutor"),
        ("old", "campus", "tutor"),
        ("new", None, "tutor"),
        ("new", "campus", "campus"),
        ("new", "my campus", "my campus"),
        ("new", "~", "~"),
        ("main", None, "tutor-main"),
        ("main", "campus", "campus-main"),
        ("fork", "other", "campus"),
    ],
)
def test_default_folders_are_those_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str, app: str | None, name: str
) -> None:
    installed(tmp_path, monkeypatch, release, app)
    assert resolve_places()[:2] == (f"{tmp_path}/.local/share/{name}", f"{tmp_path}/.local/share/{name}-plugins")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert resolve_places(root=str(tmp_path / "given"))[:2] == (f"{tmp_path}/given", f"{tmp_path}/data/{name}-plugins")


@pytest.mark.parametrize("app", ["", ".", "..", "a/b", "../x", "/srv/x", "\udce9"])
def test_app_that_names_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: str) -> None:
    installed(tmp_path, monkeypatch, "new", app)
    for given in ({}, {"root": str(tmp_path / "root")}):
        with pytest.raises(LecternError, match=re.escape(f"TUTOR_APP is {app!a} in the environment of the host: no folder")):
            resolve_places(**given)
    assert resolve_places(str(tmp_path / "root"), str(tmp_path / "plugins")).root == str(tmp_path / "root")


def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str, app: str | None) -> None:
    """A home, and a package tutor of this release."""
    package = tmp_path / "tutor"
    package.mkdir()
    (package / "__about__.py").write_text("import os\n" + ABOUT.get(release, ""))
    monkeypatch.setattr(about, "package_folder", lambda: None if release == "none" else str(package))
    for name in ("TUTOR_ROOT", "TUTOR_PLUGINS_ROOT", "XDG_DATA_HOME", "TUTOR_APP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    if app is not None:
        monkeypatch.setenv("TUTOR_APP", app)


def test_default_folders_of_the_installed_tutor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the package itself comes to."""
    told = pytest.importorskip("tutor.__about__")
    assert about.version() == told.__version__
    for app in ("campus", "tutor"):
        monkeypatch.setenv("TUTOR_APP", app)
        assert about.app() == importlib.reload(told).__app__
    monkeypatch.undo()
    importlib.reload(told)


@pytest.mark.parametrize(
    "variable, value, message",
    [
        ("TUTOR_ROOT", "srv/tutor", "The path 'srv/tutor' is relative: .* It comes from TUTOR_ROOT in the environment of the host."),
        ("TUTOR_ROOT", "$HOME/tutor", "The path '.HOME/tutor' is relative: .* It comes from TUTOR_ROOT"),
        ("TUTOR_ROOT", "C:\\tutor", r"The path 'C:\\tutor' is relative"),
        ("TUTOR_ROOT", "C:/tutor", "The path 'C:/tutor' is relative"),
        ("TUTOR_ROOT", "~nobody-of-that-name/tutor", "The path '~nobody-of-that-name/tutor' is relative"),
        ("TUTOR_ROOT", "/srv/$SITE/tutor", "The path '/srv/.SITE/tutor' has a variable .* It comes from TUTOR_ROOT"),
        ("TUTOR_PLUGINS_ROOT", "/srv/${SITE}", "The path '/srv/..SITE.' has a variable .* It comes from TUTOR_PLUGINS_ROOT"),
        ("TUTOR_PLUGINS_ROOT", "plugins", "The path 'plugins' is relative: .* It comes from TUTOR_PLUGINS_ROOT"),
        ("XDG_DATA_HOME", "data", "The path 'data/tutor' is relative: .* It comes from XDG_DATA_HOME"),
        ("XDG_DATA_HOME", "$HOME/data", "The path '.HOME/data/tutor' is relative: .* It comes from XDG_DATA_HOME"),
    ],
)
def test_variables_that_depend_on_who_runs_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    installed(tmp_path, monkeypatch, "new", None)
    monkeypatch.setenv(variable, value)
    with pytest.raises(LecternError, match=message):
        resolve_places()


@pytest.mark.parametrize("option", ["root", "plugins_root", "templates"])
def test_option_with_a_variable_that_is_not_set(option: str) -> None:
    with pytest.raises(LecternError, match="The path '/srv/.SITE/tutor' has a variable that is not set on the host: write out"):
        resolve_places(**{option: "/srv/$SITE/tutor"})


def test_the_nearest_folder(tmp_path):
    (tmp_path / "file").write_text("")
    assert nearest_folder(str(tmp_path / "a/b/c")) == str(tmp_path)
    assert nearest_folder(str(tmp_path / "file/b")) == str(tmp_path)


def test_paths_below_a_folder():
    assert [path_below(path, "/a/b") for path in ("/a/b", "/a/b/c/d", "/a/bc", "/a", "b")] == ["", "c/d", None, None, None]
