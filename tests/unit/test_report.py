# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a fleet: what stands on it, that nothing in it is taken for HTML, and that it needs nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
VOID = {"meta", "link", "br", "img", "hr", "input"}
EVIL = "<script>alert('x')</script>&\"{{ 7 * 7 }}"
DIGEST, OTHER = ("sha256:" + letter * 64 for letter in "ab")


def found(**results: object) -> dict:
    """What roles/report/tasks/main.yml registers of one host."""
    return {f"_tutor_report_{name}": result for name, result in results.items()}


IMAGE = {"name": "openedx", "tag": "openedx:1", "owner": "core", "pullable": True, "id": "sha256:1", "digests": [DIGEST]}
CONTAINER = {
    "service": "lms",
    "name": "tutor_local-lms-1",
    "state": "running",
    "image": "openedx:1",
    "image_id": "sha256:1",
    "current": True,
}
TASK = {"owner": "lms", "service": "lms", "changed": False, "reason": "unchanged", "succeeded": "2026-01-31T08:00:00Z"}
PLUGIN = {"name": "notes", "api": "v1", "source": "entrypoint", "package": "tutor-notes", "version": "1.2.3", "path": "", "enabled": True}
FILE = {"template": "x", "owner": "core", "patches": {"lms-env": ["notes", "slogan"]}, "digest": DIGEST, "drift": False}


def site(**changes: object) -> dict:
    """A site as deployed, with other values for some of what is known of it."""
    known = {
        "origin": {"PLATFORM_NAME": {"layer": "user", "owner": "core"}, "LMS_HOST": {"layer": "defaults", "owner": "core"}},
        "config": {"PLATFORM_NAME": "University", "LMS_HOST": "www.example.org"},
        "files": {"apps/lms.yml": FILE},
        "image": IMAGE,
        "container": CONTAINER,
        "task": TASK,
        "plugin": dict(PLUGIN, error=""),
        **changes,
    }
    compose = {"project_name": "tutor_local"}
    return found(
        venv={"stat": {"exists": True}},
        config={"config": known["config"], "origin": known["origin"], "release": "22.0.3", "compose": compose},
        files={"files": known["files"]},
        images={"images": [dict({"created": "2026-01-31T08:00:00.5Z"}, **known["image"])], "containers": [known["container"]]},
        tasks={"tasks": [known["task"]]},
        plugins={"plugins": [known["plugin"]]},
    )


def unsafe(value: object) -> object:
    """As results of modules are: Ansible renders nothing in them."""
    if isinstance(value, dict):
        return {key: unsafe(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unsafe(item) for item in value]
    return {"__ansible_unsafe": value} if isinstance(value, str) and "{{" in value else value


def write_page(folder: Path, sites: dict) -> Path:
    page = folder / "page.html"
    hosts = {name: unsafe(dict(known, ansible_connection="local", tutor_report_file=str(page))) for name, known in sites.items()}
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    play = {"hosts": "all", "gather_facts": False}
    play["tasks"] = [{"ansible.builtin.include_role": {"name": "lectern.tutor.report", "tasks_from": "page.yml"}}]
    (folder / "playbook.yml").write_text(yaml.safe_dump([play]))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(folder / "inventory.json"), str(folder / "playbook.yml")]
    environ = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"), ANSIBLE_HOME=str(folder / "ansible"))
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return page


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a fleet in which every state occurs; its names and values are as bad as can be."""
    evil_plugin = dict(PLUGIN, name=EVIL, version=EVIL, error=EVIL)
    evil_file = dict(FILE, drift=True, patches={EVIL: [EVIL]})
    engine = {"msg": f"No Docker engine answers {EVIL}"}
    sites = {
        "physics": site(),
        "history": site(
            config={EVIL: EVIL, "LIST": [EVIL]},
            origin={key: {"layer": "user", "owner": EVIL} for key in (EVIL, "LIST")},
            files={EVIL: evil_file},
            image=dict(IMAGE, name=EVIL, tag=EVIL, owner=EVIL, digests=[EVIL], created="1970-01-01T00:00:00Z"),
            container=dict(CONTAINER, **dict.fromkeys(("service", "name", "state", "image"), EVIL), current=False),
            task=dict(TASK, owner=EVIL, service=EVIL, changed=True, reason=EVIL, succeeded=None),
            plugin=evil_plugin,
        ),
        "pinned": dict(site(), tutor_image_pins={"openedx": OTHER}),
        "engineless": dict(site(), **found(images=engine, tasks=engine)),
        "waiting": site(task=dict(TASK, changed=True)),
        "fresh": found(venv={"stat": {"exists": False}}),
        "gone": found(venv={"unreachable": True, "msg": f"Failed to connect {EVIL}"}),
        "odd": found(venv={"msg": "no sudo"}),
        "adopted": site(files={}),
        "damaged": dict(site(), **found(files={"msg": "manifest.json is damaged"})),
    }
    return write_page(tmp_path_factory.mktemp("report"), sites)


class Page(HTMLParser):
    """Elements with their attributes and their text; refuses what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict, list[str]]] = []
        self.elements: list[tuple[str, dict, str]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in VOID:
            self.elements.append((tag, dict(attrs), ""))
        else:
            self.open.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        name, attributes, texts = self.open.pop()
        assert name == tag
        self.elements.append((name, attributes, " ".join("".join(texts).split())))

    def handle_data(self, data: str) -> None:
        for _name, _attributes, texts in self.open:
            texts.append(data)

    def all(self, *tags: str) -> list[tuple[str, dict, str]]:
        return [element for element in self.elements if element[0] in tags]


@pytest.fixture(scope="module")
def parsed(page: Path) -> Page:
    return Page(page.read_text())


def test_states(parsed: Page) -> None:
    rows = [text for tag, _attributes, text in parsed.all("tr")][1:11]
    assert [" ".join(row.split()) for row in rows] == [
        "physics as deployed22.0.3 1 0",
        "history has drifted22.0.3 1 2",
        "pinned has drifted22.0.3 1 1",
        "engineless not known in full22.0.3 1 0",
        "waiting has init tasks to run22.0.3 1 0",
        "fresh not deployed yet 0 0",
        "gone not reachable 0 0",
        "odd not known 0 0",
        "adopted not known in full22.0.3 1 0",
        "damaged not known in full22.0.3 1 0",
    ]


def test_what_a_site_shows(parsed: Page) -> None:
    section = next(text for tag, attributes, text in parsed.all("section") if attributes["id"] == "site1")
    for text in (
        "Release 22.0.3",
        "notes1.2.3v1yes",
        "PLATFORM_NAMEUniversityusercore",
        "2026-01-31",
        "days ago",
        "None found.",
        "lms-env",
    ):
        assert text in section
    assert "www.example.org" not in section
    gone = next(text for tag, attributes, text in parsed.all("section") if attributes["id"] == "site7")
    assert gone.startswith("gone This site is not reachable. Failed to connect <script>")


@pytest.mark.parametrize(
    ("number", "says"), [(4, "No Docker engine answers"), (9, "Lectern has rendered none here yet"), (10, "manifest.json is damaged")]
)
def test_drift_that_is_not_known_is_not_none(parsed: Page, number: int, says: str) -> None:
    section = next(text for tag, attributes, text in parsed.all("section") if attributes["id"] == f"site{number}")
    drift = section.partition("Drift")[2].partition("Plugins")[0]
    assert says in drift
    assert "None found." not in drift


def test_nothing_is_taken_for_html(page: Path, parsed: Page) -> None:
    assert parsed.all("script") == []
    assert "<script" not in page.read_text()
    assert "{{ 7 * 7 }}" in page.read_text()
    history = next(text for tag, attributes, text in parsed.all("section") if attributes["id"] == "site2")
    assert history.count(EVIL) > 20


def test_needs_nothing_else(parsed: Page) -> None:
    addresses = [value for tag, attributes, text in parsed.elements for name, value in attributes.items() if name in ("href", "src")]
    assert all(address.startswith("#site") or address == "data:," for address in addresses)
    assert all("url(" not in text and "@import" not in text for tag, attributes, text in parsed.all("style"))


def test_can_be_read_by_everyone(parsed: Page) -> None:
    assert dict(parsed.all("html")[0][1])["lang"] == "en"
    assert len(parsed.all("h1")) == len(parsed.all("main")) == 1
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes, text in parsed.all("th"))
    assert len(parsed.all("caption")) == len(parsed.all("table"))
    ids = [attributes["id"] for tag, attributes, text in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _tag, attributes, _text in parsed.all("svg"):
        assert attributes["role"] == "img"
        assert set(attributes["aria-labelledby"].split()) <= set(ids)


def test_picture_joins_plugins_patches_and_files(parsed: Page) -> None:
    titles = [text for tag, attributes, text in parsed.all("title")]
    assert titles[1:5] == ["Which plugin of physics changes which file", "notes: lms-env", "lms-env: apps/lms.yml", "slogan: lms-env"]


def test_another_host_needs_a_path(tmp_path: Path) -> None:
    """The folder in which ansible-playbook is called is of no use there."""
    play = {"hosts": "localhost", "gather_facts": False, "roles": ["lectern.tutor.report"]}
    (tmp_path / "playbook.yml").write_text(yaml.safe_dump([play]))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(tmp_path / "playbook.yml")]
    command += ["-e", "tutor_report_host=www.example.org"]
    environ = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(CHECKOUT / ".build/collections"), ANSIBLE_HOME=str(tmp_path / "ansible"))
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "tutor_report_file is 'tutor-report.html': give an absolute path on www.example.org." in done.stdout


def test_in_a_browser(page: Path) -> None:
    """No request leaves the page, nothing is amiss, and a link leads to its site."""
    python, chromium = CHECKOUT / ".build/browser/bin/python", shutil.which("chromium") or shutil.which("google-chrome")
    if not python.exists() or not chromium:
        pytest.skip("there is no browser here: make browser sets one up and runs this test")
    command = [python, CHECKOUT / "tests/support/browser.py", chromium, page]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {address for address in seen["requests"] if address != "data:,"} == {page.as_uri()}
    assert (seen["console"], seen["dialogs"], seen["title"]) == ([], [], "Open edX sites")
    assert seen["headings"][:2] == ["physics", "history"]
    assert seen["images"][:2] == ["pt1 pd1", "pt2 pd2"]
    assert "University" in seen["text"] and EVIL in seen["text"]
    assert seen["after_click"] == "site1"
