# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences between Tutor's releases, as one table. No other file compares version numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple, Union

# Rows are (first release, what is true from it on); a later row adds to the earlier ones.
# Comments name the source file of the release that shows the behaviour.
PRE_INIT, INIT = "pre-init", "init"

SECRETS_RENAMED = (
    ("MYSQL_PASSWORD", ("MYSQL_ROOT_PASSWORD", "OPENEDX_MYSQL_PASSWORD")),
    ("MYSQL_DATABASE", ("OPENEDX_MYSQL_DATABASE",)),
    ("MYSQL_USERNAME", ("OPENEDX_MYSQL_USERNAME",)),
    ("SECRET_KEY", ("OPENEDX_SECRET_KEY",)),
)

RUN = ("LMS", "CMS", "MONGODB", "MYSQL", "REDIS", "SMTP")

# Settings before 11 and their successors, as 13 and newer know them.
OF_OLD = (
    ("ACTIVATE_HTTPS", ("ENABLE_HTTPS",)),
    ("RUN_CADDY", ("ENABLE_WEB_PROXY",)),
    ("NGINX_HTTP_PORT", ("CADDY_HTTP_PORT",)),
)


def _run(*names: str) -> Tuple[Tuple[str, Tuple[str]], ...]:
    return tuple(("ACTIVATE_" + name, ("RUN_" + name,)) for name in names)


ROWS: List[Tuple[str, Dict[str, Any]]] = [
    (
        "3.12.0",
        dict(
            has_hooks=False,
            core_defaults_in_filter=False,
            # commands/local.py: the files for `docker compose` where they exist, and further ones for jobs
            compose=("docker-compose.yml", "docker-compose.prod.yml", "docker-compose.override.yml"),
            compose_jobs=("docker-compose.jobs.yml",),
            # config.py load_all: user, required, plugins, then defaults, each rendered when it is reached
            settings="sequential",
            config_files=("config.yml", "config.yml"),
            # config.py load_required
            required=("OPENEDX_SECRET_KEY", "MYSQL_ROOT_PASSWORD", "OPENEDX_MYSQL_PASSWORD", "ANDROID_OAUTH2_SECRET", "ID"),
            renders_dicts=False,
            renders_lists=False,
            allow_unicode=False,
            # plugins.py iter_installed: entry points in the order of the working set, then YAML files
            plugin_order="installed",
            # env.py save
            targets=("android/", "apps/", "build/", "dev/", "k8s/", "local/", "webui/", "version", "kustomization.yml"),
            # env.py Renderer.is_part_of_env, written as patterns
            ignore=(r"(.*/)?\.[^/]*$", r".*\.pyc$", r"(.*/)?__pycache__$", r"(.*/)?(partials|\.git)(/.*)?$"),
            verbatim=(".ico", ".jpg", ".png", ".ttf"),
            walk_suffix="/",
            # utils.py encrypt: the strongest method of the system's crypt(), later bcrypt
            encrypt="crypt",
            # commands/images.py
            # (name, folder, arguments), before and after the images of plugins
            build=(("openedx", "build/openedx", ()), ("forum", "build/forum", ()), ("android", "build/android", ())),
            build_after=(("openedx-dev", "build/openedx-dev", ("--build-arg", "USERID={{ HOST_USER_ID }}")),),
            remote=("openedx", "forum", "android"),
            pull=("elasticsearch", "memcached", "mongodb", "mysql", "nginx", "rabbitmq", "smtp"),
            # commands/images.py all_image_names: those of core before those of vendors, until 13.2
            pull_order=("remote", "pull"),
            run_prefix="ACTIVATE_",
            tag="{{ DOCKER_REGISTRY }}{{ %s }}",
            remote_prefix="{{ DOCKER_REGISTRY }}",
            # scripts.py initialise: (owner, service, template); pre-init and init stand for the plugins' own
            tasks=(
                ("mysql", "mysql", "hooks/mysql/init"),
                PRE_INIT,
                ("lms", "lms", "hooks/lms/init"),
                ("cms", "cms", "hooks/cms/init"),
                ("forum", "forum", "hooks/forum/init"),
                INIT,
            ),
            # config.py upgrade_obsolete: old name and new ones; settings that became plugins; settings whose meaning was inverted
            renamed=SECRETS_RENAMED,
            became_plugins=(("ACTIVATE_NOTES", "notes"), ("ACTIVATE_XQUEUE", "xqueue")),
            inverted=(),
            # commands/compose.py run_job: a service without a job service of its own runs the task itself, until 12.1
            plain_jobs=True,
            # commands/compose.py, before `do` came with 15: the commands of `tutor local` that run scripts in job containers, and the
            # options without which their script asks a person in the container
            job_commands=("createuser", "importdemocourse", "settheme"),
            job_questions=(("createuser", "password"),),
            # commands/jobs.py: jobs that are a conversation
            interactive_jobs=("sqlshell",),
            # commands/compose.py: whether running a job calls plugins for COMPOSE_PROJECT_STARTED
            run_starts_project=False,
            # (setting, public host)
            public_hosts=(("LMS_HOST", "{{ LMS_HOST }}"), ("CMS_HOST", "{{ CMS_HOST }}")),
            # bindmount.py: the setting MOUNTS
            mounts=False,
            # plugins.py, later plugins/v0.py and v1.py: pkg_resources loads entry points, and checks the requirements of their packages
            checks_requirements=True,
        ),
    ),
    (
        "10.0.0",
        dict(
            tag="{{ %s }}",
            required=(
                "OPENEDX_SECRET_KEY",
                "MYSQL_ROOT_PASSWORD",
                "OPENEDX_MYSQL_PASSWORD",
                "ANDROID_OAUTH2_SECRET",
                "ID",
                "JWT_RSA_PRIVATE_KEY",
            ),
        ),
    ),
    ("10.1.0", dict(remote_prefix="")),
    ("10.4.0", dict(verbatim=(".ico", ".jpg", ".png", ".ttf", ".woff", ".woff2"))),
    ("10.4.1", dict(encrypt="bcrypt")),
    (
        "11.0.0",
        dict(
            run_prefix="RUN_",
            pull=("caddy", "elasticsearch", "mongodb", "mysql", "nginx", "redis", "smtp"),
            renamed=SECRETS_RENAMED + OF_OLD[:1] + _run(*RUN, "FORUM", "ELASTICSEARCH"),
            became_plugins=(("RUN_NOTES", "notes"), ("RUN_XQUEUE", "xqueue")),
            inverted=(("WEB_PROXY", "RUN_CADDY"),),
        ),
    ),
    (
        "12.0.0",
        dict(
            required=("OPENEDX_SECRET_KEY", "MYSQL_ROOT_PASSWORD", "OPENEDX_MYSQL_PASSWORD", "ID", "JWT_RSA_PRIVATE_KEY"),
            renders_dicts=True,
            targets=("apps/", "build/", "dev/", "k8s/", "local/", "version", "kustomization.yml"),
            build=(("openedx", "build/openedx", ()), ("forum", "build/forum", ())),
            remote=("openedx", "forum"),
        ),
    ),
    ("12.1.0", dict(plain_jobs=False)),
    ("12.1.6", dict(compose_jobs=("docker-compose.jobs.yml", "docker-compose.jobs.override.yml"))),
    (
        "12.2.0",
        dict(
            plugin_order="name",
            # commands/images.py build_image: the arguments of openedx-dev are gathered and not passed on
            build_after=(("openedx-dev", "build/openedx-dev", ()),),
        ),
    ),
    (
        "13.0.0",
        dict(
            settings="layers",
            config_files=("config/base.yml", "config/defaults.yml"),
            required=(),
            verbatim=(".ico", ".jpg", ".patch", ".png", ".ttf", ".woff", ".woff2"),
            build=(("openedx", "build/openedx", ()), ("permissions", "build/permissions", ())),
            # commands/images.py: openedx-dev is built by `dev`, not listed with the others, until 16
            build_after=(),
            remote=("openedx", "permissions"),
            pull=("caddy", "elasticsearch", "mongodb", "mysql", "redis", "smtp"),
            renamed=SECRETS_RENAMED + OF_OLD + _run(*RUN, "ELASTICSEARCH"),
        ),
    ),
    (
        "13.2.0",
        dict(
            has_hooks=True,
            pull_order=("pull", "remote"),
            # plugins/v0.py _load_patches: into ENV_PATCH, before all of ENV_PATCHES, until 15.3.3
            v0_patches_first=True,
            walk_suffix="",
            # env.py: hidden folders are left out too, and the patterns are those of ENV_PATTERNS_IGNORE
            ignore=(r"(.*/)?\.", r"(.*/)?__pycache__(/.*)?$", r".*\.pyc$", r"(.*/)?partials(/.*)?$"),
        ),
    ),
    (
        "15.0.0",
        dict(
            # commands/jobs.py _add_core_init_tasks; mounted-directories came with 16
            tasks=(
                ("lms", "lms", "jobs/init/mounted-directories.sh"),
                PRE_INIT,
                ("mysql", "mysql", "jobs/init/mysql.sh"),
                ("meilisearch", "lms", "jobs/init/meilisearch.sh"),
                ("lms", "lms", "jobs/init/lms.sh"),
                ("cms", "cms", "jobs/init/cms.sh"),
                INIT,
            ),
            # jobs come from the filter CLI_DO_COMMANDS, and ask before they run anything
            job_commands=(),
            job_questions=(),
        ),
    ),
    ("15.3.3", dict(v0_patches_first=False)),
    (
        "16.0.0",
        dict(
            allow_unicode=True,
            mounts=True,
            # commands/images.py _add_core_images_to_build
            build=(
                ("openedx", "build/openedx", ()),
                ("permissions", "build/permissions", ()),
                ("openedx-dev", "build/openedx", ("--target=development", "--build-arg=APP_USER_ID={{ HOST_USER_ID or 1000 }}")),
            ),
        ),
    ),
    ("16.1.2", dict(renders_lists=True)),
    # config.py _load_config_defaults_yml: core's defaults are in CONFIG_DEFAULTS, where plugins see and change them
    ("16.1.8", dict(core_defaults_in_filter=True)),
    # env.py BIN_FILE_EXTENSIONS
    ("17.0.1", dict(verbatim=(".ico", ".jpg", ".otf", ".patch", ".png", ".ttf", ".webp", ".woff", ".woff2"))),
    ("17.0.2", dict(checks_requirements=False)),
    (
        "19.0.0",
        dict(
            pull=("caddy", "meilisearch", "mongodb", "mysql", "redis", "smtp"),
            renamed=SECRETS_RENAMED + OF_OLD + _run(*RUN),
            compose=(
                "docker-compose.yml",
                "docker-compose.prod.yml",
                "docker-compose.override.yml",
                "docker-compose.prod.override.yml",
            ),
            public_hosts=(
                ("LMS_HOST", "{{ LMS_HOST }}"),
                ("CMS_HOST", "{{ CMS_HOST }}"),
                ("MEILISEARCH_PUBLIC_URL", "{{ MEILISEARCH_PUBLIC_URL.split('://')[1] }}"),
            ),
        ),
    ),
    # commands/compose.py _get_docker_compose_args
    ("19.0.3", dict(run_starts_project=True)),
]

# Secrets that every release generates and saves, and that the platform's data can't be read without.
GENERATED_BY_ALL = ("MYSQL_ROOT_PASSWORD", "OPENEDX_MYSQL_PASSWORD")

# The release that a folder of templates is taken for where no tutor package is installed, by the place of its settings.
NEWEST, OLDEST = "22.0.3", "3.12.6"


@dataclass(frozen=True)
class Release:
    """One release of Tutor: its version, and what the rows up to it set. The rows say what each field means."""

    version: str
    has_hooks: bool
    core_defaults_in_filter: bool
    compose: Tuple[str, ...]
    compose_jobs: Tuple[str, ...]
    settings: str
    config_files: Tuple[str, str]
    required: Tuple[str, ...]
    renders_dicts: bool
    renders_lists: bool
    allow_unicode: bool
    plugin_order: str
    targets: Tuple[str, ...]
    ignore: Tuple[str, ...]
    verbatim: Tuple[str, ...]
    walk_suffix: str
    encrypt: str
    build: Tuple[Tuple[str, str, Tuple[str, ...]], ...]
    build_after: Tuple[Tuple[str, str, Tuple[str, ...]], ...]
    remote: Tuple[str, ...]
    pull: Tuple[str, ...]
    pull_order: Tuple[str, ...]
    run_prefix: str
    tag: str
    remote_prefix: str
    tasks: Tuple[Union[str, Tuple[str, str, str]], ...]
    renamed: Tuple[Tuple[str, Tuple[str, ...]], ...]
    became_plugins: Tuple[Tuple[str, str], ...]
    inverted: Tuple[Tuple[str, str], ...]
    plain_jobs: bool
    job_commands: Tuple[str, ...]
    job_questions: Tuple[Tuple[str, str], ...]
    interactive_jobs: Tuple[str, ...]
    run_starts_project: bool
    public_hosts: Tuple[Tuple[str, str], ...]
    mounts: bool
    checks_requirements: bool
    v0_patches_first: bool = False


def numbers(version: str) -> Tuple[int, ...]:
    """Return the first three numbers of a version: ``(22, 0, 3)`` for ``"22.0.3-main"``."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def is_of_series(release: Release, version: str) -> bool:
    """Whether a version is of the same series as a release (22, say), and so generates the same secrets."""
    return numbers(release.version)[:1] == numbers(version)[:1]


def release_of(version: str) -> Release:
    """Return the release of this version. One newer than the table gets what the newest row says."""
    fields: Dict[str, Any] = {}
    for since, changes in ROWS:
        if numbers(since) <= numbers(version) or not fields:
            fields.update(changes)
    return Release(version, **fields)
