# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the status of a site for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

import calendar
import os
import stat
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple
from urllib.parse import quote

from ..base import files, moments
from ..base.errors import LecternError
from .last_run import SUCCEEDED
from .verdict import ATTENTION, BROKEN, OK

MODE = 0o644  # the node exporter runs as another user

Samples = List[Tuple[Dict[str, str], Optional[float]]]  # labels, and a value that may not be known


class Metric(NamedTuple):
    """A gauge: its name without the prefix, what it means, and its samples."""

    name: str
    meaning: str
    samples: Samples


def file_path(folder: str, site: str) -> str:
    """Return the path of a site's file: no two sites have the same."""
    return os.path.join(folder, "lectern-%s.prom" % quote(site, safe=""))


def format_metrics(site: str, status: Any) -> str:
    """Return the status of a site in Prometheus' text format. What is not known has no sample.

    ``status`` is as ``site_status`` describes it. Whoever owns the root may have made it up, so nothing in it is trusted to be of its type.
    """
    lines: List[str] = []
    for metric in _metrics(status if isinstance(status, dict) else {}):
        known = [(labels, value) for labels, value in metric.samples if value is not None]
        if known:
            name = "lectern_" + metric.name
            lines += ["# HELP %s %s" % (name, metric.meaning), "# TYPE %s gauge" % name]
            lines += ["%s{%s} %d" % (name, _format_labels(dict({"site": site}, **labels)), value) for labels, value in known]
    return "".join(line + "\n" for line in lines)


def write_metrics(path: str, text: str) -> bool:
    """Write a file of metrics, whole or not at all. Returns whether it was missing, or not one that everybody can read.

    Raises LecternError where its folder is missing or can't be written.
    """
    folder = os.path.dirname(path)
    refuse_folder(folder)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        files.sweep(handle)
        is_new = is_missing(path)
        files.replace_file(handle, path, text.encode(), MODE)
        return is_new
    finally:
        os.close(handle)


def is_missing(path: str) -> bool:
    """Return whether there is no such file that everybody can read."""
    try:
        return os.lstat(path).st_mode != stat.S_IFREG | MODE
    except FileNotFoundError:
        return True


def refuse_folder(folder: str) -> None:
    """Raise LecternError for a folder that metrics can't be written to."""
    if not os.path.isabs(folder):
        raise LecternError("metrics_dir is '%s': give an absolute path." % folder)
    if not os.path.isdir(folder):
        raise LecternError(
            "There is no folder '%s': create the one that the node exporter reads (--collector.textfile.directory), or correct metrics_dir "
            "(tutor_metrics_dir)." % folder
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise LecternError(
            "The user with id %d can't write to '%s': let that user write there, or correct metrics_dir (tutor_metrics_dir)."
            % (os.geteuid(), folder)
        )


def _metrics(status: Dict[str, Any]) -> Iterator[Metric]:
    run = status.get("last_run")
    run = run if isinstance(run, dict) else {}
    succeeded = float(run.get("result") == SUCCEEDED) if run else None
    yield Metric("last_run_timestamp_seconds", "When the last deployment ended.", [({}, _seconds(run.get("finished")))])
    yield Metric("last_run_success", "Whether the last deployment succeeded.", [({}, succeeded)])
    moment = _seconds(status.get("last_deployment"))
    yield Metric("last_deployment_timestamp_seconds", "When the last deployment that succeeded ended.", [({}, moment)])
    yield Metric("pending_changes", "Files and settings that rendering would change.", [({}, _pending(status.get("pending")))])
    yield Metric("drifted_files", "Files of the environment that were edited by hand.", [({}, _number(status.get("drift")))])
    yield Metric("due_tasks", "Init tasks that a deployment would run.", [({}, _number(status.get("due")))])
    restarting = [each for each in _items(status.get("services")) if each.get("state") == "restarting"]
    known = float(len(restarting)) if isinstance(status.get("services"), list) else None
    yield Metric("containers_restarting", "Containers that end and are started again and again.", [({}, known)])
    certificates = _items(status.get("certificates"))
    days: Samples = [({"host": str(each.get("host"))}, _whole(each.get("days"))) for each in certificates]
    yield Metric("certificate_days", "Days until the certificate of a host expires, as of the last run.", days)
    expires: Samples = [({"host": str(each.get("host"))}, _seconds(each.get("expires"))) for each in certificates]
    yield Metric("certificate_expiry_timestamp_seconds", "When the certificate of a host expires.", expires)
    verdicts: Samples = [({"verdict": level}, float(status.get("verdict") == level)) for level in (OK, ATTENTION, BROKEN)]
    yield Metric("verdict", "How the site was at the end of the last run: 1 for the verdict that holds.", verdicts)


def _format_labels(labels: Dict[str, str]) -> str:
    escaped = {name: text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') for name, text in labels.items()}
    return ",".join('%s="%s"' % pair for pair in escaped.items())


def _seconds(moment: Any) -> Optional[float]:
    """Return a time such as ``2026-01-31T08:00:00Z`` in seconds since 1970; None for anything else."""
    try:
        return calendar.timegm(time.strptime(moment, moments.FORMAT))
    except (TypeError, ValueError):
        return None


def _number(items: Any) -> Optional[float]:
    return len(items) if isinstance(items, list) else None


def _whole(value: Any) -> Optional[float]:
    return value if isinstance(value, int) else None


def _pending(pending: Any) -> Optional[float]:
    return sum(_number(items) or 0 for items in pending.values()) if isinstance(pending, dict) else None


def _items(value: Any) -> List[Dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
