# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared with upstream: a release of Tutor is a Release, a configuration of it one entry of CASES."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Release:
    """One release of Tutor with the plugins of its time."""

    name: str
    requirements: str
    """Name of the file below tests/requirements/ that installs it, without its suffix."""
    config: str
    """The config.yml below files/ that its cases start from: it holds every secret, so that nothing is left to chance."""
    pythons: Sequence[str]
    """The versions of Python that it runs on, the best first."""
    init: Sequence[str]
    """Arguments of `tutor` that run the init tasks."""


@dataclass(frozen=True)
class Case:
    """One configuration. In settings, CASE stands for the folder of the case, which holds the root and the plugins root."""

    name: str
    release: Release
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Laid over the release's config.yml."""
    plugins_root: Sequence[str] = ()
    """Single-file plugins, from files/."""
    packages: Sequence[str] = ()
    """Installed Python packages beside those of the release, from files/packages/."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of both sides."""
    folders: Sequence[str] = ()
    """Empty folders made in the folder of the case."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Files that no git checkout keeps as they are, by their path in the plugins root."""
    everyday: bool = True
    """Whether it runs in every run of the tests, or only with --all-releases."""


VERAWOOD = Release(
    name="22.0.3",
    requirements="tutor-22",
    config="verawood.yml",
    pythons=("3.11", "3.12", "3.13", "3.10", "3.14"),
    init=("local", "do", "init"),
)
VERAWOOD_CONTRIB = Release(
    name="22.0.3 with plugins of others",
    requirements="tutor-22-contrib",
    config="verawood-contrib.yml",
    pythons=("3.11", "3.12", "3.13"),
    init=("local", "do", "init"),
)
SUMAC_CONTRIB = Release("19.0.5 with plugins of others", "tutor-19-contrib", "sumac-contrib.yml", ("3.11",), ("local", "do", "init"))
TEAK_CONTRIB = Release("20.0.5 with plugins of others", "tutor-20-contrib", "teak-contrib.yml", ("3.11",), ("local", "do", "init"))
ULMO_CONTRIB = Release("21.0.9 with plugins of others", "tutor-21-contrib", "ulmo-contrib.yml", ("3.12",), ("local", "do", "init"))
IRONWOOD = Release(
    name="3.12.6",
    requirements="tutor-3",
    config="ironwood.yml",
    pythons=("3.11", "3.12", "3.10", "3.9"),  # 3.13 has no crypt module
    init=("local", "init"),
)
IRONWOOD_THEN = Release(
    name="3.12.6 on Python 3.8",
    requirements="tutor-3-python-3.8",
    config="ironwood.yml",
    pythons=("3.8",),
    init=("local", "init"),
)
# Tutor runs init tasks with `local do init` from 15 on.
JUNIPER = Release("10.5.3", "tutor-10", "juniper.yml", ("3.8",), ("local", "init"))
KOA = Release("11.3.1", "tutor-11", "koa.yml", ("3.8",), ("local", "init"))
LILAC = Release("12.2.0", "tutor-12", "lilac.yml", ("3.8",), ("local", "init"))
MAPLE = Release("13.3.2", "tutor-13", "maple.yml", ("3.8",), ("local", "init"))
NUTMEG = Release("14.2.5", "tutor-14", "nutmeg.yml", ("3.9",), ("local", "init"))
OLIVE = Release("15.3.9", "tutor-15", "olive.yml", ("3.9",), ("local", "do", "init"))
PALM = Release("16.1.8", "tutor-16", "palm.yml", ("3.11",), ("local", "do", "init"))
QUINCE = Release("17.0.6", "tutor-17", "quince.yml", ("3.11",), ("local", "do", "init"))
REDWOOD = Release("18.2.2", "tutor-18", "redwood.yml", ("3.11",), ("local", "do", "init"))
SUMAC = Release("19.0.5", "tutor-19", "sumac.yml", ("3.11",), ("local", "do", "init"))
TEAK = Release("20.0.5", "tutor-20", "teak.yml", ("3.11",), ("local", "do", "init"))
ULMO = Release("21.0.9", "tutor-21", "ulmo.yml", ("3.12",), ("local", "do", "init"))
# Every Python that the engine supports, with a release of Tutor that runs on it: tests/requirements/python.txt.
PYTHONS = {
    "3.8": ("16.1.8", "palm.yml"),
    "3.9": ("20.0.5", "teak.yml"),
    **dict.fromkeys(("3.10", "3.11", "3.12", "3.13", "3.14"), ("22.0.3", "verawood.yml")),
}
ON_EACH_PYTHON = [
    Release(f"{tutor} on Python {python}", f"python-{python}", config, (python,), ("local", "do", "init"))
    for python, (tutor, config) in PYTHONS.items()
]

# Arguments of jobs, some of them wrong on some releases, which both sides then refuse. Jobs without a release's plugins are passed over.
JOBS: Mapping[str, Sequence[Sequence[str]]] = {
    "cairn-createuser": (
        ("--bootstrap-dashboards", "--admin", "-p", "it's secret", "-c", "course-v1:a+b+c", "anna", "anna@example.org"),
        ("-p", "secret", "anna", "anna@example.org"),
    ),
    "convert-mysql-utf8mb4-charset": (("-I",), ("--include", "auth,user"), ("--exclude=auth", "--database", "notes")),
    "createuser": (
        ("--superuser", "--password", "it's {{ LMS_HOST }} $(secret)", "anna", "anna@example.org"),
        ("--staff", "-psecret", "Łukasz", "l@example.org"),
        ("-p", "secret", "anna"),
    ),
    "importdemocourse": ((), ("--repo", "https://git.example.org/{{ LMS_HOST }}.git", "-v", "main"), ("--repo-dir", "course")),
    "importdemolibraries": (("anna",), ("--version=main", "-r", "https://git.example.org/libraries.git", "anna")),
    "livedeps": ((), ("surplus",)),
    "print-edx-platform-setting": (("SITE_NAME",), ("-s", "cms", "DEBUG"), ("-s", "forum", "DEBUG")),
    "settheme": (("indigo",), ("-d", "a.example.org", "--domain=b.example.org", "default"), ("indigo", "a.example.org", "b.example.org")),
    "tests": (
        ("--setup", "-I", "-e", "TEST_PASSWORD=secret", "-e", "OAUTH2_CLIENT_SECRET=hidden"),
        ("--cleanup", "skip"),
        ("no-such-suite",),
    ),
    "update-mysql-authentication-plugin": (("openedx",), ("-p", "secret", "anna")),
}
# Core's jobs that are not compared: the first has a test of its own, the second is interactive.
OTHER_JOBS = ("init", "sqlshell")

TURNED = {
    "CADDY_HTTP_PORT": 81,
    "CONTACT_EMAIL": "ops@exämple.org",
    "DOCKER_REGISTRY": "registry.example.org/",
    "ENABLE_HTTPS": True,
    "ENABLE_WEB_PROXY": False,
    "LANGUAGE_CODE": "fr",
    "LMS_HOST": "campus.example.org",
    "CMS_HOST": "studio.example.com",
    "MONGODB_HOST": "mongo.example.org",
    "MONGODB_USERNAME": "openedx",
    "MONGODB_PASSWORD": "pass: 'word' #1",
    "MOUNTS": ["CASE/edx-platform", "CASE/xblock-drag", "lms,cms:CASE/data:/mnt/data"],
    "OPENEDX_EXTRA_PIP_REQUIREMENTS": ["one==1.0", "two[extra]>=2"],
    "PLATFORM_NAME": 'Łódź \U0001f393 "Campus" & Söhne',
    "RUN_MEILISEARCH": False,
    "RUN_MONGODB": False,
    "RUN_MYSQL": False,
    "RUN_REDIS": False,
    "RUN_SMTP": False,
    "SMTP_USE_TLS": True,
    "SOME_LIST": ["{{ LMS_HOST }}", {"nested": ["{{ ID }}", 3, None, 1.5, True]}],
    "SOME_DICT": {"{{ key }}": "{{ LMS_HOST }}", "empty": {}, "none": None, "number": 0o17},
    "SOME_TEXT": "first\nsecond\n\n",
    "SOME_EMPTY": "",
}

REFERENCES = {
    "A_BEFORE_ITS_SOURCE": "{{ Z_SOURCE }}/a",
    "LMS_HOST": "learn.{{ Z_DOMAIN }}",
    "M_FINAL_NEWLINE": "{{ LMS_HOST }}\n",
    "M_OWN_SECRET": "{{ 'text' | upper }}-{{ OPENEDX_SECRET_KEY[:4] }}",
    "M_TYPES": "{{ 1 + 1 }}",
    "PLATFORM_NAME": "{% if true %}{{ Z_DOMAIN | reverse_host }}{% endif %}",
    "Z_DOMAIN": "example.net",
    "Z_SOURCE": "{{ LMS_HOST }}",
}

# Upstream reads them for keys that config.yml holds and for keys that have a default; the rest is ignored.
ENVIRON = {
    "TUTOR_CADDY_HTTP_PORT": "8080",
    "TUTOR_ENABLE_HTTPS": "true",
    "TUTOR_MYSQL_ROOT_PASSWORD": "from-the-environment",
    "TUTOR_NO_SUCH_KEY": "ignored",
    "TUTOR_PLATFORM_NAME": "[a, 'yaml list']",
    "TUTOR_PREVIEW_LMS_HOST": "preview.example.org",
}

# Two settings for which plugins ask while they load.
BRANDING = {
    "BRANDING_MFE": {"hello": {"repository": "https://git.example.org/hello.git", "port": 2100}},
    "BRANDING_OVERLAY_HTML": "<b>Hi</b>",
}
BUCKET = {"S3SCORM_BUCKET": "scorm", "S3SCORM_ENDPOINT": "https://scorm.example.org"}

# A plugin that asks Tutor for settings at every moment.
ASKING = {"PLUGINS": ["asker", "banner"], "LMS_HOST": "asked.example.org", "ASKER_DEFAULT": "mine"}
ASKED = {"ASKER_LISTENS": "yes", "TUTOR_ASKER_VARIABLE": "from the environment", "TUTOR_PLATFORM_NAME": "Asked"}
WITH_HOOKS = (MAPLE, NUTMEG, OLIVE, QUINCE, REDWOOD, SUMAC, TEAK, ULMO)

# Each release with all the plugins of its time.
RELEASES = (
    Case("ironwood", IRONWOOD),
    Case("juniper", JUNIPER, everyday=False),
    Case("koa", KOA, everyday=False),
    Case("lilac", LILAC, everyday=False),
    Case("maple", MAPLE, everyday=False),
    Case("nutmeg", NUTMEG, BUCKET, everyday=False),
    Case("olive", OLIVE, BUCKET),
    Case("palm", PALM, everyday=False),
    Case("quince", QUINCE, everyday=False),
    Case("redwood", REDWOOD, everyday=False),
    Case("sumac", SUMAC, everyday=False),
    Case("teak", TEAK, everyday=False),
    Case("ulmo", ULMO, everyday=False),
    Case("verawood", VERAWOOD),
    Case("sumac-contrib", SUMAC_CONTRIB, {**BRANDING, **BUCKET}, plugins_root=("mongodb-job.yml",), everyday=False),
    Case("teak-contrib", TEAK_CONTRIB, {**BRANDING, **BUCKET}, plugins_root=("mongodb-job.yml",), everyday=False),
    Case("ulmo-contrib", ULMO_CONTRIB, {**BRANDING, **BUCKET}, plugins_root=("mongodb-job.yml",), everyday=False),
    Case("verawood-contrib", VERAWOOD_CONTRIB, BRANDING, plugins_root=("mongodb-job.yml",), everyday=False),
)

CASES = (
    *RELEASES,
    Case("verawood-bare", VERAWOOD, {"PLUGINS": []}),
    Case("verawood-turned", VERAWOOD, TURNED, folders=("edx-platform", "xblock-drag", "data"), everyday=False),
    Case("verawood-references", VERAWOOD, REFERENCES, everyday=False),
    Case("verawood-environ", VERAWOOD, {"PLUGINS": ["mfe", "minio"]}, environ=ENVIRON),
    Case("verawood-memory-off", VERAWOOD, {"PLUGINS": ["mfe", "minio"]}, environ={"LECTERN_MEMORY": "0"}),
    Case("verawood-yaml-plugin", VERAWOOD, {"PLUGINS": ["banner", "mfe"]}, plugins_root=("banner.yml",)),
    Case(
        "verawood-file-plugin",
        VERAWOOD,
        {"PLUGINS": ["beacon"]},
        plugins_root=("beacon.py", "beacon-templates"),
        texts={
            "beacon-templates/beacon/apps/__pycache__/note.txt": "{{ not written }}",
            "beacon-templates/beacon/apps/windows.txt": "one\r\ntwo\rthree\r\n",
        },
    ),
    Case("verawood-v0-package", VERAWOOD, {"PLUGINS": ["callables", "minio"]}, packages=("callables",)),
    Case(
        "ironwood-own-plugins",
        IRONWOOD,
        {"PLUGINS": ["banner", "callables", "hooked"], "ACTIVATE_HTTPS": True, "ACTIVATE_MYSQL": False, "PLATFORM_NAME": "Łódź"},
        plugins_root=("banner.yml",),
        packages=("callables", "hooked"),
    ),
    Case("ironwood-python-3.8", IRONWOOD_THEN, everyday=False),
    *(
        Case(
            f"asking-{release.name.partition('.')[0]}",
            release,
            ASKING,
            plugins_root=("asker.py", "banner.yml"),
            texts={"answers/asker.json": "{{ asker_answers() }}"},
            environ=ASKED,
            everyday=everyday,
        )
        for release, everyday in [(VERAWOOD, True), (ON_EACH_PYTHON[0], True), *((release, False) for release in WITH_HOOKS)]
    ),
    *(
        Case(release.requirements, release, {"PLUGINS": ["banner", "candle"]}, plugins_root=("banner.yml", "candle.py"))
        for release in ON_EACH_PYTHON
    ),
)
