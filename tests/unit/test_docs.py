# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents say is there, and what is there they say: errors, files of the engine, names of tests, links."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = sorted([CHECKOUT / "README.md", *CHECKOUT.glob("docs/**/*.md")])
SHORTEST = 9  # characters of a message beside its values that make it recognisable


def normal(text: str) -> str:
    """One line, with … for every value."""
    text = re.sub(r"%(\(\w+\))?[-+ 0-9.]*[a-z]|\{\{.*?\}\}", "…", text, flags=re.DOTALL)
    return " ".join(text.replace("`", "").split())


def characteristic(message: str) -> str:
    """The longest part of a message without values."""
    return max((part.strip(" .:,'()…") for part in normal(message).split("…")), key=len)


def as_text(node: ast.expr) -> str:
    """A text of the source with … for its values; empty for what is no text."""
    if isinstance(node, ast.BinOp):
        return as_text(node.left) if isinstance(node.op, ast.Mod) else as_text(node.left) + as_text(node.right)
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def syntax() -> list[ast.AST]:
    return [node for path in CHECKOUT.glob("plugins/**/*.py") for node in ast.walk(ast.parse(path.read_text()))]


def raised() -> list[str]:
    """The messages of LecternError that are written where it is raised."""
    calls = [node for node in syntax() if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LecternError" and node.args]
    return sorted({as_text(call.args[0]) for call in calls if len(characteristic(as_text(call.args[0]))) >= SHORTEST})


def documented() -> list[str]:
    return re.findall(r"^\| `(.*?)` \|", (CHECKOUT / "docs/errors.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def sources() -> str:
    """All texts of the code and of the roles, in the form of messages."""
    texts = [as_text(node) for node in syntax() if isinstance(node, ast.expr)]
    return "\n".join(normal(text) for text in [*texts, *(path.read_text() for path in CHECKOUT.glob("roles/**/*.yml"))])


@pytest.mark.parametrize("message", raised())
def test_error_is_explained(message: str) -> None:
    assert any(characteristic(message) in normal(entry) for entry in documented()), "Add it to docs/errors.md"


@pytest.mark.parametrize("entry", documented())
def test_explained_error_exists(entry: str, sources: str) -> None:
    assert characteristic(entry) in sources


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_tests_that_are_named_exist(path: Path) -> None:
    tests = "\n".join(test.read_text() for test in CHECKOUT.glob("tests/**/test_*.py"))
    targets = {target.name for target in CHECKOUT.glob("tests/integration/targets/*")}
    assert [name for name in re.findall(r"`(test_\w+)`", path.read_text()) if f"def {name}(" not in tests] == []
    assert set(re.findall(r"target `(\w+)`", path.read_text())) <= targets


def test_architecture_has_every_file_of_the_engine() -> None:
    text = (CHECKOUT / "docs/architecture.md").read_text()
    files = [path.name for folder in ("module_utils", "plugin_utils") for path in CHECKOUT.glob(f"plugins/{folder}/**/*.py")]
    assert [name for name in files if f"{name}`" not in text and name != "__init__.py"] == []
    assert [name for name in re.findall(r"`(?:\w+/)?(\w+\.py)`", text) if name not in files] == []


def test_every_variable_is_in_the_documents() -> None:
    roles = [yaml.safe_load(path.read_text())["argument_specs"] for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml")]
    specs = [spec for role in roles for spec in role.values()]
    table = re.findall(r"^\| (`tutor_.*?) \|", (CHECKOUT / "docs/docsite/variables.md").read_text(), re.MULTILINE)
    assert {name for row in table for name in re.findall(r"\w+", row)} == {name for spec in specs for name in spec.get("options", {})}
