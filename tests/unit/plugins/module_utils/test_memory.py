# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of the engine, by which a host forgets what other code of this collection remembered."""

import os
import shutil

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import memory
from ansible_collections.lectern.tutor.plugins.module_utils.places import ENGINE


@pytest.fixture
def engine(monkeypatch, tmp_path):
    """A copy of the engine that the memory takes for its own."""
    copy = str(tmp_path / "engine")
    shutil.copytree(ENGINE, copy)
    monkeypatch.setattr(memory, "ENGINE", copy)
    monkeypatch.setattr(memory, "ZIP", ())
    memory._engine.cache_clear()
    yield copy
    memory._engine.cache_clear()


@pytest.mark.parametrize("name", ["render.py", "room/render.py", "room/inner/restart.py"])
def test_every_folder_of_the_engine_counts(engine, name):
    before = memory._engine()
    path = os.path.join(engine, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a", encoding="utf-8") as source:
        source.write("# edited\n")
    memory._engine.cache_clear()
    assert memory._engine() != before


def test_what_is_compiled_does_not_count(engine):
    before = memory._engine()
    os.makedirs(os.path.join(engine, "room", "__pycache__"))
    with open(os.path.join(engine, "room", "__pycache__", "render.cpython-310.pyc"), "wb") as compiled:
        compiled.write(b"compiled")
    memory._engine.cache_clear()
    assert memory._engine() == before
