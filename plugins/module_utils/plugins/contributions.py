# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What core and plugins contribute to a platform, as plain data that knows its owner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Generator, List, NamedTuple, Optional, Tuple

CORE = "core"

# (owner, function) of an action of Tutor
Callbacks = List[Tuple[str, Callable[..., None]]]


class Setting(NamedTuple):
    """A setting as its contributor gives it, not rendered yet."""

    key: str
    value: Any
    owner: str


class Patch(NamedTuple):
    """A text for ``{{ patch(name) }}``, not rendered yet."""

    name: str
    text: str
    owner: str


class TemplateRoot(NamedTuple):
    """A folder of templates; the first root that holds a name wins."""

    path: str
    owner: str


class Target(NamedTuple):
    """Templates whose name starts with ``src`` are written to ``env/dst/<name>``."""

    src: str
    dst: str
    owner: str


class InitTask(NamedTuple):
    """An init task: ``text`` is the template of a script for a container of ``service``; ``hook`` is pre-init or init."""

    service: str
    text: str
    owner: str
    hook: str = "init"


class ImageItem(NamedTuple):
    """An image to build, pull or push; ``tag`` is a template, ``path`` (builds only) is relative to ``env/``."""

    name: str
    tag: str
    owner: str
    path: str = ""
    args: Tuple[str, ...] = ()


class JobParameter(NamedTuple):
    """An option or an argument of a job, as its command declares it. ``asked`` says that the job prompts for it if it is not given."""

    name: str
    flags: Tuple[str, ...]  # empty for an argument
    required: bool
    default: Any
    multiple: bool
    asked: bool
    secret: bool
    help: str


class JobScript(NamedTuple):
    """A script that a job runs in a container of ``service``."""

    service: str
    text: str
    is_template: bool


class StartedJob(NamedTuple):
    """A job whose command has parsed its arguments.

    ``options`` are what it parsed, ``secrets`` the secret texts among the arguments. ``scripts`` runs the command's function up to each
    script, and expects that the one before has run.
    """

    options: Dict[str, Any]
    secrets: List[str]
    scripts: Callable[[], Generator[JobScript, None, None]]


class Job(NamedTuple):
    """A job of ``tutor local do``. ``start`` parses arguments, as on the command line; it raises LecternError for wrong ones."""

    name: str
    owner: str
    help: str
    parameters: List[JobParameter]
    start: Callable[[List[str]], StartedJob]


# (kind: "build", "pull" or "push", full settings) -> images; core also has the kinds "build_after" and "remote"
ImageLister = Callable[[str, Dict[str, Any]], List[ImageItem]]


def _no_images(_kind: str, _config: Dict[str, Any]) -> List[ImageItem]:
    return []


@dataclass
class Contributions:
    """What core and the enabled plugins contribute, in upstream's order.

    The callables are filters and actions of Tutor that take arguments. Where no ``tutor`` with hooks is installed, they answer from core's
    table and the v0 plugins.
    """

    plugins: List[str] = field(default_factory=list)  # names, in the order in which they were loaded
    base: List[Setting] = field(default_factory=list)
    unique: List[Setting] = field(default_factory=list)
    overrides: List[Setting] = field(default_factory=list)
    defaults: List[Setting] = field(default_factory=list)
    user: List[Setting] = field(default_factory=list)
    patches: List[Patch] = field(default_factory=list)
    roots: List[TemplateRoot] = field(default_factory=list)
    targets: List[Target] = field(default_factory=list)
    tasks: List[InitTask] = field(default_factory=list)
    include: List[str] = field(default_factory=list)
    ignore: List[str] = field(default_factory=list)
    filters: Dict[str, Callable[..., Any]] = field(default_factory=dict)
    variables: Dict[str, Any] = field(default_factory=dict)
    public_hosts: List[str] = field(default_factory=list)
    # (template name) -> False where the file is copied unchanged
    is_rendered: Callable[[str], bool] = lambda name: True
    images: ImageLister = _no_images
    # (host path of a mount) -> [(image name, build stage)]
    build_mounts: Callable[[str], List[Tuple[str, str]]] = lambda path: []
    # (arguments of `docker`) -> the same, changed by plugins
    build_command: Callable[[List[str]], List[str]] = lambda arguments: arguments
    # (settings of config.yml, full settings) -> None, once they are loaded
    config_loaded: Callable[[Dict[str, Any], Dict[str, Any]], None] = lambda saved, config: None
    # () -> what core and plugins contribute once the settings are loaded; None where no plugin listens
    read_again: Optional[Callable[[], Contributions]] = None
    # (plugin, settings of config.yml) -> None, when it is disabled; settings that it removes are dropped
    unloaded: Callable[[str, Dict[str, Any]], None] = lambda name, config: None
    # [(owner, (folder of the rendered environment, full settings) -> None)]
    env_saved: List[Tuple[str, Callable[[str, Dict[str, Any]], None]]] = field(default_factory=list)
    # sentences for the operator on the plugins
    warnings: List[str] = field(default_factory=list)
    # of plugins alone: (root, full settings, name of the compose project) -> None, before containers are started
    compose_project_started: Callbacks = field(default_factory=list)
    # () -> the jobs that `tutor local do` offers, or `tutor local` before 15
    jobs: Callable[[], List[Job]] = list
    # name of a suite -> the files with its tests of a running platform
    test_files: Callable[[str], List[str]] = lambda suite: []
    # of plugins alone: (name of a job, **its options) -> None, before its tasks run
    do_job: Callbacks = field(default_factory=list)
