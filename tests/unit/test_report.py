# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a fleet: what stands on it, that nothing in it is taken for HTML, and that people can use it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lectern.tutor.plugins.plugin_utils import report
from ansible_collections.lectern.tutor.tests.support import made_sites
from ansible_collections.lectern.tutor.tests.support.made_sites import OTHER, found, plugin, service, site, status

CHECKOUT = Path(__file__).resolve().parents[2]
VOID = {"meta", "link", "br", "img", "hr", "input"}
EVIL = "<script>alert('x')</script><!--<script>\"&amp;{{ 7 * 7 }}\u202e"
SYNTAX = "Plugin 'banner': banner.yml line 3: mapping values are not allowed here"
ENGINE = "No Docker engine answers at unix:///var/run/docker.sock"
NOW = "2026-01-31T08:00:00Z"


def results_of(known: dict[str, Any]) -> dict[str, Any]:
    """Return what report.html.j2 gives to the filter of one host."""
    results = {name: known.get(f"_tutor_report_{name}", {}) for name in ("venv", "status", "plugins", "config", "files", "images")}
    return {**results, "pins": known.get("tutor_image_pins", {})}


def described(known: dict[str, Any]) -> dict[str, Any]:
    return report.describe_sites({"learn": results_of(known)}, NOW)["sites"][0]


def broken(message: str) -> list[dict[str, str]]:
    return [{"level": "broken", "message": message}]


STATES = {
    "as deployed": (site(), "ok", ["As deployed"]),
    "not reachable": (
        found(venv={"unreachable": True, "msg": "Connection timed out\nby peer"}),
        "broken",
        ["Not reachable: Connection timed out"],
    ),
    "no sudo": (found(venv={"msg": "Missing sudo password"}), "broken", ["Not known: Missing sudo password"]),
    "gone without a word": (found(venv={"unreachable": True}), "broken", ["Not reachable: the site was not asked"]),
    "not deployed": (found(venv={"stat": {"exists": False}}), "attention", ["Not deployed yet"]),
    "module failed": (
        {**site(), **found(status={"msg": "This is a bug in lectern.tutor"})},
        "broken",
        ["Not known: This is a bug in lectern.tutor"],
    ),
    "gone meanwhile": (
        {**site(), **found(status={"unreachable": True, "msg": "Shared connection closed"})},
        "broken",
        ["Not known: Shared connection closed"],
    ),
    "the site's own verdict": (site(problems=broken("Service 'lms' is missing") * 2), "broken", ["Service 'lms' is missing"] * 2),
    "another image than pinned": (
        {**site(), "tutor_image_pins": {"openedx": OTHER}},
        "attention",
        ["Image 'openedx' is not the pinned one"],
    ),
    "pinned and broken": (
        {**site(problems=broken("Service 'lms' is missing")), "tutor_image_pins": {"openedx": OTHER}},
        "broken",
        ["Service 'lms' is missing", "Image 'openedx' is not the pinned one"],
    ),
    "no engine": (
        {**site(services=None, due=None, errors=[ENGINE], problems=broken(ENGINE)), **found(images={"msg": ENGINE})},
        "broken",
        [ENGINE],
    ),
    "part of it not known": (
        {**site(), **found(files={"msg": "manifest.json is damaged"})},
        "attention",
        ["The patches are not known: manifest.json is damaged"],
    ),
}


@pytest.mark.parametrize("case", STATES)
def test_state_and_its_reasons(case: str) -> None:
    known, state, reasons = STATES[case]
    seen = described(known)
    assert (seen["state"], seen["reasons"]) == (state, reasons)


def test_worst_sites_come_first() -> None:
    sites = {case: results_of(known) for case, (known, _state, _reasons) in STATES.items()}
    page = report.describe_sites(sites, NOW)
    states = [each["state"] for each in page["sites"]]
    assert states == sorted(states, key=report.STATES.index)
    assert page["counts"] == {"broken": 8, "attention": 3, "ok": 1}
    assert page["counts"] == {state: states.count(state) for state in report.STATES}


def cells(known: dict[str, Any]) -> dict[str, str]:
    return {key: cell.text for key, cell in described(known)["cells"].items()}


def test_first_screen() -> None:
    run = {"finished": "2026-01-31T03:00:00Z", "result": "succeeded"}
    usual = {"release": "22.0.3", "run": "5 h ago", "drift": "0", "due": "0", "certificate": "61 days", "restarts": "0"}
    assert cells(site(last_run=run)) == usual
    assert cells(site(last_run={**run, "result": "failed"})) == {**usual, "run": "failed 5 h ago"}
    assert cells(site(last_run=run, due=["lms: image changed"])) == {**usual, "due": "1"}
    assert cells(site(last_run=run, certificates=[])) == {**usual, "certificate": "none"}
    ends = {"host": "learn", "expires": NOW, "problem": "has a certificate that ends"}
    assert cells(site(last_run=run, certificates=[{**ends, "days": 9}, {**ends, "days": 1}]))["certificate"] == "1 day"
    assert cells(site(last_run=run, certificates=[{**ends, "days": 9}, {**ends, "days": -1}]))["certificate"] == "expired"
    assert cells(site(last_run=run, certificates=[{**ends, "days": None}]))["certificate"] == ""
    services = [service("lms", current=False, restarts=2), service("cms", current=None, restarts=1)]
    drifted = {**site(last_run=run, drift=["apps/lms.yml"], services=services), "tutor_image_pins": {"openedx": OTHER}}
    assert cells(drifted) == {**usual, "drift": "3", "restarts": "3"}


@pytest.mark.parametrize(
    ("minutes", "says"), [(-3, "0 min ago"), (59, "59 min ago"), (60, "1 h ago"), (2879, "47 h ago"), (2880, "2 days ago")]
)
def test_ages(minutes: int, says: str) -> None:
    assert report.say_age(minutes) == says


@pytest.mark.parametrize("case", ["not reachable", "not deployed", "module failed"])
def test_what_is_not_known_is_not_said(case: str) -> None:
    seen = described(STATES[case][0])
    if case == "module failed":
        assert {key for key, text in ((key, cell.text) for key, cell in seen["cells"].items()) if text} == {"release"}
        assert seen["unknown"]["services"] == "This is a bug in lectern.tutor"
    else:
        assert set(seen["cells"].values()) == {report.NOT_KNOWN}
        assert seen["tables"] == {}
        assert set(seen["unknown"].values()) == {seen["reasons"][0]}


def test_tables_that_are_not_known_say_why() -> None:
    seen = described(STATES["no engine"][0])
    assert seen["unknown"] == {"services": ENGINE, "due": ENGINE, "images": ENGINE}
    assert cells(STATES["no engine"][0])["drift"] == ""
    seen = described(site(pending=None, due=None, errors=[SYNTAX], problems=broken(SYNTAX)))
    assert seen["unknown"] == {"pending": SYNTAX, "due": SYNTAX}


def test_details_of_a_site() -> None:
    pending = {"created": ["new.yml"], "changed": ["old.yml"], "removed": [], "settings": ["LMS_HOST"]}
    certificates = [{"host": "learn.example.org", "expires": NOW, "days": 9, "problem": "has a certificate that ends"}]
    hosts = [{"host": host, "state": "200", "problem": None} for host in ("learn.example.org:81", "apps.example.org/account/")]
    services = [
        service("cms"),
        service("lms", state="exited", problem="exited with code 1"),
        service("old", defined=False, health="unhealthy"),
    ]
    seen = described(
        {
            **site(
                "learn",
                [plugin("mfe"), plugin("banner", "1", error=SYNTAX)],
                pending=pending,
                drift=["edited.yml"],
                certificates=certificates,
            ),
            **found(status=status(pending=pending, drift=["edited.yml"], certificates=certificates, hosts=hosts, services=services)),
        }
    )
    tables = seen["tables"]
    assert [[row[0], row[1]["text"], row[1]["state"], row[5]] for row in tables["services"]] == [
        ["lms", "exited", "broken", "exited with code 1"],
        ["cms", "running", "ok", None],
        ["old", "running, unhealthy", "broken", "belongs to no service any more"],
    ]
    assert tables["hosts"] == [
        ["learn.example.org:81", "200", 9, "has a certificate that ends"],
        ["apps.example.org/account/", "200", None, None],
    ]
    assert tables["pending"] == [
        ["new.yml", "would be created"],
        ["old.yml", "would change"],
        ["LMS_HOST", "setting would be saved"],
        ["edited.yml", "was edited or removed by hand"],
    ]
    assert tables["plugins"] == [
        ["mfe", "22.1.0", "v1", "yes", "tutor-mfe"],
        ["banner", "1", "v1", "yes", {"text": SYNTAX, "state": "broken"}],
    ]
    assert [row[0] for row in tables["settings"]] == ["LMS_HOST", "MYSQL_ROOT_PASSWORD", "PLATFORM_NAME"]  # not what is left to its default
    assert ["MYSQL_ROOT_PASSWORD", "********", "base", "core"] in tables["settings"]


def test_images_of_reproducible_builds_have_no_age() -> None:
    known = site()
    known["_tutor_report_images"]["images"][0]["created"] = "1980-01-01T00:00:00Z"
    known["_tutor_report_images"]["images"][1]["created"] = "2026-01-30T08:00:00.5Z"
    rows = described(known)["tables"]["images"]
    assert [row[3] for row in rows[:2]] == [None, {"time": "2026-01-30T08:00:00Z"}]


def test_smoke_test_stands_among_the_facts() -> None:
    verdict = {"passed": True, "how": "lectern", "reason": "", "tests": [], "finished": NOW, "current": True}
    assert described(site(smoke=verdict))["facts"][-1] == ["smoke test, passed", {"time": NOW}]
    assert described(site(smoke={**verdict, "passed": False}))["facts"][-1] == ["smoke test, failed", {"time": NOW}]
    assert len(described(site())["facts"]) == 2


def test_patches_are_there_once() -> None:
    page = report.describe_sites({name: results_of(site(name)) for name in ("learn", "campus")}, NOW)
    assert [each["patches"] for each in page["sites"]] == [0, 0]
    assert len(page["patches"]) == 1
    assert ("openedx-auth", ["minio"], ["apps/openedx/config/cms.env.yml", "apps/openedx/config/lms.env.yml"]) in page["patches"][0]


ASKED = {"status": "status_info", "plugins": "plugin_info", "config": "config_info", "files": "environment_info", "images": "image_info"}


@pytest.mark.parametrize("name", ASKED)
def test_made_results_are_like_those_of_the_modules(name: str) -> None:
    """Else these tests would go on to pass when a module returns something else."""
    text = (CHECKOUT / f"plugins/modules/{ASKED[name]}.py").read_text()
    documented = yaml.safe_load(text.partition('RETURN = r"""')[2].partition('"""')[0])
    made = results_of(site(certificates=[{"host": "learn", "expires": NOW, "days": 9, "problem": None}]))[name]
    assert {*made} <= {*documented}
    if name == "status":
        assert {*documented} - {*made} == {"actions", "diff"}
    for key, value in made.items():
        of_each = {*documented[key].get("contains", {})}
        entries = (
            value if isinstance(value, list) else [value] if key in ("pending", "last_run") else value.values() if name == "files" else []
        )
        for entry in entries:
            if of_each:
                assert {*entry} <= of_each
                assert name != "status" or {*entry} == of_each


def test_fifty_sites_take_no_time() -> None:
    sites = {name: results_of(known) for name, known in made_sites.fifty_sites().items()}
    before = time.process_time()
    report.describe_sites(sites, NOW)
    assert time.process_time() - before < 1


# The page itself.


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


class Page(HTMLParser):
    """Elements with their attributes and their text; refuses what is not closed in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.text = path, path.read_text()
        self.open: list[tuple[str, dict, list[str]]] = []
        self.elements: list[tuple[str, dict, str]] = []
        self.feed(self.text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in VOID:
            self.elements.append((tag, dict(attrs), ""))
        else:
            self.open.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        name, attributes, texts = self.open.pop()
        assert name == tag
        if name in ("td", "th"):
            self.handle_data(" ")
        self.elements.append((name, attributes, "".join(texts)))

    def handle_data(self, data: str) -> None:
        for _name, _attributes, texts in self.open:
            texts.append(data)

    def all(self, *tags: str) -> list[tuple[str, dict, str]]:
        return [element for element in self.elements if element[0] in tags]

    @property
    def data(self) -> str:
        return next(text for tag, attributes, text in self.all("script") if attributes.get("id") == "data")

    def rows(self) -> list[str]:
        return [" ".join(text.split()) for tag, attributes, text in self.all("tr") if attributes.get("class", "").startswith("site")]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(write_page(tmp_path_factory.mktemp("fleet"), made_sites.fifty_sites()))


def spoil(
    value: Any, keep: tuple[str, ...] = ("verdict", "level", "result", "finished", "last_deployment", "created", "since", "expires")
) -> Any:
    """Return a value with all its texts, and the names of what has names of its own, as bad as can be."""
    if isinstance(value, dict):
        return {key: item if key in keep else spoil(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spoil(item) for item in value]
    return EVIL if isinstance(value, str) else value


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """Of sites whose names and values are as bad as can be."""
    certificates = [{"host": EVIL, "expires": NOW, "days": -1, "problem": EVIL}]
    known = spoil(site(problems=broken("") * 2, errors=["x"], due=["x"], drift=["x"], certificates=certificates))
    known["_tutor_report_config"].update({"config": {EVIL: EVIL}, "origin": {EVIL: {"layer": "user", "owner": EVIL}}})
    patches = {EVIL: [EVIL, "minio"], "</script>": [EVIL]}
    known["_tutor_report_files"] = {"files": {EVIL: {"template": EVIL, "owner": EVIL, "patches": patches, "digest": EVIL, "drift": True}}}
    sites = {"bad": known, 'h"</script>&lt;': site(), "gone": found(venv={"unreachable": True, "msg": EVIL})}
    return Page(write_page(tmp_path_factory.mktemp("hostile"), sites))


def test_first_screen_needs_no_script(fleet: Page) -> None:
    rows = fleet.rows()
    assert len(rows) == 50
    assert rows[0].startswith("broken birch.example.org Not reachable: Failed to connect to the host via ssh")
    assert "broken walnut.example.org Host 'walnut.example.org' has a certificate that expired" in rows[3]
    assert "attention spruce.example.org Not deployed yet not known" in "\n".join(rows)
    assert "ok acacia.example.org As deployed 22.0.3 7 h ago 0 0 61 days 0" in rows
    ebony = next(row for row in rows if "ebony" in row)
    assert "Service 'lms' restarted 48 times Host 'ebony.example.org' answers with status 502" in ebony
    counts = [" ".join(text.split()) for tag, attributes, text in fleet.all("li")]
    assert counts == ["4broken", "9attention", "37ok", "50sites"]


def test_page_is_small(fleet: Page) -> None:
    """The data aside: what fifty sites say, once, however much that is."""
    assert len(fleet.text.encode()) - len(fleet.data.encode()) < 100_000


def test_nothing_is_taken_for_html(hostile: Page) -> None:
    assert [attributes for tag, attributes, text in hostile.all("script")] == [{"type": "application/json", "id": "data"}, {}]
    assert "<" not in hostile.data
    bad = next(each for each in json.loads(hostile.data)["sites"] if each["name"] == "bad")
    assert bad["reasons"][0] == EVIL
    assert {row[0] for row in bad["tables"]["services"]} == {EVIL}
    assert bad["tables"]["settings"] == [[EVIL, EVIL, "user", EVIL]]
    row = next(row for row in hostile.rows() if row.startswith("broken bad"))
    assert row.startswith(f"broken bad {EVIL} {EVIL}")
    assert any('h"</script>&lt; As deployed' in row for row in hostile.rows())


@pytest.mark.parametrize("which", ["fleet", "hostile"])
def test_only_its_own_script_and_style_are_allowed(which: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(which)
    policy = next(attributes["content"] for tag, attributes, text in page.all("meta") if "http-equiv" in attributes)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(page.all(tag)[-1][2].encode()).digest()).decode()
        assert rules.pop(source) == f"'sha256-{digest}'"
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_needs_nothing_else(fleet: Page) -> None:
    addresses = [value for tag, attributes, text in fleet.elements for name, value in attributes.items() if name in ("href", "src")]
    assert addresses == ["data:,"]
    assert not re.search(r"url\(|@import", fleet.all("style")[0][2])
    assert not re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|eval|fetch|XMLHttpRequest|import)\b", fleet.all("script")[-1][2])


def test_can_be_read_by_everyone(fleet: Page) -> None:
    assert dict(fleet.all("html")[0][1])["lang"] == "en"
    assert len(fleet.all("h1")) == len(fleet.all("main")) == 1
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes, text in fleet.all("th"))
    assert len(fleet.all("caption")) == len(fleet.all("table"))
    ids = [attributes["id"] for tag, attributes, text in fleet.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_secrets_stay_masked(fleet: Page) -> None:
    settings = json.loads(fleet.data)["sites"][-1]["tables"]["settings"]
    assert {row[0]: row[1] for row in settings}["MYSQL_ROOT_PASSWORD"] == "********"


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


# In a browser.


@pytest.fixture(scope="module")
def look() -> Callable[..., dict]:
    python, chromium = CHECKOUT / ".build/browser/bin/python", shutil.which("chromium") or shutil.which("google-chrome")
    if not python.exists() or not chromium:
        pytest.skip("there is no browser here: make browser sets one up and runs this test")

    def run(page: Page, *arguments: str) -> dict:
        command = [python, CHECKOUT / "tests/support/browser.py", chromium, page.path, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        assert {address.partition("#")[0] for address in seen["requests"]} <= {page.path.as_uri(), "data:,"}
        assert (seen["console"], seen["dialogs"], seen["look"]["title"]) == ([], [], "Open edX sites")
        return seen

    return run


@pytest.fixture(scope="module")
def seen(look: Callable[..., dict], fleet: Page) -> dict:
    """What was seen of the fleet. With SCREENSHOTS in the environment, the pictures of the documents are made, too."""
    return look(fleet, *filter(None, [os.environ.get("SCREENSHOTS")]))


def test_hostile_texts_stay_texts(look: Callable[..., dict], hostile: Page) -> None:
    seen = look(hostile)
    assert seen["look"]["text"].count(EVIL) > 20
    assert 'h"</script>&lt;' in seen["look"]["sites"]
    assert all(link.startswith(hostile.path.as_uri()) for link in seen["look"]["links"])


def test_details_are_unfolded(seen: dict) -> None:
    text = seen["look"]["text"]
    assert len(seen["look"]["sites"]) == 50
    assert "tutor_local" not in seen["look"]["first_screen"]
    for says in (
        "tutor_local",
        "restarted 48 times",
        "was edited or removed by hand",
        "setting would be saved",
        "openedx-lms-common-settings",
    ):
        assert says in text
    assert f"Not known: {ENGINE}" in text
    assert "Nothing else is known of it." in text


def test_filters_and_orders(seen: dict) -> None:
    mouse = seen["mouse"]
    assert (len(mouse["attention"]), mouse["attention_says"]) == (9, "9 of 50 sites")
    assert mouse["found"] == mouse["found_by_link"] == ["hazel.example.org"]
    assert (mouse["nothing"], mouse["nothing_says"]) == ([], "0 of 50 sites")
    first = "birch.example.org"  # in the page's own order, which is back after the third click
    assert {head: [order[0], order[1].partition(".")[0]] for head, order in mouse["orders"].items()} == {
        "state": ["ascending", "birch"],
        "site": ["ascending", "acacia"],
        "reason": ["ascending", "oak"],
        "release": ["descending", "ebony"],
        "last run": ["descending", "willow"],
        "drift": ["descending", "fig"],
        "due tasks": ["descending", "hazel"],
        "certificate": ["ascending", "walnut"],
        "restarts": ["descending", "ebony"],
    }
    for order in mouse["orders"].values():
        assert {order[0], order[2]} == {"ascending", "descending"}
        assert order[4:] == [0, first]


def test_keyboard_is_enough(seen: dict) -> None:
    keyboard = seen["keyboard"]
    assert keyboard["fragment"] == "state=attention&sort=-drift&open=fig.example.org"
    assert keyboard["sites"][:3] == ["fig.example.org", "pear.example.org", "rowan.example.org"]
    assert keyboard["keeps_focus"] == "fig.example.org"
    assert keyboard["chosen"] == ["minio"]
    assert (keyboard["lines"], keyboard["lines_off"]) == (50, 31)
    assert keyboard["without_outline"] == []


def test_odd_versions_are_marked(seen: dict) -> None:
    matrix = seen["matrix"]
    assert matrix["rows"] == 50
    assert matrix["heads"][:3] == ["site", "Tutor", "android"]
    assert [[name.partition(".")[0], *text.split("\n")] for name, text in matrix["odd"]] == [
        ["alder", "22.0.2", "most have 22.0.3"],
        ["alder", "22.0.0", "most have 22.1.0"],
        ["alder", "21.0.1", "most have 22.0.0"],
        ["holly", "21.0.9", "most have 22.0.3"],  # and its plugins are those of its release
        ["plum", "21.0.0", "disabled", "most have 22.0.0"],
    ]
    assert matrix["plum"][:4] == ["22.0.3", "22.0.0 disabled", "not installed", "21.0.0 disabled most have 22.0.0"]
    assert [name.partition(".")[0] for name in matrix["differing"]] == ["alder", "holly", "plum"]
    assert matrix["stays"]


def test_fits_every_screen_and_can_be_seen(seen: dict) -> None:
    assert {(size["width"], size["scheme"]) for size in seen["sizes"]} >= {(400, "light"), (400, "dark"), (1600, "light"), (1600, "dark")}
    assert [size for size in seen["sizes"] if size["too_wide"] or size["faint"]] == []


def test_paper(seen: dict) -> None:
    folded = {"background": "rgb(255, 255, 255)", "filter": False, "folded": 0, "reasons": 2, "open_again": 0, "pdf": "%PDF-"}
    assert seen["paper"] == folded


def test_old_page_says_so(seen: dict) -> None:
    assert re.fullmatch(r"Written \S+ \S+ UTC by lectern\.tutor\.report, 3 days ago", seen["later"])


def test_without_a_script(seen: dict) -> None:
    without = seen["without_script"]
    assert (len(without["sites"]), without["controls"]) == (50, 0)
    assert "Host 'ebony.example.org' answers with status 502" in without["text"]
    assert "need the script of this page" in without["text"]


def test_screenshots_are_small() -> None:
    pictures = [*(CHECKOUT / "docs/docsite").glob("*.png")]
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 150_000] == []
