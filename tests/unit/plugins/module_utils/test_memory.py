# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of the engine, by which a host forgets what other code of this collection remembered."""

import json
import os
import shutil

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import memory, state
from ansible_collections.lectern.tutor.plugins.module_utils.places import ENGINE


@pytest.fixture
def engine(monkeypatch, tmp_path):
    """A copy of the engine that the memory takes for its own."""
    copy = str(tmp_path / "engine")
    shutil.copytree(ENGINE, copy)
    monkeypatch.setattr(memory, "ENGINE", copy)
    monkeypatch.setattr(memory, "ZIP", ())
    memory.digest_engine.cache_clear()
    yield copy
    memory.digest_engine.cache_clear()


@pytest.mark.parametrize("name", ["render.py", "room/render.py", "room/inner/restart.py"])
def test_every_folder_of_the_engine_counts(engine, name):
    before = memory.digest_engine()
    path = os.path.join(engine, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a", encoding="utf-8") as source:
        source.write("# edited\n")
    memory.digest_engine.cache_clear()
    assert memory.digest_engine() != before


def test_what_is_compiled_does_not_count(engine):
    before = memory.digest_engine()
    os.makedirs(os.path.join(engine, "room", "__pycache__"))
    with open(os.path.join(engine, "room", "__pycache__", "render.cpython-310.pyc"), "wb") as compiled:
        compiled.write(b"compiled")
    memory.digest_engine.cache_clear()
    assert memory.digest_engine() == before


def test_a_program_that_does_more_than_answer_is_not_run(ground):
    """Whatever the file says."""
    victim = ground.folder / "victim"
    state.folder(ground.places)
    kept = dict.fromkeys(memory.Past._fields, {})
    for command in (["touch", str(victim)], ["docker", "info"]):
        kept["inputs"] = {"programs": [[command, "answer"]]}
        content = json.dumps(kept).encode()
        state.write_own(memory.path(ground.places), memory.FORM % (state.digest(content).encode(), content))
        look = memory.look(ground.places)
        assert look.past is None
        memory.answers(look.asked)  # waits for them
        assert list(look.asked) == ([("docker", "info")] if command[0] == "docker" else [])
    assert not victim.exists()


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_have_written_is_not_remembered(ground, mode):
    state.folder(ground.places)
    kept = dict(dict.fromkeys(memory.Past._fields, {}), inputs={"programs": [[["docker", "info"], "answer"]]})
    content = json.dumps(kept).encode()
    state.write_own(memory.path(ground.places), memory.FORM % (state.digest(content).encode(), content))
    assert memory.answers(memory.look(ground.places).asked)
    os.chmod(memory.path(ground.places), mode)
    assert not memory.look(ground.places).asked
