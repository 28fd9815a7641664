# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documents for users: every fenced block, by what it is."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path
from typing import NamedTuple

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = [CHECKOUT / name for name in ("README.md", "extensions/controller/README.md")]
DOCS += sorted(path for path in CHECKOUT.glob("docs/docsite/*.md") if path.name != "index.md")
DOCS += sorted(CHECKOUT.glob("examples/*/README.md"))

yaml.SafeLoader.add_constructor("!unsafe", yaml.SafeLoader.construct_yaml_str)


class Example(NamedTuple):
    """A fenced block: its document, line, language, and text without indentation."""

    path: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.path.relative_to(CHECKOUT)}-{self.line}".replace("/", "-")

    @property
    def kind(self) -> str:
        if self.language not in ("yaml", "json"):
            return {"": "command", "text": "text", "jinja": "template"}[self.language]
        data = yaml.safe_load(self.text)
        if isinstance(data, list):
            return "playbook" if {"hosts", "ansible.builtin.import_playbook"} & set(data[0]) else "tasks"
        if set(data) == {"tutor"}:
            return "inventory"
        return "settings" if all(key.isupper() for key in data) else "variables"


class Command(NamedTuple):
    """A command of an example, in one line: its continuation lines are joined, its comment is dropped."""

    example: Example
    line: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line, comments=True)


def examples_in(path: Path) -> list[Example]:
    text = path.read_text()
    found = re.finditer(r"^( *)```(\S*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [Example(path, text[: one.start()].count("\n") + 1, one[2], textwrap.dedent(one[3])) for one in found]


EXAMPLES = [example for path in DOCS for example in examples_in(path)]


def of(*kinds: str) -> list[Example]:
    return [example for example in EXAMPLES if example.kind in kinds]


def commands() -> list[Command]:
    lines = [(example, line.strip()) for example in of("command") for line in re.sub(r"\s*\\\n\s*", " ", example.text).splitlines()]
    return [Command(example, re.sub(r"\s+# .*", "", line)) for example, line in lines if line and not line.startswith("export ")]
