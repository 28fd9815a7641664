# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that plugin code changes below the root: while it is loaded and rendered, after saving, and as the process ends.

The code works on a copy, so that check mode and modules that only read write nothing. Its changes become part of the transaction.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib.util
import os
import stat
import sys
import threading
import time
import weakref
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from ..base import scratch, serialize
from ..base.content import File, Verbatim, digest, read_bytes
from ..base.errors import LecternError
from ..base.isolation import calling, frame_at, is_of_plugin
from ..base.observation import unnoticed
from ..base.places import COLLECTION, Places, path_below
from ..plugins.contributions import CORE
from ..plugins.discover import Plugin, packages_of
from .redirect import LIST, MAKE, READ, REMOVE, TAKE, Leader, redirected
from .user_config import PLUGINS
from .working_copy import Differences, WorkingCopy, parents_of, write_stamped

ENV, CONFIG = "env", "config.yml"

THREADS_END = 60.0  # seconds that threads of plugins may take


class PluginChanges(NamedTuple):
    """What plugins changed beside the files of the environment, by absolute path.

    ``files`` has (content, mode), ``removed`` are files that are gone, ``folders`` are new ones. ``dropped`` are files of the environment
    that a plugin removed, by path below ``env/``.
    """

    files: Dict[str, Tuple[bytes, int]] = {}
    removed: List[str] = []
    folders: List[str] = []
    dropped: List[str] = []


class AtExit(NamedTuple):
    """A function that a plugin registered to be called as the process ends."""

    owner: str
    function: Callable[..., Any]
    args: Tuple[Any, ...]
    kwargs: Dict[str, Any]


class Effects(Leader):
    """What the plugins of one call change.

    ``acting`` is the plugin that counts as the author where no file of plugins is on the stack. ``is_untraceable`` says that a later call
    can't know whether the plugins would do the same.
    """

    def __init__(self, places: Places, plugins: Iterable[Plugin], known: Dict[str, Any]) -> None:
        self.places, self.root = places, places.root
        self.acting = CORE
        self.outcome = PluginChanges()
        self.is_untraceable = False
        self.at_exit: List[AtExit] = []
        self._plugins = list(plugins)
        self._packages = packages_of(self._plugins)
        names = {plugin.name for plugin in self._plugins}
        self._files_of_plugins = {name: entry for name, entry in known.items() if not entry.get("template") and entry["owner"] in names}
        self._lock = threading.RLock()  # of the copy, which threads of plugins change too
        self._copy: Optional[WorkingCopy] = None
        self._is_fresh = self._has_read = False
        self._known_files = set(known)
        self._opened: Set[str] = set()
        self._writers: Dict[str, str] = {}
        self._plugin_by_path: Dict[str, str] = {}
        self._refused: List[str] = []
        self._threads = set(threading.enumerate())
        self._finalizers = set(_finalizers())
        self._stack = contextlib.ExitStack()

    def close(self) -> None:
        """Remove the copy."""
        self._take_finalizers()
        self._stack.close()

    def _make_copy(self, fresh: bool = False) -> WorkingCopy:
        """Return the copy of the root, and make it where there is none; a ``fresh`` one has no environment."""
        with self._lock:
            return self._copy or self._begin_copy(fresh)

    def _begin_copy(self, fresh: bool) -> WorkingCopy:
        self.folder = os.path.join(os.path.realpath(self._stack.enter_context(scratch.temporary_folder(scratch.in_memory()))), "root")
        self._copy = WorkingCopy(self.root, self.folder)
        self._copy.fill(ENV if fresh else "")
        self._is_fresh = fresh
        if not fresh:
            self._copy.hide(self._find_edited())
        return self._copy

    def hide_edited(self) -> None:
        """Make the copy at once where files that a plugin made were edited since, so that it makes all of its files again."""
        with unnoticed():
            if self._find_edited():
                self._make_copy()

    def _find_edited(self) -> List[str]:
        """Return all files of those plugins of whose files one was edited or removed since."""
        edited = {
            entry["owner"]
            for name, entry in self._files_of_plugins.items()
            if _digest(os.path.join(self.places.env, name)) != entry["digest"]
        }
        return [os.path.join(ENV, name) for name, entry in self._files_of_plugins.items() if entry["owner"] in edited]

    def read(self, name: str, use: str) -> str:
        self._has_read = self._has_read or self._is_of_root(name, use)
        if use == READ:
            self._opened.add(name)
        with self._lock:
            return self._copy.path(name) if self._copy else os.path.join(self.root, name)

    def _is_of_root(self, name: str, use: str) -> bool:
        """Whether a read finds something of the root itself, and no plugin or template in a folder below it."""
        if not name:
            return use == LIST or not os.path.isdir(self.root)
        folders = filter(None, (self.places.plugins_root, self.places.templates))
        return all(path_below(os.path.join(self.root, name), folder) is None for folder in folders)

    def write(self, name: str, use: str) -> str:
        with self._lock:
            copy = self._make_copy()
            if name:
                self._writers[name] = self._running_plugin()
                reach = {MAKE: copy.reach, REMOVE: copy.reach_entry, TAKE: copy.copy_all}
                reach.get(use, copy.copy)(name)
            elif use == TAKE:
                self._copy_everything("")
            return copy.at(name)

    @contextlib.contextmanager
    def forking(self) -> Iterator[None]:
        with self._lock:  # so that no other thread holds it in the forked process
            with unnoticed():
                self._make_copy()
            yield

    def program(self, texts: str) -> str:
        with self._lock:
            copy = self._make_copy()
            self.acting = self._running_plugin()
            self._copy_everything(texts)
            return copy.folder

    def _copy_everything(self, texts: str) -> None:
        """Copy the environment, the settings, and whatever else of the root is named in ``texts``."""
        copy = self._make_copy()
        entries = os.listdir(copy.folder) if os.path.isdir(copy.folder) else []
        named = [name for name in entries if os.path.join(self.root, name) in texts]
        for name in {ENV, CONFIG, *named}:
            copy.copy_all(name)

    def refuse(self, path: str) -> None:
        owner = self._running_plugin()
        self._refused.append(
            "Plugin '%s' writes '%s' by compiled code, which can't be redirected to a copy of the root: use Python's own functions for it."
            % (owner, path)
        )
        raise LecternError(self._refused[-1])

    def wait_for_threads(self, at_end: bool = False) -> None:
        """Wait for threads that plugins started, ``at_end`` also for pools of threads.

        Raises LecternError for a thread that does not end, and for a write that was refused in one.
        """
        pools = _pool_threads() - self._threads if at_end else set()
        if pools:
            kinds: Any = sys.modules["concurrent.futures.thread"]
            for pool in [item for item in gc.get_objects() if isinstance(item, kinds.ThreadPoolExecutor)]:
                if not pools.isdisjoint(pool._threads):
                    pool.shutdown(wait=False)
        until = time.monotonic() + THREADS_END
        for thread in self._started_threads() + list(pools):
            thread.join(max(0.0, until - time.monotonic()))
        for thread in [each for each in self._started_threads() + list(pools) if each.is_alive()]:
            code = getattr(getattr(thread, "_target", None) or thread.run, "__code__", None)
            owner = (self._plugin_of(code.co_filename) if code else "") or self.acting
            raise LecternError("A thread that plugin '%s' started still runs after %d s: make sure that it ends." % (owner, THREADS_END))
        if self._refused:
            raise LecternError(self._refused[0])

    def _started_threads(self) -> List[threading.Thread]:
        pools = _pool_threads()
        return [thread for thread in threading.enumerate() if not thread.daemon and thread not in self._threads and thread not in pools]

    def note_at_exit(self, function: Callable[..., Any], args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> bool:
        """Note a function to be called at exit, if a plugin registers it. Returns whether it does."""
        frame: Any = frame_at(2)
        while frame is not None and frame.f_back is not None and frame.f_code.co_filename == "<string>":
            frame = frame.f_back
        path = frame.f_code.co_filename if frame is not None else "<unknown>"
        is_of_nobody = path.startswith(("<", COLLECTION))
        if is_of_nobody or not (self._plugin_of(path) or is_of_plugin(path, self._packages)):
            return False
        self.at_exit.append(AtExit(self._running_plugin(), function, args, kwargs))
        return True

    def _take_finalizers(self) -> None:
        """Note what plugins have ``weakref`` call at exit, and keep it from being called then."""
        for item in sorted(set(_finalizers()) - self._finalizers, key=lambda each: _finalizers()[each].index):
            function = _finalizers()[item].func
            path = getattr(getattr(function, "__code__", None), "co_filename", "<unknown>")
            if item.atexit and (self._plugin_of(path) or is_of_plugin(path, self._packages)):
                item.atexit = False
                self.at_exit.append(AtExit(self._plugin_of(path) or self.acting, item, (), {}))

    def _running_plugin(self) -> str:
        """Return the plugin whose code is running."""
        frame: Any = frame_at(1)
        while frame is not None:
            name = self._plugin_of(frame.f_code.co_filename)
            if name:
                return name
            frame = frame.f_back
        return self.acting

    def _plugin_of(self, path: str) -> str:
        if path not in self._plugin_by_path:
            self._plugin_by_path[path] = next((plugin.name for plugin in self._plugins if path.startswith(_path_prefix(plugin))), "")
        return self._plugin_by_path[path]

    def with_written_settings(self, user: Dict[str, Any]) -> Dict[str, Any]:
        """Return the settings of config.yml with those that plugins wrote there."""
        if not self._copy or self._copy.is_link(CONFIG) or not os.path.isfile(self._copy.at(CONFIG)):
            return user
        with unnoticed():
            now = serialize.load_mapping(self._copy.at(CONFIG))
            before = serialize.load_mapping(self.places.config) if serialize.exists(self.places.config) else {}
        changed = {key: value for key, value in now.items() if key != PLUGINS and (key not in before or before[key] != value)}
        return {**{key: value for key, value in user.items() if key in now or key not in before}, **changed}

    def after_saving(
        self,
        tree: Dict[str, File],
        env_saved: List[Tuple[str, Callable[[str, Dict[str, Any]], None]]],
        config: Callable[[], Dict[str, Any]],
    ) -> Dict[str, File]:
        """Return the tree (by path) as plugins leave it: with what they wrote before it was rendered, and what they change in it after
        that.

        Raises LecternError where a plugin fails, or puts anything into the root that is no file.
        """
        self.wait_for_threads()
        self._take_finalizers()
        has_begun = self._copy is not None or bool(self.at_exit) or bool(_pool_threads() - self._threads)
        self.is_untraceable = self._has_read or has_begun
        if not (self.is_untraceable or env_saved):
            return tree
        with unnoticed():
            copy = self._make_copy(fresh=not self.is_untraceable)
        tree = {name: self._keep_content(file) for name, file in tree.items()}
        with unnoticed():
            written = {name: self._write(name, file) for name, file in tree.items()}
        for owner, callback in env_saved:
            self.acting = owner
            with calling("ENV_SAVED of plugin '%s' failed" % owner):
                callback(self.places.env, config())
        self.wait_for_threads(at_end=True)
        self._take_finalizers()
        while self.at_exit:
            self.is_untraceable = True
            last = self.at_exit.pop()
            self.acting = last.owner
            with calling("What plugin '%s' does at exit failed" % last.owner):
                last.function(*last.args, **last.kwargs)
        self.wait_for_threads()
        with unnoticed():
            return self._collect(copy, tree, written)

    def _keep_content(self, file: File) -> File:
        """Return the file with its content in memory where it comes from the copy, which is gone when the file is written."""
        is_below = isinstance(file.content, Verbatim) and path_below(file.content.path, self.root) is not None
        return file._replace(content=bytes(file.content)) if is_below else file

    def _write(self, name: str, file: File) -> Tuple[int, ...]:
        copy = self._make_copy()
        path = os.path.join(ENV, name)
        self._writers.pop(path, None)
        try:
            with self._lock:
                copy.reach(path)
            os.makedirs(os.path.dirname(copy.at(path)), exist_ok=True)
            if os.path.lexists(copy.at(path)):
                os.unlink(copy.at(path))
        except OSError:
            raise LecternError(
                "'%s' can't be rendered: a plugin makes a file where a folder has to be, or a folder in its place." % name
            ) from None
        return _file_identity(write_stamped(copy.at(path), bytes(file.content), file.mode))

    def _collect(self, copy: WorkingCopy, tree: Dict[str, File], written: Dict[str, Tuple[int, ...]]) -> Dict[str, File]:
        differences = copy.differences()
        if differences.others:
            self._refuse_other(copy, differences.others[0])
        result = {name: self._file(copy, name, tree.get(name)) for name in self._changed_files(copy, tree, written)}
        kept = {name: file for name, file in tree.items() if name in written and os.path.lexists(copy.at(os.path.join(ENV, name)))}
        result = {**kept, **result}
        inner = [str(path_below(name, ENV)) for name in differences.files if path_below(name, ENV) is not None]
        result.update((name, self._file(copy, name, None)) for name in inner if name not in tree and not self._is_of_somebody_else(name))
        if not self._is_fresh:
            result = {**self._unchanged_files(differences.removed, result), **result}
        self.outcome = self._changes_outside(copy, differences, result, {*tree, *result})
        self.is_untraceable = self.is_untraceable or any(self.outcome)
        return result

    def _is_of_somebody_else(self, name: str) -> bool:
        """Whether a plugin edited a file of the environment that is not its own: one that it read first, or did not write itself."""
        path = os.path.join(ENV, name)
        is_there = not self._is_fresh and name not in self._known_files and os.path.lexists(os.path.join(self.root, path))
        return is_there and (path in self._opened or path not in self._writers)

    def _changed_files(self, copy: WorkingCopy, tree: Dict[str, File], written: Dict[str, Tuple[int, ...]]) -> List[str]:
        paths = {name: copy.at(os.path.join(ENV, name)) for name in tree}
        return [name for name, path in paths.items() if os.path.isfile(path) and _file_identity(os.lstat(path)) != written[name]]

    def _file(self, copy: WorkingCopy, name: str, known: Optional[File]) -> File:
        path = copy.at(os.path.join(ENV, name))
        content, mode = self._read(path), 0o755 if os.lstat(path).st_mode & stat.S_IXUSR else 0o644
        if known is not None and bytes(known.content) == content and known.mode == mode:
            return known
        return File(content, mode, known.template if known else "", self._writer(os.path.join(ENV, name)), {})

    def _read(self, path: str) -> bytes:
        """Return the content of a file, with the root's path where programs wrote that of the copy."""
        return read_bytes(path).replace(os.fsencode(self.folder), os.fsencode(self.root))

    def _writer(self, name: str) -> str:
        """Return the plugin that wrote a file, or a folder above it, last."""
        while name and name not in self._writers:
            name = os.path.dirname(name)
        return self._writers.get(name, self.acting)

    def _unchanged_files(self, removed: List[str], tree: Dict[str, File]) -> Dict[str, File]:
        """Return the files that a plugin made in an earlier call and left unchanged in this one."""
        names = [name for name in self._files_of_plugins if name not in tree and os.path.join(ENV, name) not in removed]
        paths = {name: os.path.join(self.places.env, name) for name in names}
        return {
            name: File(
                read_bytes(path), 0o755 if os.stat(path).st_mode & stat.S_IXUSR else 0o644, "", self._files_of_plugins[name]["owner"], {}
            )
            for name, path in paths.items()
            if os.path.isfile(path) and not os.path.islink(path)
        }

    def _changes_outside(
        self, copy: WorkingCopy, differences: Differences, tree: Dict[str, File], rendered: Iterable[str]
    ) -> PluginChanges:
        ours = {os.path.join(ENV, name) for name in rendered}
        files = [name for name in differences.files if name != CONFIG and name not in ours]
        removed = [name for name in differences.removed if name != CONFIG]
        inner = [str(path_below(name, ENV)) for name in removed if path_below(name, ENV) is not None]
        return PluginChanges(
            {os.path.join(self.root, name): (self._read(copy.at(name)), stat.S_IMODE(os.lstat(copy.at(name)).st_mode)) for name in files},
            [os.path.join(self.root, name) for name in removed if path_below(name, ENV) is None],
            self._empty_folders(differences.folders, rendered),
            [name for name in inner if name not in tree],
        )

    def _empty_folders(self, folders: List[str], files: Iterable[str]) -> List[str]:
        """Return those that do not come with a file of the environment."""
        filled = {parent for name in files for parent in parents_of(os.path.join(ENV, name))}
        return [os.path.join(self.root, name) for name in folders if name not in filled]

    def _refuse_other(self, copy: WorkingCopy, name: str) -> None:
        kind = "symbolic link" if os.path.islink(copy.at(name)) else "special file"
        where = "environment" if path_below(name, ENV) is not None else "root"
        raise LecternError("Plugin '%s' puts the %s '%s' into the %s: refused." % (self._writer(name), kind, os.path.basename(name), where))


@contextlib.contextmanager
def on_a_copy(places: Places, plugins: Iterable[Plugin], known: Dict[str, Any]) -> Iterator[Effects]:
    """Have plugins work on a copy of the root in the block. ``known`` are the manifest's files.

    What plugins register to be called at exit is called by ``after_saving`` alone; what libraries register stays.
    """
    effects = Effects(places, plugins, known)
    register, unregister = atexit.register, atexit.unregister

    def register_here(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return function if effects.note_at_exit(function, args, kwargs) else register(function, *args, **kwargs)

    def unregister_here(function: Callable[..., Any]) -> None:
        effects.at_exit[:] = [each for each in effects.at_exit if each.function != function]
        unregister(function)

    atexit.register, atexit.unregister = register_here, unregister_here  # type: ignore[assignment]
    try:
        effects.hide_edited()
        with redirected(effects):
            try:
                yield effects
            except BaseException:
                with contextlib.suppress(LecternError):
                    effects.wait_for_threads(at_end=True)
                raise
            effects.wait_for_threads(at_end=True)
    finally:
        atexit.register, atexit.unregister = register, unregister
        effects.close()


def _pool_threads() -> Set[threading.Thread]:
    """Return the threads of all pools, which wait for work until the process ends."""
    return set(getattr(sys.modules.get("concurrent.futures.thread"), "_threads_queues", {}))


def _finalizers() -> Dict[Any, Any]:
    """Return what ``weakref`` finalizes, at exit at the latest; empty where this Python keeps it elsewhere."""
    return dict(getattr(weakref.finalize, "_registry", {}))


def _path_prefix(plugin: Plugin) -> str:
    """Return what the paths of a plugin's files begin with."""
    if plugin.source != "entrypoint":
        return plugin.path
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(plugin.value.partition(".")[0].partition(":")[0])
        if spec and spec.origin:
            is_package = bool(spec.submodule_search_locations)
            return os.path.dirname(spec.origin) + os.sep if is_package else spec.origin
    return os.devnull


def _file_identity(status: os.stat_result) -> Tuple[int, ...]:
    return (status.st_ino, status.st_size, status.st_mode, status.st_mtime_ns, status.st_ctime_ns)


def _digest(path: str) -> str:
    """Return the digest of a file as the manifest has it; empty for a path that is no file."""
    return "sha256:" + digest(read_bytes(path)) if os.path.isfile(path) and not os.path.islink(path) else ""
