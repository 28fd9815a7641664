# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images side by side: results by tag, bases first, and an end after the first failure."""

from __future__ import annotations

import threading
from typing import NamedTuple, Tuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.images.image import ImageOutcome
from ansible_collections.lectern.tutor.plugins.module_utils.images.parallel import work_on_all


class Based(NamedTuple):
    tag: str
    bases: Tuple[str, ...] = ()


def test_so_many_at_a_time():
    both = threading.Barrier(2, timeout=10)
    done = work_on_all([Based("a"), Based("b")], lambda image, bases: ImageOutcome(bool(both.wait() + 1)), 2)
    assert [one.outcome.changed for one in done.values()] == [True, True]


def test_one_at_a_time_in_order():
    seen = []
    work_on_all([Based(tag) for tag in "abc"], lambda image, bases: seen.append(image.tag) or ImageOutcome(False), 1)
    assert seen == ["a", "b", "c"]


@pytest.mark.parametrize("parallel", [1, 2, 8])
def test_an_image_waits_for_its_bases_and_is_told_of_them(parallel):
    images = [Based("a"), Based("b", ("a", "elsewhere")), Based("c", ("b", "a"))]
    told = {}

    def do(image, bases):
        told[image.tag] = [one.image.tag for one in bases]
        return ImageOutcome(True)

    work_on_all(images, do, parallel, lambda image: image.bases)
    assert told == {"a": [], "b": ["a"], "c": ["a", "b"]}


def test_what_waits_does_not_keep_others_from_working():
    other = threading.Event()

    def do(image, bases):
        return ImageOutcome(other.wait(10) if image.tag == "a" else other.set() is None)

    done = work_on_all([Based("a"), Based("b", ("a",)), Based("c")], do, 2, lambda image: image.bases)
    assert [one.outcome.changed for one in done.values()] == [True, True, True]


def test_images_that_name_each_other():
    seen = []
    images = [Based("a", ("b", "a")), Based("b", ("a",))]
    work_on_all(images, lambda image, bases: seen.append(image.tag) or ImageOutcome(False), 2, lambda image: image.bases)
    assert seen == ["a", "b"]


def test_nothing_new_starts_after_a_failure():
    def do(image, bases):
        if image.tag == "b":
            raise LecternError("no b")
        return ImageOutcome(True)

    done = work_on_all([Based(tag) for tag in "abcd"], do, 1)
    assert [(tag, bool(one.outcome), str(one.error or "")) for tag, one in done.items()] == [
        ("a", True, ""),
        ("b", False, "no b"),
        ("c", False, ""),
        ("d", False, ""),
    ]


def test_of_two_images_with_one_tag_the_last_counts():
    seen = []
    done = work_on_all([Based("a"), Based("a", ("x",))], lambda image, bases: seen.append(image) or ImageOutcome(False), 2)
    assert seen == [Based("a", ("x",))]
    assert list(done) == ["a"]


def test_a_defect_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        work_on_all([Based("a")], lambda image, bases: 1 // 0, 1)
