# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as one file: whole, and the same bytes each time. How Python runs it is in runtime/test_timer_run.py."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from ansible_collections.lectern.tutor.plugins.module_utils.base import program
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import ENGINE


def names(content):
    return set(zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_it_holds_the_engine_and_no_front():
    held = {name.rpartition("module_utils/")[2] for name in names(program.write_program("x")) if not name.endswith("__init__.py")}
    engine = {path.relative_to(ENGINE).as_posix() for path in Path(ENGINE).rglob("*.py")}
    assert held == engine - {"_module.py", "_report.py", "copies.py"} | {"__main__.py"}


def test_the_same_engine_gives_the_same_bytes():
    first = program.write_program("x")
    program._sources.cache_clear()
    assert program.write_program("x") == first


def test_the_archive_that_ansible_sends_gives_the_same(tmp_path, monkeypatch):
    """Where no copy of the modules is kept on the host, they come in an archive, beside other code."""
    sent = tmp_path / "payload.zip"
    expected = program.write_program("x")
    sent.write_bytes(expected)
    with zipfile.ZipFile(str(sent), "a") as archive:
        archive.writestr("ansible/module_utils/basic.py", "raise SystemExit\n")
    monkeypatch.setattr(program, "ZIP", (str(sent),))
    monkeypatch.setattr(program, "ORIGIN", str(sent))
    program._sources.cache_clear()
    try:
        assert program.write_program("x") == expected
    finally:
        program._sources.cache_clear()
