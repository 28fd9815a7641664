# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which code counts as a plugin's, and which names in it tell that it asks for what nobody sees."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.memory import audit, untraceable

LIBRARIES = "/opt/venv/lib/python3.11/site-packages/"


def named(text: str, path: str = "/srv/plugins/x.py") -> bool:
    return untraceable.asks(untraceable.Code(path, compile(text, path, "exec")), {"tutorx"})


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
        "import os\nos.environ['time']",
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
        (untraceable.__file__, False),
        (__import__("platform").__file__, False),
        ("/tmp/given.zip/helper.py", False),
    ],
)
def test_whose_code(path: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untraceable, "ZIP", ("/tmp/given.zip",))
    assert named("import time", path) == expected


def test_library_that_is_no_python() -> None:
    assert untraceable.asks(untraceable.Code("/srv/plugins/x.so", None), set())


def test_modules_that_were_loaded_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in {"unseen_one": "import time", "unseen_two": "x = 1"}.items():
        (tmp_path / (name + ".py")).write_text(text)
        __import__(name)
        found = list(untraceable.loaded([name, "sys", "gone", "json"], set()))
        assert [code.path for code in found] == [str(tmp_path / (name + ".py"))]
        assert [untraceable.asks(code, set()) for code in found] == [name == "unseen_one"]
    del sys.modules["unseen_one"].__spec__.loader
    assert [untraceable.asks(code, set()) for code in untraceable.loaded(["unseen_one"], set())] == [True]  # no code can be had


@pytest.mark.parametrize("text, unseen_", [("import time", True), ("x = 1", False)])
def test_code_of_a_text_is_that_of_the_file_that_has_it_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, unseen_: bool
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "unseen_text_%s" % unseen_
    (tmp_path / (name + ".py")).write_text("import collections\nexec(%r)\ncollections.namedtuple('X', 'a')\n" % text)
    with audit.watching({}) as seen:
        __import__(name)
    assert seen.unseen == unseen_


def test_each_question_about_a_path(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    with audit.watching({}) as seen:
        path = tmp_path / "link"
        assert not path.exists()
        assert path.is_symlink()
        path.resolve()
    assert {look for look, name in seen.looked if name == str(path)} == {"stat", "lstat", "readlink"}
    assert not path.exists()
