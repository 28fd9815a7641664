# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the archives of the module course on the controller, and copies to the host what is imported."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import file_digest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import course_content
from ansible_collections.lectern.tutor.plugins.plugin_utils.live import LiveModule


class ActionModule(LiveModule):
    """Runs the module ``course`` with live output. Where archives are not what was imported last, it runs a second time, with them."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        try:
            names = self._names()
            if names and self._task.async_val:
                raise LecternError("An archive can't be imported with 'async': the task copies it to the host while it runs.")
            self._task.args["archives"] = {name: {"digest": file_digest(self._local(name)).hex()} for name in names}
            result = super().run(tmp, task_vars)
            if not result.get("needed"):
                return result
            self._read(result["needed"])
        except LecternError as error:
            return dict(failed=True, changed=False, msg=str(error), courses=[], actions=[], diff=[], missing="", needed=[])
        return super().run(tmp, task_vars)

    def _names(self) -> list[str]:
        """Return the archives of the task."""
        given = self._task.args.get("courses")
        entries = [entry for entry in (given if isinstance(given, list) else [self._task.args]) if isinstance(entry, dict)]
        return list(dict.fromkeys(str(entry["archive"]) for entry in entries if entry.get("archive")))

    def _local(self, archive: str) -> str:
        """Return the path of an archive on the controller."""
        try:
            return str(self._find_needle("files", archive))
        except AnsibleError as error:
            raise LecternError(
                "There is no archive '%s' on the controller, neither there nor in 'files/' beside the playbook." % archive
            ) from error

    def _read(self, needed: list[str]) -> None:
        """Add what the module needs of these archives: the key of the course, and the path of a copy on the host."""
        copies = "" if self._task.check_mode else self._make_tmp_path()
        for number, name in enumerate(needed):
            entry, local = self._task.args["archives"][name], self._local(name)
            entry["course"] = course_content.inspect_archive(local, f"Archive '{name}'").key
            if copies:
                entry["copy"] = self._transfer_file(local, self._connection._shell.join_path(copies, f"course-{number}"))
        if copies:
            self._fixup_perms2((copies, *(self._task.args["archives"][name]["copy"] for name in needed)))
