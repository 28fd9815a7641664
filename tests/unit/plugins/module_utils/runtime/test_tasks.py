# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Init tasks of a platform, rendered."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import Task, init_tasks


@pytest.fixture
def platform(ground):
    ground.plugin("p", templates="t", hooks={"init": ["lms"]}, config={"defaults": {"A": "b"}})
    ground.write(ground.plugins_root, {"t/p/hooks/lms/init": "\n\necho {{ P_A }}\n\n"})
    ground.call(plugins=["p"], settings={"LMS_HOST": "x.org"})
    return ground.platform()


def test_all(platform):
    assert init_tasks(platform) == [
        Task("mysql", "mysql", "echo mysql"),
        Task("lms", "lms", "echo x.org"),
        Task("p", "lms", "echo b"),
    ]


def test_limit(platform):
    assert [task.owner for task in init_tasks(platform, ["p", "mysql"])] == ["mysql", "p"]
    with pytest.raises(LecternError, match="^'nope' has no init tasks. Owners that have are: mysql, lms, p[.]$"):
        init_tasks(platform, ["lms", "nope"])


def test_a_script_that_cannot_be_rendered(ground):
    ground.write(ground.templates, {"jobs/init/lms.sh": "echo\necho {{ NOPE }}\n"})
    ground.call()
    with pytest.raises(LecternError, match="^Undefined setting in init task of 'lms' in service 'lms' line 2: 'NOPE' is undefined"):
        init_tasks(ground.platform())
