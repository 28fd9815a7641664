# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of a virtual environment, and the hashes of what they were installed from."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import packages


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Has the engine look into an empty folder instead of this interpreter's own packages."""
    monkeypatch.setattr(packages.sysconfig, "get_paths", lambda: {"purelib": str(tmp_path), "platlib": str(tmp_path)})

    def install(name, version, direct_url=None):
        folder = tmp_path / ("%s-%s.dist-info" % (name, version))
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version))
        if direct_url:
            (folder / "direct_url.json").write_text(json.dumps(direct_url))

    return install


def test_installed(environment):
    environment("Tutor_X", "1.0")
    environment("pip", "24.0")
    environment("b", "2", {"url": "https://user:pw@x.org/b-2.whl", "archive_info": {"hash": "sha256=00", "hashes": {"sha256": "00"}}})
    environment("c", "3", {"url": "file:///c-3.whl", "archive_info": {"hash": "sha256=11"}})
    assert packages.installed_packages() == [
        {"name": "b", "version": "2", "url": "https://x.org/b-2.whl", "hashes": ["sha256:00"]},
        {"name": "c", "version": "3", "url": "file:///c-3.whl", "hashes": ["sha256:11"]},
        {"name": "tutor-x", "version": "1.0", "url": "", "hashes": []},
    ]


@pytest.mark.parametrize(
    "direct_url", [{"dir_info": {"editable": True}}, {"vcs_info": {"vcs": "git", "commit_id": "1"}}, {"archive_info": {}}]
)
def test_what_has_no_hash_is_refused(environment, direct_url):
    environment("mine", "1", dict(direct_url, url="file:///src/mine"))
    with pytest.raises(LecternError, match=r"^No hash is known of mine \(from file:///src/mine\): a folder .* Build a wheel of each"):
        packages.with_hashes(packages.installed_packages())


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of wheels and archives in place of an index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nno-index = true\nfind-links = %s\n" % folder)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    return folder


def wheel(folder, name, version):
    info = "%s-%s.dist-info" % (name, version)
    path = folder / ("%s-%s-py3-none-any.whl" % (name, version))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info + "/METADATA", "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version))
        archive.writestr(info + "/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(info + "/RECORD", "")
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def has_pip():
    return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_pip(), reason="there is no pip in this virtual environment")
def test_hashes_of_an_index(index):
    hashes = {name: wheel(index, name, "1.0") for name in ("tutor", "tutor_x")}
    wheel(index, "tutor", "1.0.1")
    wanted = [{"name": name, "version": "1.0", "url": "", "hashes": []} for name in ("tutor", "tutor-x")]
    wanted.append({"name": "mine", "version": "1", "url": "https://x.org/mine-1.whl", "hashes": ["sha256:00"]})
    found = packages.with_hashes(wanted)
    assert [package["hashes"] for package in found] == [[hashes["tutor"]], [hashes["tutor_x"]], ["sha256:00"]]
    with pytest.raises(LecternError, match="(?s)^pip can't fetch the packages that are installed .*gone==1.0"):
        packages.with_hashes([{"name": "gone", "version": "1.0", "url": "", "hashes": []}])
