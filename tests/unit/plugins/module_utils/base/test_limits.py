# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins and templates do ends."""

from __future__ import annotations

import resource
import signal
import threading

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import limits
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.isolation import calling

LOOP = "{% for i in range(10**6) %}{% for j in range(10**6) %}{% endfor %}{% endfor %}"


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    before = signal.getsignal(signal.SIGVTALRM), signal.getitimer(signal.ITIMER_VIRTUAL), resource.getrlimit(resource.RLIMIT_DATA)
    yield
    after = signal.getsignal(signal.SIGVTALRM), signal.getitimer(signal.ITIMER_VIRTUAL), resource.getrlimit(resource.RLIMIT_DATA)
    assert after == before


def work():
    while True:
        pass


def test_work_without_end():
    with pytest.raises(limits.Endless), limits.limited():
        work()


def test_code_that_catches_what_stops_it():
    def stubborn():
        try:
            work()
        except Exception:
            work()

    message = "^X failed: stopped after 0 s of work, as it seems to have no end, at .*test_limits.py line "
    with pytest.raises(LecternError, match=message), calling("X failed"):
        stubborn()


def test_one_inside_of_another_has_a_time_of_its_own():
    with limits.in_time():
        with pytest.raises(limits.Endless), limits.in_time():
            work()
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 0.1
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0


def test_threads_are_left_alone():
    done = []

    def in_a_thread():
        with limits.limited():
            done.append(True)

    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()
    assert done == [True]


@pytest.mark.parametrize(
    "changes, where",
    [
        (dict(settings={"A": LOOP}), "setting 'A' line 1"),
        (dict(plugins=["p"]), "patch 'lms' of plugin 'p' in template 'apps/lms.txt' line 1"),
    ],
    ids=["setting", "patch"],
)
def test_templates_without_end(ground, changes, where):
    ground.plugin("p", patches={"lms": LOOP})
    with pytest.raises(LecternError) as caught:
        ground.call(**changes)
    assert str(caught.value) == "Endless loop in %s: stopped after 0 s of work, as it seems to have no end." % where
