# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: collisions
short_description: Conflicts between a site and others on its machine
version_added: 1.0.0
author: The Lectern contributors (@lectern)
description:
  - Compares sites on one machine. Each needs its own root, compose project and published ports.
  - Ports are those that Tutor's core publishes according to its settings. Ports that a plugin publishes are unknown before the environment
    is rendered; the Docker engine refuses a port in use when the container starts.
positional: others
options:
  _input:
    description: One site as a mapping of C(site) (its name), C(root) and its settings by name.
    type: dict
    required: true
  others:
    description: The other sites.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what both sites claim
  ansible.builtin.debug:
    msg: "{{ physics | lectern.tutor.collisions([history]) }}"
  vars:
    physics: {site: physics, root: /srv/physics, LOCAL_PROJECT_NAME: physics, CADDY_HTTP_PORT: 81}
    history: {site: history, root: /srv/history, LOCAL_PROJECT_NAME: history, CADDY_HTTP_PORT: 81}
"""

RETURN = r"""
_value:
  description: One sentence for each conflict. Empty if the sites can share the machine.
  type: list
  elements: str
"""

import os
from typing import Any, Callable, Dict, Iterator, List, Tuple

Site = Dict[str, Any]
EVERYWHERE = ("", "0.0.0.0", "[::]")  # addresses that stand for all of a machine's
DEFAULTS = {"LOCAL_PROJECT_NAME": "tutor_local", "ENABLE_HTTPS": False, "ENABLE_WEB_PROXY": True}


def collisions(mine: Site, others: List[Site]) -> List[str]:
    """Return a sentence for each thing that a site and another one on its machine both claim."""
    return [sentence for other in others for sentence in _collisions_of_two(mine, other)]


def _collisions_of_two(mine: Site, other: Site) -> List[str]:
    both = "%s and %s" % (mine["site"], other["site"])
    sentences = []
    if os.path.normpath(mine["root"]) == os.path.normpath(other["root"]):
        sentences.append("%s both have the root '%s': give each a tutor_root of its own." % (both, mine["root"]))
    for inner, outer in ((mine, other), (other, mine)):
        if _lies_in(inner["root"], outer["root"]):
            sentences.append(
                "The root '%s' of %s lies in the root '%s' of %s: give each a tutor_root of its own, side by side."
                % (inner["root"], inner["site"], outer["root"], outer["site"])
            )
    project, theirs = (_setting(site, "LOCAL_PROJECT_NAME") for site in (mine, other))
    if project is not None and project == theirs:
        sentences.append(
            "%s both have the compose project '%s': give each a LOCAL_PROJECT_NAME of its own in tutor_settings." % (both, project)
        )
    for port in sorted({port for port, advice in _published_ports(mine) if _publishes(other, port)}, key=str):
        advice = dict(_published_ports(mine))[port]
        sentences.append("%s both publish port %s: %s." % (both, port.lstrip(":"), advice))
    return sentences


def _lies_in(inner: str, outer: str) -> bool:
    return os.path.normpath(inner).startswith(os.path.normpath(outer).rstrip("/") + "/")


def _setting(site: Site, key: str) -> Any:
    """Return the value of a setting; None where Tutor still has to render it."""
    value = site.get(key, DEFAULTS.get(key))
    return None if isinstance(value, str) and "{{" in value else value


def _published_ports(site: Site) -> Iterator[Tuple[str, str]]:
    """Yield what core publishes, ``ADDRESS:PORT`` or ``:PORT``, and what to do where another site publishes it too."""
    http = site.get("CADDY_HTTP_PORT", site.get("NGINX_HTTP_PORT", 80))  # the latter until Tutor 12
    if "{{" not in str(http):
        yield ("" if ":" in str(http) else ":") + str(http), "give one of them another CADDY_HTTP_PORT in tutor_settings"
    if _setting(site, "ENABLE_HTTPS") and _setting(site, "ENABLE_WEB_PROXY"):
        yield ":443", "where a web proxy of your own is in front of both, set ENABLE_WEB_PROXY to false in tutor_settings"


def _publishes(site: Site, wanted: str) -> bool:
    """Return whether a site publishes this port too, at the same address or at all addresses."""
    address, _colon, port = wanted.rpartition(":")
    theirs = [claimed.rpartition(":") for claimed, _advice in _published_ports(site)]
    return any(number == port and (where in EVERYWHERE or address in EVERYWHERE or where == address) for where, _colon, number in theirs)


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"collisions": collisions}
