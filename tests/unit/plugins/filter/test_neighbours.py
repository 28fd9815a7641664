# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts of an inventory are one machine."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.filter.neighbours import neighbours

FACTS = {"machine_id": "1f", "nodename": "srv1", "ssh_host_key_ed25519_public": "AAAA"}


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        pytest.param({}, {}, False, id="other names"),
        pytest.param({"ansible_host": "10.0.0.1"}, {"ansible_host": "10.0.0.1"}, True, id="one address"),
        pytest.param({"ansible_host": "b"}, {}, True, id="the name of the other as address"),
        pytest.param({"ansible_host": "h", "ansible_port": 22}, {"ansible_host": "h"}, True, id="the default port given"),
        pytest.param({"ansible_host": "h", "ansible_port": 2201}, {"ansible_host": "h", "ansible_port": 2202}, False, id="forwarded ports"),
        pytest.param({"ansible_connection": "local"}, {"ansible_connection": "ansible.builtin.local"}, True, id="both here"),
        pytest.param({"ansible_connection": "local"}, {"ansible_host": "h"}, False, id="one of them here"),
        pytest.param({"ansible_connection": "docker"}, {"ansible_connection": "docker"}, False, id="two containers"),
        pytest.param({"ansible_host": "x", "ansible_facts": FACTS}, {"ansible_host": "y", "ansible_facts": FACTS}, True, id="by facts"),
        pytest.param({"ansible_facts": FACTS}, {"ansible_facts": dict(FACTS, nodename="srv2")}, False, id="a copied machine id"),
        pytest.param(
            {"ansible_facts": dict(FACTS, machine_id="")}, {"ansible_facts": dict(FACTS, machine_id="")}, False, id="no machine id"
        ),
    ],
)
def test_two_hosts(one: dict, two: dict, same: bool) -> None:
    assert neighbours({"a": one, "b": two, "c": {}}, ["a", "b", "c"]) == ({"a": ["b"], "b": ["a"]} if same else {})


def test_each_is_told_once() -> None:
    here = {"ansible_connection": "local", "ansible_facts": FACTS}
    assert neighbours({"a": here, "b": here, "c": here}, ["a", "b", "c"]) == {"a": ["b", "c"], "b": ["a", "c"], "c": ["a", "b"]}
