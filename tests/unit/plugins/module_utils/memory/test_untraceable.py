# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which code counts as a plugin's, and which names in it tell that it asks for what nobody sees."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Set

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import isolation
from ansible_collections.lectern.tutor.plugins.module_utils.memory import audit, untraceable

LIBRARIES = "/opt/venv/lib/python3.11/site-packages/"


def named(text: str, path: str = "/srv/plugins/x.py") -> Set[str]:
    return untraceable.mentioned(path, compile(text, path, "exec"), {"tutorx"})


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from os.path import getsize as size",
        "def one():\n    def two():\n        return [x.st_mtime for x in y]",
        "class X:\n    now = datetime.now()",
        "f = lambda: os.open('x', 0, dir_fd=3)",
        "import os\nos.environb",
    ],
)
def test_names(text: str) -> None:
    assert named(text)


@pytest.mark.parametrize(
    "text",
    [
        "'time'",
        "times = 1",
        "import os\nos.getxattr(x, 'time')",
        "from secrets import token_bytes",
        "x = {'time': 1, 'now': [2]}",
        "blocks = debug_info = now = 1",  # as Jinja's code
    ],
)
def test_what_are_no_names(text: str) -> None:
    assert not named(text)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (LIBRARIES + "tutorx/plugin.py", True),
        (LIBRARIES + "tutorx.py", True),
        (LIBRARIES + "tutorxy/plugin.py", False),
        (LIBRARIES + "requests/api.py", False),
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", False),
        ("/srv/checkout/helper.py", True),
        ("/tmp/ansible.zip/ansible/module_utils/basic.py", False),
        (isolation.__file__, False),
        (untraceable.__file__, False),
        (__import__("platform").__file__, False),
        ("/tmp/given.zip/helper.py", False),
    ],
)
def test_whose_code(path: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untraceable, "ZIP", ("/tmp/given.zip",))
    assert named("import time", path) == ({"time"} if expected else set())


def test_library_that_is_no_python() -> None:
    assert untraceable.mentioned("/srv/plugins/x.so", None, set()) <= untraceable.UNTRACEABLE
    assert untraceable.mentioned("/srv/plugins/x.so", None, set())


@pytest.mark.parametrize("text", ["import os\nos.environ", "from os import getenv", "import os.path\nos.path.expandvars('$HOME')"])
def test_variables(text: str) -> None:
    assert named(text) & untraceable.OF_VARIABLES


def test_modules_that_were_loaded_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in {"unseen_one": "import time", "unseen_two": "x = 1"}.items():
        (tmp_path / (name + ".py")).write_text(text)
        __import__(name)
        found = untraceable.mentioned_before([name, "sys", "gone", "json"], set())
        assert found == ({"time"} if name == "unseen_one" else set())
    untraceable._code.cache_clear()
    del sys.modules["unseen_two"].__spec__.loader
    assert untraceable.mentioned_before(["unseen_two"], set())  # its code can't be had


@pytest.mark.parametrize("text, names", [("import time", {"time"}), ("x = 1", set())])
def test_code_of_a_text_is_that_of_the_file_that_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, names: Set[str]
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "unseen_text_%d" % len(names)
    (tmp_path / (name + ".py")).write_text("import collections\nexec(%r)\ncollections.namedtuple('X', 'a')\n" % text)
    with audit.recording() as seen:
        __import__(name)
    assert seen.names == names
