# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Caddy that serves a platform's hosts: has it adapt a Caddyfile, or load one without a restart."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from typing import Any, Dict, List, NamedTuple, Optional

from ...base import docker_engine, logs
from ...base.errors import LecternError
from ...base.masking import mask_text
from ...base.places import Places
from ...render.maintenance_page import CADDYFILE
from ...root.platform import Platform
from . import project

ANSWER = 60.0  # seconds that Caddy may take to adapt or load a Caddyfile

READ = ["caddy", "adapt", "--adapter", "caddyfile", "--config", "/dev/stdin"]

RELOAD = ["caddy", "reload", "--adapter", "caddyfile", "--config", "/dev/stdin"]


class Refused(LecternError):
    """Caddy refused a Caddyfile, and is as it was."""


class WebProxy(NamedTuple):
    """The service that mounts the Caddyfile, its definition, and its container if that runs."""

    service: str
    definition: Dict[str, Any]
    container: Any


def find(platform: Platform, client: Any) -> Optional[WebProxy]:
    """Return the platform's web proxy; None where no service mounts the Caddyfile of the environment."""
    path = os.path.realpath(os.path.join(platform.places.env, CADDYFILE))
    for name, definition in sorted(project.services(platform).items()):
        if any(os.path.realpath(str(volume.get("source", ""))) == path for volume in definition.get("volumes") or ()):
            running = [container for container in project.containers(platform, client, name) if container.status == "running"]
            return WebProxy(name, definition, running[0] if running else None)
    return None


def mounts_only_caddyfile(sources: List[str], places: Places) -> bool:
    """Whether the Caddyfile is all that a container sees of the environment."""
    return [os.path.realpath(source) for source in sources] == [os.path.realpath(os.path.join(places.env, CADDYFILE))]


def adapt(platform: Platform, client: Any, proxy: WebProxy, text: str, secrets: List[str]) -> Optional[str]:
    """Return the configuration (JSON) that Caddy makes of a Caddyfile; None where neither its container runs nor its image is here.

    Raises Refused with Caddy's words where it refuses the text.
    """
    if proxy.container is not None:
        command, environment = ["exec", "--interactive", proxy.container.id, *READ], {}
    else:
        image = project.image_of(platform, proxy.service, proxy.definition)
        if docker_engine.inspect_image(client, image) is None:
            return None
        environment = {name: str(value) for name, value in (proxy.definition.get("environment") or {}).items() if value is not None}
        named = [argument for name in environment for argument in ("--env", name)]  # values don't belong in a list of arguments
        command = ["run", "--rm", "--interactive", "--network", "none", *named, "--entrypoint", READ[0], image, *READ[1:]]
    return _run(platform, proxy, command, environment, text, secrets)


def load(platform: Platform, proxy: WebProxy, text: str, secrets: List[str]) -> None:
    """Have the running Caddy load a Caddyfile. It goes on answering, and stays as it is where it refuses the text (Refused).

    It opens its ports anew beside the old ones (SO_REUSEPORT): a connection that the kernel gave to an old one in that instant is reset.
    """
    _run(platform, proxy, ["exec", "--interactive", proxy.container.id, *RELOAD], {}, text, secrets)


def _run(platform: Platform, proxy: WebProxy, command: List[str], environment: Dict[str, str], text: str, secrets: List[str]) -> str:
    verb = "load" if RELOAD[1] in command else "read"
    try:
        answer = docker_engine.run(command, environment, ANSWER, text)
    except subprocess.TimeoutExpired:
        raise LecternError(
            "Caddy in service '%s' did not %s the Caddyfile within %d s: run again." % (proxy.service, verb, ANSWER)
        ) from None
    if answer.returncode != 0:
        words = mask_text(_words(answer.stderr), [*platform.secrets, *secrets])
        raise Refused("Caddy in service '%s' can't %s the Caddyfile: %s" % (proxy.service, verb, words))
    return answer.stdout


def _words(output: str) -> str:
    """Return what Caddy says is wrong, without the records of its log that say anything else."""
    found = []
    for line in output.splitlines():
        with contextlib.suppress(ValueError):
            record = json.loads(line)
            if isinstance(record, dict):
                line = str(record.get("msg", "")) if record.get("level") == "error" else ""
        found.append(line)
    words = re.sub(r"/dev/stdin:(\d+)", r"line \1", "\n".join(found))
    return logs.last_lines(words, 5) or "it gave no reason"
