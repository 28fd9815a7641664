# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A v0 plugin whose every attribute is a function."""

from __future__ import annotations

import os

HERE = os.path.dirname(os.path.abspath(__file__))


def config():
    return {
        "add": {"SECRET": "{{ ID | reverse_host }}", "NUMBER": 7, "LIST": ["{{ ID }}"]},
        "defaults": {"HOST": "callables.{{ LMS_HOST }}", "IMAGE": "example/callables:{{ CALLABLES_NUMBER }}"},
        "set": {"CALLABLES_SWITCH": True},
    }


def patches():
    return {
        "openedx-lms-common-settings": "# {{ CALLABLES_HOST }}\n",
        "openedx-common-settings": "",
        "openedx-dockerfile-post-python-requirements": "RUN echo {{ CALLABLES_LIST }}\n\n",
        "callables-own": "own {{ CALLABLES_SECRET }}",
    }


def templates():
    return os.path.join(HERE, "templates")


def hooks():
    return {"build-image": {"callables": "{{ CALLABLES_IMAGE }}"}, "remote-image": {"callables": "{{ CALLABLES_IMAGE }}"}}
