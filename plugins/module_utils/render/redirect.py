# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces Python's functions that take paths while plugin code runs, so that it works on a copy of the root.

The code sees the root's own paths, so that no path of the copy reaches a setting, a rendered file or a message. The interpreter's audit
hook refuses writes by compiled libraries, which do not use these functions.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import glob
import io
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any, Callable, ContextManager, Dict, Iterator, List, Optional, Tuple

from ..base.files import OWN
from ..base.isolation import LIBRARIES, is_about_python, is_question
from ..base.observation import is_unnoticed, unnoticed
from ..base.places import path_below
from ..memory import audit

# What a function does to the file at a path: ``Leader.read`` takes the first three, ``Leader.write`` the others.
LOOK, READ, LIST, MAKE, REMOVE, CHANGE, TAKE = "look", "read", "list", "make", "remove", "change", "take"

Paths = Tuple[Tuple[int, str, str], ...]  # position, keyword and use of each path that a function takes

FUNCTIONS: Dict[str, Paths] = {
    **dict.fromkeys(("stat", "lstat", "readlink", "access", "chdir", "statvfs", "getxattr", "listxattr"), ((0, "path", LOOK),)),
    "listdir": ((0, "path", LIST),),
    **dict.fromkeys(("mkdir", "mkfifo", "mknod"), ((0, "path", MAKE),)),
    **dict.fromkeys(("remove", "unlink", "rmdir"), ((0, "path", REMOVE),)),
    **dict.fromkeys(("chmod", "lchmod", "chown", "lchown", "utime", "truncate", "setxattr", "removexattr"), ((0, "path", CHANGE),)),
    **dict.fromkeys(("rename", "replace"), ((0, "src", TAKE), (1, "dst", REMOVE))),
    "link": ((0, "src", CHANGE), (1, "dst", MAKE)),
    "symlink": ((1, "dst", MAKE),),
}

# Modules that hold the function ``open`` under another name.
KEEPERS = (("tarfile", "bltn_open"), ("bz2", "_builtin_open"), ("lzma", "_builtin_open"))

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# The interpreter's events of writes, with the positions of paths among their arguments.
WRITES: Dict[str, Tuple[int, ...]] = {
    **dict.fromkeys(("os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.chown", "os.utime", "os.truncate", "os.setxattr"), (0,)),
    "open": (0,),
    "os.rename": (0, 1),
    "os.link": (1,),
    "os.symlink": (1,),
    "sqlite3.connect": (0,),
}

DESCRIPTORS = ("dir_fd", "src_dir_fd", "dst_dir_fd")

NOTHING = contextlib.nullcontext()

BYTE_CODE = "__pycache__"


class Leader:
    """Decides which file plugin code gets. ``read`` and ``write`` take a path below the root and return the path to use."""

    root = ""
    folder = ""  # of the copy; empty while there is none

    def read(self, name: str, use: str) -> str:
        """Return the path of what is looked up, read or listed: that in the root where there is no copy."""
        raise NotImplementedError

    def write(self, name: str, use: str) -> str:
        """Return the path of a file that is made, removed, changed or, with all that is in it, moved."""
        raise NotImplementedError

    def program(self, texts: str) -> str:
        """Return the folder of the copy, with everything copied that a program with these words may change."""
        raise NotImplementedError

    def forking(self) -> ContextManager[None]:
        """Make the copy that this process shares with one that it forks in the block."""
        raise NotImplementedError

    def refuse(self, path: str) -> None:
        """Raise LecternError for code that writes to the root itself."""
        raise NotImplementedError


_leader: Optional[Leader] = None

_is_hook_added = False


def _active_leader() -> Optional[Leader]:
    return None if _leader is None or is_unnoticed() else _leader


@contextlib.contextmanager
def redirected(leader: Leader) -> Iterator[None]:
    """Redirect all code of this process but the engine's own in the block."""
    global _leader, _is_hook_added
    if not _is_hook_added:
        sys.addaudithook(_refuse_writes)
        _is_hook_added = True
    changed = [(owner, name, vars(owner)[name], function) for owner, name, function in _replacements()]
    _leader = leader
    try:
        for owner, name, _original, function in changed:
            setattr(owner, name, function)
        yield
    finally:
        _leader = None
        for owner, name, original, _function in changed:
            setattr(owner, name, original)


def _replacements() -> Iterator[Tuple[Any, str, Any]]:
    """Yield (owner, name, function) of everything that is replaced."""
    plain = {name: getattr(os, name) for name in FUNCTIONS if hasattr(os, name)}
    replacements = {id(function): _redirect_paths(function, FUNCTIONS[name]) for name, function in plain.items()}
    replacements[id(os.open)], replacements[id(builtins.open)] = _redirect_open(os.open), _redirect_open_stream(builtins.open)
    replacements[id(os.scandir)], replacements[id(os.getcwd)] = _redirect_scandir(os.scandir), _redirect_getcwd(os.getcwd)
    for name in (*plain, "open", "scandir", "getcwd"):
        yield os, name, replacements[id(getattr(os, name))]
    stream = replacements[id(builtins.open)]
    for owner, name in ((builtins, "open"), (io, "open"), *((sys.modules.get(module), name) for module, name in KEEPERS)):
        if owner is not None and hasattr(owner, name):
            yield owner, name, stream
    for kept in _classes_with_copies():
        for name, value in list(vars(kept).items()):
            function = replacements.get(id(value.__func__ if isinstance(value, staticmethod) else value))
            if function is not None or name in plain and name not in ("lchmod", "readlink"):
                yield kept, name, staticmethod(function or replacements[id(plain[name])])
    yield os, "getcwdb", _redirect_getcwd(os.getcwdb)
    yield os, "system", _redirect_system(os.system)
    yield os, "fork", _redirect_fork(os.fork)
    yield shutil, "rmtree", _redirect_paths(shutil.rmtree, ((0, "path", TAKE),))
    yield subprocess.Popen, "__init__", _redirect_popen(subprocess.Popen.__init__)


def _classes_with_copies() -> List[type]:
    """Return the classes of Python's library that hold functions of ``os``: pathlib's until 3.10, glob's from 3.13 on."""
    accessor = getattr(pathlib, "_NormalAccessor", None)
    return [*([accessor] if accessor else []), *(value for value in vars(glob).values() if isinstance(value, type))]


def _lead(leader: Leader, path: Any, use: str) -> Any:
    """Return the path to use in place of one that is passed to a function."""
    if isinstance(path, int) or path is None:
        return path
    text = os.fsdecode(path)
    if use == LOOK:
        audit.note_path(text)
    reads = use in (LOOK, READ, LIST)
    name = _name(leader, text, not reads)
    if name is None or name.split(os.sep, 1)[0] == OWN:
        return path
    with unnoticed():
        led = leader.read(name, use) if reads else leader.write(name, use)
    is_same = led == os.path.join(leader.root, name)
    return path if is_same else os.fsencode(led) if isinstance(path, bytes) else led


def _name(leader: Leader, text: str, writes: bool) -> Optional[str]:
    """Return the path below the root, None for one elsewhere. Links on the way are followed only for a path that is written to."""
    if not text or "\0" in text:
        return None
    is_absolute = text.startswith(os.sep)
    if is_absolute and not writes and leader.root not in text and os.pardir not in text:
        return None
    absolute = text if is_absolute else os.path.join(os.getcwd(), text)
    if absolute.startswith(leader.root) or os.pardir in absolute or not is_absolute:
        name = path_below(os.path.abspath(absolute), leader.root)
        if name is not None:
            return name
    if not writes:
        return None
    with unnoticed():
        folder, last = os.path.split(os.path.abspath(absolute))
        return path_below(os.path.join(os.path.realpath(folder), last), leader.root)


def _redirect_paths(original: Callable[..., Any], paths: Paths) -> Callable[..., Any]:
    @functools.wraps(original)
    def lead(*args: Any, **kwargs: Any) -> Any:
        leader = _active_leader()
        if leader is None or any(kwargs.get(name) is not None for name in DESCRIPTORS):
            return original(*args, **kwargs)
        led, led_keywords = list(args), dict(kwargs)
        for position, keyword, use in paths:
            if position < len(led):
                led[position] = _lead(leader, led[position], use)
            elif keyword in kwargs:
                led_keywords[keyword] = _lead(leader, kwargs[keyword], use)
        with _name_originals(leader) if leader.folder else NOTHING:
            return original(*led, **led_keywords)

    return lead


@contextlib.contextmanager
def _name_originals(leader: Leader) -> Iterator[None]:
    """Have OSError in the block name the file of the root."""
    try:
        yield
    except OSError as error:
        for name in ("filename", "filename2"):
            if isinstance(getattr(error, name), str):
                setattr(error, name, _path_in_root(leader, getattr(error, name)))
        raise


def _path_in_root(leader: Leader, path: str) -> str:
    name = path_below(path, leader.folder) if leader.folder else None
    return path if name is None else os.path.join(leader.root, name) if name else leader.root


def _redirect_open(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def open_file(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
        leader = _active_leader()
        if leader is None or kwargs.get("dir_fd") is not None:
            return original(path, flags, *args, **kwargs)
        with unnoticed():
            is_folder = not isinstance(path, int) and os.path.isdir(path)
        # With the descriptor of a folder, everything in it can be changed.
        keeps = not flags & (os.O_TRUNC | os.O_EXCL)
        led = _lead(leader, path, READ) if keeps and not is_folder else path
        if is_folder or flags & WRITING:
            led = _lead(leader, path, TAKE if is_folder else CHANGE)
        with _name_originals(leader):
            return original(led, flags, *args, **kwargs)

    return open_file


def _redirect_open_stream(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def open_stream(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        leader = _active_leader()
        if leader is None or not isinstance(mode, str):
            return original(file, mode, *args, **kwargs)
        led = file if set(mode) & set("wx") else _lead(leader, file, READ)
        if set(mode) & set("wax+"):
            led = _lead(leader, file, CHANGE)
        with _name_originals(leader):
            return original(led, mode, *args, **kwargs)

    return open_stream


class _Entry:
    """An entry of a folder of the copy, with its path in the root."""

    def __init__(self, folder: str, name: str) -> None:
        self.name, self.path = name, os.path.join(folder, name)

    def __fspath__(self) -> str:
        return self.path

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return os.path.isdir(self.path) and (follow_symlinks or not self.is_symlink())

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return os.path.isfile(self.path) and (follow_symlinks or not self.is_symlink())

    def is_symlink(self) -> bool:
        return os.path.islink(self.path)

    def is_junction(self) -> bool:
        return False

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return os.stat(self.path, follow_symlinks=follow_symlinks)

    def inode(self) -> int:
        return os.lstat(self.path).st_ino


class _Entries(Iterator[_Entry]):
    """The result of ``os.scandir`` for a folder of the copy."""

    def __init__(self, folder: str, names: List[str]) -> None:
        self._entries = iter([_Entry(folder, name) for name in names])

    def __next__(self) -> _Entry:
        return next(self._entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_error: Any) -> None:
        self.close()

    def close(self) -> None:
        self._entries = iter(())


def _redirect_scandir(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def scan(path: Any = ".") -> Any:
        leader = _active_leader()
        led = path if leader is None else _lead(leader, path, LIST)
        if leader is None or led is path or isinstance(path, bytes):
            return original(led)
        with _name_originals(leader), unnoticed():
            return _Entries(os.fsdecode(path), os.listdir(led))

    return scan


def _redirect_getcwd(original: Callable[[], Any]) -> Callable[[], Any]:
    @functools.wraps(original)
    def tell() -> Any:
        folder, leader = original(), _active_leader()
        if leader is None or not leader.folder:
            return folder
        return _path_in_root(leader, folder) if isinstance(folder, str) else os.fsencode(_path_in_root(leader, os.fsdecode(folder)))

    return tell


def _redirect_system(original: Callable[[Any], int]) -> Callable[[Any], int]:
    @functools.wraps(original)
    def run(command: Any) -> int:
        leader = _active_leader()
        if leader is None:
            return original(command)
        status = subprocess.run(command, shell=True, check=False).returncode
        return -status if status < 0 else status << 8

    return run


def _redirect_fork(original: Callable[[], int]) -> Callable[[], int]:
    @functools.wraps(original)
    def fork() -> int:
        leader = _active_leader()
        if leader is None:
            return original()
        with leader.forking():
            return original()

    return fork


def _redirect_popen(original: Callable[..., None]) -> Callable[..., None]:
    """Return a ``Popen.__init__`` that has a program work on the copy: by its arguments, working directory and variables."""

    @functools.wraps(original)
    def start(self: Any, args: Any, *positional: Any, **options: Any) -> None:
        leader = _active_leader()
        words = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
        command = tuple(os.fsdecode(word) for word in words)
        if leader is None or is_question(command) or is_about_python(command):
            original(self, args, *positional, **options)
            return
        environ = {os.fsdecode(name): os.fsdecode(value) for name, value in (options.get("env") or os.environ).items()}
        cwd = os.path.abspath(os.fsdecode(options.get("cwd") or os.getcwd()))
        with unnoticed():
            folder = leader.program("\n".join([*command, cwd, *environ.values()]))
        led = functools.partial(_replace_root, leader.root, folder)
        words = [led(word) for word in command]
        options.update(env={name: led(value) for name, value in environ.items()}, cwd=led(cwd))
        original(self, words if isinstance(args, (list, tuple)) else words[0], *positional, **options)
        self.args = args

    return start


def _replace_root(root: str, folder: str, text: str) -> str:
    """Return a text with ``folder`` in place of the root, where the root is named as a whole."""
    parts = text.split(root)
    replaced = parts[0]
    for part in parts[1:]:
        is_whole = not (replaced[-1:].isalnum() or replaced[-1:] in ("_", "-", "/")) and not (
            part[:1].isalnum() or part[:1] in ("_", "-", ".")
        )
        replaced += (folder if is_whole else root) + part
    return replaced


def _refuse_writes(event: str, arguments: Any) -> None:
    """Refuse, as the interpreter's audit hook, writes below the root that were not redirected."""
    if event not in WRITES or _leader is None:
        return
    leader = _active_leader()
    if leader is None or event == "open" and not (arguments[2] or 0) & WRITING:
        return
    for path in (arguments[position] for position in WRITES[event]):
        if isinstance(path, (str, bytes)) and os.path.isabs(os.fsdecode(path)):
            name = _name(leader, os.fsdecode(path), True)
            if name is None or name.split(os.sep, 1)[0] == OWN or BYTE_CODE in name and LIBRARIES in name:
                continue
            if BYTE_CODE in name:
                raise PermissionError("no byte code is kept in a root")
            leader.refuse(os.path.join(leader.root, name))
