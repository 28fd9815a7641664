# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms of the engine (docs/architecture.md): each imports only rooms below it, and every file has its test in the same room."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import ENGINE

# What each room may import beside itself. The doors at the top (DOORS) may import every room.
BELOW = {
    "base": [],
    "memory": ["base"],
    "plugins": ["base", "memory"],
    "render": ["base", "memory", "plugins"],
    "root": ["base", "memory", "plugins", "render"],
    "images": ["base", "memory", "plugins", "render", "root"],
    "runtime": ["base", "memory", "plugins", "render", "root"],
}
DOORS = ["_module.py", "_report.py", "copies.py"]
MODULES = Path(ENGINE).parent / "modules"
PACKAGE = "ansible_collections.lectern.tutor.plugins.module_utils"


def room_of(path, engine):
    """The room of a file; empty for a door."""
    parts = path.relative_to(engine).parts
    return parts[0] if len(parts) > 1 else ""


def imported(path, engine):
    """The files of the engine that a file imports, wherever in it that is."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                folder = path.parents[node.level - 1].joinpath(*module.split("."))
            elif module.startswith(PACKAGE):
                folder = engine.joinpath(*module[len(PACKAGE) :].split("."))
            else:
                continue
            for alias in node.names:
                file = folder / (alias.name + ".py")
                yield file if file.exists() else folder.with_suffix(".py")


def wrong_imports(engine):
    """A sentence for each import that runs back up, and for each file that stands in no room."""
    for path in sorted(engine.rglob("*.py")):
        room, name = room_of(path, engine), path.relative_to(engine)
        if not room and str(name) not in DOORS or room and room not in BELOW:
            yield "%s stands in no room" % name
        elif room:
            for other in imported(path, engine):
                if room_of(other, engine) not in [room, *BELOW[room]]:
                    yield "%s imports %s: %s may import %s" % (name, other.relative_to(engine), room, ", ".join(BELOW[room]) or "no room")


def test_imports_run_one_way():
    assert list(wrong_imports(Path(ENGINE))) == []


@pytest.mark.parametrize(
    "path, line, expected",
    [
        ("base/a.py", "from ..root import b", ["base/a.py imports root/b.py: base may import no room"]),
        ("images/a.py", "from ..runtime.compose.b import c", ["images/a.py imports runtime/compose/b.py: images may import base, "]),
        ("runtime/compose/a.py", "    from ...images.b import c", ["runtime/compose/a.py imports images/b.py: runtime may import base, "]),
        ("memory/a.py", "from .. import _module", ["memory/a.py imports _module.py: memory may import base"]),
        ("runtime/compose/a.py", "from ...root.b import c", []),
        ("runtime/compose/a.py", "from ..b import c", []),
        ("_module.py", "from .root import b", []),
        ("a.py", "", ["a.py stands in no room"]),
        ("other/a.py", "", ["other/a.py stands in no room"]),
    ],
)
def test_an_import_that_runs_back_is_named(tmp_path, path, line, expected):
    for name in ("_module.py", "copies.py", "root/b.py", "images/b.py", "runtime/b.py", "runtime/compose/b.py", path):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / path).write_text("def f():\n" + line if line.startswith(" ") else line)
    found = list(wrong_imports(tmp_path))
    assert len(found) == len(expected)
    assert all(map(str.startswith, found, expected))


def all_imported(path, engine):
    """The files of the engine that a file imports, itself or through others."""
    found, left = set(), [path]
    while left:
        new = set(imported(left.pop(), engine)) - found
        found |= new
        left += new
    return found


# Files of the engine that a module may import in all, and the rooms that it needs.
@pytest.mark.parametrize(
    "module, most, rooms",
    [
        ("package_info", 24, {"base", "plugins", "root"}),
        ("root_copy", 23, {"base", "root"}),
        ("environment_info", 27, {"base", "root"}),
        ("plugin_info", 48, {"base", "memory", "plugins", "render", "root"}),
        ("prepare_start", 64, {"base", "memory", "plugins", "render", "root", "runtime"}),
        ("image_info", 68, {"base", "memory", "plugins", "render", "root", "images", "runtime"}),
    ],
)
def test_a_module_imports_what_it_needs(module, most, rooms):
    files = all_imported(MODULES / (module + ".py"), Path(ENGINE))
    assert {room_of(file, Path(ENGINE)) for file in files} - {""} == rooms
    assert len(files) <= most


def test_each_test_stands_in_a_room_of_the_engine():
    tests = Path(__file__).parent
    strangers = [
        path.relative_to(tests).parent for path in tests.rglob("test_*.py") if not Path(ENGINE, path.relative_to(tests)).parent.is_dir()
    ]
    assert strangers == []
