# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the modules of this collection from a copy of them that the host keeps.

Else Ansible would parse each file that a module imports to make an archive of them, and Python on the host compile them all, in every
task anew.
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
WANTED = "LECTERN_MODULE"  # both as in the module
MISSING = "lectern_missing"


class CachedModule(ActionModule):  # type: ignore[misc]
    """Ansible's own way to run a module, but that it is started from the host's copy. Where no copy can be kept, it is run as any other."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        """Refuses, with the option and the entry, what the module would get as something else."""
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
        """The host's log names the module that the task names."""
        super()._update_module_args(self._task.action if module_name == MODULE else module_name, *args, **options)


def sources() -> Iterator[tuple[PurePosixPath, bytes]]:
    """The modules and what they import, by their place in the copy."""
    for folder in ("module_utils", "modules"):
        for path in sorted((PLUGINS / folder).rglob("*.py")):
            yield PACKAGE / path.relative_to(PLUGINS).as_posix(), path.read_bytes()


@functools.lru_cache(maxsize=None)
def digest() -> str:
    """What a copy of exactly these files is called."""
    found = hashlib.sha256()
    for path, content in sources():
        found.update(f"{path} {len(content)}\n".encode() + content)
    return found.hexdigest()


def archive() -> str:
    """A zip file of them, in Base64. Every folder is a package, because elsewhere on the host there may be one of that name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as content:
        files = {str(path): data for path, data in sources()}
        for name, data in {**packages(map(PurePosixPath, files)), **files}.items():
            content.writestr(name, data)
    return base64.b64encode(made.getvalue()).decode()


def packages(paths: Iterable[PurePosixPath]) -> dict[str, bytes]:
    folders = {folder for path in paths for folder in path.parents} - {PurePosixPath()}
    return {str(folder / "__init__.py"): b"" for folder in folders}
