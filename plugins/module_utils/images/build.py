# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds images as Tutor does: with ``docker buildx build``, or with the engine's classic builder where buildx is missing."""

from __future__ import annotations

import argparse
import collections
import os
import re
import subprocess
from typing import Any, Callable, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..base import docker_engine
from ..base.docker_engine import image_id, inspect_image
from ..base.errors import LecternError
from ..base.logs import Logs, Write
from ..base.masking import mask_text, masker, texts_in
from ..base.terminal import last_lines, lines_of, read_lines
from ..root.platform import Platform
from . import build_inputs, dockerfile, image_list, registry
from .image import Image, ImageOutcome

DIGEST_PLACE, BASES_PLACE = "@digest@", "@bases@"  # in a command, replaced by the values of the labels

PIECE = 65536  # bytes of a pipe that are read at once

TAIL = 30  # lines of a failed builder's output that the error shows

# The values of build arguments go into the environment, so that no list of processes shows them, except for names that docker reads itself.
READ_BY_DOCKER = re.compile(
    r"PATH|HOME|TMPDIR|LD_.*|SSL_.*|SSH_.*|BUILDX_.*|BUILDKIT_.*|"
    r"DOCKER_(HOST|CONFIG|CONTEXT|TLS.*|CERT_PATH|API_VERSION|BUILDKIT|CONTENT_TRUST.*|DEFAULT_PLATFORM|CLI_.*)"
)


class BuildOptions(NamedTuple):
    """What the operator wants. ``env`` is added to the builder's environment; ``buildx`` says whether it is installed."""

    build_args: Dict[str, str]
    env: Dict[str, str]
    no_cache: bool = False
    registry_cache: bool = False
    force: bool = False
    buildx: bool = True


def build_arg_texts(build_args: Dict[str, Any]) -> Dict[str, str]:
    """Return build arguments as texts. Raises LecternError, which does not show the value, for other types than text and number."""
    for name, value in build_args.items():
        if not isinstance(value, (str, int, float)) or not name or "=" in name:
            raise LecternError("build_args: '%s' must be a name with a text or a number as its value." % name)
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in build_args.items()}


class Recipe(NamedTuple):
    """How one image is built."""

    image: Image
    folders: List[str]  # of all build contexts, the build folder first
    dockerfile: str  # its path
    text: str  # of the Dockerfile
    command: List[str]  # arguments of docker, with DIGEST_PLACE and BASES_PLACE in it
    stable: List[str]  # those of them that decide about the image's content
    bases: Set[str]  # short tags of the images that it is built from


def read_recipes(platform: Platform, images: Sequence[Image], options: BuildOptions) -> List[Recipe]:
    """Return how to build each image. Call it before threads start: it runs plugin code (upstream's filter DOCKER_BUILD_COMMAND)."""
    contexts = image_list.build_contexts(platform)
    recipes = []
    for image in images:
        registry.split_tag(image.tag)
        mounts = contexts.get(image.name, [])
        command, stable = [image_list.build_command(platform, _arguments(image, mounts, options, whole)) for whole in (True, False)]
        dockerfile.refuse_relative(command, "Image '%s' of %s" % (image.name, image.owner))
        # An environment that was moved, or rendered elsewhere, builds the same image.
        stable = [argument.replace(platform.places.root, "ROOT") for argument in stable]
        path = dockerfile.dockerfile_path(command, image.path)
        text = dockerfile.read_dockerfile(path)
        bases = dockerfile.base_images(text, command) - {dockerfile.short_tag(image.tag)}
        recipes.append(Recipe(image, [image.path] + dockerfile.context_folders(command), path, text, command, stable, bases))
    return recipes


def _arguments(image: Image, mounts: Sequence[Tuple[str, str]], options: BuildOptions, whole: bool) -> List[str]:
    """Return Tutor's arguments in Tutor's order; unless ``whole``, only those that decide about the image's content."""
    arguments = ["buildx", "build", "--tag=%s" % image.tag]
    if options.no_cache and whole:
        arguments.append("--no-cache")
    for name, value in options.build_args.items():
        arguments += ["--build-arg", "%s=%s" % (name, value)]
    arguments += ["--output=type=docker", *image.args, "--cache-from=type=registry,ref=%s-cache" % image.tag]
    if options.registry_cache and whole:
        arguments.append("--cache-to=type=registry,mode=max,ref=%s-cache,image-manifest=true" % image.tag)
    arguments += ["--build-context=%s=%s" % (stage, path) for path, stage in mounts]
    if whole:
        arguments += ["--label=%s=%s" % (build_inputs.LABEL, DIGEST_PLACE), "--label=%s=%s" % (build_inputs.BASES_LABEL, BASES_PLACE)]
    return [*arguments, image.path]


QueryRegistry = Callable[[str], Optional[str]]


def build(
    platform: Platform,
    client: Any,
    recipe: Recipe,
    options: BuildOptions,
    changing_bases: Sequence[str],
    query_registry: QueryRegistry,
    logs: Logs,
    check: bool,
) -> ImageOutcome:
    """Build one image, unless the local image of its tag was built from the same inputs.

    ``changing_bases`` are tags that it is built from and that check mode left as they are; ``query_registry`` returns the digest of a tag.
    Raises LecternError when the builder fails.
    """
    image = recipe.image
    wanted = build_inputs.digest_inputs(recipe.stable, recipe.dockerfile, recipe.text, recipe.folders)
    bases = build_inputs.describe_bases(client, recipe.bases, query_registry)
    existing = inspect_image(client, image.tag)
    before = image_id(existing)
    reason = reason_to_build(existing, wanted, bases, changing_bases, options)
    if reason is None:
        return ImageOutcome(False)
    if check:
        return ImageOutcome(True, None, "Would build %s: %s" % (image.tag, reason), before, "to be built")
    command = [argument.replace(DIGEST_PLACE, wanted).replace(BASES_PLACE, build_inputs.format_bases(bases)) for argument in recipe.command]
    with logs.of("build", image.name) as write:
        write("started: %s" % reason)
        how = _run_builder(platform, client, command, image, options, write)
    after = _built_id(client, image.tag)
    return ImageOutcome(False) if after == before else ImageOutcome(True, None, "Built %s%s: %s" % (image.tag, how, reason), before, after)


def _run_builder(platform: Platform, client: Any, command: Sequence[str], image: Image, options: BuildOptions, write: Write) -> str:
    """Run the installed builder. Returns a remark for the action: empty for buildx."""
    if options.buildx:
        return _run_buildx(platform, command, image, options, write)
    return _run_classic_builder(platform, client, command, image, options, write)


def _built_id(client: Any, tag: str) -> str:
    """Return the id of an image that was just built. Raises LecternError where the builder left none."""
    built = image_id(inspect_image(client, tag))
    if built is None:
        raise LecternError(
            "The builder succeeded, but there is no image '%s': another builder may have kept it (docker buildx use default selects the "
            "engine's own)." % tag
        )
    return built


def reason_to_build(
    existing: Optional[Dict[str, Any]], wanted: str, bases: build_inputs.Bases, changing_bases: Sequence[str], options: BuildOptions
) -> Optional[str]:
    """Return why an image has to be built; None where the existing one, as ``inspect_image`` returns it, has the same inputs."""
    if existing is None:
        return "it is not on this host"
    labels = (existing.get("Config") or {}).get("Labels") or {}
    if labels.get(build_inputs.LABEL) != wanted:
        return "its inputs changed"
    changed = build_inputs.changed_bases(labels.get(build_inputs.BASES_LABEL) or "{}", bases)
    if changed:
        return "%s, which it is made from, changed" % ", ".join(changed)
    if changing_bases:
        return "%s, which it is made from, changes" % ", ".join(changing_bases)
    return "forced" if options.force or options.no_cache else None


def move_values_to_environment(command: Sequence[str]) -> Tuple[List[str], Dict[str, str]]:
    """Return the command without the values of its build arguments, and environment variables that hold them."""
    arguments: List[str] = []
    env: Dict[str, str] = {}
    for argument in command:
        prefix = "--build-arg=" if argument.startswith("--build-arg=") else ""
        name, equals, value = argument[len(prefix) :].partition("=")
        if equals and (prefix or arguments[-1:] == ["--build-arg"]) and not READ_BY_DOCKER.fullmatch(name):
            env[name], argument = value, prefix + name
        arguments.append(argument)
    return arguments, env


def _run_buildx(platform: Platform, command: Sequence[str], image: Image, options: BuildOptions, write: Write) -> str:
    """Run the docker command. Raises LecternError with the last lines of its output when it fails."""
    shown, env = move_values_to_environment(command)
    tail: Deque[str] = collections.deque(maxlen=TAIL)
    with subprocess.Popen(
        ["docker"] + shown,
        env=dict(os.environ, BUILDKIT_PROGRESS="plain", **dict(options.env, **env)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        for line in read_lines(_read_pieces(process.stdout), masker(_secrets(platform, options))):
            write(line)
            tail.extend(part.rstrip() for part in lines_of(line) if part.strip())
    if process.returncode != 0:
        raise _failure(platform, image, options, "exit code %d" % process.returncode, tail)
    return ""


def _read_pieces(stream: Any) -> Iterator[bytes]:
    """Yield what a pipe delivers until its end."""
    return iter(lambda: os.read(stream.fileno(), PIECE), b"")


def _secrets(platform: Platform, options: BuildOptions) -> List[str]:
    return list(platform.secrets) + texts_in(options.build_args)


def _failure(platform: Platform, image: Image, options: BuildOptions, how: str, tail: Sequence[str]) -> LecternError:
    lines = last_lines(mask_text("\n".join(tail), _secrets(platform, options)).split("\n"), TAIL)
    return LecternError("Could not build image '%s' (%s) from '%s': %s. Last lines:\n%s" % (image.name, image.tag, image.path, how, lines))


def _run_classic_builder(platform: Platform, client: Any, command: Sequence[str], image: Image, options: BuildOptions, write: Write) -> str:
    """Build through the SDK. Raises LecternError for arguments of buildx that the classic builder lacks, and when it fails."""
    import docker

    known = _classic_arguments(image, command)
    tail: Deque[str] = collections.deque(maxlen=TAIL)
    try:
        for line in client.api.build(path=image.path, tag=image.tag, rm=True, forcerm=True, decode=True, **known):
            output = str(line.get("stream") or line.get("error") or "")
            tail.extend(lines_of(output))
            if output.strip():
                write(output)
            if "error" in line:
                raise _failure(platform, image, options, "the classic builder failed (buildx is missing)", tail)
    except (docker.errors.DockerException, TypeError, OSError) as error:
        raise _failure(platform, image, options, docker_engine.words_of(error), tail) from error
    return " (with the classic builder and without its registry cache, because buildx is missing)"


def _classic_arguments(image: Image, command: Sequence[str]) -> Dict[str, Any]:
    """Return the arguments of a build as the SDK takes them."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for ignored in ("--tag", "--output", "--cache-from"):
        parser.add_argument(ignored, action="append")
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("--target")
    for listed in ("--build-arg", "--label"):
        parser.add_argument(listed, action="append", default=[])
    known, unknown = parser.parse_known_args([part for part in command if part not in ("buildx", "build", image.path)])
    if unknown:
        raise LecternError(
            "Image '%s' can't be built without 'docker buildx', which is missing on this host: the classic builder does not know %s. "
            "Install the buildx plugin (package docker-buildx-plugin or docker-buildx)."
            % (image.name, ", ".join(sorted({part.partition("=")[0] for part in unknown if part.startswith("-")})) or "its arguments")
        )
    pairs = [dict(part.partition("=")[::2] for part in listed) for listed in (known.build_arg, known.label)]
    return {"nocache": known.no_cache, "target": known.target, "buildargs": pairs[0], "labels": pairs[1]}
