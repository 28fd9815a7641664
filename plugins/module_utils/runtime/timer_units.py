# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of systemd that start the timers of a root: what they say, and what is left to do with them. Writes nothing.

None of it comes from below the root, whose owner may be another user: units are root's.
"""

from __future__ import annotations

import grp
import os
from typing import Any, Dict, Optional, Sequence

from ..base import files, ownership, systemd
from ..base.errors import LecternError
from ..base.ownership import User
from ..base.places import Places
from . import timer_run
from .timers import Timer
from .unit_names import unit_name, unit_pattern

HEADING = "# Written by lectern.tutor (tutor_timers). Changes to this file are overwritten; 'systemctl edit' keeps yours beside it.\n"


def plan_units(places: Places, timers: Sequence[Timer], user: Optional[User], python: str) -> Dict[str, Any]:
    """Return what is left to do to have exactly these timers of a root in systemd, as UnitPlan names it.

    ``user`` does the work where it is not the user of this process. Raises LecternError where systemd is missing, or can't have them.
    """
    if timers and not systemd.is_first_process():
        raise LecternError(
            "This host does not run systemd, which starts timers: empty the list of timers (tutor_timers), or have a scheduler of your "
            "own run lectern.tutor.job."
        )
    texts = _unit_texts(places, timers, user, python) if timers else {}
    persistent = [unit_name(timer.name, places.root, "timer") for timer in timers if timer.persistent]
    plan = systemd.plan_units(texts, unit_pattern(places), persistent)
    to_write = {os.path.basename(unit["path"]) for unit in plan.write}
    for timer in timers:
        if unit_name(timer.name, places.root, "timer") in to_write:
            systemd.refuse_calendar("Timer '%s'" % timer.name, timer.calendar)
    return plan._asdict()


def _unit_texts(places: Places, timers: Sequence[Timer], user: Optional[User], python: str) -> Dict[str, str]:
    systemd.refuse_control_characters("root", places.root)
    systemd.refuse_control_characters("python", python)
    worker = user or ownership.find_user(os.geteuid())
    groups = [_group_name(gid) for gid in ownership.engine_groups(user)] if user else []
    if worker.name is None:
        raise LecternError(
            "root '%s' belongs to %s, who is not in /etc/passwd: systemd runs nothing as such a user. Add the user, or give the root to "
            "another one (chown)." % (places.root, worker)
        )
    if user:
        ownership.refuse_closed(user, {"the Python of its timers": python})
    texts = {}
    for timer in timers:
        service = _service_text(places, timer, worker, groups, python)
        for kind, text in (("service", service), ("timer", _timer_text(places, timer))):
            name = unit_name(timer.name, places.root, kind)
            if len(name) > systemd.LONGEST_NAME:
                raise LecternError(
                    "Timer '%s': '%s' is longer than %d characters, too long for the name of a unit. Give the timer a shorter name."
                    % (timer.name, name, systemd.LONGEST_NAME)
                )
            texts[name] = HEADING + text
    return texts


def _group_name(gid: int) -> str:
    """Return the name of the group of the engine's socket. Raises LecternError where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        raise LecternError(
            "The socket of the Docker engine belongs to the group with id %d, which is not in /etc/group: systemd starts nothing in such a "
            'group. Add it (groupadd --gid %d docker), or give the socket another one ("group": "docker" in /etc/docker/daemon.json).'
            % (gid, gid)
        ) from None


def _service_text(places: Places, timer: Timer, worker: User, groups: Sequence[str], python: str) -> str:
    command = [python, files.own_path(places, timer_run.PROGRAM), timer.name]
    lines = [
        "[Unit]",
        "Description=%s" % _description(places, timer),
        "After=docker.service",
        "# Nothing is left to do where the root was removed.",
        "ConditionPathExists=%s" % systemd.escape_specifiers(command[1]),
        "",
        "[Service]",
        "Type=oneshot",
        "User=%s" % worker.name,
        *(["SupplementaryGroups=%s" % " ".join(groups)] if groups else []),
        "SuccessExitStatus=SIGTERM",
        "ExecStart=:%s" % " ".join(map(systemd.quote_argument, command)),
    ]
    return "\n".join(lines) + "\n"


def _timer_text(places: Places, timer: Timer) -> str:
    lines = [
        "[Unit]",
        "Description=%s" % _description(places, timer),
        "",
        "[Timer]",
        "OnCalendar=%s" % timer.calendar,
        *(["Persistent=true"] if timer.persistent else []),
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _description(places: Places, timer: Timer) -> str:
    return systemd.escape_specifiers("%s of the Open edX platform in %s" % (timer.name, places.root))
