# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images and containers as an engine has them; the engine here is a stand-in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.images import local_images
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.containers import describe_containers

docker = pytest.importorskip("docker")
A, B, DIGEST = "sha256:aa", "sha256:bb", "sha256:" + "d" * 64


class Engine:
    """Knows images by tag, and containers."""

    def __init__(self, images, containers=()):
        self.known, self.api = images, self
        self.containers = SimpleNamespace(list=lambda **_options: list(containers))

    def inspect_image(self, tag):
        if tag not in self.known:
            raise docker.errors.ImageNotFound("No such image")
        return self.known[tag]


def container(service, tag, image):
    labels = {"com.docker.compose.service": service}
    return SimpleNamespace(name="x-%s-1" % service, status="running", labels=labels, attrs={"Config": {"Image": tag}, "Image": image})


def test_images(ground):
    ground.plugin("p", hooks={"build-image": {"worker": "worker:1"}, "remote-image": {"redis": "redis:7"}})
    ground.call(plugins=["p"])
    here = {"Id": A, "RepoDigests": ["openedx@" + DIGEST, "other@sha256:" + "e" * 64], "Created": "2026-01-31T08:00:00Z"}
    found = local_images.describe_images(ground.platform(), Engine({"openedx:1": here, "worker:1": {"Id": B, "RepoDigests": None}}))
    assert found == [
        dict(name="openedx", tag="openedx:1", owner="core", pullable=True, id=A, digests=[DIGEST], created="2026-01-31T08:00:00Z"),
        dict(name="worker", tag="worker:1", owner="p", pullable=False, id=B, digests=[], created=None),
        dict(name="redis", tag="redis:7", owner="p", pullable=True, id=None, digests=[], created=None),
    ]


def test_containers(ground):
    ground.call()
    engine = Engine(
        {"openedx:1": {"Id": B}}, [container("lms", "openedx:1", A), container("cms", "openedx:1", B), container("gone", "gone:1", A)]
    )
    found = describe_containers(ground.platform(), engine)
    assert [(each["service"], each["current"]) for each in found] == [("cms", True), ("gone", False), ("lms", False)]
    assert found[2] == dict(service="lms", name="x-lms-1", state="running", image="openedx:1", image_id=A, current=False)
