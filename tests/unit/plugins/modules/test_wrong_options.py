# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible itself refuses in a module's options: the failure has the results that every failure has, and shows no secret."""

from __future__ import annotations

import pytest

NOUNS = {
    "config": {"config": {}, "changed_keys": []},
    "config_info": {"config": {}, "origin": {}, "release": "", "compose": {}},
    "environment": {
        "plugins": [],
        "changed_keys": [],
        "files": {"created": [], "changed": [], "removed": [], "unchanged_count": 0},
        "compose": {},
    },
    "environment_info": {"files": {}},
    "image": {"images": []},
    "job": {"tasks": []},
    "logs": {"lines": []},
    "plugin": {"enabled": []},
    "plugin_info": {"plugins": []},
    "smoke": {"smoke": None},
}
WRONG = [
    ("config", {"settings": ["A"]}),
    ("config", {"nope": 1}),
    ("config_info", {"reveal": "perhaps"}),
    ("environment", {"settings": "nonsense"}),
    ("environment", {"prune": []}),
    ("environment_info", {"nope": 1}),
    ("image", {}),
    ("image", {"state": "baked"}),
    ("job", {}),
    ("job", {"name": "init", "service": "lms", "script": "x"}),
    ("job", {"service": "lms"}),
    ("logs", {"tail": "many"}),
    ("logs", {"tail": 0}),
    ("logs", {"tail": 100001}),
    ("logs", {"since": "yesterday"}),
    ("logs", {"until": "2026-02-30"}),
    ("logs", {"grep": "("}),
    ("plugin", {"state": "present"}),
    ("plugin_info", {"nope": 1}),
    ("smoke", {"nope": 1}),
]


@pytest.mark.parametrize("module, options", WRONG, ids=str)
def test_results_of_every_failure(plain, module, options):
    plain.refused(module, **options)
    result = plain.run(module, **options)
    assert {name: result[name] for name in NOUNS[module]} == NOUNS[module]


def test_secrets_beside_a_wrong_option(plain):
    definition = {"name": "p", "config": {"set": {"API_TOKEN": "givengiven1"}}}
    result = plain.run("environment", definitions=[definition], settings={"SMTP_PASSWORD": "givengiven2"}, nope=1)
    assert "nope" in result.msg
    assert "givengiven" not in result.printed
