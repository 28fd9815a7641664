# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents of files: digests, changes from one content to another, rendered files, and files that are copied unchanged."""

from __future__ import annotations

import hashlib
from typing import Dict, List, NamedTuple, Optional, Union

from .errors import LecternError


def file_digest(path: str) -> bytes:
    """Return the SHA-256 of a file's content. Raises LecternError when it can't be read."""
    hasher = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                hasher.update(block)
    except OSError as error:
        raise LecternError("'%s' can't be read: %s." % (path, error.strerror)) from error
    return hasher.digest()


class Change(NamedTuple):
    """One file to write, or to remove where ``after`` is None; ``before`` is None where it does not exist yet."""

    path: str  # absolute
    before: Optional[bytes]
    after: Optional[Content]
    mode: int
    mode_before: int = 0

    @property
    def kind(self) -> str:
        return "created" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def digest_before(self) -> Optional[str]:
        """The digest of what it replaces, in the form of folders.digest_in."""
        return None if self.before is None else digest(self.before)


class File(NamedTuple):
    """A rendered file of the environment. ``patches`` are the non-empty ones in it, with the owners of their texts."""

    content: Content
    mode: int
    template: str
    owner: str
    patches: Dict[str, List[str]]


class Verbatim:
    """The content of a file that is copied unchanged, such as a font. ``bytes()`` reads it, so that it need not stay in memory."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.digest = digest(read_bytes(path))

    def __bytes__(self) -> bytes:
        content = read_bytes(self.path)
        if digest(content) != self.digest:
            raise LecternError("'%s' changed while it was copied: run again." % self.path)
        return content


Content = Union[bytes, Verbatim]


def digest(content: Union[str, Content]) -> str:
    """Return the SHA-256 of text or bytes, in hexadecimal."""
    if isinstance(content, Verbatim):
        return content.digest
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")).hexdigest()


def read_bytes(path: str) -> bytes:
    """Return the content of a file."""
    with open(path, "rb") as stream:
        return stream.read()
