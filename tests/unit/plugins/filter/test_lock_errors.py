# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a file that is no lock file."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.lectern.tutor.plugins.filter.lock_errors import lock_errors

DIGEST = "sha256:" + "a" * 64
PACKAGE = {"name": "tutor", "version": "22.0.3", "url": "", "hashes": [DIGEST]}
LOCK = {"python": "3.11", "packages": [PACKAGE], "images": {"openedx": DIGEST}, "images_without_digest": ["built:1"]}


def test_lock_file_is_one() -> None:
    assert lock_errors(yaml.safe_dump(LOCK)) == []
    assert lock_errors("packages: []\nimages: {}\n") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ["it is empty or missing"]),
        ("packages: [a\nimages: {", ["its text line 2 column 7 is not valid YAML: did not find expected ',' or ']'"]),
        ("a: \x00", ["its text is not valid YAML: unacceptable character"]),
        ("just words", ["it is just words and no mapping"]),
        ("- tutor", ["it is ['tutor'] and no mapping"]),
        ("{}", ["packages is empty or missing", "images is empty or missing"]),
        ("packages: tutor\nimages: []", ["packages is tutor and no list", "images is [] and no mapping"]),
        ("packages: []\nimages: {}\nimages_without_digest: {}", ["images_without_digest is {} and no list"]),
        ("packages: [tutor]\nimages: {}", ["packages[0] is tutor and no mapping"]),
        ("packages: []\nimages: {openedx: 12, lms: }", ["image openedx is 12 and no text", "image lms is empty or missing"]),
        (yaml.safe_dump({**LOCK, "packages": [{**PACKAGE, "version": 22.0}]}), ["version of packages[0] is 22.0 and no text: put it into"]),
        (yaml.safe_dump({**LOCK, "packages": [{**PACKAGE, "url": []}]}), ["url of packages[0] is [] and no text"]),
        (
            yaml.safe_dump({**LOCK, "packages": [{**PACKAGE, "hashes": [None, "foo"]}]}),
            ["hashes of packages[0] has None", "hashes of packages[0] has foo"],
        ),
        (
            yaml.safe_dump({**LOCK, "packages": [PACKAGE, {"name": "notes", "hashes": "x"}]}),
            ["version of packages[1] is empty", "hashes of packages[1] is x and no list"],
        ),
    ],
)
def test_what_is_wrong_is_said(text: str, says: list[str]) -> None:
    found = lock_errors(text)
    assert len(found) == len(says)
    for error, beginning in zip(found, says, strict=True):
        assert error.startswith(beginning)
