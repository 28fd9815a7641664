# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings images into a state (built, pulled, pushed) and tells what came of each."""

from __future__ import annotations

import functools
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence

from ..base import docker_engine
from ..base.errors import LecternError
from ..base.logs import Logs
from ..root.platform import Platform
from . import build, image_list, registry
from .dockerfile import short
from .parallel import Done, Outcome, run_all
from .progress import Progress

LISTS = {"built": image_list.to_build, "pulled": image_list.to_pull, "pushed": image_list.to_push}

VERBS = {"pulled": "pull", "pushed": "push"}

PARALLEL = {"built": 1, "pulled": 4, "pushed": 4}  # a build of Open edX takes gigabytes of memory


class Order(NamedTuple):
    """What is to be done: ``options`` are those of builds, ``parallel`` how many images at a time, ``pins`` digests by name."""

    state: str
    logins: registry.Credentials
    options: build.Options
    parallel: int
    force: bool
    check: bool
    pins: Dict[str, Any]
    logs: Logs


def bring(platform: Platform, chosen: Sequence[Any], order: Order) -> Dict[str, Any]:
    """Works on the chosen images; the result has ``changed``, ``images``, ``actions`` and ``diff``.

    Raises LecternError, with the same as its details, when an image fails.
    """
    if order.parallel < 1:
        raise LecternError("parallel is %d: at least 1 image has to be worked on at a time." % order.parallel)
    pins = image_list.pinned(image_list.to_pull(platform), order.pins) if order.pins else {}
    _refuse_pinned(chosen, order.state, pins)
    if not chosen:
        return _result(None, chosen, {})
    for image in chosen:
        registry.split(image.tag)
    client = docker_engine.connect()
    done = _build(platform, client, chosen, order, pins) if order.state == "built" else _transfer(client, chosen, order, pins)
    result = _result(client, chosen, done)
    errors = [str(one.error) for one in done.values() if one.error]
    if errors:
        raise LecternError("\n".join(errors), **result)
    return result


def _refuse_pinned(chosen: Sequence[Any], state: str, pins: Dict[str, str]) -> None:
    """What a pinned image is, the registry decides."""
    for image in chosen:
        if image.tag in pins and state != "pulled":
            raise LecternError(
                "Image '%s' can't be %s, it is pinned to %s: take it out of pins (tutor_image_pins), or out of the names of images that "
                "are to be %s." % (image.name, state, pins[image.tag], state)
            )


def _transfer(client: Any, chosen: Sequence[Any], order: Order, pins: Dict[str, str]) -> Dict[str, Done]:
    def do(image: Any, _bases: List[Done]) -> Outcome:
        auth = order.logins.of(image.tag)
        with order.logs.of(VERBS[order.state], image.name) as write:
            progress = Progress(order.state, write)
            if order.state == "pushed":
                outcome = registry.push(client, image.tag, auth, order.force, order.check, progress)
            elif image.tag in pins:
                outcome = registry.pull_pinned(client, image.tag, pins[image.tag], auth, order.check, progress)
            else:
                outcome = registry.pull(client, image.tag, auth, order.check, progress)
            progress.end()
            return outcome

    return run_all(chosen, do, order.parallel)


def _build(platform: Platform, client: Any, chosen: Sequence[Any], order: Order, pins: Dict[str, str]) -> Dict[str, Done]:
    options = order.options._replace(buildx=docker_engine.has_buildx())
    recipes = {recipe.image: recipe for recipe in build.recipes(platform, chosen, options)}
    if not options.buildx:
        order.logins.log_in(client)
    ask = functools.lru_cache(maxsize=None)(lambda tag: registry.digest_or_none(client, tag, order.logins.of(tag)))
    with order.logins.as_docker_config() as env:
        options = options._replace(env=env)

        def do(image: Any, done_before: List[Done]) -> Outcome:
            coming = _coming(client, recipes[image], done_before, pins) if order.check else []
            return build.build(platform, client, recipes[image], options, coming, ask, order.logs, order.check)

        return run_all(chosen, do, order.parallel, lambda image: _tags_of(recipes[image], [other.tag for other in chosen]))


def _tags_of(recipe: build.Recipe, tags: Iterable[str]) -> List[str]:
    """Those of the tags that an image is made from."""
    return [tag for tag in tags if short(tag) in recipe.bases]


def _coming(client: Any, recipe: build.Recipe, done_before: Sequence[Done], pins: Dict[str, str]) -> List[str]:
    """The tags that an image is made from and that would have been built, or pulled as pinned, before it."""
    built = [done.image.tag for done in done_before if done.outcome and done.outcome.changed]
    missing = [
        tag for tag in _tags_of(recipe, pins) if pins[tag] not in registry.local_digests(docker_engine.inspect_image(client, tag), tag)
    ]
    return built + missing


def _result(client: Any, chosen: Sequence[Any], done: Dict[str, Done]) -> Dict[str, Any]:
    good = [one for one in done.values() if one.outcome]
    changes = [(one.image.tag, one.outcome) for one in good if one.outcome and one.outcome.changed]
    return {
        "changed": bool(changes),
        "images": [_shown(client, image, one.outcome, one.duration) for image in chosen for one in [done[image.tag]] if one.outcome],
        "actions": [outcome.action for _tag, outcome in changes],
        "diff": [
            {"before_header": tag, "after_header": tag, "before": _line(outcome.before), "after": _line(outcome.after)}
            for tag, outcome in changes
        ],
    }


def _line(text: Optional[str]) -> str:
    return "%s\n" % text if text else ""


def _shown(client: Any, image: Any, outcome: Outcome, duration: float) -> Dict[str, Any]:
    local = docker_engine.inspect_image(client, image.tag)
    known = registry.local_digests(local, image.tag)
    return {
        "name": image.name,
        "tag": image.tag,
        "owner": image.owner,
        "id": docker_engine.id_of(local),
        "digest": outcome.digest or (known[0] if known else None),
        "changed": outcome.changed,
        "duration": round(duration, 1),
    }
