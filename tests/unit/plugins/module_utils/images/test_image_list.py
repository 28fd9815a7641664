# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of a platform: tags and arguments rendered, folders inside of the environment."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.images import image_list
from ansible_collections.lectern.tutor.plugins.module_utils.images.image import Image
from ansible_collections.lectern.tutor.plugins.module_utils.plugins.contributions import ImageItem


def platform(ground, **hooks):
    ground.plugin("p", hooks=hooks, config={"defaults": {"TAG": "{{ LMS_HOST }}/worker:1"}})
    ground.call(plugins=["p"])
    return ground.platform()


def test_build_pull_and_push(ground):
    found = platform(ground, **{"build-image": {"worker": "{{ P_TAG }}"}, "remote-image": {"worker": "{{ P_TAG }}"}})
    assert image_list.to_build(found) == [
        Image("openedx", "openedx:1", "core", str(ground.env / "build/openedx"), ()),
        Image("worker", "local.org/worker:1", "p", str(ground.env / "plugins/p/build/worker"), ()),
    ]
    assert (
        image_list.to_pull(found)
        == image_list.to_push(found)
        == [
            Image("openedx", "openedx:1", "core", "", ()),
            Image("worker", "local.org/worker:1", "p", "", ()),
        ]
    )


def test_select(ground):
    found = image_list.to_build(platform(ground, **{"build-image": {"worker": "w"}}))
    assert [image.name for image in image_list.select(found, ["worker"])] == ["worker"]
    assert image_list.select(found, ["all"]) == image_list.select(found, ["worker", "all"]) == found
    assert image_list.select(found, []) == []
    with pytest.raises(LecternError, match="^Image 'nope' could not be found. Known are: all, openedx, worker[.]$"):
        image_list.select(found, ["worker", "nope"])


def test_a_tag_that_cannot_be_rendered(ground):
    found = platform(ground, **{"build-image": {"worker": "{{ NOPE }}"}})
    with pytest.raises(LecternError, match="^Undefined setting in image 'worker' of p line 1: 'NOPE' is undefined"):
        image_list.to_build(found)


def test_arguments_of_a_plugin_are_no_templates(ground):
    ground.call(plugins=[])
    platform = ground.platform()
    args = ("--build-arg=HOST={{ LMS_HOST }}", "{{")
    platform.contributions.images = lambda kind, config: [ImageItem("x", "x:1", "p", "plugins/p/build/x", args)]
    assert image_list.to_build(platform)[0].args == args
    platform.contributions.images = lambda kind, config: [ImageItem("x", "x:1", "core", "build/x", args[:1])]
    assert image_list.to_build(platform)[0].args == ("--build-arg=HOST=local.org",)


def test_a_folder_outside_of_the_environment(ground):
    found = platform(ground, **{"build-image": {"../../../../../etc": "x"}})
    with pytest.raises(LecternError, match="is outside of the environment: refused[.]$"):
        image_list.to_build(found)


PULLED = [
    Image("openedx", "openedx:1", "core", "", ()),
    Image("lms", "openedx:1", "p", "", ()),
    Image("redis", "redis:7", "core", "", ()),
]
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def test_pinned():
    assert image_list.pins_by_tag(PULLED, {"openedx": DIGEST, "redis": OTHER}) == {
        "openedx:1": DIGEST,
        "redis:7": OTHER,
    }
    assert image_list.pins_by_tag(PULLED, {"openedx": DIGEST, "lms": DIGEST}) == {"openedx:1": DIGEST}


@pytest.mark.parametrize(
    ("pins", "says"),
    [
        ({"nope": DIGEST}, "^pins: Tutor pulls no image 'nope'[.] Known are: lms, openedx, redis[.]$"),
        ({"redis": "7.4"}, "^pins: '7.4' of image 'redis' is not a digest: give sha256: and 64 digits 0-9a-f[.]$"),
        ({"redis": DIGEST[:-1]}, "of image 'redis' is not a digest"),
        ({"redis": None}, "^pins: 'None' of image 'redis' is not a digest"),
        (
            {"openedx": DIGEST, "lms": OTHER},
            "^pins: image 'lms' shares the tag 'openedx:1' with one that has another digest[.]$",
        ),
    ],
)
def test_what_is_no_pin(pins, says):
    with pytest.raises(LecternError, match=says):
        image_list.pins_by_tag(PULLED, pins)


def test_folders_in_mounts_that_are_for_a_service_alone(ground):
    ground.call(plugins=[], settings={"MOUNTS": ["/src/x", "lms:/src/y:/openedx/x"]})
    platform = ground.platform()
    platform.contributions.build_mounts = lambda path: [("openedx", "mnt-x")]
    assert image_list.build_contexts(platform) == {"openedx": [("/src/x", "mnt-x")]}
