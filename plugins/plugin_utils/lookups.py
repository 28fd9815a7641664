# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of the lookups patch and setting: reads options and variables as plain data, and raises errors as Ansible's."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils.base.errors import LecternError
from .results import to_plain_data

VARIABLES = {"plugins": "tutor_plugin_info", "config": "tutor_config_info"}


class ResultLookup(LookupBase):  # type: ignore[misc]
    """A lookup in results of the info modules. A subclass implements ``look_up(terms)``, which may raise LecternError."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[Any]:
        kwargs.pop("wantlist", None)  # loops over a lookup pass it on before ansible-core 2.19
        self._variables, self._direct = variables or {}, kwargs
        self.set_options(var_options=self._variables, direct=kwargs)
        try:
            self._refuse_unknown_options(kwargs)
            return self.look_up([self._name_in(term) for term in self._flatten(terms)])
        except LecternError as error:
            raise AnsibleLookupError(str(error)) from None  # Ansible would repeat the cause

    def look_up(self, terms: list[str]) -> list[Any]:
        """Return one value for each term."""
        raise NotImplementedError

    def option_value(self, option: str) -> Any:
        """Return the option's value, else that of its variable, as plain data.

        Raises LecternError where neither is given.
        """
        if self._direct.get(option) is not None:
            return to_plain_data(self._direct[option])
        name = VARIABLES[option]
        if name not in self._variables:
            raise LecternError(f"Pass '{option}', the result of lectern.tutor.{name[6:]}, or register it as {name}.")
        # A variable may itself be a template, such as "{{ hostvars['server'].tutor_config_info }}".
        value = self._variables[name]
        return to_plain_data(self._templar.template(value) if self._templar else value)

    def _refuse_unknown_options(self, kwargs: dict[str, Any]) -> None:
        unknown = sorted(set(kwargs) - set(self.get_options()))
        if unknown:
            raise LecternError(f"Unknown option '{unknown[0]}': the options are {', '.join(sorted(self.get_options()))}.")

    def _name_in(self, term: Any) -> str:
        if not isinstance(term, str):
            raise LecternError(f"Expected a name, not the {type(term).__name__} {term!r}.")
        return str(to_plain_data(term))
