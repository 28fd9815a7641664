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
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from ..base import scratch
from ..base.docker_engine import engine_errors, id_of, inspect_image, patiently, words_of
from ..base.errors import LecternError
from .parallel import Outcome

HUB = "docker.io"

HUB_NAMES = (HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com", "www.docker.com")

HUB_KEY = "https://index.docker.io/v1/"  # what config.json calls Docker Hub

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

UNAUTHORIZED = re.compile(r"unauthorized|denied|no basic auth|authentication required|forbidden|incorrect username", re.IGNORECASE)

NOT_FOUND = re.compile(r"not found|manifest unknown|does not exist", re.IGNORECASE)

SILENCE = 300  # seconds that nothing may come of a transfer

ANSWER = 60  # seconds that a registry may take for a question

Auth = Optional[Dict[str, str]]

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
    _login, at, host = re.sub(r"^[a-z]+://", "", url.strip(), flags=re.IGNORECASE).split("/")[0].lower().rpartition("@")
    if at:
        raise LecternError("registries: the address of '%s' has a login in it: give that as username and password." % host)
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

    def of(self, tag: str) -> Auth:
        """What the SDK takes as ``auth_config`` for a tag; None leaves it to the user's own ``docker login``."""
        return self._by_host.get(split(tag)[0])

    def log_in(self, client: Any) -> None:
        """Has the SDK know all logins; LecternError when one is refused."""
        for host in sorted(self._by_host):
            _log_in(client, host, self._by_host[host])

    @contextlib.contextmanager
    def as_docker_config(self) -> Iterator[Dict[str, str]]:
        """An environment in which the ``docker`` command knows the logins, from a folder that only this user reads; it is removed."""
        if not self._by_host:
            yield {}
            return
        home = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
        with scratch.folder() as folder:
            self._fill(folder, home)
            yield {"DOCKER_CONFIG": folder, "BUILDX_CONFIG": os.environ.get("BUILDX_CONFIG") or os.path.join(home, "buildx")}

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


def _log_in(client: Any, host: str, login: Dict[str, str]) -> None:
    try:
        with engine_errors("log in"):
            client.login(registry=HUB_KEY if host == HUB else host, reauth=True, **login)
    except LecternError as error:
        words = words_of(error.__cause__ or error)
        if not UNAUTHORIZED.search(words):
            raise LecternError("Could not log in to registry '%s' (%s): %s." % (host, words, _reach(host, words))) from error
        raise LecternError(
            "Registry '%s' refuses user '%s' (%s): check url, username and password of its entry in registries."
            % (host, login["username"], words)
        ) from error


class _Refused(LecternError):
    """A login that is wrong: where other errors may pass by themselves, this one does not."""


def remote_digest(client: Any, tag: str, auth: Auth, verb: str = "ask for") -> str:
    """The digest that the registry holds under a tag; LecternError with its words when it gives none.

    ``verb`` is what an error says could not be done.
    """
    with _refusals(client, verb, tag, auth):
        return str(next(patiently(lambda: [client.images.get_registry_data(tag, auth_config=auth).id], ANSWER)))


def digest_or_none(client: Any, tag: str, auth: Auth, verb: str = "ask for") -> Optional[str]:
    """The same; None where the registry does not tell. LecternError for a login that it refuses."""
    try:
        return remote_digest(client, tag, auth, verb)
    except _Refused:
        raise
    except LecternError:
        return None


def local_digests(image: Optional[Dict[str, Any]], tag: str) -> List[str]:
    """The digests under which a local image is known to the registry of ``tag``."""
    known = [item.rpartition("@") for item in (image or {}).get("RepoDigests") or ()]
    return sorted(digest for repository, _at, digest in known if repository and split(repository) == split(tag))


def unwatched(_event: Dict[str, Any]) -> None:
    """A Watch that looks away."""


def pull(client: Any, tag: str, auth: Auth, check: bool = False, watch: Watch = unwatched) -> Outcome:
    """Asks the registry for a tag and fetches what differs from the local image."""
    before = inspect_image(client, tag)
    if check:
        return _foresee_pull(client, tag, tag, auth, before)
    digest = _transfer(client, "pull", tag, auth, watch)
    after = inspect_image(client, tag)
    if (id_of(before), local_digests(before, tag)) == (id_of(after), local_digests(after, tag)):
        return Outcome(False, digest)
    return Outcome(True, digest, "Pulled %s" % tag, id_of(before), id_of(after))


def pull_pinned(client: Any, tag: str, digest: str, auth: Auth, check: bool = False, watch: Watch = unwatched) -> Outcome:
    """Has the local image of a tag be the one of a digest. Its registry is asked only where no image of that digest is here.

    The tag moves in the end: whatever fails before leaves it where it was.
    """
    import docker

    before = inspect_image(client, tag)
    if digest in local_digests(before, tag):
        return Outcome(False, digest)
    repository, version = docker.utils.parse_repository_tag(tag)
    pinned = "%s@%s" % (repository, digest)
    here = inspect_image(client, pinned) is not None
    if check and not here:
        return _foresee_pull(client, tag, pinned, auth, before)
    if check:
        return Outcome(True, digest, "Would tag %s as %s" % (pinned, tag), id_of(before), digest)
    if not here:
        _transfer(client, "pull", pinned, auth, watch)
    with engine_errors("tag image '%s' as '%s'" % (pinned, tag)):
        client.api.tag(pinned, repository, version or "latest", force=True)
    done = "Tagged %s as %s" % (pinned, tag) if here else "Pulled %s" % _at(tag, pinned)
    return Outcome(True, digest, done, id_of(before), id_of(inspect_image(client, tag)))


def _at(tag: str, reference: str) -> str:
    """A tag, and the digest of a reference that has one."""
    return "%s at %s" % (tag, reference.partition("@")[2]) if "@" in reference else tag


def _foresee_pull(client: Any, tag: str, reference: str, auth: Auth, before: Optional[Dict[str, Any]]) -> Outcome:
    """In check mode an image may not have been pushed yet, or its registry not started: that is no error then."""
    try:
        digest = remote_digest(client, reference, auth)
    except _Refused:
        raise
    except LecternError as error:
        action = "Would pull %s, which can't be had now: %s" % (_at(tag, reference), error)
        return Outcome(True, None, action, id_of(before), "to be pulled")
    if digest in local_digests(before, tag):
        return Outcome(False, digest)
    return Outcome(True, digest, "Would pull %s" % _at(tag, reference), id_of(before), digest)


def push(client: Any, tag: str, auth: Auth, force: bool = False, check: bool = False, watch: Watch = unwatched) -> Outcome:
    """Sends a local image to its registry, unless the registry holds it under the tag already."""
    image = inspect_image(client, tag)
    if image is None and not check:
        raise LecternError("Image '%s' is not on this host: build it (state: built) or pull it before it is pushed." % tag)
    before = digest_or_none(client, tag, auth, "push")
    if before in local_digests(image, tag) and not force:
        return Outcome(False, before)
    if check:
        return Outcome(True, before, "Would push %s" % tag, before, "to be pushed")
    after = _transfer(client, "push", tag, auth, watch)
    return Outcome(True, after, "Pushed %s" % tag, before, after) if before != after else Outcome(False, after)


def _transfer(client: Any, verb: str, reference: str, auth: Auth, watch: Watch) -> Optional[str]:
    """Pulls or pushes a tag, or pulls a digest, and returns the digest that the engine tells at the end."""
    import docker

    repository, version = docker.utils.parse_repository_tag(reference)
    send = {"pull": client.api.pull, "push": client.api.push}[verb]
    options = dict(tag=version or "latest", stream=True, decode=True, auth_config=auth)
    with _refusals(client, verb, reference, auth):
        return _follow(patiently(lambda: send(repository, **options), SILENCE), watch)


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


@contextlib.contextmanager
def _refusals(client: Any, verb: str, reference: str, auth: Auth) -> Iterator[None]:
    """Turns what is raised inside into an error with the registry's own words, the image, and what to do about them."""
    import docker
    import requests

    try:
        yield
    except (docker.errors.DockerException, requests.exceptions.RequestException, TimeoutError, _StreamError) as error:
        words = words_of(error)
        telling = words.replace(split(reference)[1], "")  # an image may be called "denied"
        refused = _refused_login(client, reference, telling, auth)
        message = "Could not %s image '%s': %s: %s." % (verb, reference, words, refused or _todo(verb, reference, telling, auth))
        raise (_Refused if refused else LecternError)(message) from error


def _refused_login(client: Any, reference: str, words: str, auth: Auth) -> Optional[str]:
    """What the registry says to a login that may be the reason why it refuses an image; None where it is not."""
    if not auth or not UNAUTHORIZED.search(words):
        return None
    try:
        _log_in(client, split(reference)[0], auth)
    except LecternError as error:
        said = str(error).rstrip(".")
        return said[0].lower() + said[1:]
    return None


def _todo(verb: str, reference: str, words: str, auth: Auth) -> str:
    host = split(reference)[0]
    if UNAUTHORIZED.search(words) and auth:
        return "the login of registry '%s' in registries is accepted but may not %s this image" % (host, verb)
    if UNAUTHORIZED.search(words):
        return "give the login of registry '%s' in registries (url, username, password)" % host
    if NOT_FOUND.search(words) and "@" in reference:
        return "registry '%s' does not hold this digest, check it in pins" % host
    if NOT_FOUND.search(words):
        return "check the image's name and version in the settings, or push it to registry '%s' first" % host
    return _reach(host, words)


def _reach(host: str, words: str) -> str:
    """What to do where a registry does not talk to this host."""
    if "x509" in words or "certificate" in words:
        return (
            "this host does not trust the certificate of registry '%s', give that of its CA (ca in tutor_registries, or the file "
            "/etc/docker/certs.d/%s/ca.crt)" % (host, host)
        )
    return "check that registry '%s' can be reached from this host" % host
