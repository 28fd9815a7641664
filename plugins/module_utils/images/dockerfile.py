# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a build command and its Dockerfile name: the Dockerfile itself, folders, and the images that the new one is made from."""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shlex
from typing import Any, Dict, Iterator, List, NoReturn, Sequence, Set

from ..base.errors import LecternError

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})")

# Options of a build that take a path, fields of which some are paths (src=…, source=…, dest=…), either, or a name with paths.
PATH_OPTIONS = (
    ("path", ("--file", "-f")),
    ("path", ("--iidfile",)),
    ("path", ("--metadata-file",)),
    ("fields", ("--secret",)),
    ("fields", ("--cache-from",)),
    ("fields", ("--cache-to",)),
    ("output", ("--output", "-o")),
    ("key", ("--ssh",)),
)

REMOTE_CONTEXT = re.compile(r"[a-z+-]+://|git@")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise LecternError("The arguments of a build can't be read: %s." % message)


def _options(command: Sequence[str]) -> Any:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--file", "-f")
    parser.add_argument("--build-arg", action="append", default=[])
    parser.add_argument("--build-context", action="append", default=[])
    return parser.parse_known_args(list(command))[0]


def refuse_relative(command: Sequence[str], whose: str) -> None:
    """Raises LecternError for an argument of a build that is taken from the folder in which it is called; ``whose`` build it is."""
    for path in _local_paths(command):
        if not os.path.isabs(path):
            raise LecternError(
                "%s has '%s' among its arguments: give it from the root of the file system, without '~' and variables." % (whose, path)
            )


def _local_paths(command: Sequence[str]) -> List[str]:
    """The files and folders of this host that a build command names."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    for kind, flags in PATH_OPTIONS:
        parser.add_argument(*flags, dest=kind, action="append", default=[])
    known = parser.parse_known_args(list(command))[0]
    fields = [field for value in known.fields + known.output for field in value.split(",")]
    found = folders_in(command) + known.path
    found += [value for value in known.output if "=" not in value]
    found += [field.partition("=")[2] for field in fields if field.startswith(("src=", "source=", "dest="))]
    found += [path for value in known.key for path in value.partition("=")[2].split(",")]
    return [path for path in found if path not in ("", "-")]


def path_of(command: Sequence[str], folder: str) -> str:
    """The Dockerfile that a build command uses: the one that ``--file`` names, else the folder's."""
    return str(_options(command).file or os.path.join(folder, "Dockerfile"))


def text_of(path: str) -> str:
    """The text of a Dockerfile. Raises LecternError when there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return stream.read()
    except OSError as error:
        raise LecternError(
            "There is no Dockerfile '%s' (%s): render the environment first (module lectern.tutor.environment)." % (path, error.strerror)
        ) from error


def contexts_in(command: Sequence[str]) -> Dict[str, str]:
    """By name, the folders and addresses that take the place of images and build stages (``--build-context``)."""
    return dict(part.partition("=")[::2] for part in _options(command).build_context)


def folders_in(command: Sequence[str]) -> List[str]:
    """The folders of this host among them."""
    return [place for place in contexts_in(command).values() if not REMOTE_CONTEXT.match(place)]


def short(tag: str) -> str:
    """The form of a tag in which Docker Hub and ``latest`` go without saying: two tags of one image are equal in it."""
    return re.sub(r"^(index\.)?docker\.io/(library/)?|^library/|:latest$", "", tag)


def images_in(text: str, command: Sequence[str]) -> Set[str]:
    """The images, in short form, that a Dockerfile starts or copies from, variables of their names replaced.

    Build stages are none, nor is ``scratch``, nor what a digest fixes: that one can't change.
    """
    contexts = contexts_in(command)
    given = dict(part.partition("=")[::2] for part in _options(command).build_arg if "=" in part)
    found = {place[len("docker-image://") :] for place in contexts.values() if place.startswith("docker-image://")}
    stages = {name.lower() for name in contexts} | {short(name) for name in contexts}
    instructions = list(_instructions(text))
    values = _global_arguments(instructions, given)
    for words in instructions:
        named, stage = _sources(words), []
        if words[0].upper() == "FROM":
            image_as_stage = [_expanded(word, values) for word in words[1:] if not word.startswith("--")]
            named, stage = image_as_stage[:1], image_as_stage[2:]
        found |= {name for name in named if name.lower() not in stages and short(name) not in stages}
        stages |= {name.lower() for name in stage}
    return {short(name) for name in found if not re.fullmatch(r"|\d+|scratch|.*@.*", name)}


def _instructions(text: str) -> Iterator[List[str]]:
    """The words of each instruction, without comments, quotes and broken lines."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\[ \t]*\n", " ", lines).splitlines():
        try:
            words = shlex.split(line)
        except ValueError:  # quotes of a shell's own syntax
            words = line.split()
        if words:
            yield words


def _global_arguments(instructions: Sequence[Sequence[str]], given: Dict[str, str]) -> Dict[str, str]:
    """What FROM may use: the ARG lines before the first one, and the values ``given`` to them."""
    values: Dict[str, str] = {}
    for words in itertools.takewhile(lambda words: words[0].upper() != "FROM", instructions):
        if words[0].upper() == "ARG":
            for name, _equals, default in (word.partition("=") for word in words[1:]):
                values[name] = given.get(name, _expanded(default, values))
    return values


def _sources(words: Sequence[str]) -> List[str]:
    """What ``COPY --from=`` and ``RUN --mount=…,from=`` name."""
    options = itertools.takewhile(lambda word: word.startswith("--"), words[1:])
    return [part[len("from=") :] for word in options for part in word[2:].replace("mount=", "", 1).split(",") if part.startswith("from=")]


def _expanded(text: str, values: Dict[str, str]) -> str:
    def value_of(found: Any) -> str:
        value = values.get(found.group(1) or found.group(2), "")
        if found.group(3) == "+":
            return str(found.group(4)) if value else ""
        return value or found.group(4) or ""

    return VARIABLE.sub(value_of, text)
