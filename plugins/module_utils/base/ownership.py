# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does the work: where root is asked to work on somebody else's root, a process of that user does it.

Templates, plugins and what is remembered for the next call are code, and the owner of a root can write them. So root reads nothing below
such a root, and nothing that its owner decides is done with root's rights.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
import sys
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from .errors import LecternError
from .places import Places

ROOT = 0

NOBODY = 65534  # the group of a user without an entry in /etc/passwd, if the number is the id of another group

LINKS = 40  # symbolic links that the system follows in one path

SOCKET = "unix:///var/run/docker.sock"  # of the Docker engine, unless DOCKER_HOST says otherwise


class User(NamedTuple):
    """The owner of a root, as whom root works there. ``name`` is None where the system knows only the number."""

    uid: int
    gid: int
    groups: Tuple[int, ...]
    name: Optional[str]
    home: str

    def __str__(self) -> str:
        return user_name(self.uid)


class FollowedPath(NamedTuple):
    """How the system reaches a path: ``path`` without links, and each folder and link on the way with its owner.

    ``owner`` is that of the path itself, or of the nearest folder above it where it does not exist yet.
    """

    path: str
    owner: int
    folders: List[Tuple[str, int]]
    links: List[Tuple[str, int]]


def user_name(uid: int) -> str:
    """Return the name of a user, for messages."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return "the user with id %d" % uid


def find_user(uid: int) -> User:
    """Return a user with the groups that a login would give. An id without an entry in /etc/passwd has no groups and no home folder."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return User(uid, _group_of(uid), (), None, os.sep)
    return User(uid, entry.pw_gid, tuple(os.getgrouplist(entry.pw_name, entry.pw_gid)), entry.pw_name, entry.pw_dir)


def _group_of(uid: int) -> int:
    """Return the group with the number of the user, unless others are in it."""
    try:
        grp.getgrgid(uid)
    except KeyError:
        return uid
    return NOBODY


def follow(path: str) -> FollowedPath:
    """Follow an absolute path as the system does. Raises LecternError for links without end."""
    here, rest = os.sep, path.split(os.sep)[::-1]
    way = FollowedPath(here, os.lstat(here).st_uid, [(here, os.lstat(here).st_uid)], [])
    while rest:
        name = rest.pop()
        here = os.path.normpath(os.path.join(here, name))
        try:
            status = os.lstat(here)
        except (FileNotFoundError, NotADirectoryError):
            return way._replace(path=os.path.normpath(os.path.join(here, *rest[::-1])))
        if stat.S_ISLNK(status.st_mode):
            way.links.append((here, status.st_uid))
            if len(way.links) > LINKS:
                raise LecternError("'%s' leads through more than %d symbolic links: name the folder itself." % (path, LINKS))
            rest += os.readlink(here).split(os.sep)[::-1]
            here = os.sep if os.path.isabs(os.readlink(here)) else os.path.dirname(here)
        else:
            way = way._replace(path=here, owner=status.st_uid)
            way.folders.append((here, status.st_uid))
    return way


def find_worker(places: Places, chosen: Places) -> Optional[User]:
    """Return the user that must do this call's work; None where this process does it. ``chosen`` are the paths with their links.

    Raises LecternError where anybody but that user or root decides where the paths lead, or what they hold.
    """
    if os.geteuid() != ROOT:
        return None
    ways = {option: follow(path) for option, path in zip(Places._fields, chosen) if path}
    owner = ways["root"].owner
    for option, way in ways.items():
        _refuse_led_astray(option, way, owner)
        if way.owner not in (ROOT, owner):
            raise LecternError(
                "%s '%s' belongs to %s and root '%s' to %s: what one of them writes would run with the rights of the other. Give both to "
                "one user (chown), or name another %s." % (option, way.path, user_name(way.owner), places.root, user_name(owner), option)
            )
    for way, path in zip(ways.values(), filter(None, places)):
        if way.path != path:
            raise LecternError("'%s' was moved while it was looked up, '%s' is there now: run again." % (path, way.path))
    return find_user(owner) if owner != ROOT else None


def refuse_python() -> None:
    """Raise LecternError where root runs a Python that another user can change: that user could have root run anything."""
    owner = os.stat(sys.prefix).st_uid
    if os.geteuid() == ROOT and owner != ROOT:
        raise LecternError(
            "The Python of this task, '%s', belongs to %s, who can have root run anything by it: run as that user (become_user), or set "
            "tutor_venv to a virtual environment of root's." % (sys.prefix, user_name(owner))
        )


def _refuse_led_astray(option: str, way: FollowedPath, owner: int) -> None:
    """Raise LecternError where another user could redirect the way to root's own folder, or a third person's link leads to a user's."""
    for link, uid in way.links:
        if uid not in (ROOT, owner):
            raise LecternError(
                "%s '%s', which belongs to %s, is reached by the symbolic link '%s', which belongs to %s: root does not follow it. Name "
                "the folder itself, or run as that user (become_user)." % (option, way.path, user_name(way.owner), link, user_name(uid))
            )
    for folder, uid in way.folders[:-1] if owner == ROOT else ():
        if uid != ROOT:
            raise LecternError(
                "%s '%s' belongs to root, but lies in '%s', which belongs to %s, who can put something else in its place while root works "
                "there. Give what is in it to that user (chown, but not below data/), or move it into a folder of root's."
                % (option, way.path, folder, user_name(uid))
            )


def engine_groups(user: User) -> Tuple[int, ...]:
    """Return the group of the Docker engine's socket, for a call that works with the engine; none where the user is in it, or there is no
    socket.

    Raises LecternError where no group opens the socket.
    """
    path = (os.environ.get("DOCKER_HOST") or SOCKET).partition("unix://")[2]
    try:
        status = os.stat(path)
    except OSError:
        return ()
    with seen_as(user):
        if os.access(path, os.R_OK | os.W_OK, effective_ids=True):
            return ()
    if status.st_gid == ROOT or status.st_mode & 0o060 != 0o060:
        raise LecternError(
            "The socket of the Docker engine, '%s', is open to root alone, but the work is done as %s, who owns the root: give the socket "
            'a group of its own ("group": "docker" in /etc/docker/daemon.json, then restart the engine).' % (path, user)
        )
    return (status.st_gid,)


@contextlib.contextmanager
def seen_as(user: User) -> Iterator[None]:
    """Have the system decide for this user in the block, for a question such as ``os.access``. No code of others may run in it.

    Raises LecternError where this process may not become that user.
    """
    groups, gid = os.getgroups(), os.getegid()
    try:
        with _explain_refusals(user):
            os.setgroups(user.groups)
            os.setegid(user.gid)
            os.seteuid(user.uid)
        yield
    finally:
        os.seteuid(ROOT)
        os.setegid(gid)
        os.setgroups(groups)


def become(user: User, groups: Tuple[int, ...]) -> None:
    """Make this process the user's for good; ``groups`` are added to the user's own.

    Raises LecternError where the system refuses, or leaves a way back.
    """
    with _explain_refusals(user):
        os.setgroups(sorted({*user.groups, *groups}))
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
    for regain in (os.seteuid, os.setuid, os.setegid):
        with contextlib.suppress(PermissionError):
            regain(ROOT)
            raise LecternError("The work has to be done as %s, who owns the root, but root can't be left here for good." % (user,))


@contextlib.contextmanager
def _explain_refusals(user: User) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LecternError(
            "The work has to be done as %s, who owns the root, but root can't become that user here (%s): run as that user (become_user)."
            % (user, error.strerror)
        ) from None


def find_closed(user: User, path: str) -> Optional[str]:
    """Return the first folder above an existing path that this user can't enter, or the path itself if it can't be read; else None."""
    with seen_as(user):
        return find_closed_to_self(path)


def find_closed_to_self(path: str) -> Optional[str]:
    """Return what ``find_closed`` returns for the user of this process."""
    path = os.path.realpath(path)
    above = [path[:end] or os.sep for end in range(len(path)) if path[end] == os.sep]
    for folder in above:
        if not _is_open(os.path.join(folder, "."), os.O_PATH):
            return folder
    can_read = _is_open(path, os.O_RDONLY | os.O_NONBLOCK) and (not os.path.isdir(path) or _is_open(os.path.join(path, "."), os.O_PATH))
    return None if can_read else path


def _is_open(path: str, flags: int) -> bool:
    try:
        os.close(os.open(path, flags))
    except OSError:
        return False
    return True


def refuse_closed(user: User, paths: Dict[str, str]) -> None:
    """Raise LecternError where the user can't reach one of these places, by what they are, that root sees."""
    for what, path in paths.items():
        folder = find_closed(user, path) if os.path.exists(path) else None
        if folder:
            raise LecternError(
                "The work has to be done as %s, who owns the root, but that user can't enter '%s', and so not read %s, '%s'. Name a place "
                "that this user can read, or let that user in (chmod o+rx '%s')." % (user, folder, what, path, folder)
            )
