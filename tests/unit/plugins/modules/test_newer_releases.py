# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release of Tutor that nobody knew yet: it works where its hooks do, otherwise an error says what it lacks.

It is made of the installed release: a copy of the package with another version, which comes first on the path.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

OLD, NEW = "22.0.3", "23.0.0"
CONFIG = harness.CHECKOUT / "tests/parity/files/verawood.yml"
"""All secrets, and the thirteen official plugins."""


@pytest.fixture
def package(hooked):
    """The copy, as the templates' and the modules' Tutor of the platform `hooked`."""
    command = [hooked.server.python, "-c", "import tutor; print(tutor.__path__[0])"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    copy = hooked.packages / "tutor"
    hooked.options["templates"] = None

    def install() -> Path:
        shutil.copytree(found, copy, ignore=shutil.ignore_patterns("__pycache__"))
        replace(copy / "__about__.py", OLD, NEW)
        replace(copy / "env.py", '"22": "verawood"', '"23": "verawood"')  # upstream's name for each major version
        return copy

    return install


def replace(path: Path, pattern: str, text: str) -> None:
    changed, count = re.subn(pattern, text, path.read_text())
    assert count, f"{pattern} is not in {path}"
    path.write_text(changed)


def rename(package: Path, name: str) -> None:
    """A release that calls a hook otherwise, itself included."""
    files = [path for path in package.rglob("*.py") if name in path.read_text()]
    assert files
    for path in files:
        replace(path, rf"\b{name}\b", f"{name}_RENAMED")


def tree(site):
    return {str(path.relative_to(site.env)): path.read_bytes() for path in site.env.rglob("*") if path.is_file()}


def test_it_renders_the_same_apart_from_its_version(hooked, package):
    hooked.root.mkdir()
    shutil.copy(CONFIG, hooked.config)
    hooked.render()
    before = tree(hooked)

    package()
    assert hooked.render()["changed"]
    assert {name: content.replace(OLD.encode(), NEW.encode()) for name, content in before.items()} == tree(hooked) != before
    assert tree(hooked)["version"] == NEW.encode()
    assert not hooked.render()["changed"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Actions", "PLUGIN_UNLOADED"),
        ("Filters", "ENV_PATTERNS_INCLUDE"),
        ("Filters", "IMAGES_PUSH"),
        ("Filters", "PLUGINS_INFO"),
    ],
)
def test_what_its_catalogue_lacks_is_named(hooked, package, kind, name):
    rename(package(), name)
    assert hooked.refused(plugins=[]) == (
        f"Tutor {NEW} can't be used: its tutor.hooks lacks {kind}.{name}. Pin another version in tutor_packages, or update this collection."
    )


def test_all_that_it_lacks_is_named_at_once(hooked, package):
    copy = package()
    for name in ("ENV_TEMPLATE_TARGETS", "PLUGINS_LOADED", "CLI_DO_INIT_TASKS"):
        rename(copy, name)
    replace(copy / "config.py", r"\bupdate_with_env\b", "update_from_env")
    assert (
        f"Tutor {NEW} can't be used: its tutor.hooks lacks Actions.PLUGINS_LOADED, Filters.ENV_TEMPLATE_TARGETS, Filters.PLUGINS_LOADED, "
        "Filters.CLI_DO_INIT_TASKS or Filters.COMMANDS_INIT, its tutor.config lacks update_with_env. Pin"
    ) in hooked.refused(plugins=[])


def test_a_package_that_can_not_be_imported_is_named(hooked, package):
    """A hook that is gone while Tutor itself still uses it, or a module of another name."""
    replace(package() / "hooks/catalog.py", r"\n    CONFIG_DEFAULTS: .*", "\n    UNUSED = None")
    message = hooked.refused(plugins=[])
    assert f"The installed package tutor {NEW} can't be imported: AttributeError: " in message
    assert "CONFIG_DEFAULTS" in message


def test_a_module_that_is_gone_is_named(hooked, package):
    (package() / "commands/cli.py").unlink()
    message = hooked.refused(plugins=[])
    assert f"The installed package tutor {NEW} can't be imported: ModuleNotFoundError: No module named 'tutor.commands.cli'" in message
