# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fifty sites that nobody runs, in every state, as the role report registers them: for the tests and the screenshots of its page.

The patches (patches.json) are those of Tutor 22.0.3 with its thirteen official plugins.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# fmt: off
NAMES = [
    "acacia", "alder", "almond", "apple", "ash", "aspen", "bamboo", "baobab", "beech", "birch", "boxwood", "cedar", "cherry",
    "chestnut", "cork", "cypress", "dogwood", "ebony", "elder", "elm", "fig", "fir", "ginkgo", "hawthorn", "hazel", "holly",
    "hornbeam", "ivory", "juniper", "larch", "laurel", "lemon", "lime", "linden", "magnolia", "maple", "medlar", "mulberry", "oak",
    "olive", "palm", "pear", "pine", "plum", "poplar", "rowan", "spruce", "sycamore", "walnut", "willow",
]
# fmt: on
SERVICES = [
    *("caddy", "cms", "cms-worker", "credentials", "discovery", "elasticsearch", "jupyterhub", "lms", "lms-worker", "meilisearch", "mfe"),
    *("minio", "mongodb", "mysql", "notes", "redis", "smtp", "xqueue", "xqueue-consumer"),
]
VERSIONS = dict.fromkeys(
    ("android", "cairn", "credentials", "deck", "discovery", "forum", "indigo", "jupyter", "livedeps", "minio", "notes", "xqueue"), "22.0.0"
)
VERSIONS["mfe"] = "22.1.0"
DIGEST, OTHER = ("sha256:" + letter * 64 for letter in "ab")
OPENEDX = "docker.io/overhangio/openedx:22.0.3"


def found(**results: Any) -> dict[str, Any]:
    """Return what roles/report/tasks/main.yml registers of one host."""
    return {f"_tutor_report_{name}": result for name, result in results.items()}


def ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).strftime("%Y-%m-%dT%H:%M:%SZ")


def service(name: str = "lms", **changes: Any) -> dict[str, Any]:
    image = OPENEDX if name.startswith(("lms", "cms")) else f"docker.io/library/{name}:1"
    nothing = {"defined": True, **dict.fromkeys(("health", "restart_reason", "problem"))}
    known = dict(
        nothing, service=name, name=f"tutor_local-{name}-1", state="running", since=ago(days=12), image=image, current=True, restarts=0
    )
    return {**known, **changes}


def status(**changes: Any) -> dict[str, Any]:
    """Return what status_info returns of a site as deployed, with other values for some of it."""
    host = changes.pop("host", "learn.example.org")
    known = {
        "services": [service(name) for name in SERVICES],
        "hosts": [{"host": each, "state": "200", "problem": None} for each in (host, f"studio.{host}", f"apps.{host}/account/")],
        "certificates": [
            {"host": each, "expires": ago(days=-61), "days": 61, "problem": None} for each in (host, f"studio.{host}", f"apps.{host}")
        ],
        "due": [],
        "drift": [],
        "pending": {"created": [], "changed": [], "removed": [], "settings": []},
        "last_run": {"finished": ago(days=12), "result": "succeeded"},
        "last_deployment": ago(days=12),
        "smoke": None,
        "release": "22.0.3",
        "plugins": sorted(VERSIONS),
        "errors": [],
        "problems": [],
        "verdict": "ok",
        **changes,
    }
    levels = [problem["level"] for problem in known["problems"]]
    known["verdict"] = next((level for level in ("broken", "attention") if level in levels), "ok")
    return known


def problems(level: str, *messages: str) -> list[dict[str, str]]:
    return [{"level": level, "message": message} for message in messages]


def plugin(name: str, version: str = "", **changes: Any) -> dict[str, Any]:
    known = {
        "name": name,
        "api": "v1",
        "source": "entrypoint",
        "package": f"tutor-{name}",
        "version": version or VERSIONS[name],
        "path": "",
    }
    return {**known, "enabled": True, "error": "", **changes}


def environment_files() -> dict[str, Any]:
    """Return the files that patches go to, as environment_info does."""
    files: dict[str, Any] = {}
    for patch, (plugins, paths) in json.loads((Path(__file__).parent / "patches.json").read_text()).items():
        for path in paths:
            file = files.setdefault(path, {"template": path, "owner": "core", "patches": {}, "digest": DIGEST, "drift": False})
            file["patches"][patch] = plugins
    return files


def site(name: str = "learn", plugins: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """Return what is registered of a site; ``changes`` are those of its status."""
    host = f"{name}.example.org"
    settings = {"LMS_HOST": (host, "user", "core"), "PLATFORM_NAME": (f"{name.title()} Academy", "user", "core")}
    settings["MYSQL_ROOT_PASSWORD"] = ("********", "base", "core")
    settings["CADDY_HTTP_PORT"] = (80, "defaults", "core")
    images = [
        ("openedx", OPENEDX, "core"),
        ("mfe", "docker.io/overhangio/openedx-mfe:22.1.0-indigo", "mfe"),
        ("mysql", "docker.io/mysql:8.4.0", "core"),
    ]
    return found(
        venv={"stat": {"exists": True}},
        status=status(**{"host": host, **changes}),
        plugins={"plugins": [plugin(each) for each in VERSIONS] if plugins is None else plugins},
        config={
            "config": {key: value for key, (value, _layer, _owner) in settings.items()},
            "origin": {key: {"layer": layer, "owner": owner} for key, (_value, layer, owner) in settings.items()},
            "release": changes.get("release", "22.0.3"),
            "compose": {"project_name": "tutor_local"},
        },
        files={"files": environment_files()},
        images={
            "images": [
                {"name": each, "tag": tag, "owner": owner, "pullable": True, "id": "sha256:1", "digests": [DIGEST], "created": ago(days=20)}
                for each, tag, owner in images
            ]
        },
    )


def _versions(**changes: Any) -> list[dict[str, Any]]:
    """Return the plugins with another version, with other values (a dict), or without one (None)."""
    chosen = {name: changes.get(name, version) for name, version in VERSIONS.items()}
    return [
        plugin(name, **({"version": value} if isinstance(value, str) else value))
        for name, value in sorted(chosen.items())
        if value is not None
    ]


def _restarting(name: str, restarts: int) -> list[dict[str, Any]]:
    problem = f"restarted {restarts} times"
    return [
        service(each, **(dict(state="restarting", restarts=restarts, since=ago(minutes=1), problem=problem) if each == name else {}))
        for each in SERVICES
    ]


def _certificates(host: str, days: int, problem: str) -> list[dict[str, Any]]:
    return [{"host": host, "expires": ago(days=-days), "days": days, "problem": problem}]


def special_sites() -> dict[str, dict[str, Any]]:
    """Return the sites that are not as deployed, or not like the others."""
    failed = {"finished": ago(hours=5), "result": "failed"}
    engine = "No Docker engine answers at unix:///var/run/docker.sock: Connection refused. Start it, or set DOCKER_HOST."
    syntax = "Plugin 'banner': /srv/tutor-plugins/banner.yml line 3: mapping values are not allowed here"
    edited = ["apps/openedx/settings/lms/production.py", "local/docker-compose.yml"]
    due = ["Init task of 'discovery': its script changed", "Init task of 'lms': its image changed"]
    old = "Service 'lms' does not run image '%s' as it is now" % OPENEDX
    unrendered = {"created": [], "changed": ["apps/caddy/Caddyfile"], "removed": [], "settings": ["PLATFORM_NAME"]}
    expired = f"has a certificate that expired at {ago(days=2)}"
    ending = f"has a certificate that expires at {ago(days=-9)} and should have been renewed: look at the logs of the web proxy"
    return {
        "birch": found(
            venv={
                "unreachable": True,
                "msg": "Failed to connect to the host via ssh: connect to host birch.example.org port 22: Connection timed out",
            }
        ),
        "ebony": site(
            "ebony",
            services=_restarting("lms", 48),
            problems=problems("broken", "Service 'lms' restarted 48 times", "Host 'ebony.example.org' answers with status 502"),
            last_run=failed,
        ),
        "linden": {
            **site("linden", services=None, hosts=None, certificates=None, due=None, errors=[engine], problems=problems("broken", engine)),
            **found(images={"msg": engine}),
        },
        "walnut": site(
            "walnut",
            certificates=_certificates("walnut.example.org", -2, expired),
            problems=problems("broken", f"Host 'walnut.example.org' {expired}"),
        ),
        "cherry": site(
            "cherry",
            certificates=_certificates("cherry.example.org", 9, ending),
            problems=problems("attention", f"Host 'cherry.example.org' {ending}"),
        ),
        "fig": site("fig", drift=edited, problems=problems("attention", f"2 files were edited by hand: {', '.join(edited)}")),
        "hazel": site("hazel", due=due, problems=problems("attention", f"2 init tasks are due: {'; '.join(due)}")),
        "larch": site(
            "larch", last_run=failed, problems=problems("attention", f"The last deployment failed at {failed['finished']}: run it again")
        ),
        "medlar": {
            **site("medlar", _versions(notes=None), pending=None, due=None, errors=[syntax], problems=problems("attention", syntax)),
            **found(
                plugins={
                    "plugins": [
                        *_versions(notes=None),
                        plugin("banner", "1.0", source="yaml", package="", path="/srv/tutor-plugins/banner.yml", error=syntax),
                    ]
                },
                config={"msg": syntax},
            ),
        },
        "oak": site(
            "oak", pending=unrendered, problems=problems("attention", "2 changes are not rendered yet: apps/caddy/Caddyfile, PLATFORM_NAME")
        ),
        "pear": {**site("pear"), "tutor_image_pins": {"openedx": OTHER}},
        "rowan": site("rowan", services=[service(each, current=each != "lms") for each in SERVICES], problems=problems("attention", old)),
        "spruce": found(venv={"stat": {"exists": False}}),
        "alder": site("alder", _versions(mfe="22.0.0", notes="21.0.1"), release="22.0.2"),
        "holly": site("holly", _versions(**dict.fromkeys(VERSIONS, "21.0.0")), release="21.0.9"),
        "plum": site("plum", _versions(android=dict(enabled=False), cairn=dict(enabled=False, version="21.0.0"), jupyter=None)),
    }


def fifty_sites() -> dict[str, dict[str, Any]]:
    """Return what is registered of fifty hosts."""
    special = special_sites()
    return {
        f"{name}.example.org": special.get(name)
        or site(name, last_run={"finished": ago(hours=index * 7), "result": "succeeded"}, last_deployment=ago(hours=index * 7))
        for index, name in enumerate(NAMES, 1)
    }
