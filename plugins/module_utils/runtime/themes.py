# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assigns a theme to the sites of a platform (upstream's job ``settheme``), where another one is assigned."""

from __future__ import annotations

import re
from typing import Any, Container, Dict, List, NamedTuple, Sequence

from ..base.errors import LecternError
from ..base.logs import Logs
from ..root.platform import Platform
from . import programs
from .lms import assign_theme
from .programs import Call

LONGEST_DOMAIN = 100  # characters, as in Django's table

NAME = re.compile(r"[\w.-]+")  # of a folder below the themes' folder

# The sites of upstream's `settheme` (commands/jobs_utils.py): hosts with their ports in `tutor dev`. Releases from 21 on have no preview.
HOSTS = (("LMS_HOST", 8000), ("CMS_HOST", 8001), ("PREVIEW_LMS_HOST", 8000))


class Theme(NamedTuple):
    """The name of a theme, and the domains of its sites; none for those that upstream's ``settheme`` chooses."""

    name: str
    domains: Sequence[str]


def refuse_bad(theme: Theme) -> None:
    """Raise LecternError for what can't be the name of a theme or the domain of a site."""
    if not NAME.fullmatch(theme.name):
        raise LecternError("'%s' is no name of a theme: give the name of its folder, or 'default' for none." % theme.name)
    for domain in theme.domains:
        if not domain or len(domain) > LONGEST_DOMAIN or re.search(r"[\s/@]", domain):
            raise LecternError(
                "'%s' is no domain of a site: give a host name, with its port if it has one, of up to %d characters."
                % (domain, LONGEST_DOMAIN)
            )


def domains_of(platform: Platform, theme: Theme) -> List[str]:
    """Return the domains of a theme, each once: where none is given those that upstream's ``settheme`` takes."""
    if theme.domains:
        return list(dict.fromkeys(theme.domains))
    hosts = [(str(platform.config[key]), port) for key, port in HOSTS if platform.config.get(key)]
    return [domain for host, port in hosts for domain in (host, "%s:%d" % (host, port))]


def why_unknown(platform: Platform, images_to_come: Container[str]) -> str:
    """Return why the themes of the LMS can't be known before the images with these tags changed; empty where they can."""
    image = str(platform.config.get("DOCKER_IMAGE_OPENEDX"))
    return "image '%s' would change before" % image if image in images_to_come else ""


def assign(platform: Platform, client: Any, theme: Theme, logs: Logs) -> Dict[str, Any]:
    """Assign a theme; the result has ``changed``, ``theme``, ``themes``, ``sites``, ``actions`` and ``diff``.

    Raises LecternError where the image does not hold the theme.
    """
    answer = programs.carry_out(platform, client, _call(theme, check=False), logs)
    return _describe(theme, answer.result, "Assigned", answer.notes)


def look(platform: Platform, client: Any, theme: Theme) -> Dict[str, Any]:
    """Return what ``assign`` would. Raises LecternError where the image does not hold the theme."""
    answer = programs.look(platform, client, _call(theme, check=True))
    return describe_unknown(theme, answer.unknown) if answer.unknown else _describe(theme, answer.result, "Would assign")


def _call(theme: Theme, check: bool) -> Call:
    data = {"theme": theme.name, "domains": list(theme.domains), "check": check}
    return Call(programs.program_of("theme", assign_theme), data)


def describe_unknown(theme: Theme, reason: str) -> Dict[str, Any]:
    """Return what ``look`` does where the sites can't be read."""
    where = ", ".join(theme.domains) or "the LMS and Studio"
    sentence = "Would assign theme '%s' to %s where another one is assigned: %s" % (theme.name, where, reason)
    sites = [{"domain": domain, "changed": True} for domain in theme.domains]
    return {"changed": True, "theme": theme.name, "themes": [], "sites": sites, "actions": [sentence], "diff": []}


def _describe(theme: Theme, result: Dict[str, Any], verb: str, notes: Sequence[str] = ()) -> Dict[str, Any]:
    name, themes = theme.name, result["themes"]
    if name != assign_theme.DEFAULT and name not in themes:
        raise LecternError(
            "The image of the LMS holds no theme '%s' (it holds: %s). Put its folder into env/build/openedx/themes and build the image "
            "'openedx', or choose another." % (name, ", ".join(themes) or "none"),
            themes=themes,
        )
    sites = [_describe_site(site, name) for site in result["sites"]]
    changed = [site for site in sites if site["changed"]]
    actions = ["%s theme '%s' to %s (before: %s)" % (verb, name, site["domain"], site["before"] or "no site") for site in changed]
    before, after = ("".join("%s: %s\n" % (site["domain"], site[side]) for site in changed if site[side]) for side in ("before", "after"))
    return {
        "changed": bool(changed or notes),
        "theme": name,
        "themes": themes,
        "sites": [{"domain": site["domain"], "changed": site["changed"]} for site in sites],
        "actions": [*notes, *actions],
        "diff": [{"before": before, "after": after, "before_header": "themes", "after_header": "themes"}] if changed else [],
    }


def _describe_site(site: Dict[str, Any], name: str) -> Dict[str, Any]:
    before = None if site["missing"] else site["theme"]
    return {"domain": site["domain"], "changed": before != name, "before": before, "after": name}
