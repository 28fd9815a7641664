# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the logs of a site are shown on the controller."""

from __future__ import annotations

import json

import pytest
from ansible import constants
from ansible_collections.lectern.tutor.plugins.plugin_utils import display


def line(time: str, service: str, container: str, text: str) -> dict[str, str]:
    return {"time": time, "service": service, "container": container, "text": text}


RESULT = {
    "lines": [
        line("2026-01-31T08:00:00.123456789Z", "lms", "campus-lms-1", "GET /"),
        line("2026-01-31T08:00:01Z", "caddy", "campus-caddy-1", "200"),
        line("2026-01-31T08:00:02.5Z", "lms", "campus-lms-2", "GET /2"),
    ],
    "actions": ["Service 'cms' has no container"],
}


def test_text_of_a_site() -> None:
    assert display.log_text("campus", RESULT) == [
        "[campus] 2026-01-31T08:00:00.123Z campus-lms-1 | GET /",
        "[campus] 2026-01-31T08:00:01.000Z caddy | 200",
        "[campus] 2026-01-31T08:00:02.500Z campus-lms-2 | GET /2",
        "[campus] (Service 'cms' has no container.)",
    ]
    assert display.log_text("campus", {"lines": [], "actions": []}) == ["[campus] (No lines.)"]


def test_json_of_a_site_is_an_object_in_each_line() -> None:
    shown = [json.loads(text) for text in display.log_json("campus", RESULT)]
    assert shown[1] == {"site": "campus", **RESULT["lines"][1]}
    assert shown[3] == {"site": "campus", "remark": "Service 'cms' has no container"}


@pytest.mark.parametrize(("callback", "stream"), [("default", "out"), ("ansible.posix.json", "err")])
def test_lines_of_a_host_come_together_and_drive_no_terminal(
    callback: str, stream: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback)
    display.display_lines(["one \x1b[2J", "two\nthree"])
    shown = capsys.readouterr()
    assert getattr(shown, stream) == "one \ntwo three\n"
