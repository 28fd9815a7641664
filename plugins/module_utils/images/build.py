# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building images as Tutor does: ``docker buildx build``, and the engine's classic builder where buildx is missing."""

from __future__ import annotations

import argparse
import collections
import os
import re
import subprocess
from typing import Any, Callable, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..base import docker_engine
from ..base.docker_engine import id_of, inspect_image
from ..base.errors import LecternError
from ..base.logs import Logs, Write
from ..base.masking import mask_text, masker, texts
from ..base.terminal import last_lines, lines_of, read_lines
from ..root.platform import Platform
from . import build_inputs, dockerfile, image_list, registry
from .parallel import Outcome

DIGEST, BASES = "@digest@", "@bases@"  # where a command takes the values of the labels

PIECE = 65536  # bytes that are read at once

TAIL = 30  # lines of a failed builder's output that are shown

# Build arguments are handed over in the environment, where no list of processes shows them, but for names that docker itself reads.
READ_BY_DOCKER = re.compile(
    r"PATH|HOME|TMPDIR|LD_.*|SSL_.*|SSH_.*|BUILDX_.*|BUILDKIT_.*|"
    r"DOCKER_(HOST|CONFIG|CONTEXT|TLS.*|CERT_PATH|API_VERSION|BUILDKIT|CONTENT_TRUST.*|DEFAULT_PLATFORM|CLI_.*)"
)


class Options(NamedTuple):
    """What the operator asks for. ``build_args`` are texts; ``env`` is added to the builder's environment; ``buildx``: it is there."""

    build_args: Dict[str, str]
    env: Dict[str, str]
    no_cache: bool = False
    registry_cache: bool = False
    force: bool = False
    buildx: bool = True


def texts_of(build_args: Dict[str, Any]) -> Dict[str, str]:
    """Build arguments as the builder takes them. Raises LecternError, without the value, for what is no text or number."""
    for name, value in build_args.items():
        if not isinstance(value, (str, int, float)) or not name or "=" in name:
            raise LecternError("build_args: '%s' must be a name with a text or a number as its value." % name)
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in build_args.items()}


class Recipe(NamedTuple):
    """How one image is built: every build context's folder (the build folder first), its Dockerfile's path and text, the command for the
    docker command, with DIGEST and BASES in it, what of that command decides about the image's content, and the images that it
    is made from."""

    image: Any
    folders: List[str]
    dockerfile: str
    text: str
    command: List[str]
    stable: List[str]
    bases: Set[str]


def recipes(platform: Platform, chosen: Sequence[Any], options: Options) -> List[Recipe]:
    """How to build each of the chosen images. Plugins are asked here (upstream's filter DOCKER_BUILD_COMMAND), before threads start."""
    contexts = image_list.build_contexts(platform)
    found = []
    for image in chosen:
        registry.split(image.tag)
        mounts = contexts.get(image.name, [])
        command, stable = [image_list.build_command(platform, _arguments(image, mounts, options, whole)) for whole in (True, False)]
        dockerfile.refuse_relative(command, "Image '%s' of %s" % (image.name, image.owner))
        # Wherever the root lies: an environment that was moved, or rendered elsewhere to look at it, builds the same image.
        stable = [argument.replace(platform.places.root, "ROOT") for argument in stable]
        path = dockerfile.path_of(command, image.path)
        text = dockerfile.text_of(path)
        bases = dockerfile.images_in(text, command) - {dockerfile.short(image.tag)}
        found.append(Recipe(image, [image.path] + dockerfile.folders_in(command), path, text, command, stable, bases))
    return found


def _arguments(image: Any, mounts: Sequence[Tuple[str, str]], options: Options, whole: bool) -> List[str]:
    """Tutor's arguments in Tutor's order; the whole of them, or those that decide about the image's content."""
    found = ["buildx", "build", "--tag=%s" % image.tag] + (["--no-cache"] if options.no_cache and whole else [])
    for name, value in options.build_args.items():
        found += ["--build-arg", "%s=%s" % (name, value)]
    found += ["--output=type=docker"] + list(image.args) + ["--cache-from=type=registry,ref=%s-cache" % image.tag]
    if options.registry_cache and whole:
        found.append("--cache-to=type=registry,mode=max,ref=%s-cache,image-manifest=true" % image.tag)
    found += ["--build-context=%s=%s" % (stage, path) for path, stage in mounts]
    labels = ["--label=%s=%s" % label for label in ((build_inputs.LABEL, DIGEST), (build_inputs.BASES_LABEL, BASES))] if whole else []
    return found + labels + [image.path]


Ask = Callable[[str], Optional[str]]


def build(
    platform: Platform, client: Any, recipe: Recipe, options: Options, coming: Sequence[str], ask: Ask, logs: Logs, check: bool
) -> Outcome:
    """Builds one image, unless the local one of its tag was built from the same inputs.

    ``coming`` are tags that it is made from and that would be other images by now, were this not check mode; ``ask`` asks a registry for
    the digest of a tag.
    """
    image = recipe.image
    wanted = build_inputs.digest_of(recipe.stable, recipe.dockerfile, recipe.text, recipe.folders)
    bases = build_inputs.bases_of(client, recipe.bases, ask)
    existing = inspect_image(client, image.tag)
    before = id_of(existing)
    reason = _reason(existing, wanted, bases, coming, options)
    if reason is None:
        return Outcome(False)
    if check:
        return Outcome(True, None, "Would build %s: %s" % (image.tag, reason), before, "to be built")
    command = [argument.replace(DIGEST, wanted).replace(BASES, build_inputs.label_of(bases)) for argument in recipe.command]
    with logs.of("build", image.name) as write:
        write("started: %s" % reason)
        how = _run(platform, client, command, image, options, write)
    after = _built(client, image.tag)
    return Outcome(False) if after == before else Outcome(True, None, "Built %s%s: %s" % (image.tag, how, reason), before, after)


def _run(platform: Platform, client: Any, command: Sequence[str], image: Any, options: Options, write: Write) -> str:
    """Builds with the builder that there is; what is to be said of it."""
    if options.buildx:
        return _buildx(platform, command, image, options, write)
    return _classic(platform, client, command, image, options, write)


def _built(client: Any, tag: str) -> str:
    """The id of an image that was built just now."""
    built = id_of(inspect_image(client, tag))
    if built is None:
        raise LecternError("The builder ended well, but there is no image '%s': it may have gone to another builder's store." % tag)
    return built


def _reason(
    existing: Optional[Dict[str, Any]], wanted: str, bases: build_inputs.Bases, coming: Sequence[str], options: Options
) -> Optional[str]:
    if existing is None:
        return "it is not on this host"
    labels = (existing.get("Config") or {}).get("Labels") or {}
    if labels.get(build_inputs.LABEL) != wanted:
        return "its inputs changed"
    changed = build_inputs.changed_bases(labels.get(build_inputs.BASES_LABEL) or "{}", bases)
    if changed:
        return "%s, which it is made from, changed" % ", ".join(changed)
    if coming:
        return "%s, which it is made from, changes" % ", ".join(coming)
    return "forced" if options.force or options.no_cache else None


def hidden(command: Sequence[str]) -> Tuple[List[str], Dict[str, str]]:
    """A command with the values of its build arguments moved to an environment."""
    found: List[str] = []
    env: Dict[str, str] = {}
    for argument in command:
        prefix = "--build-arg=" if argument.startswith("--build-arg=") else ""
        name, equals, value = argument[len(prefix) :].partition("=")
        if equals and (prefix or found[-1:] == ["--build-arg"]) and not READ_BY_DOCKER.fullmatch(name):
            env[name], argument = value, prefix + name
        found.append(argument)
    return found, env


def _buildx(platform: Platform, command: Sequence[str], image: Any, options: Options, write: Write) -> str:
    """Runs the docker command and keeps the end of what it says for an error."""
    shown, env = hidden(command)
    tail: Deque[str] = collections.deque(maxlen=TAIL)
    with subprocess.Popen(
        ["docker"] + shown,
        env=dict(os.environ, BUILDKIT_PROGRESS="plain", **dict(options.env, **env)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        for line in read_lines(_pieces(process.stdout), masker(_secrets(platform, options))):
            write(line)
            tail.extend(part.rstrip() for part in lines_of(line) if part.strip())
    if process.returncode != 0:
        raise _failure(platform, image, options, "exit code %d" % process.returncode, tail)
    return ""


def _pieces(stream: Any) -> Iterator[bytes]:
    """What a pipe holds, as it comes."""
    return iter(lambda: os.read(stream.fileno(), PIECE), b"")


def _secrets(platform: Platform, options: Options) -> List[str]:
    return list(platform.secrets) + texts(options.build_args)


def _failure(platform: Platform, image: Any, options: Options, how: str, tail: Sequence[str]) -> LecternError:
    lines = last_lines(mask_text("\n".join(tail), _secrets(platform, options)).split("\n"), TAIL)
    return LecternError("Could not build image '%s' (%s) from '%s': %s. Last lines:\n%s" % (image.name, image.tag, image.path, how, lines))


def _classic(platform: Platform, client: Any, command: Sequence[str], image: Any, options: Options, write: Write) -> str:
    """The SDK builds with the engine's classic builder, which knows few of buildx's arguments."""
    import docker

    known = _classic_arguments(image, command)
    tail: Deque[str] = collections.deque(maxlen=TAIL)
    try:
        for line in client.api.build(path=image.path, tag=image.tag, rm=True, forcerm=True, decode=True, **known):
            said = str(line.get("stream") or line.get("error") or "")
            tail.extend(lines_of(said))
            if said.strip():
                write(said)
            if "error" in line:
                raise _failure(platform, image, options, "the classic builder failed (buildx is missing)", tail)
    except (docker.errors.DockerException, TypeError, OSError) as error:
        raise _failure(platform, image, options, docker_engine.words_of(error), tail) from error
    return " (with the classic builder and without its registry cache, because buildx is missing)"


def _classic_arguments(image: Any, command: Sequence[str]) -> Dict[str, Any]:
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
