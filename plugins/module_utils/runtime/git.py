# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads remote Git repositories through the host's ``git``: which commit a version is, and the files of that commit.

A login in an address reaches git by its environment alone, as process lists show arguments. Git never prompts: a login that is missing is
an error.
"""

from __future__ import annotations

import difflib
import os
import re
import signal
import subprocess
from typing import Dict, List, NamedTuple, Optional, Sequence
from urllib.parse import unquote

from ..base import logs
from ..base.errors import LecternError
from ..base.masking import mask_text

LOOKING = 60.0  # seconds that a repository may take to list its branches and tags

FETCHING = 3600.0  # seconds that a commit may take to arrive

STALLED = {"GIT_HTTP_LOW_SPEED_LIMIT": "1000", "GIT_HTTP_LOW_SPEED_TIME": "60"}  # fewer bytes a second, for so many seconds

COMMIT = re.compile("[0-9a-f]{40}")

UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # control characters, and halves of surrogate pairs

WEB = re.compile(r"(https?://)([^/@]+)@(.+)", re.IGNORECASE)

USER, PASSWORD = "LECTERN_GIT_USER", "LECTERN_GIT_PASSWORD"

HELPER = """!login() { test "$1" = get && printf 'username=%%s\\npassword=%%s\\n' "$%s" "$%s"; }; login""" % (USER, PASSWORD)

OF_OTHERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")  # of a repository git is called for


class Remote(NamedTuple):
    """A repository: its address without the login, and the login."""

    address: str
    user: str = ""
    password: str = ""


def parse_address(text: str) -> Remote:
    """Return the repository that an address names. Raises LecternError for what is none."""
    if not text or text != text.strip() or text.startswith("-") or "::" in text.partition("/")[0] or UNFIT.search(unquote(text)):
        raise LecternError(
            "'%s' is no address of a Git repository: give one such as https://github.com/openedx/openedx-demo-course." % text
        )
    match = WEB.fullmatch(text)
    if not match:
        return Remote(text)
    user, _colon, password = match[2].partition(":")
    return Remote(match[1] + match[3], unquote(user), unquote(password))


def find_commit(remote: Remote, version: str) -> str:
    """Return the id of the commit that a branch, a tag or an id means now.

    Raises LecternError where the repository can't be read or has no such version.
    """
    if COMMIT.fullmatch(version):
        return version
    if UNFIT.search(version):
        raise LecternError(
            "Repository '%s' can have no version %s: it holds a character that no name has." % (remote.address, ascii(version))
        )
    names = ["refs/heads/%s" % version, "refs/tags/%s^{}" % version, "refs/tags/%s" % version]
    found = _references(remote, names)
    for name in names:
        if name in found:
            return found[name]
    known = sorted({re.sub(r"^refs/(heads|tags)/", "", name) for name in _references(remote, ["refs/heads/*", "refs/tags/*"])})
    raise LecternError(
        "Repository '%s' has no branch or tag '%s' (closest: %s). Give one that it has, or the 40 characters of a commit's id."
        % (remote.address, version, ", ".join(difflib.get_close_matches(version, known, 5, 0.0)) or "it has none")
    )


def _references(remote: Remote, patterns: Sequence[str]) -> Dict[str, str]:
    """Return the commits of branches and tags by their full names; of a tag with a message, what it names has the suffix ``^{}``."""
    listed = _checked(remote, ["ls-remote", "--", remote.address, *patterns], LOOKING)
    return {name: commit for commit, _tab, name in (line.partition("\t") for line in listed.splitlines())}


def fetch(remote: Remote, commit: str, folder: str) -> None:
    """Fetch one commit, without its history where the server permits, into a bare repository in an empty folder.

    Raises LecternError where the repository can't be read or has no such commit.
    """
    _checked(remote, ["init", "--quiet", "--bare", folder], LOOKING)
    inside = ["--git-dir=%s" % folder]
    if _run(remote, [*inside, "fetch", "--quiet", "--depth=1", "--", remote.address, commit], FETCHING).returncode != 0:
        everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        _checked(remote, [*inside, "fetch", "--quiet", "--", remote.address, *everything], FETCHING)
    if _run(remote, [*inside, "cat-file", "-e", "%s^{commit}" % commit], LOOKING).returncode != 0:
        raise LecternError("Repository '%s' has no commit '%s' in its branches and tags." % (remote.address, commit))


def list_files(folder: str, commit: str) -> List[str]:
    """Return the paths of all files of a commit."""
    listed = _checked(Remote(folder), ["--git-dir=%s" % folder, "ls-tree", "-r", "-z", "--name-only", commit], LOOKING)
    return [path for path in listed.split("\0") if path]


def tree_id(folder: str, commit: str, path: str) -> str:
    """Return the id of a folder's content in a commit; ``path`` is empty for all of it."""
    return _checked(Remote(folder), ["--git-dir=%s" % folder, "rev-parse", "--verify", "%s:%s" % (commit, path)], LOOKING).strip()


def read_file(folder: str, commit: str, path: str) -> bytes:
    """Return the content of a file of a commit."""
    return _checked(Remote(folder), ["--git-dir=%s" % folder, "show", "%s:%s" % (commit, path)], LOOKING).encode("utf-8", "surrogateescape")


def write_files(folder: str, tree: str, target: str) -> None:
    """Write the content of a tree into an empty folder."""
    inside = ["-c", "core.symlinks=true", "-c", "core.autocrlf=false", "--git-dir=%s" % folder, "--work-tree=%s" % target]
    _checked(Remote(folder), [*inside, "read-tree", tree], LOOKING)
    _checked(Remote(folder), [*inside, "checkout-index", "--all", "--force"], FETCHING)


def _checked(remote: Remote, arguments: Sequence[str], seconds: float) -> str:
    answer = _run(remote, arguments, seconds)
    if answer.returncode != 0:
        raise LecternError("Repository '%s' can't be read: %s" % (remote.address, _words(remote, answer.stderr)))
    return answer.stdout


def _words(remote: Remote, text: str) -> str:
    return mask_text(logs.last_lines(text.strip(), 5) or "git says nothing", [part for part in (remote.password, remote.user) if part])


def _run(remote: Remote, arguments: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run git without input and without a terminal. Raises LecternError where it is missing or exceeds its time."""
    pipes = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    command = ["git", *_login_options(remote), *arguments]
    try:
        process = subprocess.Popen(command, env=_environment(remote), start_new_session=True, **pipes)  # type: ignore[call-overload]
    except FileNotFoundError as error:
        message = "The command 'git' is not on this host (PATH is '%s'): install Git." % os.environ.get("PATH")
        raise LecternError(message, missing="git") from error
    with process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)  # its helpers, too
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            raise LecternError("Repository '%s' did not answer within %d seconds." % (remote.address, seconds)) from error
    texts = [text.decode("utf-8", "surrogateescape") for text in (output, errors)]
    return subprocess.CompletedProcess(command, process.returncode, *texts)


def _login_options(remote: Remote) -> List[str]:
    """Return options that have git ask for the login in its environment, and of no other host."""
    if not remote.user:
        return []
    host = re.match("https?://[^/]+", remote.address, re.IGNORECASE)
    return ["-c", "credential.helper=", "-c", "credential.%s.helper=%s" % (host[0] if host else "", HELPER)]


def _environment(remote: Remote) -> Dict[str, str]:
    own: Dict[str, Optional[str]] = {**STALLED, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    own["GIT_LFS_SKIP_SMUDGE"] = "1"  # where it is installed, it would ask servers, and without a login
    own.update(dict.fromkeys(OF_OTHERS))
    own.update({USER: remote.user, PASSWORD: remote.password} if remote.user else {})
    return {name: value for name, value in {**os.environ, **own}.items() if value is not None}
