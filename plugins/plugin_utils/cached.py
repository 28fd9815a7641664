# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the modules of this collection from a copy that the host keeps.

Without it, every task would have Ansible parse and archive each file that a module imports, and Python on the host compile them all.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from ansible.plugins.action.normal import ActionModule

from .values import OPTIONS, option_errors

PLUGINS = Path(__file__).resolve().parents[1]
PACKAGE = PurePosixPath("ansible_collections/lectern/tutor/plugins")
MODULE = "lectern.tutor.cached_module"
WANTED = "LECTERN_MODULE"  # like MISSING, the same as in the module
MISSING = "lectern_missing"


class CachedModule(ActionModule):  # type: ignore[misc]
    """Runs a module from the host's copy. Where no copy can be kept, Ansible runs it as any other module."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        """Refuse a value that would reach the module as another one; the error names option and entry."""
        for option, way in OPTIONS.items():
            for sentence in option_errors(self._task.args.get(option), option, way):
                return dict(failed=True, changed=False, msg=sentence + ".")
        return super().run(tmp, task_vars)

    def _execute_module(self, module_name: Any = None, module_args: Any = None, **options: Any) -> Any:
        if module_name is not None or self._task.async_val:
            return super()._execute_module(module_name, module_args, **options)
        result = self._start(**options)
        if MISSING not in result:
            return result
        kept = super()._execute_module(MODULE, {"digest": digest(), "archive": archive()}, task_vars=options.get("task_vars"))
        result = self._start(**options) if not kept.get("failed") else {MISSING: True}
        return super()._execute_module(**options) if MISSING in result else result

    def _start(self, **options: Any) -> Any:
        environment = [*self._task.environment]
        self._task.environment.append({WANTED: f"{digest()}/{self._task.action.rpartition('.')[2]}"})
        try:
            return super()._execute_module(MODULE, dict(self._task.args), **options)
        finally:
            self._task.environment[:] = environment

    def _update_module_args(self, module_name: str, *args: Any, **options: Any) -> None:
        """Have the host's log name the module that the task names."""
        super()._update_module_args(self._task.action if module_name == MODULE else module_name, *args, **options)


def sources() -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the path in the copy and the content of the modules and of what they import."""
    for folder in ("module_utils", "modules"):
        for path in sorted((PLUGINS / folder).rglob("*.py")):
            yield PACKAGE / path.relative_to(PLUGINS).as_posix(), path.read_bytes()


@functools.lru_cache(maxsize=None)
def digest() -> str:
    """Return the digest of these files, which is the name of their copy."""
    sha = hashlib.sha256()
    for path, content in sources():
        sha.update(f"{path} {len(content)}\n".encode() + content)
    return sha.hexdigest()


def archive() -> str:
    """Return a zip file of these files, in Base64. Every folder becomes a package, so that no other package of its name is imported."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as content:
        files = {str(path): data for path, data in sources()}
        for name, data in {**packages(map(PurePosixPath, files)), **files}.items():
            content.writestr(name, data)
    return base64.b64encode(buffer.getvalue()).decode()


def packages(paths: Iterable[PurePosixPath]) -> dict[str, bytes]:
    """Return an empty ``__init__.py`` for each folder of these paths."""
    folders = {folder for path in paths for folder in path.parents} - {PurePosixPath()}
    return {str(folder / "__init__.py"): b"" for folder in folders}
