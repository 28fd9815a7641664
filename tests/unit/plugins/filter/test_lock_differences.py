# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a site is not as its lock file says."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.filter.lock_differences import lock_differences

A, B = ("sha256:" + letter * 64 for letter in "ab")
WHEEL = "https://x.org/notes-1.0-py3-none-any.whl"
LOCK = {
    "packages": [
        {"name": "tutor", "version": "22.0.3", "url": "", "hashes": [A]},
        {"name": "tutor-notes", "version": "1.0", "url": WHEEL, "hashes": [A]},
    ],
    "images": {"openedx": A},
    "images_without_digest": ["built:1"],
}
INSTALLED = [dict(LOCK["packages"][0], hashes=[]), LOCK["packages"][1]]


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        ("tutor==22.0.3", []),
        ("tutor[full]>=22,<23", []),
        ("Tutor_Notes @ https://user:pw@x.org/notes-1.0-py3-none-any.whl", []),
        ("absent==1; python_version < '3'", []),
        ("tutor==22.0.4", ["package tutor==22.0.4 is required, locked is 22.0.3"]),
        ("tutor-mfe==22.1.0", ["package tutor-mfe==22.1.0 is required and not locked"]),
        ("tutor-notes @ https://x.org/2.whl", [f"package tutor-notes @ https://x.org/2.whl is required, locked is {WHEEL}"]),
        ("tutor-notes==1.0", []),
        ("./notes", ["package ./notes can't be compared, write it as NAME @ ADDRESS"]),
    ],
)
def test_what_the_inventory_asks_for(requirement: str, says: list[str]) -> None:
    assert lock_differences(LOCK, requirements=[requirement]) == says


def test_pins_of_the_inventory() -> None:
    assert lock_differences(LOCK, pins={"openedx": A}) == []
    assert lock_differences(LOCK, pins={"openedx": B}) == [f"image openedx is pinned to {B}, locked is {A}"]


@pytest.mark.parametrize(
    ("installed", "says"),
    [
        (INSTALLED, []),
        ([*INSTALLED, {"name": "setuptools", "version": "65", "url": "", "hashes": []}], []),
        ([INSTALLED[1]], ["package tutor is not installed, locked is 22.0.3"]),
        ([dict(INSTALLED[0], version="22.0.2"), INSTALLED[1]], ["package tutor is 22.0.2, locked is 22.0.3"]),
        ([INSTALLED[0], dict(INSTALLED[1], hashes=[B])], ["package tutor-notes 1.0 is of another archive than the locked one"]),
        ([INSTALLED[0], dict(INSTALLED[1], url="")], ["package tutor-notes 1.0 is of another archive than the locked one"]),
        ([dict(INSTALLED[0], url=WHEEL), INSTALLED[1]], ["package tutor 22.0.3 is of another archive than the locked one"]),
        ([*INSTALLED, {"name": "x", "version": "2", "url": "", "hashes": []}], ["package x 2 is installed and not locked"]),
    ],
)
def test_what_is_installed(installed: list[dict], says: list[str]) -> None:
    assert lock_differences(LOCK, installed=installed) == says


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ({}, []),
        ({"id": None, "digests": []}, []),
        ({"name": "redis", "pullable": False}, []),
        ({"name": "mine", "tag": "built:1"}, []),
        ({"digests": [B]}, [f"image openedx (openedx:1) is {B}, locked is {A}"]),
        ({"digests": []}, [f"image openedx (openedx:1) is sha256:1, locked is {A}"]),
        ({"name": "redis", "tag": "redis:7"}, ["image redis (redis:7) is on the host and not locked"]),
    ],
)
def test_images_of_the_host(image: dict, says: list[str]) -> None:
    here = {"name": "openedx", "tag": "openedx:1", "pullable": True, "id": "sha256:1", "digests": [B, A]}
    assert lock_differences(LOCK, images=[{**here, **image}]) == says
