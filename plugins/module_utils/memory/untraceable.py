# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins can read without being recorded: the time, randomness, what a file system keeps beside content, the machine.

A plugin whose code mentions any of these names is loaded on every call.
"""

from __future__ import annotations

import functools
import os
import sys
from types import CodeType
from typing import Any, Iterable, Iterator, Optional, Set, Tuple

from ..base.isolation import is_of_plugin
from ..base.places import COLLECTION, ZIP

# The module "secrets" and its token_bytes are not among them: with these, plugins make settings that are saved once.
NAMES = """
    time time_ns now today utcnow strftime localtime gmtime ctime asctime mktime fromtimestamp astimezone tzname tzset tzlocal
    monotonic monotonic_ns perf_counter perf_counter_ns process_time
    random urandom getrandom SystemRandom choice choices randint randrange randbelow randbits getrandbits randbytes shuffle
    token_hex token_urlsafe uuid1 uuid4 random_string rsa_private_key encrypt
    getsize getmtime getatime getctime samefile access fstat statvfs disk_usage fwalk inotify
    st_size st_mtime st_mtime_ns st_atime st_ctime st_ctime_ns st_ino st_dev st_nlink st_uid st_gid st_mode
    ST_SIZE ST_MTIME ST_ATIME ST_CTIME ST_INO ST_DEV ST_NLINK ST_UID ST_GID ST_MODE
    environb getenvb fork forkpty ProcessPoolExecutor multiprocessing ctypes cffi mmap sqlite3 dbm shelve
    uname node gethostname getfqdn cpu_count sched_getaffinity getloadavg getpid getppid getcwd getcwdb cwd
    getpwnam getpwuid getpwall getgrnam getgrgid getgrall getgrouplist getuser getlogin
"""

UNTRACEABLE = frozenset(NAMES.split())

KEYWORDS = frozenset(("dir_fd", "src_dir_fd", "dst_dir_fd"))  # of functions that open a path below another one

OF_VARIABLES = frozenset(("environ", "getenv", "expandvars"))  # what mentions these may read any variable

OF_TEMPLATES = {"blocks", "debug_info"}  # names in all code that Jinja makes

MAIN = ("__main__", "__mp_main__")  # the module itself: another file in each call


def mentioned(path: str, code: Optional[CodeType], packages: Set[str]) -> Set[str]:
    """Return which of the names above the code of a plugin mentions; none for other code. ``packages`` are those of plugins."""
    if path.startswith((COLLECTION, *_tutor(), *ZIP)) or not is_of_plugin(path, packages):
        return set()
    names = {"ctypes"} if code is None else _names(code)  # a library that is not Python calls what it likes
    return names & (UNTRACEABLE | KEYWORDS | OF_VARIABLES)


def mentioned_before(modules: Iterable[str], packages: Set[str]) -> Set[str]:
    """Return the same for modules that were loaded before anything was recorded."""
    names: Set[str] = set()
    for name in modules:
        path = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(path, str) and name not in MAIN and is_of_plugin(path, packages):
            names |= mentioned(path, _code(name), packages)
    return names


@functools.lru_cache(maxsize=None)
def _code(name: str) -> Optional[CodeType]:
    try:
        spec: Any = sys.modules[name].__spec__
        return spec.loader.get_code(name)
    except Exception:  # whatever it is that loads it
        return None


def _tutor() -> Tuple[str, ...]:
    path = getattr(sys.modules.get("tutor"), "__file__", None)
    return (os.path.dirname(path) + os.sep,) if path else ()


def _names(code: CodeType) -> Set[str]:
    """Return the names in code, and those of KEYWORDS by which it passes arguments."""
    if OF_TEMPLATES.issubset(code.co_names):
        return set()
    names: Set[str] = set()
    for each in _with_inner(code):
        names.update(each.co_names)
        for constant in each.co_consts:
            names |= KEYWORDS.intersection(constant) if isinstance(constant, tuple) else set()
    return names


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    """Yield code and that of the functions and classes in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)
