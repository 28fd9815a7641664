# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the table says of single releases."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import releases


@pytest.mark.parametrize(
    "version, known",
    [
        ("10.5.3", []),
        ("11.0.0", ["ELASTICSEARCH", "FORUM"]),
        ("12.2.0", ["ELASTICSEARCH", "FORUM"]),
        ("13.0.0", ["ELASTICSEARCH"]),
        ("18.2.2", ["ELASTICSEARCH"]),
        ("19.0.0", []),
    ],
)
def test_services_that_were_activated(version, known):
    """A name that a release no longer knows stays in config.yml as it is."""
    renamed = dict(releases.release_of(version).renamed)
    assert [name for name in ("ELASTICSEARCH", "FORUM") if "ACTIVATE_" + name in renamed] == known
    assert ("ACTIVATE_LMS" in renamed) == (version != "10.5.3")


def test_fonts_and_pictures_that_are_not_rendered():
    assert ".webp" not in releases.release_of("17.0.0").verbatim
    assert ".webp" in releases.release_of("17.0.1").verbatim


@pytest.mark.parametrize(
    "version, folder, arguments",
    [
        ("12.1.7", "build/openedx-dev", ("--build-arg", "USERID={{ HOST_USER_ID }}")),
        ("12.2.0", "build/openedx-dev", ()),
        ("13.0.0", None, None),
        ("15.3.9", None, None),
        ("16.0.0", "build/openedx", ("--target=development", "--build-arg=APP_USER_ID={{ HOST_USER_ID or 1000 }}")),
        ("22.0.3", "build/openedx", ("--target=development", "--build-arg=APP_USER_ID={{ HOST_USER_ID or 1000 }}")),
    ],
)
def test_openedx_dev_is_built_as_upstream_builds_it(version, folder, arguments):
    release = releases.release_of(version)
    found = [image[1:] for image in release.build + release.build_after if image[0] == "openedx-dev"]
    assert found == ([(folder, arguments)] if folder else [])
