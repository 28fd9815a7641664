# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells which files of the environment running containers see, and which containers started before these changed."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import Any, Container, Dict, List, NamedTuple, Optional, Sequence

from ...base import files, moments
from ...base.content import file_digest
from ...base.places import Places
from ...root.platform import Platform
from . import project


class Watched(NamedTuple):
    """A container, the digest of the environment's files in it, why it has to be restarted (None: it has not), or rather replaced."""

    container: Any
    digest: str
    reason: Optional[str]
    replaced: bool = False


def watch(places: Places, containers: Sequence[Any], replace: Sequence[str] = (), changing: Sequence[str] = ()) -> List[Watched]:
    """Return the containers that run and mount a file or folder of the environment, and all those of the services ``replace``.

    ``changing`` are absolute paths of files that would be written, in check mode, by the time the containers are restarted.
    """
    records = read_records(places)
    found = []
    for container in containers:
        paths = sources(container, places)
        if project.service_of(container) in replace:
            found.append(Watched(container, "", "its definition or its image changed", True))
        elif paths and container.status == "running":
            digest = digest_of(paths)
            reason = _reason(container, paths, digest, records.get(container.id))
            if any(_is_at_or_below(path, paths) for path in changing):
                reason = "the files that it mounts change"
            found.append(Watched(container, digest, reason))
    return found


def _is_at_or_below(path: str, folders: Sequence[str]) -> bool:
    return any((path + os.sep).startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def sources(container: Any, places: Places) -> List[str]:
    """Return the host paths below ``env/`` that are mounted into a container."""
    mounts = [mount["Source"] for mount in container.attrs["Mounts"] if mount["Type"] == "bind"]
    return sorted(path for path in mounts if (os.path.realpath(path) + os.sep).startswith(os.path.realpath(places.env) + os.sep))


def _reason(container: Any, paths: Sequence[str], digest: str, record: Any) -> Optional[str]:
    if isinstance(record, dict) and record.get("started") == container.attrs["State"]["StartedAt"]:
        return None if record.get("digest") == digest else "the files that it mounts changed since it started"
    started = moments.seconds_of(container.attrs["State"]["StartedAt"])
    newer = sorted(path for path in _walk(paths) if _touched(path) > started)
    return "'%s' is newer than its start" % newer[0] if newer else None


def _touched(path: str) -> float:
    """Return when a file changed last. Its change time counts too: a file that was moved here keeps an old modification time."""
    status = os.lstat(path)
    return status.st_mtime if stat.S_ISDIR(status.st_mode) else max(status.st_mtime, status.st_ctime)


def _walk(paths: Sequence[str]) -> List[str]:
    """Return the paths and everything below them, except what Python writes beside its modules."""
    found = [path for path in paths if os.path.lexists(path)]
    for path in paths:
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if name != "__pycache__"]
            found += [os.path.join(folder, name) for name in folders + names]
    return sorted(found)


def digest_of(paths: Sequence[str]) -> str:
    """Return the SHA-256 of names, modes and contents; a mounted path that is gone counts as such."""
    found = hashlib.sha256()
    for path in _walk(paths):
        mode = os.lstat(path).st_mode
        found.update(b"%s\0%o\0" % (os.fsencode(path), mode))
        if stat.S_ISREG(mode):
            found.update(file_digest(path))
        elif stat.S_ISLNK(mode):
            found.update(os.fsencode(os.readlink(path)))
    return found.hexdigest()


def records_path(places: Places) -> str:
    """Return the path of the file with the digests by container id."""
    return files.own_path(places, "services.json")


def read_records(places: Places) -> Dict[str, Any]:
    """Return what was recorded of containers. Raises LecternError for a damaged file."""
    records = files.read_json(records_path(places), {})
    if not isinstance(records, dict):
        raise files.damaged(records_path(places))
    return records


def record(platform: Platform, containers: Sequence[Any], watched: Sequence[Watched], waiting: Container[str]) -> None:
    """Record what the containers see now. Of services that still wait for their restart, what was recorded before remains."""
    before, records = read_records(platform.places), {}
    digests = {one.container.id: one.digest for one in watched if not one.replaced}
    for container in containers:
        if project.service_of(container) in waiting:
            records.update({container.id: before[container.id]} if container.id in before else {})
        elif container.status == "running" and sources(container, platform.places):
            digest = digests.get(container.id) or digest_of(sources(container, platform.places))
            records[container.id] = {"started": container.attrs["State"]["StartedAt"], "digest": digest}
    if records != before:
        files.make_own_folder(platform.places)
        files.write_json(records_path(platform.places), records)


def record_current(places: Places, container: Any) -> None:
    """Record that a running container uses its files as they are now, because it has loaded them without a restart."""
    records = read_records(places)
    records[container.id] = {"started": container.attrs["State"]["StartedAt"], "digest": digest_of(sources(container, places))}
    files.make_own_folder(places)
    files.write_json(records_path(places), records)
