# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy of the modules that a host keeps: made once, used from then on, and never one that others can write to."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action.normal import ActionModule
from ansible_collections.lectern.tutor.plugins.plugin_utils import cached

INSIDE = Path("ansible_collections/lectern/tutor/plugins/modules")


class Host:
    """This machine, with a home folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        self.copy = folder / ".cache/lectern" / cached.digest()

    def call(self, *options: str, module: str = "config_info", **args: Any) -> tuple[dict[str, Any], list[str]]:
        """The result, and the names of the modules that Ansible sent for it."""
        args = {"root": str(self.home / "root"), "templates": str(self.home), **args}
        command = [Path(sys.executable).with_name("ansible"), "localhost", "-vvv", "-m", f"lectern.tutor.{module}", "-a", json.dumps(args)]
        environ = {**os.environ, "HOME": str(self.home), "ANSIBLE_HOME": str(self.home / ".ansible")}
        done = subprocess.run([*command, *options], env=environ, capture_output=True, text=True, check=False)
        sent = [Path(line.split()[-1]).stem for line in done.stdout.splitlines() if "Using module file" in line]
        result = done.stdout.partition(" => ")[2]
        return json.loads(result[: result.rindex("}") + 1]), sent


# One file of each room of the engine.
FILES_OF_ROOMS = sorted(
    {path.parent: str(path.relative_to(cached.PLUGINS)) for path in cached.PLUGINS.glob("module_utils/**/*.py")}.values()
)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "defaults.yml").write_text("{}")
    return Host(tmp_path)


def test_copy_is_made_once_and_used(host: Host) -> None:
    first, sent = host.call("--check")
    assert sent == ["cached_module"] * 3
    assert host.copy.is_dir()
    assert host.copy.parent.stat().st_mode & 0o777 == 0o700
    assert host.call() == (first, ["cached_module"])
    source = host.copy / INSIDE / "config_info.py"
    text = "raise SystemExit(print('{\"copied\": true}'))\n"
    source.write_text(text.ljust(source.stat().st_size))
    os.utime(source, (0, 0))  # else Python may take what it compiled
    assert host.call()[0]["copied"] is True


def test_damaged_copy_is_replaced(host: Host) -> None:
    expected = host.call()[0]
    (host.copy / INSIDE.with_name("module_utils") / "root/plan.py").write_text("")
    assert host.call() == (expected, ["cached_module"] * 3)
    assert host.call() == (expected, ["cached_module"])


def test_copy_that_others_may_write_to_is_replaced(host: Host) -> None:
    expected = host.call()[0]
    (host.copy / INSIDE / "config_info.py").write_text("raise SystemExit('not to be run')")
    host.copy.chmod(0o777)
    assert host.call() == (expected, ["cached_module"] * 3)
    assert host.copy.stat().st_mode & 0o022 == 0


def test_failures_and_options_are_the_modules_own(host: Host) -> None:
    result, _sent = host.call(root=str(host.home / "defaults.yml"), keys="A")
    assert result["msg"].startswith(f"root '{host.home}/defaults.yml' is not a folder")
    assert result["invocation"]["module_args"]["keys"] == ["A"]
    assert "digest" not in result["invocation"]["module_args"]
    assert "wrong" in host.call(wrong=1)[0]["msg"]


def test_call_in_the_background_is_run_as_any_other(host: Host) -> None:
    _result, sent = host.call("-B", "30", "-P", "0")
    assert sent[0] == "config_info"
    assert "cached_module" not in sent


def test_modules_with_live_output_too(host: Host) -> None:
    assert host.call(module="job")[1] == ["cached_module"] * 3


class Calls:
    """Stands for Ansible's own way to run a module, on a host where nothing can be kept."""

    def __init__(self) -> None:
        self.made: list[tuple[Any, Any]] = []

    def __call__(self, action: Any, module_name: Any = None, module_args: Any = None, **_options: Any) -> dict[str, Any]:
        self.made.append((module_name, [dict(one) for one in action._task.environment]))
        return {"changed": True} if module_name is None else {"failed": True} if "archive" in module_args else {cached.MISSING: True}


def test_where_nothing_can_be_kept_the_module_is_run_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()

    def execute(action: Any, *args: Any, **options: Any) -> dict[str, Any]:
        return calls(action, *args, **options)

    monkeypatch.setattr(ActionModule, "_execute_module", execute)
    action = cached.CachedModule.__new__(cached.CachedModule)
    action._task = SimpleNamespace(action="lectern.tutor.config_info", args={"root": "/r"}, async_val=0, environment=[{"A": "1"}])
    assert action._execute_module(task_vars={}) == {"changed": True}
    wanted = [{"A": "1"}, {cached.WANTED: f"{cached.digest()}/config_info"}]
    assert calls.made == [(cached.MODULE, wanted), (cached.MODULE, [{"A": "1"}]), (None, [{"A": "1"}])]


def names_in_archive() -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(base64.b64decode(cached.archive()))).namelist())


def test_every_folder_is_a_package() -> None:
    names = names_in_archive()
    assert {f"{Path(name).parent}/__init__.py" for name in names} <= names


@pytest.mark.parametrize("edited", ["modules/config.py", *FILES_OF_ROOMS, "module_utils/room/inner/new.py"])
def test_the_name_of_a_copy_follows_the_content_of_every_folder(edited: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = cached.digest()
    for path, data in cached.sources():
        file = tmp_path / path.relative_to(cached.PACKAGE)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    monkeypatch.setattr(cached, "PLUGINS", tmp_path)
    cached.digest.cache_clear()
    assert cached.digest() == before
    (tmp_path / edited).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / edited).write_bytes(b"# another\n")
    cached.digest.cache_clear()
    assert cached.digest() != before
    assert str(cached.PACKAGE / edited) in names_in_archive()
    cached.digest.cache_clear()
