# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module record_run: how a deployment ended, and the metrics of a site as Prometheus' own parser reads them."""

from __future__ import annotations

import json
import os
import time

import pytest

NOW = time.strftime("%Y-%m-%dT%H", time.gmtime())


@pytest.fixture
def folder(plain, tmp_path):
    """A folder for metrics, of a site whose engine does not answer."""
    plain.environ["DOCKER_HOST"] = "unix:///nowhere.sock"
    plain.render(plugins=[])
    (tmp_path / "metrics").mkdir()
    return tmp_path / "metrics"


def recorded(site):
    return json.loads((site.root / ".lectern/run.json").read_text())


def record(site, folder=None, check=False, **options):
    if folder:
        options = dict(options, metrics_dir=str(folder), site="learn.example.org")
    return site.ok("record_run", check, True, **options)


def test_record_alone(plain, folder):
    before = plain.snapshot()
    assert record(plain, check=True, result="succeeded")["changed"] is False
    assert plain.snapshot() == before
    result = record(plain, result="succeeded")
    assert (result["changed"], result["actions"], result["diff"], result["path"], result["status"]) == (False, [], [], None, None)
    first = recorded(plain)
    assert (first["result"], first["succeeded"]) == ("succeeded", first["finished"])
    assert record(plain, result="failed")["changed"] is False
    assert dict(recorded(plain), finished=None) == {"finished": None, "result": "failed", "succeeded": first["finished"]}
    status = plain.ok("status_info")
    assert (status["last_run"]["result"], status["last_deployment"]) == ("failed", first["finished"])
    assert oct((plain.root / ".lectern/run.json").stat().st_mode)[-3:] == "600"


def test_root_that_does_not_exist_yet(plain):
    result = record(plain, result="failed")
    assert (result["changed"], plain.root.exists()) == (False, False)


def test_four_runs(plain, folder):
    """The file is reported when it comes to be, not each time that its values change."""
    path = folder / "lectern-learn.example.org.prom"
    would, wrote = ["Would write %s" % path], ["Wrote %s" % path]
    results = [record(plain, folder, check, result="succeeded") for check in (True, False, True, False)]
    assert [(one["changed"], one["actions"]) for one in results] == [(True, would), (True, wrote), (False, would), (False, [])]
    assert [bool(one["diff"]) for one in results] == [False, True, False, True]
    assert (
        results[1]["diff"][0]["before"] == "" and 'lectern_last_run_success{site="learn.example.org"} 1' in results[1]["diff"][0]["after"]
    )
    assert results[1]["status"]["verdict"] == "broken"
    assert (oct(path.stat().st_mode)[-3:], [each.name for each in folder.iterdir()]) == ("644", [path.name])


def test_check_writes_nothing(plain, folder):
    before = plain.snapshot()
    record(plain, folder, True, result="failed")
    assert (plain.snapshot(), list(folder.iterdir())) == (before, [])


def test_metrics_alone_record_nothing(plain, folder):
    record(plain, folder)
    assert not (plain.root / ".lectern/run.json").exists()
    assert "lectern_last_run" not in (folder / "lectern-learn.example.org.prom").read_text()


def test_no_secret_in_the_metrics(plain, folder):
    plain.plugin("board.yml", {"name": "board", "version": "1", "config": {"add": {"SECRET": "open-sesame-1"}}})
    plain.edit(**dict(plain.settings(), PLUGINS=["board"], OPENEDX_SECRET_KEY="open-sesame-2"))
    result = record(plain, folder)
    assert "open-sesame" not in result.printed + (folder / "lectern-learn.example.org.prom").read_text()


@pytest.mark.parametrize("check", [True, False])
def test_folder_that_is_missing(plain, folder, check):
    folder.rmdir()
    result = plain.run("record_run", check, metrics_dir=str(folder), site="x", result="failed")
    assert result.msg.startswith("There is no folder '%s': create the one that the node exporter reads" % folder)
    assert (plain.root / ".lectern/run.json").exists() is not check


def test_metrics_need_a_name(plain, folder):
    assert "site" in plain.run("record_run", metrics_dir=str(folder)).msg


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as another user")
def test_owner_of_the_root_need_not_reach_the_folder(shared):
    """The owner makes out how the site is; who runs the module writes the file."""
    shared.environ["DOCKER_HOST"] = "unix:///nowhere.sock"
    shared.render(plugins=[])
    folder = shared.folder / "metrics"
    folder.mkdir(mode=0o700)
    os.chown(folder, 0, 0)
    shared.uid = 0
    record(shared, folder, result="succeeded")
    assert (folder / "lectern-learn.example.org.prom").stat().st_uid == 0
    assert (shared.root / ".lectern/run.json").stat().st_uid == 1234


def test_prometheus_reads_it(plain, folder):
    parser = pytest.importorskip("prometheus_client.parser")
    plain.edit(**dict(plain.settings(), PLATFORM_NAME="Another"))
    plain.run("record_run", metrics_dir=str(folder), site='a"b\\c', result="succeeded")
    (path,) = folder.iterdir()
    families = {family.name: family for family in parser.text_string_to_metric_families(path.read_text())}
    assert {family.type for family in families.values()} == {"gauge"}
    assert all(family.documentation.endswith((".", "holds.")) for family in families.values())
    values = {(name, *sample.labels.values()): sample.value for name, family in families.items() for sample in family.samples}
    site = 'a"b\\c'
    assert values["lectern_pending_changes", site] == 1
    assert values["lectern_drifted_files", site] == 0
    assert values["lectern_last_run_success", site] == 1
    assert abs(values["lectern_last_run_timestamp_seconds", site] - time.time()) < 60
    assert values["lectern_verdict", site, "broken"] == 1
