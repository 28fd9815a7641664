# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before containers are started: whose development platform is stopped, which plugins are called, when, and with what."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.base.releases import release_of
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import jobs
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import starting
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.ledger import Fingerprint
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.tasks import Task

docker = pytest.importorskip("docker")


class Container:
    def __init__(self, project, service, *files, working_dir="/"):
        prefix = "com.docker.compose."
        self.name = "%s-%s-1" % (project, service)
        self.labels = {prefix + "project": project, prefix + "service": service, prefix + "project.config_files": ",".join(files)}
        self.labels[prefix + "project.working_dir"] = working_dir
        self.stopped = 0

    def stop(self):
        self.stopped += 1


class Engine:
    def __init__(self, *containers):
        self.running = list(containers)
        self.containers = SimpleNamespace(list=self.list)

    def list(self, filters, ignore_removed):
        assert "com.docker.compose.oneoff=False" in filters["label"]
        return self.running


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root/env/dev").mkdir(parents=True)
    return tmp_path / "root"


def files(root):
    names = ("local/docker-compose.yml", "dev/docker-compose.yml", "local/docker-compose.override.yml")
    return [str(root / "env" / name) for name in names]


def stop(root, engine, **options):
    return starting.stop_development(Places(str(root), "/plugins"), engine, **options)


def test_development_platform_of_the_root_is_stopped(root):
    mine = [Container("tutor_dev", name, *files(root)) for name in ("mysql", "lms")]
    others = [
        Container("tutor_local", "lms", str(root / "env/local/docker-compose.yml"), str(root / "env/local/docker-compose.prod.yml")),
        Container("tutor_dev", "lms", "/srv/other/env/local/docker-compose.yml", "/srv/other/env/dev/docker-compose.yml"),
        Container("web", "web", str(root / "env/develop/docker-compose.yml")),
    ]
    sentence = "project 'tutor_dev' of 'tutor dev', which works on the data of the same root: lms, mysql"
    assert stop(root, Engine(*mine, *others), check=True) == ["Would stop " + sentence]
    assert not any(container.stopped for container in mine)
    assert stop(root, Engine(*mine, *others)) == ["Stopped " + sentence]
    assert [container.stopped for container in mine + others] == [1, 1, 0, 0, 0]


def test_its_name_does_not_count(root):
    assert len(stop(root, Engine(Container("mine", "lms", *files(root)), Container("another", "lms", *files(root))))) == 2


def test_root_behind_a_link_is_the_same(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert stop(tmp_path / "link", Engine(Container("tutor_dev", "lms", *files(root))))
    assert stop(root, Engine(Container("tutor_dev", "lms", *files(tmp_path / "link"))))


def test_relative_names_of_old_compose(root):
    container = Container("tutor_dev", "lms", "../dev/docker-compose.yml", working_dir=str(root / "env/local"))
    assert stop(root, Engine(container))


def test_nothing_runs(root):
    assert stop(root, Engine()) == []


def test_engine_that_can_not_stop_it(root):
    container = Container("tutor_dev", "lms", *files(root))
    container.stop = lambda: (none for none in ()).throw(docker.errors.APIError("permission denied"))
    with pytest.raises(LecternError, match="could not stop container 'tutor_dev-lms-1': permission denied"):
        stop(root, Engine(container))


def test_container_that_ends_meanwhile(root):
    container = Container("tutor_dev", "lms", *files(root))
    container.stop = lambda: (none for none in ()).throw(docker.errors.NotFound("gone"))
    assert stop(root, Engine(container))


class Calls:
    """A platform with a plugin that listens, and what it is told."""

    def __init__(self, root, version="22.0.3"):
        self.told = []
        listen = [("noisy", self.listen("started"))]
        do_job = [("noisy", self.listen("job"))]
        self.platform = SimpleNamespace(
            places=Places(str(root), "/plugins"),
            config={"LMS_HOST": "local.org", "LOCAL_PROJECT_NAME": "campus"},
            contributions=SimpleNamespace(compose_project_started=listen, do_job=do_job),
            release=release_of(version),
        )

    def listen(self, name):
        def callback(*args, **options):
            self.told.append((name, args, options))
            if name == "started":
                args[1].clear()  # what a plugin does to the settings stays with it

        return callback


def test_callbacks_get_what_upstream_gives(root):
    calls = Calls(root)
    assert starting.prepare(calls.platform, Engine()) == []
    starting.announce_init(calls.platform, [None, "lms"])
    assert calls.told[0][1][::2] == (str(root), "campus") and calls.platform.config["LMS_HOST"] == "local.org"
    assert calls.told[1:] == [("job", ("init",), {"limit": None}), ("job", ("init",), {"limit": "lms"})]


@pytest.mark.parametrize("action", ["COMPOSE_PROJECT_STARTED", "DO_JOB"])
def test_plugin_whose_callback_fails_is_named(root, action):
    def fail(*args, **options):
        raise SystemExit("no \x1b[31mway")

    platform = Calls(root).platform
    platform.contributions = SimpleNamespace(compose_project_started=[("broken", fail)], do_job=[("broken", fail)])
    with pytest.raises(LecternError, match=r"^%s of plugin 'broken' failed: SystemExit: no way, at .*test_starting.py line" % action):
        starting.announce_start(platform) if action != "DO_JOB" else starting.announce_init(platform, [None])


@pytest.mark.parametrize(
    ("version", "limits", "reason", "check", "expected"),
    [
        ("22.0.3", [None], "forced", False, ["job", "started", "run"]),
        ("22.0.3", [], "forced", False, ["started", "run"]),
        ("19.0.3", [None], "forced", False, ["job", "started", "run"]),
        ("19.0.2", [None], "forced", False, ["job", "run"]),
        ("22.0.3", [None], "forced", True, []),
        ("22.0.3", [None], None, False, []),
    ],
)
def test_jobs_tell_plugins_only_where_something_runs(root, monkeypatch, version, limits, reason, check, expected):
    """From 19.0.3 on upstream takes ``docker compose run`` for a start of the project."""
    calls = Calls(root, version)
    container = Container("tutor_dev", "lms", *files(root))
    monkeypatch.setattr(jobs.orphans, "describe", lambda platform, client, service: None)
    monkeypatch.setattr(jobs, "carry_out_one", lambda call, item: calls.told.append(("run", (), {})) or {"rc": 0})
    task = Task(None, "lms", "true")
    planned = [jobs.PlannedTask(task, "script", "lms-job", "lms:1", Fingerprint("", None, ""), reason)]
    result = jobs.run(calls.platform, Engine(container), planned, None, None, limits, check)
    assert [name for name, _args, _options in calls.told] == expected
    assert container.stopped == (1 if expected else 0)
    assert [action.split()[0] for action in result["actions"]] == (["Stopped", "Ran"] if expected else ["Would", "Would"] if check else [])
