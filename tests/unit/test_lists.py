# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that must agree with each other, and measures that every file must keep."""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = ("DOCUMENTATION", "EXAMPLES", "RETURN")
FRONT_LINES = 80
FUNCTION_LINES = 45
TABLES = ("releases.py", "template_filters.py")


def files(*patterns: str) -> list[Path]:
    """The project's files, uncommitted ones included, that match a pattern."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [
        CHECKOUT / name for name in listed if any(fnmatch.fnmatch(name, pattern) for pattern in patterns) and (CHECKOUT / name).is_file()
    ]


def relative(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", [pytest.param(path, id=relative(path)) for path in paths])


def assigned(path: Path) -> dict[str, ast.Assign]:
    """DOCUMENTATION, EXAMPLES and RETURN of a plugin, as syntax."""
    return {
        node.targets[0].id: node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in DOCS
    }


def documentation(path: Path) -> dict:
    return yaml.safe_load(ast.literal_eval(assigned(path)["DOCUMENTATION"].value))


def code_lines(path: Path) -> int:
    """Lines of code beside the documentation, blank lines and comments."""
    lines = path.read_text().splitlines()
    documented = {number for node in assigned(path).values() for number in range(node.lineno, node.end_lineno + 1)}
    return sum(1 for number, line in enumerate(lines, 1) if number not in documented and line.strip() and not line.strip().startswith("#"))


MODULES = [path for path in files("plugins/modules/*.py") if path.name != "__init__.py"]
FRONTS = [
    *MODULES,
    *(path for path in files("plugins/lookup/*.py", "plugins/action/*.py", "plugins/filter/*.py") if path.name != "__init__.py"),
]
ROLES = sorted({path.parents[1] for path in files("roles/*/meta/*", "roles/*/tasks/*", "roles/*/defaults/*")})


CARRIER = "cached_module"  # runs the others


def test_action_group_holds_every_module() -> None:
    runtime = yaml.safe_load((CHECKOUT / "meta/runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["tutor"]) == sorted(path.stem for path in MODULES if path.stem != CARRIER)


def test_every_module_is_run_from_the_copy_on_the_host() -> None:
    routed = yaml.safe_load((CHECKOUT / "meta/runtime.yml").read_text())["plugin_routing"]["modules"]
    assert set(map(str, routed.values())) == {str({"action_plugin": f"lectern.tutor.{CARRIER}"})}
    own = {path.stem for path in files("plugins/action/*.py")}
    assert {*routed, *own} == {path.stem for path in MODULES}
    assert not own & {*routed}


@each(ROLES)
def test_defaults_equal_argument_specs(path: Path) -> None:
    specs = yaml.safe_load((path / "meta/argument_specs.yml").read_text())["argument_specs"]
    defaults_file = path / "defaults/main.yml"
    defaults = yaml.safe_load(defaults_file.read_text()) if defaults_file.exists() else {}
    documented = {
        name: option["default"] for spec in specs.values() for name, option in spec.get("options", {}).items() if "default" in option
    }
    assert (defaults or {}) == documented


def test_readme_names_everything_that_is_included() -> None:
    text = (CHECKOUT / "README.md").read_text()
    names = [f"lectern.tutor.{path.stem}" for path in files("playbooks/*.yml")] + [path.name for path in ROLES]
    names += [path.stem for path in FRONTS if path.parent.name != "action"]
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.fixture(scope="module")
def test_texts() -> str:
    """Every test but this one, as one text."""
    return "\n".join(path.read_text(errors="replace") for path in files("tests/*") if path != Path(__file__))


@each(MODULES)
def test_every_option_is_in_some_test(path: Path, test_texts: str) -> None:
    options = documentation(path).get("options", {})
    assert [name for name in options if not re.search(rf"\b{name}\b\"?\s*[:=]", test_texts)] == []


@each(FRONTS)
def test_front_is_thin(path: Path) -> None:
    assert code_lines(path) <= FRONT_LINES


@each(files("plugins/*.py", "scripts/*.py"))
def test_functions_are_short(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert [node.name for node in functions if node.end_lineno - node.lineno >= FUNCTION_LINES] == []


@each([path for path in files("plugins/*.py") if path.name not in TABLES])
def test_releases_are_compared_in_their_tables_alone(path: Path) -> None:
    """What differs between releases is data there: no other file asks which version it has to do with."""
    comparisons = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Compare)]
    ordered = [node for node in comparisons if not all(isinstance(operator, (ast.Is, ast.IsNot)) for operator in node.ops)]
    told = [name for node in ordered for name in ast.walk(node) if isinstance(name, (ast.Name, ast.Attribute))]
    names = {name.id if isinstance(name, ast.Name) else name.attr for name in told}
    assert not {name for name in names if "version" in name.lower() or name == "numbers"}


def test_no_path_of_one_machine() -> None:
    """A path above the checkout, or one of the machine somebody wrote it on, means nothing to others."""
    outside = re.compile(r"\.\./share[d]|/wor[k]/|/tmp/[w]/|/root/\.pyenv")
    assert [relative(path) for path in files("*") if outside.search(path.read_text(errors="replace"))] == []


def test_every_file_names_its_licence() -> None:
    """The header of the REUSE specification, or an entry in REUSE.toml for what cannot hold one."""
    annotated = [name for entry in tomllib.loads((CHECKOUT / "REUSE.toml").read_text())["annotations"] for name in entry["path"]]
    bare = [
        path
        for path in files("*")
        if path.stat().st_size and "SPDX-License-Identifier: GPL-3.0-or-later" not in path.read_text(errors="replace")[:600]
    ]
    exempt = [*annotated, "COPYING", "LICENSES/*"]
    assert [relative(path) for path in bare if not any(fnmatch.fnmatch(relative(path), pattern) for pattern in exempt)] == []
