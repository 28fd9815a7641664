# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of a call, and the digest of the engine, by which a host forgets what other code of this collection remembered."""

import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import files
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import ENGINE
from ansible_collections.lectern.tutor.plugins.module_utils.memory import audit, dependencies, programs, store
from ansible_collections.lectern.tutor.plugins.module_utils.root.prepare import Request

# One file of each room.
FILES_OF_ROOMS = sorted({path.parent: str(path.relative_to(ENGINE)) for path in Path(ENGINE).rglob("*.py")}.values())


@pytest.fixture
def engine(monkeypatch, tmp_path):
    """A copy of the engine that the memory takes for its own."""
    copy = str(tmp_path / "engine")
    shutil.copytree(ENGINE, copy)
    monkeypatch.setattr(dependencies, "ENGINE", copy)
    monkeypatch.setattr(dependencies, "ZIP", ())
    dependencies.digest_engine.cache_clear()
    yield copy
    dependencies.digest_engine.cache_clear()


@pytest.mark.parametrize("name", [*FILES_OF_ROOMS, "room/inner/new.py"])
def test_every_folder_of_the_engine_counts(engine, name):
    before = dependencies.digest_engine()
    path = os.path.join(engine, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a", encoding="utf-8") as source:
        source.write("# edited\n")
    dependencies.digest_engine.cache_clear()
    assert dependencies.digest_engine() != before


def test_what_is_compiled_does_not_count(engine):
    before = dependencies.digest_engine()
    os.makedirs(os.path.join(engine, "room", "__pycache__"))
    with open(os.path.join(engine, "room", "__pycache__", "render.cpython-310.pyc"), "wb") as compiled:
        compiled.write(b"compiled")
    dependencies.digest_engine.cache_clear()
    assert dependencies.digest_engine() == before


@pytest.fixture
def remembered(ground, monkeypatch):
    """Writes a memory that depends on the answer of one program; what asks it is replaced by a list."""
    asked = []
    monkeypatch.delenv("LECTERN_MEMORY", raising=False)
    monkeypatch.setattr(programs.subprocess, "run", lambda command, **_options: asked.append(command))
    files.make_own_folder(ground.places)

    def write(command):
        with audit.recording() as seen:
            seen.modules.clear()  # the tests' own, which mention much
        seen.programs = {command: "NoneType"}
        known = store.remember(seen, ground.places, REQUEST, {}, {"files": []})
        files.write_own(store.path(ground.places), store.text(known))
        return asked

    return write


REQUEST = Request(plugins=[])


@pytest.mark.parametrize("command", [("touch", "x"), ("docker", "info")])
def test_a_program_that_does_more_than_answer_is_not_run(ground, remembered, command):
    """Whatever the file says."""
    asked = remembered(command)
    assert (store.recall(ground.places, REQUEST) is not None) == (command[0] == "docker")
    assert asked == ([command] if command[0] == "docker" else [])


def test_nothing_is_asked_for_another_request(ground, remembered):
    asked = remembered(("docker", "info"))
    assert store.recall(ground.places, REQUEST._replace(plugins=["x"])) is None
    assert asked == []


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_have_written_is_not_remembered(ground, remembered, mode):
    remembered(("docker", "info"))
    os.chmod(store.path(ground.places), mode)
    assert store.recall(ground.places, REQUEST) is None


def test_a_memory_that_is_off(ground, remembered, monkeypatch):
    remembered(("docker", "info"))
    for value, is_recalled in (("1", True), ("0", False)):
        monkeypatch.setenv("LECTERN_MEMORY", value)
        assert (store.recall(ground.places, REQUEST) is not None) == is_recalled
    with store.recording() as seen:
        assert seen is None
    assert store.remember(seen, ground.places, REQUEST, {}, {}) is None
