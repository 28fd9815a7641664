# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins can ask for without anybody noticing: the time, randomness, what a file system keeps beside content, the machine.

Whoever's code only names it is taken to use it, and is loaded in each call.
"""

from __future__ import annotations

import functools
import os
import sys
from types import CodeType
from typing import Any, Iterable, Iterator, NamedTuple, Optional, Set, Tuple

from ..base import delegate
from ..base.isolation import is_of_python
from ..base.places import ENGINE

# The module "secrets" and its token_bytes are not among them: with these, plugins make settings that are saved once.
UNSEEN = """
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

NAMES = frozenset(UNSEEN.split())

KEYWORDS = frozenset(("dir_fd", "src_dir_fd", "dst_dir_fd"))

OF_TEMPLATES = {"blocks", "debug_info"}  # names in all code that Jinja makes

MAIN = ("__main__", "__mp_main__")  # the module itself: another file in each call

LIBRARIES = "-packages" + os.sep

ANSIBLE = os.sep + os.path.join("ansible", "module_utils") + os.sep

COLLECTION = os.path.dirname(ENGINE) + os.sep

ORIGIN = COLLECTION.partition(os.sep + "ansible_collections")[0]  # where this code was brought to

ZIP = (ORIGIN,) if ORIGIN.endswith(".zip") else ()  # by Ansible, at another place each time


class Code(NamedTuple):
    """Code that ran, and the file that it is from; None for a library that is no Python."""

    path: str
    code: Optional[CodeType]


def asks(found: Code, packages: Set[str]) -> bool:
    """Whether code is a plugin's and names anything unseen. ``packages`` are those of plugins."""
    is_ours = found.path.startswith((COLLECTION, *_tutor(), *ZIP))
    return not is_ours and is_of_plugin(found.path, packages) and _names(found.code)


def is_of_plugin(path: str, packages: Set[str]) -> bool:
    """Whether a file may be a plugin's: in one of these packages, or beside the installed ones, where helpers of plugins are."""
    if is_of_python(path) or ANSIBLE in path:
        return False
    return LIBRARIES not in path or path.rpartition(LIBRARIES)[2].partition(os.sep)[0].partition(".")[0] in packages


def loaded(modules: Iterable[str], packages: Set[str]) -> Iterator[Code]:
    """The code of modules that were loaded before anybody listened."""
    for name in modules:
        path = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(path, str) and name not in MAIN and is_of_plugin(path, packages):
            yield Code(path, _code(name))


def read_loaded() -> None:
    """Reads the code of what is loaded now: a process that becomes another user can't do that later."""
    for _code_of_one in loaded(list(sys.modules), set()):
        pass


delegate.READ_AHEAD.append(read_loaded)


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


def _names(code: Optional[CodeType]) -> bool:
    """Whether any is among the names in it, or of KEYWORDS among its constants."""
    if code is None:
        return True
    if OF_TEMPLATES.issubset(code.co_names):
        return False
    return any(
        not NAMES.isdisjoint(each.co_names) or any(isinstance(item, tuple) and not KEYWORDS.isdisjoint(item) for item in each.co_consts)
        for each in _with_inner(code)
    )


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    """Code and that of the functions and classes in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)
