# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in to image registries, queries digests, pulls and pushes, all through the engine."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from ..base import scratch
from ..base.docker_engine import engine_errors, image_id, inspect_image, iterate_in_time, words_of
from ..base.errors import LecternError
from .image import DIGEST, ImageOutcome

HUB = "docker.io"

HUB_NAMES = (HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com", "www.docker.com")

HUB_KEY = "https://index.docker.io/v1/"  # what config.json calls Docker Hub

UNAUTHORIZED = re.compile(r"unauthorized|denied|no basic auth|authentication required|forbidden|incorrect username", re.IGNORECASE)

NOT_FOUND = re.compile(r"not found|manifest unknown|does not exist", re.IGNORECASE)

SILENCE = 300  # seconds without an event after which a transfer fails

ANSWER = 60  # seconds that a registry may take to answer a query

Auth = Optional[Dict[str, str]]

OnEvent = Callable[[Dict[str, Any]], None]  # called with each event of a transfer


def split_tag(tag: str) -> Tuple[str, str]:
    """Return host and repository of an image's tag; Docker Hub's host is ``docker.io``. Raises LecternError for what is no tag."""
    import docker

    repository, _version = docker.utils.parse_repository_tag(tag)
    try:
        if not re.fullmatch(r"[^\s/]\S*", tag):
            raise docker.errors.InvalidRepository("it is empty, has a space in it, or begins with a slash")
        host, name = docker.auth.resolve_repository_name(repository)
    except docker.errors.InvalidRepository as error:
        raise LecternError("'%s' is not the tag of an image: %s." % (tag, words_of(error))) from error
    return (HUB, name[len("library/") :] if name.startswith("library/") else name) if host in HUB_NAMES else (host, name)


def registry_host(url: str) -> str:
    """Return host and port of a registry's address, written with or without scheme and path. Raises LecternError for a login in it."""
    _login, at, host = re.sub(r"^[a-z]+://", "", url.strip(), flags=re.IGNORECASE).split("/")[0].lower().rpartition("@")
    if at:
        raise LecternError("registries: the address of '%s' contains a login: give it as username and password." % host)
    if not host:
        raise LecternError("registries: '%s' is not the address of a registry, such as registry.example.com:5000." % url)
    return HUB if host in HUB_NAMES else host


class Credentials:
    """User names and passwords by registry. Nothing is written to the user's ``~/.docker/config.json``."""

    def __init__(self, registries: Iterable[Dict[str, str]]) -> None:
        self._by_host: Dict[str, Dict[str, str]] = {}
        for entry in registries:
            host, login = registry_host(entry["url"]), {"username": entry["username"], "password": entry["password"]}
            if self._by_host.setdefault(host, login) != login:
                raise LecternError("registries: '%s' is listed twice with different logins: keep one of them." % host)

    def login_for(self, tag: str) -> Auth:
        """Return what the SDK takes as ``auth_config`` for a tag; with None it uses the user's own ``docker login``."""
        return self._by_host.get(split_tag(tag)[0])

    def log_in(self, client: Any) -> None:
        """Log the SDK in to all registries. Raises LecternError when a login is refused."""
        for host in sorted(self._by_host):
            _log_in(client, host, self._by_host[host])

    @contextlib.contextmanager
    def as_docker_config(self) -> Iterator[Dict[str, str]]:
        """Yield environment variables with which the ``docker`` command knows the logins. They lead to a temporary folder of this user."""
        if not self._by_host:
            yield {}
            return
        home = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
        with scratch.temporary_folder() as folder:
            self._fill(folder, home)
            yield {"DOCKER_CONFIG": folder, "BUILDX_CONFIG": os.environ.get("BUILDX_CONFIG") or os.path.join(home, "buildx")}

    def _fill(self, folder: str, home: str) -> None:
        """Fill a folder with the user's command plugins and contexts, and a config.json that has the logins too."""
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


def _log_in(client: Any, host: str, login: Dict[str, str]) -> None:
    try:
        with engine_errors("log in"):
            client.login(registry=HUB_KEY if host == HUB else host, reauth=True, **login)
    except LecternError as error:
        words = words_of(error.__cause__ or error)
        if not UNAUTHORIZED.search(words):
            raise LecternError("Could not log in to registry '%s' (%s): %s." % (host, words, _network_advice(host, words))) from error
        raise LecternError(
            "Registry '%s' refuses user '%s' (%s): check url, username and password of its entry in registries."
            % (host, login["username"], words)
        ) from error


class LoginRefused(LecternError):
    """A wrong login. Unlike other errors of a registry, it never passes by itself."""


def remote_digest(client: Any, tag: str, auth: Auth, verb: str = "ask for") -> str:
    """Return the digest that the registry holds under a tag. Raises LecternError with the registry's words when it gives none.

    ``verb`` is what the error says could not be done.
    """
    with _explained_refusals(client, verb, tag, auth):
        return str(next(iterate_in_time(lambda: [client.images.get_registry_data(tag, auth_config=auth).id], ANSWER)))


def digest_or_none(client: Any, tag: str, auth: Auth, verb: str = "ask for") -> Optional[str]:
    """Return the digest that the registry holds under a tag; None where it gives none. Raises LoginRefused for a wrong login."""
    try:
        return remote_digest(client, tag, auth, verb)
    except LoginRefused:
        raise
    except LecternError:
        return None


def local_digests(image: Optional[Dict[str, Any]], tag: str) -> List[str]:
    """Return the digests, sorted, under which the registry of ``tag`` knows a local image."""
    known = [item.rpartition("@") for item in (image or {}).get("RepoDigests") or ()]
    return sorted(digest for repository, _at, digest in known if repository and split_tag(repository) == split_tag(tag))


def ignore_event(_event: Dict[str, Any]) -> None:
    """Do nothing with an event of a transfer."""


def pull(client: Any, tag: str, auth: Auth, check: bool = False, on_event: OnEvent = ignore_event) -> ImageOutcome:
    """Pull a tag; nothing changes where the local image is the registry's. With ``check``, only query the registry."""
    before = inspect_image(client, tag)
    if check:
        return _check_pull(client, tag, tag, auth, before)
    digest = _transfer(client, "pull", tag, auth, on_event)
    after = inspect_image(client, tag)
    if (image_id(before), local_digests(before, tag)) == (image_id(after), local_digests(after, tag)):
        return ImageOutcome(False, digest)
    return ImageOutcome(True, digest, "Pulled %s" % tag, image_id(before), image_id(after))


def pull_pinned(client: Any, tag: str, digest: str, auth: Auth, check: bool = False, on_event: OnEvent = ignore_event) -> ImageOutcome:
    """Make the local image of a tag the one with this digest. The registry is queried only where no image of that digest is here.

    The tag moves last: a failure leaves it where it was.
    """
    import docker

    before = inspect_image(client, tag)
    if digest in local_digests(before, tag):
        return ImageOutcome(False, digest)
    repository, version = docker.utils.parse_repository_tag(tag)
    pinned = "%s@%s" % (repository, digest)
    is_local = inspect_image(client, pinned) is not None
    if check and not is_local:
        return _check_pull(client, tag, pinned, auth, before)
    if check:
        return ImageOutcome(True, digest, "Would tag %s as %s" % (pinned, tag), image_id(before), digest)
    if not is_local:
        _transfer(client, "pull", pinned, auth, on_event)
    with engine_errors("tag image '%s' as '%s'" % (pinned, tag)):
        client.api.tag(pinned, repository, version or "latest", force=True)
    done = "Tagged %s as %s" % (pinned, tag) if is_local else "Pulled %s" % _describe_reference(tag, pinned)
    return ImageOutcome(True, digest, done, image_id(before), image_id(inspect_image(client, tag)))


def _describe_reference(tag: str, reference: str) -> str:
    """Return a tag, with the digest where the reference has one, in the words of an action."""
    return "%s at %s" % (tag, reference.partition("@")[2]) if "@" in reference else tag


def _check_pull(client: Any, tag: str, reference: str, auth: Auth, before: Optional[Dict[str, Any]]) -> ImageOutcome:
    """Return what a pull would do. In check mode an image may not be pushed yet, or its registry not started: that is no error."""
    try:
        digest = remote_digest(client, reference, auth)
    except LoginRefused:
        raise
    except LecternError as error:
        action = "Would pull %s, which is not available now: %s" % (_describe_reference(tag, reference), error)
        return ImageOutcome(True, None, action, image_id(before), "to be pulled")
    if digest in local_digests(before, tag):
        return ImageOutcome(False, digest)
    return ImageOutcome(True, digest, "Would pull %s" % _describe_reference(tag, reference), image_id(before), digest)


def push(client: Any, tag: str, auth: Auth, force: bool = False, check: bool = False, on_event: OnEvent = ignore_event) -> ImageOutcome:
    """Push a local image, unless the registry holds it under the tag already. Raises LecternError where there is no local image."""
    image = inspect_image(client, tag)
    if image is None and not check:
        raise LecternError("Image '%s' is not on this host: build it (state: built) or pull it before it is pushed." % tag)
    before = digest_or_none(client, tag, auth, "push")
    if before in local_digests(image, tag) and not force:
        return ImageOutcome(False, before)
    if check:
        return ImageOutcome(True, before, "Would push %s" % tag, before, "to be pushed")
    after = _transfer(client, "push", tag, auth, on_event)
    return ImageOutcome(True, after, "Pushed %s" % tag, before, after) if before != after else ImageOutcome(False, after)


def _transfer(client: Any, verb: str, reference: str, auth: Auth, on_event: OnEvent) -> Optional[str]:
    """Pull or push a tag, or pull a digest. Returns the digest that the engine reports at the end, if any."""
    import docker

    repository, version = docker.utils.parse_repository_tag(reference)
    send = {"pull": client.api.pull, "push": client.api.push}[verb]
    options = dict(tag=version or "latest", stream=True, decode=True, auth_config=auth)
    with _explained_refusals(client, verb, reference, auth):
        return _read_events(iterate_in_time(lambda: send(repository, **options), SILENCE), on_event)


class _StreamError(Exception):
    """An error that the engine reports after the transfer has begun; the SDK raises none."""


def _read_events(stream: Iterable[Dict[str, Any]], on_event: OnEvent) -> Optional[str]:
    """Pass each event on; return the last digest among them. Raises _StreamError for an event that is an error."""
    digest = None
    for line in stream:
        on_event(line)
        if "error" in line:
            raise _StreamError(str(line["error"]))
        match = DIGEST.search(str((line.get("aux") or {}).get("Digest") or line.get("status", "")))
        digest = match.group() if match else digest
    return digest


@contextlib.contextmanager
def _explained_refusals(client: Any, verb: str, reference: str, auth: Auth) -> Iterator[None]:
    """Turn what is raised inside into a LecternError with the registry's own words, the image, and what to do."""
    import docker
    import requests

    try:
        yield
    except (docker.errors.DockerException, requests.exceptions.RequestException, TimeoutError, _StreamError) as error:
        words = words_of(error)
        reason = words.replace(split_tag(reference)[1], "")  # an image may be called "denied"
        refused = _refused_login(client, reference, reason, auth)
        message = "Could not %s image '%s': %s: %s." % (verb, reference, words, refused or _advice(verb, reference, reason, auth))
        raise (LoginRefused if refused else LecternError)(message) from error


def _refused_login(client: Any, reference: str, words: str, auth: Auth) -> Optional[str]:
    """Return what the registry says to a login that may be why it refuses an image; None where the login is accepted."""
    if not auth or not UNAUTHORIZED.search(words):
        return None
    try:
        _log_in(client, split_tag(reference)[0], auth)
    except LecternError as error:
        said = str(error).rstrip(".")
        return said[0].lower() + said[1:]
    return None


def _advice(verb: str, reference: str, words: str, auth: Auth) -> str:
    """Return what to do about the registry's words."""
    host = split_tag(reference)[0]
    if UNAUTHORIZED.search(words) and auth:
        return "the login of registry '%s' in registries is accepted but may not %s this image" % (host, verb)
    if UNAUTHORIZED.search(words):
        return "give the login of registry '%s' in registries (url, username, password)" % host
    if NOT_FOUND.search(words) and "@" in reference:
        return "registry '%s' does not hold this digest, check it in pins" % host
    if NOT_FOUND.search(words):
        return "check the image's name and version in the settings, or push it to registry '%s' first" % host
    return _network_advice(host, words)


def _network_advice(host: str, words: str) -> str:
    """Return what to do where this host can't connect to a registry."""
    if "x509" in words or "certificate" in words:
        return (
            "this host does not trust the certificate of registry '%s', give that of its CA (ca in tutor_registries, or the file "
            "/etc/docker/certs.d/%s/ca.crt)" % (host, host)
        )
    return "check that registry '%s' can be reached from this host" % host
