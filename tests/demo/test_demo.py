# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo of the README, from nothing to a page that three plugins changed, again, and back to nothing.

It runs as `make demo` does, but in a folder, under a name and on ports of its own, so that a demo of this machine stays as it is.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


class Demo(NamedTuple):
    """A demo that was deployed twice: its settings, and what each run printed."""

    settings: dict[str, str | int]
    first: str
    second: str


def output_of(*command: str) -> str:
    """What a command prints; a failed one fails the test with all of it."""
    answer = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
    return answer.stdout


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def changed(output: str) -> int:
    """How many tasks changed something, by the recap of a playbook."""
    found = re.findall(r"^localhost .* changed=(\d+) ", output, re.MULTILINE)
    assert len(found) == 1, output
    return int(found[0])


def clean(variables: Path) -> str:
    playbook = ["examples/campus/clean.yml", "--extra-vars", f"@{variables}"]
    return output_of("ansible-playbook", "--inventory", "examples/campus/inventory", *playbook)


def traces(settings: dict[str, str | int]) -> list[str]:
    """What there is of a demo on this machine: containers, networks, volumes, images and files."""
    project = str(settings["campus_project"])
    lists = ["container ls --all", "network ls", "volume ls", "image ls"]
    lines = [line for what in lists for line in output_of("docker", *what.split()).splitlines()]
    found = [line for line in lines if project in line or f":{settings['campus_registry_port']}/" in line]
    folder = Path(str(settings["campus_folder"]))
    return found + sorted(map(str, folder.rglob("*"))) + ([str(folder)] if folder.exists() else [])


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo")
    settings = {
        "campus_folder": str(folder / "campus"),
        "campus_http_port": free_port(),
        "campus_registry_port": free_port(),
        "campus_project": f"lectern-campus-{os.getpid()}",
    }
    path = folder / "variables.json"
    path.write_text(json.dumps(settings))
    yield path
    clean(path)


@pytest.fixture(scope="module")
def demo(variables: Path) -> Demo:
    run = ["scripts/demo", "--extra-vars", f"@{variables}"]
    return Demo(json.loads(variables.read_text()), output_of(*run), output_of(*run))


def test_make_runs_these_scripts() -> None:
    # Without the lines in which a make that runs in another says where it is.
    make = ["make", "--no-print-directory", "--dry-run"]
    assert output_of(*make, "demo").strip() == "scripts/demo"
    assert output_of(*make, "clean").strip() == "scripts/clean"


def test_page_holds_what_each_plugin_added(demo: Demo) -> None:
    with urllib.request.urlopen(f"http://localhost:{demo.settings['campus_http_port']}/") as answer:
        page = answer.read().decode()
        notice = answer.headers["X-Notice"]
    assert notice == "The library is open until midnight"
    assert '<aside id="notice">The library is open until midnight, says The Campus</aside>' in page
    assert '<p id="slogan">Learn something new, says the plugin catalog</p>' in page
    assert "put them.</li>" in page.partition('id="welcome"')[2]
    assert "<dt>HIS-204</dt><dd>Lecterns &amp; libraries</dd>" in page.partition('id="catalog"')[2]
    assert "<li>Monday: The Campus tour</li>" in page.partition('id="timetable"')[2]


def test_first_run_prints_the_page(demo: Demo) -> None:
    assert changed(demo.first) > 0
    assert f"http://localhost:{demo.settings['campus_http_port']}/" in demo.first
    for text in ("The life of lichens", "The library is open until midnight, says The Campus", "Friday: Numbers"):
        assert text in demo.first


def test_second_run_changes_nothing(demo: Demo) -> None:
    assert changed(demo.second) == 0, demo.second
    assert "The life of lichens" in demo.second


def test_check_tells_all_that_comes_of_another_image(demo: Demo, variables: Path) -> None:
    """Its service, on which another one depends, is replaced, and its init tasks run; then nothing is left to do."""
    definition = {"name": "label", "version": "1", "patches": {"openedx-dockerfile": "LABEL motto=carpe"}}
    more = {"tutor_plugin_definitions": [definition], "tutor_plugins": ["catalog", "notice", "timetable", "label"]}
    run = ["scripts/demo", "--diff", "--extra-vars", f"@{variables}", "--extra-vars", json.dumps(more)]
    checked, deployed, again = output_of(*run, "--check"), output_of(*run), output_of(*run)
    assert changed(checked) == changed(deployed) == 5, checked + deployed
    told = [re.findall(r"^\+(.*(?:: replaced|: restarted|init task of .*))$", output, re.MULTILINE) for output in (checked, deployed)]
    assert told[0] == told[1]
    assert told[0][0] == f"{demo.settings['campus_project']}-lms-1: replaced"
    assert len(told[0]) == 3
    assert changed(again) == 0, again


# Comes last, as it takes the demo away.
def test_clean_removes_everything(demo: Demo, variables: Path) -> None:
    assert traces(demo.settings)
    assert changed(clean(variables)) > 0
    assert traces(demo.settings) == []
    assert changed(clean(variables)) == 0
