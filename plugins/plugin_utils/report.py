# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what the role report asked of all sites into the data of its page, which report.html.j2 and report.js only lay out.

Another column of the first screen is an entry in COLUMNS, another table of a site one in TABLES, each with the function that reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

Results = dict[str, dict[str, Any]]
"""Of one site: what the role registered as ``venv``, ``status``, ``plugins``, ``config``, ``files`` and ``images``, and ``pins``."""
Rows = list[list[Any]]
"""Cells: a text, a number, None, ``{"time": …}`` in UTC, or ``{"text": …, "state": …}``."""
STATES = ("broken", "attention", "ok")
NOT_ASKED = "the site was not asked"
SOURCES = {"plugins": "The plugins are", "config": "The settings are", "files": "The patches are", "images": "The images are"}


class Fact(NamedTuple):
    """What stands in a cell of the first screen."""

    text: str
    """Empty where it is not known."""
    order: Any
    """The text or number to sort by; None comes last."""
    weight: str = ""
    """``zero`` for what nobody has to look at, ``loud`` for what somebody should."""


NOT_KNOWN = Fact("", None)


class Column(NamedTuple):
    """A fact of each site on the first screen."""

    key: str
    title: str
    read: Callable[[Results, str], Fact]
    """Takes the time of the page, too."""
    is_number: bool = True
    first: str = "-"
    """How the first click sorts; with ``-`` the highest comes first."""


class Table(NamedTuple):
    """A table among the details of a site."""

    key: str
    title: str
    heads: list[str]
    source: str
    """The result that it is read from."""
    read: Callable[[dict[str, Any], Results], Rows | None]
    """Returns the rows, None where they are not known. Takes the result that is the source, and all of them."""
    empty: str = "None."
    is_folded: bool = False


def describe_sites(sites: dict[str, Results], written: str) -> dict[str, Any]:
    """Return the data of the page, the worst sites first; ``written`` is its time, as ``2026-01-31T08:00:00Z``."""
    pool: list[Any] = []
    described = [describe_site(name, results, written, pool) for name, results in sites.items()]
    described.sort(key=lambda site: (STATES.index(site["state"]), site["name"]))
    return {
        "written": written,
        "states": STATES,
        "counts": {state: sum(site["state"] == state for site in described) for state in STATES},
        "columns": [{"key": each.key, "title": each.title, "number": each.is_number, "first": each.first + each.key} for each in COLUMNS],
        "tables": [
            {"key": each.key, "title": each.title, "heads": each.heads, "folded": each.is_folded, "empty": each.empty} for each in TABLES
        ],
        "sites": described,
        "patches": pool,
    }


def describe_site(name: str, results: Results, written: str, pool: list[Any]) -> dict[str, Any]:
    """Return what the page says of one site. Its patches are put into ``pool``, once for all sites that have the same."""
    state, reasons = judge(results)
    patches = list_patches(results)
    if patches not in pool:
        pool.append(patches)
    site: dict[str, Any] = {
        "name": name,
        "state": state,
        "reasons": reasons,
        "cells": {column.key: column.read(results, written) for column in COLUMNS},
        "facts": list_facts(results),
        "plugins": [
            {key: each[key] for key in ("name", "version", "enabled", "error")} for each in results["plugins"].get("plugins") or []
        ],
        "patches": pool.index(patches),
        "tables": {},
        "unknown": {},
    }
    for table in TABLES:
        result = results[table.source]
        why = why_unknown(result)
        rows = None if why else table.read(result, results)
        if rows is None:
            site["unknown"][table.key] = (reasons[0] if why == NOT_ASKED else why) or "; ".join(result["errors"])
        else:
            site["tables"][table.key] = rows
    return site


def judge(results: Results) -> tuple[str, list[str]]:
    """Return the state of a site with the reasons: the verdict of ``status_info``, and what only the controller knows."""
    venv, status = results["venv"], results["status"]
    if venv.get("unreachable"):
        return "broken", ["Not reachable: %s" % first_line(venv)]
    if "stat" not in venv:
        return "broken", ["Not known: %s" % first_line(venv)]
    if not venv["stat"]["exists"]:
        return "attention", ["Not deployed yet"]
    if why_unknown(status):
        return "broken", ["Not known: %s" % first_line(status)]
    state, reasons = status["verdict"], [problem["message"] for problem in status["problems"]]
    more = ["Image '%s' is not the pinned one" % image["name"] for image in list_unpinned(results)]
    told = "\n".join(reasons)
    more += ["%s not known: %s" % (words, first_line(results[key])) for key, words in SOURCES.items() if is_news(results[key], told)]
    if more and state == "ok":
        state = "attention"
    return state, reasons + more or ["As deployed"]


def is_news(result: dict[str, Any], told: str) -> bool:
    """Return whether a question failed for a reason that the site did not tell before."""
    why = why_unknown(result)
    return bool(why) and why.rstrip(".") not in told


def why_unknown(result: dict[str, Any]) -> str:
    """Return why a result lacks what was asked for; empty where it has it."""
    if result.get("msg"):
        return str(result["msg"])
    return NOT_ASKED if not result or result.get("skipped") or result.get("unreachable") else ""


def first_line(result: dict[str, Any]) -> str:
    """Return the first line of why a result lacks what was asked for, without what ansible-core 2.19 puts before it."""
    return why_unknown(result).strip().partition("\n")[0].removeprefix("Task failed: ")


def list_unpinned(results: Results) -> list[dict[str, Any]]:
    """Return the images on the host that are not those that the inventory pins."""
    pins = results["pins"]
    images = results["images"].get("images") or []
    return [image for image in images if image["id"] and image["name"] in pins and pins[image["name"]] not in image["digests"]]


def list_patches(results: Results) -> list[tuple[str, list[str], list[str]]]:
    """Return each patch with the plugins that add to it and the files that it goes to."""
    owners: dict[str, set[str]] = {}
    files: dict[str, set[str]] = {}
    for path, file in (results["files"].get("files") or {}).items():
        for patch, names in file["patches"].items():
            owners.setdefault(patch, set()).update(names)
            files.setdefault(patch, set()).add(path)
    return [(patch, sorted(owners[patch]), sorted(files[patch])) for patch in sorted(owners) if owners[patch]]


def list_facts(results: Results) -> Rows:
    """Return names and values that stand above the tables of a site."""
    project = (results["config"].get("compose") or {}).get("project_name")
    facts = [["compose project", project], ["last successful deployment", moment(results["status"].get("last_deployment"))]]
    smoke = results["status"].get("smoke")
    if smoke:
        facts.append([f"smoke test, {'passed' if smoke['passed'] else 'failed'}", moment(smoke["finished"])])
    return facts


# What stands in a cell.


def moment(time: str | None) -> dict[str, str] | None:
    """Return a time in UTC as a cell; None for the dates before 1981, which builds set to be reproducible."""
    return {"time": time[:19].replace(" ", "T") + "Z"} if time and time > "1981" else None


def mark(text: str, state: str) -> dict[str, str]:
    return {"text": text, "state": state}


def say_age(minutes: int) -> str:
    """Return how long ago something was, as report.js says it."""
    if minutes < 60:
        return "%d min ago" % max(minutes, 0)
    return "%d h ago" % (minutes // 60) if minutes < 48 * 60 else "%d days ago" % (minutes // 1440)


def number_of(count: int) -> Fact:
    return Fact(str(count), count, "loud" if count else "zero")


# The columns of the first screen.


def read_release(results: Results, written: str) -> Fact:
    release = results["status"].get("release") or results["config"].get("release")
    return Fact(release, release) if release else NOT_KNOWN


def read_last_run(results: Results, written: str) -> Fact:
    run = results["status"].get("last_run")
    if not run:
        return NOT_KNOWN
    ended, now = (datetime.strptime(time[:19], "%Y-%m-%dT%H:%M:%S") for time in (run["finished"], written))
    minutes = int((now - ended).total_seconds() // 60)
    has_failed = run["result"] == "failed"
    return Fact("failed " * has_failed + say_age(minutes), minutes, "loud" * has_failed)


def count_drift(results: Results, written: str) -> Fact:
    """Count edited files, containers of another image than their tag's, and images that are not the pinned ones."""
    files, services = results["status"].get("drift"), results["status"].get("services")
    if files is None or services is None:
        return NOT_KNOWN
    return number_of(len(files) + sum(service["current"] is False for service in services) + len(list_unpinned(results)))


def count_due(results: Results, written: str) -> Fact:
    due = results["status"].get("due")
    return NOT_KNOWN if due is None else number_of(len(due))


def read_certificate(results: Results, written: str) -> Fact:
    """Return the days that are left to the certificate that expires first."""
    certificates = results["status"].get("certificates")
    if not certificates:
        return NOT_KNOWN if certificates is None else Fact("none", None, "zero")
    days = [each["days"] for each in certificates if each["days"] is not None]
    if not days:
        return NOT_KNOWN
    has_problem = any(each["problem"] for each in certificates)
    return Fact("expired" if min(days) < 0 else "1 day" if min(days) == 1 else "%d days" % min(days), min(days), "loud" * has_problem)


def count_restarts(results: Results, written: str) -> Fact:
    services = results["status"].get("services")
    return NOT_KNOWN if services is None else number_of(sum(service["restarts"] for service in services))


# The tables of a site.


def service_rows(status: dict[str, Any], results: Results) -> Rows | None:
    """Return the services, those with a problem first."""
    services = status["services"]
    return None if services is None else [service_row(service) for service in sorted(services, key=lambda service: not service["problem"])]


def service_row(service: dict[str, Any]) -> list[Any]:
    state = ", ".join(filter(None, [service["state"], service["health"]]))
    is_well = service["state"] == "running" and service["health"] != "unhealthy"
    image = service["image"] if service["current"] is not False else mark("%s, not as it is now" % service["image"], "attention")
    return [
        service["service"],
        mark(state, "ok" if is_well else "broken"),
        moment(service["since"]),
        service["restarts"],
        image,
        "belongs to no service any more" if service["defined"] is False else service["problem"] or service["restart_reason"],
    ]


def host_rows(status: dict[str, Any], results: Results) -> Rows | None:
    if status["hosts"] is None:
        return None
    certificates = {each["host"]: each for each in status["certificates"] or []}
    rows = []
    for host in status["hosts"]:
        certificate = certificates.get(host["host"].partition("/")[0].partition(":")[0], {})
        problem = host["problem"] or certificate.get("problem")
        rows.append([host["host"], host["state"], certificate.get("days"), problem])
    return rows


def pending_rows(status: dict[str, Any], results: Results) -> Rows | None:
    """Return what rendering would change, then what was edited by hand."""
    if status["pending"] is None or status["drift"] is None:
        return None
    words = {"created": "would be created", "changed": "would change", "removed": "would be removed", "settings": "setting would be saved"}
    rows = [[name, words[kind]] for kind in words for name in status["pending"][kind]]
    return rows + [[name, "was edited or removed by hand"] for name in status["drift"]]


def due_rows(status: dict[str, Any], results: Results) -> Rows | None:
    return None if status["due"] is None else [[task] for task in status["due"]]


def plugin_rows(found: dict[str, Any], results: Results) -> Rows | None:
    return [
        [
            plugin["name"],
            plugin["version"],
            plugin["api"],
            "yes" if plugin["enabled"] else "no",
            mark(plugin["error"], "broken") if plugin["error"] else plugin["package"] or plugin["path"],
        ]
        for plugin in found["plugins"]
    ]


def setting_rows(found: dict[str, Any], results: Results) -> Rows | None:
    rows = []
    for key, origin in sorted(found["origin"].items()):
        if origin["layer"] != "defaults":
            value = found["config"][key]
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            rows.append([key, text, origin["layer"], origin["owner"]])
    return rows


def image_rows(found: dict[str, Any], results: Results) -> Rows | None:
    unpinned = list_unpinned(results)
    rows = []
    for image in found["images"]:
        digest = image["digests"][0] if image["digests"] else "not known to a registry"
        if image["id"]:
            shown = mark("not the pinned one: %s" % digest, "attention") if image in unpinned else digest
            rows.append([image["name"], image["tag"], image["owner"], moment(image["created"]), shown])
    return rows


COLUMNS = [
    Column("release", "release", read_release, is_number=False),
    Column("run", "last run", read_last_run),
    Column("drift", "drift", count_drift),
    Column("due", "due tasks", count_due),
    Column("certificate", "certificate", read_certificate, first=""),
    Column("restarts", "restarts", count_restarts),
]
TABLES = [
    Table("services", "Services", ["service", "state", "since", "restarts", "image", "problem"], "status", service_rows),
    Table("hosts", "Hosts", ["host", "state", "certificate days", "problem"], "status", host_rows),
    Table("pending", "Files and settings that are not as deployed", ["name", "how"], "status", pending_rows),
    Table("due", "Init tasks to run", ["task"], "status", due_rows),
    Table("plugins", "Plugins", ["plugin", "version", "API", "enabled", "from"], "plugins", plugin_rows, is_folded=True),
    Table(
        "settings",
        "Settings that are not left to their defaults",
        ["setting", "value", "layer", "owner"],
        "config",
        setting_rows,
        is_folded=True,
    ),
    Table("images", "Images on the host", ["image", "tag", "owner", "made", "digest"], "images", image_rows, is_folded=True),
]
