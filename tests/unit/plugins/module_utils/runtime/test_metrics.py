# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of metrics: its text, and how it is written. test_record_run.py reads it with Prometheus' own parser."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import files
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import metrics

VERDICTS = """\
# HELP lectern_verdict How the site was at the end of the last run: 1 for the verdict that holds.
# TYPE lectern_verdict gauge
lectern_verdict{site="s",verdict="ok"} 0
lectern_verdict{site="s",verdict="attention"} 0
lectern_verdict{site="s",verdict="broken"} 1
"""
STATUS = dict(
    verdict="attention",
    last_run=dict(finished="1970-01-01T00:01:00Z", result="failed"),
    last_deployment="1970-01-01T00:00:30Z",
    pending=dict(created=["a"], changed=["b", "c"], removed=[], settings=["KEY"]),
    drift=["b"],
    due=[],
    services=[dict(state="running"), dict(state="restarting")],
    certificates=[
        dict(host="a.example.org", days=-1, expires="1970-01-02T00:00:00Z"),
        dict(host="b.example.org", days=None, expires=None),
    ],
)


def samples(text: str) -> dict[str, str]:
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_each_metric() -> None:
    assert samples(metrics.format_metrics("s", STATUS)) == {
        'lectern_last_run_timestamp_seconds{site="s"}': "60",
        'lectern_last_run_success{site="s"}': "0",
        'lectern_last_deployment_timestamp_seconds{site="s"}': "30",
        'lectern_pending_changes{site="s"}': "4",
        'lectern_drifted_files{site="s"}': "1",
        'lectern_due_tasks{site="s"}': "0",
        'lectern_containers_restarting{site="s"}': "1",
        'lectern_certificate_days{site="s",host="a.example.org"}': "-1",
        'lectern_certificate_expiry_timestamp_seconds{site="s",host="a.example.org"}': "86400",
        'lectern_verdict{site="s",verdict="ok"}': "0",
        'lectern_verdict{site="s",verdict="attention"}': "1",
        'lectern_verdict{site="s",verdict="broken"}': "0",
    }


def test_success() -> None:
    text = metrics.format_metrics("s", dict(last_run=dict(finished="1970-01-01T00:01:00Z", result="succeeded")))
    assert samples(text)['lectern_last_run_success{site="s"}'] == "1"


def test_what_is_not_known_is_left_out() -> None:
    unknown = dict.fromkeys(("last_run", "last_deployment", "pending", "drift", "due", "services", "certificates"))
    assert metrics.format_metrics("s", dict(unknown, verdict="broken")) == VERDICTS


@pytest.mark.parametrize(
    "value", [7, "x", ["x"], [["x"]], {"x": 1}, {"finished": 1, "result": []}, [{"host": 1, "days": "x", "expires": 1}]]
)
def test_what_somebody_made_up(value: Any) -> None:
    names = ("last_run", "last_deployment", "pending", "drift", "due", "services", "certificates")
    for line in metrics.format_metrics("s", dict.fromkeys(names, value)).splitlines():
        assert line.startswith("#") or line.rsplit(" ", 1)[1].lstrip("-").isdigit()


@pytest.mark.parametrize("status", [None, [], "x"])
def test_status_that_somebody_made_up(status: Any) -> None:
    assert metrics.format_metrics("s", status) == metrics.format_metrics("s", {})


def test_labels_are_escaped() -> None:
    text = metrics.format_metrics('a"b\\c\nd', {})
    assert 'lectern_verdict{site="a\\"b\\\\c\\nd",verdict="ok"} 0\n' in text


def test_no_two_sites_share_a_file() -> None:
    assert metrics.file_path("/x", "learn.example.org") == "/x/lectern-learn.example.org.prom"
    assert metrics.file_path("/x", "../a b") == "/x/lectern-..%2Fa%20b.prom"


def test_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lectern-s.prom"
    umask = os.umask(0o077)
    try:
        assert metrics.write_metrics(str(path), "one\n")
        assert not metrics.write_metrics(str(path), "two\n")
    finally:
        os.umask(umask)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("two\n", 0o644)
    path.chmod(0o600)
    assert metrics.write_metrics(str(path), "three\n")
    (tmp_path / ".lectern-0123").write_text("what a killed run left")

    def no_space(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left") as refused:
        metrics.write_metrics(str(path), "four\n")
    assert refused.value.filename == str(path)
    assert (path.read_text(), [each.name for each in tmp_path.iterdir()]) == ("three\n", [path.name])


def test_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("precious")
    (tmp_path / "lectern-s.prom").symlink_to("other")
    assert metrics.write_metrics(str(tmp_path / "lectern-s.prom"), "one\n")
    assert ((tmp_path / "other").read_text(), (tmp_path / "lectern-s.prom").is_symlink()) == ("precious", False)


def test_folder_that_can_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for name in ("missing", "file"):
        with pytest.raises(LecternError, match=r"^There is no folder '.*%s': create the one that the node exporter reads" % name):
            metrics.write_metrics(str(tmp_path / name / "x.prom"), "")
    with pytest.raises(LecternError, match=r"^metrics_dir is 'relative': give an absolute path\.$"):
        metrics.refuse_folder("relative")
    monkeypatch.setattr(metrics.os, "access", lambda path, mode: False)
    with pytest.raises(LecternError, match=r"^The user with id \d+ can't write to '%s': let that user write there" % tmp_path):
        metrics.write_metrics(str(tmp_path / "x.prom"), "")
