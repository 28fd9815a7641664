# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a build command and its Dockerfile: the path of the Dockerfile, the folders and the images that the new image is built from."""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shlex
from typing import Dict, Iterator, List, Match, NoReturn, Sequence, Set

from ..base.errors import LecternError

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})")

# Options of a build by what they take: a path; fields, some of them paths (src=…, source=…, dest=…); either; a name with paths.
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


class _BuildArgumentParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise LecternError("The arguments of a build can't be read: %s." % message)


def _parse_options(command: Sequence[str]) -> argparse.Namespace:
    parser = _BuildArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--file", "-f")
    parser.add_argument("--build-arg", action="append", default=[])
    parser.add_argument("--build-context", action="append", default=[])
    return parser.parse_known_args(list(command))[0]


def refuse_relative(command: Sequence[str], whose: str) -> None:
    """Refuse relative paths among the arguments of a build with a LecternError that begins with ``whose``, the owner of the build."""
    for path in _local_paths(command):
        if not os.path.isabs(path):
            raise LecternError("%s has '%s' among its arguments: give an absolute path, without '~' and variables." % (whose, path))


def _local_paths(command: Sequence[str]) -> List[str]:
    """Return the files and folders of this host that a build command names."""
    parser = _BuildArgumentParser(add_help=False, allow_abbrev=False)
    for kind, flags in PATH_OPTIONS:
        parser.add_argument(*flags, dest=kind, action="append", default=[])
    known = parser.parse_known_args(list(command))[0]
    fields = [field for value in known.fields + known.output for field in value.split(",")]
    paths = context_folders(command) + known.path
    paths += [value for value in known.output if "=" not in value]
    paths += [field.partition("=")[2] for field in fields if field.startswith(("src=", "source=", "dest="))]
    paths += [path for value in known.key for path in value.partition("=")[2].split(",")]
    return [path for path in paths if path not in ("", "-")]


def dockerfile_path(command: Sequence[str], folder: str) -> str:
    """Return the path of the Dockerfile that a build command uses: the value of ``--file``, else the Dockerfile in the folder."""
    return str(_parse_options(command).file or os.path.join(folder, "Dockerfile"))


def read_dockerfile(path: str) -> str:
    """Return the text of a Dockerfile. Raises LecternError where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return stream.read()
    except OSError as error:
        raise LecternError(
            "There is no Dockerfile '%s' (%s): render the environment first (module lectern.tutor.environment)." % (path, error.strerror)
        ) from error


def named_contexts(command: Sequence[str]) -> Dict[str, str]:
    """Return the folders and addresses that replace images and build stages (``--build-context``), by name."""
    return dict(part.partition("=")[::2] for part in _parse_options(command).build_context)


def context_folders(command: Sequence[str]) -> List[str]:
    """Return the folders of this host among the named contexts of a build command."""
    return [place for place in named_contexts(command).values() if not REMOTE_CONTEXT.match(place)]


def short_tag(tag: str) -> str:
    """Return a tag without Docker Hub's host and ``latest``: in this form, two tags of one image are equal."""
    return re.sub(r"^(index\.)?docker\.io/(library/)?|^library/|:latest$", "", tag)


def base_images(text: str, command: Sequence[str]) -> Set[str]:
    """Return the short tags of the images that a Dockerfile starts or copies from, with variables replaced.

    Build stages and ``scratch`` are not among them, nor are images with a digest, which can't change.
    """
    contexts = named_contexts(command)
    given = dict(part.partition("=")[::2] for part in _parse_options(command).build_arg if "=" in part)
    images = {place[len("docker-image://") :] for place in contexts.values() if place.startswith("docker-image://")}
    stages = {name.lower() for name in contexts} | {short_tag(name) for name in contexts}
    instructions = list(_instructions(text))
    values = _global_arguments(instructions, given)
    for words in instructions:
        named, stage = _copied_from(words), []
        if words[0].upper() == "FROM":
            image_as_stage = [_expand_variables(word, values) for word in words[1:] if not word.startswith("--")]
            named, stage = image_as_stage[:1], image_as_stage[2:]
        images |= {name for name in named if name.lower() not in stages and short_tag(name) not in stages}
        stages |= {name.lower() for name in stage}
    return {short_tag(name) for name in images if not re.fullmatch(r"|\d+|scratch|.*@.*", name)}


def _instructions(text: str) -> Iterator[List[str]]:
    """Yield the words of each instruction, without comments and quotes, continued lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\[ \t]*\n", " ", lines).splitlines():
        try:
            words = shlex.split(line)
        except ValueError:  # quotes of a shell's own syntax
            words = line.split()
        if words:
            yield words


def _global_arguments(instructions: Sequence[Sequence[str]], given: Dict[str, str]) -> Dict[str, str]:
    """Return the variables that FROM may use: the ARG lines before the first FROM, with the values ``given`` to them."""
    values: Dict[str, str] = {}
    for words in itertools.takewhile(lambda words: words[0].upper() != "FROM", instructions):
        if words[0].upper() == "ARG":
            for name, _equals, default in (word.partition("=") for word in words[1:]):
                values[name] = given.get(name, _expand_variables(default, values))
    return values


def _copied_from(words: Sequence[str]) -> List[str]:
    """Return the images and stages that ``COPY --from=`` and ``RUN --mount=…,from=`` name."""
    options = itertools.takewhile(lambda word: word.startswith("--"), words[1:])
    return [part[len("from=") :] for word in options for part in word[2:].replace("mount=", "", 1).split(",") if part.startswith("from=")]


def _expand_variables(text: str, values: Dict[str, str]) -> str:
    def value_of(variable: Match[str]) -> str:
        value = values.get(variable.group(1) or variable.group(2), "")
        if variable.group(3) == "+":
            return str(variable.group(4)) if value else ""
        return value or variable.group(4) or ""

    return VARIABLE.sub(value_of, text)
