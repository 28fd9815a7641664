# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings images into a state: built, pulled or pushed."""

from __future__ import annotations

import functools
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence

from ..base import docker_engine
from ..base.errors import LecternError
from ..base.logs import Logs
from ..root.platform import Platform
from . import build, image_list, registry
from .dockerfile import short_tag
from .image import Image, ImageOutcome
from .parallel import Attempt, work_on_all
from .progress import Progress

LISTS = {"built": image_list.to_build, "pulled": image_list.to_pull, "pushed": image_list.to_push}

VERBS = {"pulled": "pull", "pushed": "push"}

PARALLEL = {"built": 1, "pulled": 4, "pushed": 4}  # a build of Open edX takes gigabytes of memory


class StateRequest(NamedTuple):
    """A state that images must have. ``options`` are for builds, ``parallel`` is how many at a time, ``pins`` are digests by name."""

    state: str
    logins: registry.Credentials
    options: build.BuildOptions
    parallel: int
    force: bool
    check: bool
    pins: Dict[str, Any]
    logs: Logs


def bring_into_state(platform: Platform, images: Sequence[Image], request: StateRequest) -> Dict[str, Any]:
    """Bring the images into the requested state; the result has ``changed``, ``images``, ``actions`` and ``diff``.

    Raises LecternError, with the same as its details, when an image fails.
    """
    if request.parallel < 1:
        raise LecternError("parallel is %d: give at least 1." % request.parallel)
    pins = image_list.pins_by_tag(image_list.to_pull(platform), request.pins) if request.pins else {}
    _refuse_pinned(images, request.state, pins)
    if not images:
        return _results(None, [], {})
    for image in images:
        registry.split_tag(image.tag)
    client = docker_engine.connect()
    if request.state == "built":
        attempts = _build_all(platform, client, images, request, pins)
    else:
        attempts = _transfer_all(client, images, request, pins)
    result = _results(client, images, attempts)
    errors = [str(attempt.error) for attempt in attempts.values() if attempt.error]
    if errors:
        raise LecternError("\n".join(errors), **result)
    return result


def _refuse_pinned(images: Sequence[Image], state: str, pins: Dict[str, str]) -> None:
    """Refuse to build or push a pinned image: only its registry decides what it is. Raises LecternError."""
    for image in images:
        if image.tag in pins and state != "pulled":
            raise LecternError(
                "Image '%s' can't be %s, it is pinned to %s: remove it from pins (tutor_image_pins), or from the names of images that "
                "are to be %s." % (image.name, state, pins[image.tag], state)
            )


def _transfer_all(client: Any, images: Sequence[Image], request: StateRequest, pins: Dict[str, str]) -> Dict[str, Attempt]:
    def transfer(image: Image, _bases: List[Attempt]) -> ImageOutcome:
        auth = request.logins.login_for(image.tag)
        with request.logs.of(VERBS[request.state], image.name) as write:
            progress = Progress(request.state, write)
            if request.state == "pushed":
                outcome = registry.push(client, image.tag, auth, request.force, request.check, progress)
            elif image.tag in pins:
                outcome = registry.pull_pinned(client, image.tag, pins[image.tag], auth, request.check, progress)
            else:
                outcome = registry.pull(client, image.tag, auth, request.check, progress)
            progress.end()
            return outcome

    return work_on_all(images, transfer, request.parallel)


def _build_all(platform: Platform, client: Any, images: Sequence[Image], request: StateRequest, pins: Dict[str, str]) -> Dict[str, Attempt]:
    options = request.options._replace(buildx=docker_engine.has_buildx())
    recipes = {recipe.image: recipe for recipe in build.read_recipes(platform, images, options)}
    if not options.buildx:
        request.logins.log_in(client)
    query_registry = functools.lru_cache(maxsize=None)(lambda tag: registry.digest_or_none(client, tag, request.logins.login_for(tag)))
    with request.logins.as_docker_config() as env:
        options = options._replace(env=env)

        def build_one(image: Image, bases: List[Attempt]) -> ImageOutcome:
            changing = _changing_bases(client, recipes[image], bases, pins) if request.check else []
            return build.build(platform, client, recipes[image], options, changing, query_registry, request.logs, request.check)

        return work_on_all(images, build_one, request.parallel, lambda image: _base_tags(recipes[image], [other.tag for other in images]))


def _base_tags(recipe: build.Recipe, tags: Iterable[str]) -> List[str]:
    """Return those of the tags that an image is built from."""
    return [tag for tag in tags if short_tag(tag) in recipe.bases]


def _changing_bases(client: Any, recipe: build.Recipe, bases: Sequence[Attempt], pins: Dict[str, str]) -> List[str]:
    """Return the tags that an image is built from and that a real run would build, or pull as pinned, before it."""
    built = [base.image.tag for base in bases if base.outcome and base.outcome.changed]
    missing = [
        tag for tag in _base_tags(recipe, pins) if pins[tag] not in registry.local_digests(docker_engine.inspect_image(client, tag), tag)
    ]
    return built + missing


def _results(client: Any, images: Sequence[Image], attempts: Dict[str, Attempt]) -> Dict[str, Any]:
    outcomes = [(attempt.image.tag, attempt.outcome) for attempt in attempts.values() if attempt.outcome and attempt.outcome.changed]
    listed = [(image, attempts[image.tag]) for image in images]
    return {
        "changed": bool(outcomes),
        "images": [_describe_result(client, image, done.outcome, done.duration) for image, done in listed if done.outcome],
        "actions": [outcome.action for _tag, outcome in outcomes],
        "diff": [
            {"before_header": tag, "after_header": tag, "before": _diff_line(outcome.before), "after": _diff_line(outcome.after)}
            for tag, outcome in outcomes
        ],
    }


def _diff_line(text: Optional[str]) -> str:
    return "%s\n" % text if text else ""


def _describe_result(client: Any, image: Image, outcome: ImageOutcome, duration: float) -> Dict[str, Any]:
    local = docker_engine.inspect_image(client, image.tag)
    known = registry.local_digests(local, image.tag)
    return {
        "name": image.name,
        "tag": image.tag,
        "owner": image.owner,
        "id": docker_engine.image_id(local),
        "digest": outcome.digest or (known[0] if known else None),
        "changed": outcome.changed,
        "duration": round(duration, 1),
    }
