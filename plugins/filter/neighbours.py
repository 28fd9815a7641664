# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: neighbours
short_description: Hosts of an inventory that share a machine
version_added: 1.0.0
author: The Lectern contributors (@lectern)
description:
  - Finds the hosts of an inventory that share a machine with others.
  - Two hosts are one machine if Ansible uses the same connection, C(ansible_host) and C(ansible_port) for them. All hosts with the
    connection V(local) are one machine. This needs no connection, so hosts outside C(--limit) are included.
  - If the facts of both were gathered, two hosts with the same machine id, host name and SSH host keys are also one machine, whatever their
    addresses are. The machine id alone is not enough, because copies of a virtual machine share it.
positional: hosts
options:
  _input:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  hosts:
    description: The names of the hosts to compare.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show which sites share a machine
  ansible.builtin.debug:
    msg: "{{ hostvars | lectern.tutor.neighbours(groups['tutor']) }}"
"""

RETURN = r"""
_value:
  description: For each host that shares a machine, the names of the others.
  type: dict
  sample: {physics: [history], history: [physics]}
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Callable, Dict, Iterator, List, Tuple

FACTS = ("machine_id", "nodename", "ssh_host_key_ed25519_public")


def neighbours(hostvars: Mapping[str, Any], hosts: List[str]) -> Dict[str, List[str]]:
    """Return, by name of a host that shares a machine, the names of the other hosts there."""
    machines = defaultdict(list)
    for host in hosts:
        for identity in _identify_machine(host, hostvars[host]):
            machines[identity].append(host)
    others: Dict[str, List[str]] = defaultdict(list)
    for together in machines.values():
        for host in together:
            others[host] += [other for other in together if other != host and other not in others[host]]
    return {host: names for host, names in others.items() if names}


def _identify_machine(host: str, known: Mapping[str, Any]) -> Iterator[Tuple[str, ...]]:
    """Yield what identifies the machine of a host: its connection and, where known, facts of the machine."""
    connection = str(known.get("ansible_connection") or "ssh")
    address = (str(known.get("ansible_host") or host), str(known.get("ansible_port") or 22))
    yield ("local",) if connection.rpartition(".")[2] == "local" else (connection, *address)
    facts = known.get("ansible_facts") or {}
    if facts.get("machine_id"):
        yield tuple(str(facts.get(name)) for name in FACTS)


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"neighbours": neighbours}
