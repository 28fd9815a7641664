# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of pulls and pushes, and how often."""

from __future__ import annotations

from ansible_collections.lectern.tutor.plugins.module_utils.images.progress import Progress

MB = 10**6


class Run:
    """One transfer, of which a test says what happens when."""

    def __init__(self, verb):
        self.now, self.told = 0.0, []
        self.progress = Progress(verb, self.told.append, lambda: self.now)

    def say(self, layer, status, current=None, total=None, after=0.01):
        self.now += after
        detail = {} if total is None else {"current": current, "total": total}
        self.progress({"id": layer, "status": status, "progressDetail": detail})


def test_pull():
    run = Run("pulled")
    run.say("22.0.3", "Pulling from overhangio/openedx")
    run.say("a", "Already exists")
    run.say("b", "Pulling fs layer")
    run.say("c", "Pulling fs layer")
    run.say("b", "Downloading", 1 * MB, 40 * MB)
    run.say("b", "Downloading", 20 * MB, 40 * MB, after=1)
    run.say("c", "Downloading", 1 * MB, 2 * MB)
    run.say("b", "Download complete", after=1)
    run.say("b", "Extracting", 1 * MB, 40 * MB)
    run.say("b", "Pull complete", after=1)
    run.say("c", "Pull complete")
    run.progress({"status": "Digest: sha256:0"})
    run.progress.end()
    assert run.told == [
        "pulled 1 of 3 layers, 20 of 40 MB",
        "pulled 1 of 3 layers, 41 of 42 MB",
        "pulled 2 of 3 layers, 41 of 42 MB",
        "pulled 3 of 3 layers, 42 of 42 MB",
    ]


def test_push():
    run = Run("pushed")
    run.progress({"status": "The push refers to repository [registry.example.com/openedx]"})
    for layer in "ab":
        run.say(layer, "Preparing")
    run.say("a", "Layer already exists")
    run.say("b", "Pushing", 512, 3 * MB)
    run.say("b", "Pushing", 1500000, 3 * MB, after=2)
    run.say("b", "Pushed")
    run.progress.end()
    assert run.told == ["pushed 1 of 2 layers, 1.5 of 3.0 MB", "pushed 2 of 2 layers, 3.0 of 3.0 MB"]


def test_a_line_a_second_at_most():
    run = Run("pulled")
    for number in range(1000):
        run.say("a", "Downloading", number * MB, 1000 * MB, after=0.01)
    assert 9 <= len(run.told) <= 10


def test_nothing_to_send_nothing_to_tell():
    run = Run("pulled")
    run.say("latest", "Pulling from library/redis")
    run.say("a", "Already exists", after=5)
    run.say("b", "Already exists", after=5)
    run.progress.end()
    assert run.told == []


def test_silent_engine_is_told_once():
    run = Run("pulled")
    run.say("a", "Pulling fs layer")
    for _time in range(5):
        run.say("a", "Downloading", 5 * MB, 9 * MB, after=2)
    assert run.told == ["pulled 0 of 1 layers, 5.0 of 9.0 MB"]
