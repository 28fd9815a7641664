# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of the engine, by which a host forgets what other code of this collection remembered."""

import json
import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import files
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import digest
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import ENGINE
from ansible_collections.lectern.tutor.plugins.module_utils.memory import dependencies, store

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


def test_a_program_that_does_more_than_answer_is_not_run(ground):
    """Whatever the file says."""
    victim = ground.folder / "victim"
    files.make_own_folder(ground.places)
    kept = dict.fromkeys(store.Past._fields, {})
    for command in (["touch", str(victim)], ["docker", "info"]):
        kept["inputs"] = {"programs": [[command, "answer"]]}
        content = json.dumps(kept).encode()
        files.write_own(store.path(ground.places), store.FORM % (digest(content).encode(), content))
        look = store.look(ground.places)
        assert look.past is None
        store.answers(look.asked)  # waits for them
        assert list(look.asked) == ([("docker", "info")] if command[0] == "docker" else [])
    assert not victim.exists()


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_have_written_is_not_remembered(ground, mode):
    files.make_own_folder(ground.places)
    kept = dict(dict.fromkeys(store.Past._fields, {}), inputs={"programs": [[["docker", "info"], "answer"]]})
    content = json.dumps(kept).encode()
    files.write_own(store.path(ground.places), store.FORM % (digest(content).encode(), content))
    assert store.answers(store.look(ground.places).asked)
    os.chmod(store.path(ground.places), mode)
    assert not store.look(ground.places).asked
