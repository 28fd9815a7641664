# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image registries: logging in, asking for digests, pulling and pushing, all through the engine."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import tempfile
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from .docker_engine import engine_errors, inspect_image, words_of
from .errors import LecternError
from .work import Outcome

HUB = "docker.io"
HUB_NAMES = (HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com", "www.docker.com")
HUB_KEY = "https://index.docker.io/v1/"  # what config.json calls Docker Hub
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
Watch = Callable[[Dict[str, Any]], None]  # takes each event of a transfer


def split(tag: str) -> Tuple[str, str]:
    """Registry host and repository of an image's tag; Docker Hub's host is ``docker.io``."""
    import docker

    repository, _version = docker.utils.parse_repository_tag(tag)
    try:
        if not re.fullmatch(r"[^\s/]\S*", tag):
            raise docker.errors.InvalidRepository("it is empty, has a space in it, or begins with a slash")
        host, name = docker.auth.resolve_repository_name(repository)
    except docker.errors.InvalidRepository as error:
        raise LecternError("'%s' is not the tag of an image: %s." % (tag, words_of(error))) from error
    return (HUB, name[len("library/") :] if name.startswith("library/") else name) if host in HUB_NAMES else (host, name)


def host_of(url: str) -> str:
    """The host, and port, of a registry's address as people write it: with a scheme or a path or without."""
    host = re.sub(r"^[a-z]+://", "", url.strip(), flags=re.IGNORECASE).split("/")[0].lower()
    if not host:
        raise LecternError("registries: '%s' is not the address of a registry, which looks like registry.example.com:5000." % url)
    return HUB if host in HUB_NAMES else host


class Credentials:
    """User names and passwords by registry. Nothing is written to the user's ``~/.docker/config.json``."""

    def __init__(self, registries: Iterable[Dict[str, str]]) -> None:
        self._by_host: Dict[str, Dict[str, str]] = {}
        for entry in registries:
            host, login = host_of(entry["url"]), {"username": entry["username"], "password": entry["password"]}
            if self._by_host.setdefault(host, login) != login:
                raise LecternError("registries: '%s' is listed twice with different logins: keep one of them." % host)

    def of(self, tag: str) -> Optional[Dict[str, str]]:
        """What the SDK takes as ``auth_config`` for a tag; None leaves it to the user's own ``docker login``."""
        return self._by_host.get(split(tag)[0])

    def log_in(self, client: Any, tags: Optional[Iterable[str]] = None) -> None:
        """Tries the logins of the registries that the tags belong to (None: of all); LecternError when one is refused."""
        hosts = set(self._by_host) if tags is None else {split(tag)[0] for tag in tags} & set(self._by_host)
        for host in sorted(hosts):
            login = self._by_host[host]
            try:
                with engine_errors("log in"):
                    client.login(registry=HUB_KEY if host == HUB else host, reauth=True, **login)
            except LecternError as error:
                raise LecternError(
                    "Registry '%s' refuses user '%s' (%s): check url, username and password of its entry in registries."
                    % (host, login["username"], words_of(error.__cause__ or error))
                ) from error

    @contextlib.contextmanager
    def as_docker_config(self) -> Iterator[Dict[str, str]]:
        """An environment in which the ``docker`` command knows the logins, from a folder that only this user reads; it is removed."""
        if not self._by_host:
            yield {}
            return
        home = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
        folder = tempfile.mkdtemp(prefix="lectern-docker-")
        try:
            self._fill(folder, home)
            yield {"DOCKER_CONFIG": folder, "BUILDX_CONFIG": os.environ.get("BUILDX_CONFIG") or os.path.join(home, "buildx")}
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fill(self, folder: str, home: str) -> None:
        """The user's own folder with our logins in config.json: command plugins and contexts have to be found as before."""
        for name in os.listdir(home) if os.path.isdir(home) else ():
            if name != "config.json":
                os.symlink(os.path.join(home, name), os.path.join(folder, name))
        config = _read_config(os.path.join(home, "config.json"))
        for host, login in self._by_host.items():
            key = HUB_KEY if host == HUB else host
            secret = "%s:%s" % (login["username"], login["password"])
            config.setdefault("auths", {})[key] = {"auth": base64.b64encode(secret.encode()).decode()}
            config.setdefault("credHelpers", {})[key] = ""  # not the user's credential store
        handle = os.open(os.path.join(folder, "config.json"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(config, stream)


def _read_config(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            content = json.load(stream)
    except (OSError, ValueError):
        return {}  # the docker command itself would complain
    return content if isinstance(content, dict) else {}


def remote_digest(client: Any, tag: str, auth: Optional[Dict[str, str]]) -> str:
    """The digest that the registry holds under a tag; LecternError with its words when it gives none."""
    with engine_errors("ask for image '%s'" % tag):
        return str(client.images.get_registry_data(tag, auth_config=auth).id)


def local_digests(image: Optional[Dict[str, Any]], tag: str) -> List[str]:
    """The digests under which a local image is known to the registry of ``tag``."""
    known = [item.rpartition("@") for item in (image or {}).get("RepoDigests") or ()]
    return sorted(digest for repository, _at, digest in known if repository and split(repository) == split(tag))


def unwatched(_event: Dict[str, Any]) -> None:
    """A Watch that looks away."""


def pull(client: Any, tag: str, auth: Optional[Dict[str, str]], check: bool = False, watch: Watch = unwatched) -> Outcome:
    """Asks the registry for a tag and fetches what differs from the local image."""
    before = inspect_image(client, tag)
    if check:
        return _foresee_pull(client, tag, auth, before)
    digest = _transfer(client.api.pull, "pull", tag, auth, watch)
    after = inspect_image(client, tag)
    if (_id(before), local_digests(before, tag)) == (_id(after), local_digests(after, tag)):
        return Outcome(False, digest)
    return Outcome(True, digest, "Pulled %s" % tag, _id(before), _id(after))


def _id(image: Optional[Dict[str, Any]]) -> Optional[str]:
    return image["Id"] if image else None


def _foresee_pull(client: Any, tag: str, auth: Optional[Dict[str, str]], before: Optional[Dict[str, Any]]) -> Outcome:
    """In check mode an image may not have been pushed yet, or its registry not started: that is no error then."""
    try:
        digest = remote_digest(client, tag, auth)
    except LecternError as error:
        return Outcome(True, None, "Would pull %s, which can't be had now: %s" % (tag, error), _id(before), "to be pulled")
    if digest in local_digests(before, tag):
        return Outcome(False, digest)
    return Outcome(True, digest, "Would pull %s" % tag, _id(before), digest)


def push(
    client: Any, tag: str, auth: Optional[Dict[str, str]], force: bool = False, check: bool = False, watch: Watch = unwatched
) -> Outcome:
    """Sends a local image to its registry, unless the registry holds it under the tag already."""
    image = inspect_image(client, tag)
    if image is None and not check:
        raise LecternError("Image '%s' is not on this host: build it (state: built) or pull it before it is pushed." % tag)
    before = _digest_or_none(client, tag, auth)
    if before in local_digests(image, tag) and not force:
        return Outcome(False, before)
    if check:
        return Outcome(True, before, "Would push %s" % tag, before, "to be pushed")
    after = _transfer(client.api.push, "push", tag, auth, watch)
    return Outcome(True, after, "Pushed %s" % tag, before, after) if before != after else Outcome(False, after)


def _digest_or_none(client: Any, tag: str, auth: Optional[Dict[str, str]]) -> Optional[str]:
    try:
        return remote_digest(client, tag, auth)
    except LecternError:
        return None  # there is none yet, or the push will say what is wrong


def _transfer(
    send: Callable[..., Iterable[Dict[str, Any]]], verb: str, tag: str, auth: Optional[Dict[str, str]], watch: Watch
) -> Optional[str]:
    """Pulls or pushes a tag and returns the digest that the engine tells at the end."""
    import docker
    import requests

    repository, version = docker.utils.parse_repository_tag(tag)
    try:
        return _follow(send(repository, tag=version or "latest", stream=True, decode=True, auth_config=auth), watch)
    except (docker.errors.DockerException, requests.exceptions.RequestException, _StreamError) as error:
        raise _refusal(verb, tag, words_of(error), auth) from error


class _StreamError(Exception):
    """The SDK does not raise for an error that the engine reports after the transfer has begun."""


def _follow(stream: Iterable[Dict[str, Any]], watch: Watch) -> Optional[str]:
    digest = None
    for line in stream:
        watch(line)
        if "error" in line:
            raise _StreamError(str(line["error"]))
        told = DIGEST.search(str((line.get("aux") or {}).get("Digest") or line.get("status", "")))
        digest = told.group() if told else digest
    return digest


def _refusal(verb: str, tag: str, words: str, auth: Optional[Dict[str, str]]) -> LecternError:
    """The registry's own words, the image, and what to do about them."""
    host = split(tag)[0]
    if re.search(r"unauthorized|denied|no basic auth|authentication required|forbidden", words, re.IGNORECASE):
        todo = (
            "the login of registry '%s' in registries is accepted but may not %s this image" % (host, verb)
            if auth
            else "give the login of registry '%s' in registries (url, username, password)" % host
        )
    elif re.search(r"not found|manifest unknown|does not exist", words, re.IGNORECASE):
        todo = "check the image's name and version in the settings, or push it there first"
    else:
        todo = "check that registry '%s' can be reached from this host" % host
    return LecternError("Could not %s image '%s': %s: %s." % (verb, tag, words.strip().rstrip("."), todo))
