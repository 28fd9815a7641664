# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh server becomes an Open edX site with four plugins and a theme, over SSH; then nothing is left to do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.lectern.tutor.tests.e2e import secrets
from ansible_collections.lectern.tutor.tests.e2e.kit import HERE
from ansible_collections.lectern.tutor.tests.e2e.server import ROOT, Run, Server

SITES = {
    ("campus.example.org", "/"): (200, "<title>Campus</title>"),
    ("campus.example.org", "/heartbeat"): (200, "sites"),
    ("studio.campus.example.org", "/heartbeat"): (200, "sites"),
    ("apps.campus.example.org", "/"): (302, ""),
    ("apps.campus.example.org", "/learning/"): (200, "stand-in for learning"),
    ("discovery.campus.example.org", "/health/"): (200, '"partners": 2'),
    ("files.campus.example.org", "/"): (403, "AccessDenied"),
    ("meilisearch.campus.example.org", "/health"): (200, "available"),
    ("minio.campus.example.org", "/"): (200, "MinIO's console"),
    ("xqueue.campus.example.org", "/xqueue/status/"): (200, '"users": 1'),
}
LMS = "campus.example.org"
PEOPLE = {user["name"]: user for user in yaml.safe_load((HERE / "inventory/hosts.yml").read_text())["tutor"]["vars"]["tutor_users"]}


class Deployment(NamedTuple):
    """The runs on one server, in their order, and its state between them."""

    check: Run
    left_by_check: set[str]
    real: Run
    again: Run
    started: dict[str, str]
    started_again: dict[str, str]


@pytest.fixture(scope="module")
def deployment(server: Server) -> Deployment:
    before = _state(server)
    check = server.playbook("deploy", "--check")
    left_by_check = _state(server) ^ before
    real = server.playbook("deploy")
    assert real.code == 0, real.output[-8000:]
    started = server.containers()
    again = server.playbook("deploy")
    return Deployment(check, left_by_check, real, again, started, server.containers())


def _state(server: Server) -> set[str]:
    """What an operator would see of a deployment: folders, packages, processes. Ansible's own folder in a home is none of it."""
    command = "ls -A --ignore=.ansible / /srv /opt /tmp /home/deployer; dpkg-query --show; ps -e -o comm="
    return set(server.run("sh", "-c", command).splitlines())


def test_check_leaves_no_trace(deployment: Deployment) -> None:
    assert deployment.check.code == 0, deployment.check.output[-8000:]
    assert deployment.left_by_check == set()


def test_check_tells_what_the_real_run_does(deployment: Deployment) -> None:
    told, done = (run.result("files")["files"] for run in (deployment.check, deployment.real))
    assert sorted(told["created"]) == sorted(done["created"]) != []
    assert deployment.check.result("changed_keys")["changed_keys"] == deployment.real.result("changed_keys")["changed_keys"]


def test_second_run_changes_nothing(deployment: Deployment) -> None:
    assert deployment.again.code == 0, deployment.again.output[-8000:]
    assert deployment.again.changed == []
    assert " changed=0 " in deployment.again.output
    assert deployment.started_again == deployment.started


def test_init_tasks_are_shown_while_they_run(deployment: Deployment) -> None:
    """Their own words come over SSH before Ansible tells the task's result."""
    shown = re.findall(r"^\[campus\] Run the init tasks \| (.*)$", deployment.real.output, re.MULTILINE)
    said = [line for line in shown if not re.search(r"\| (started: |ended with exit code 0 )", line)]
    assert len([line for line in shown if line.startswith("discovery lms | ")]) > 2, shown
    assert len(said) > 10, shown
    assert not re.search(r"^\[campus\] Run the init tasks ", deployment.again.output, re.MULTILINE)


@pytest.mark.parametrize(("host", "path"), SITES)
def test_site_answers_through_caddy(deployment: Deployment, server: Server, host: str, path: str) -> None:
    status, text = SITES[host, path]
    answered, body = server.get(host, path)
    assert answered == status
    assert text in body


def test_platform_reaches_its_services_with_the_rendered_secrets(deployment: Deployment, server: Server) -> None:
    """Database, cache, document store, search, storage, mail, and the queues of both workers."""
    for variant in ("lms", "cms"):
        print(server.run("docker", "exec", f"tutor_local-{variant}-1", "./manage.py", variant, "standin_check"))


def test_no_secret_in_any_output(deployment: Deployment, server: Server) -> None:
    config = yaml.safe_load(server.run("cat", f"{ROOT}/config.yml"))
    settings = server.run("cat", f"{ROOT}/env/apps/openedx/settings/lms/production.py")
    hidden = [*secrets.of_config(config), *secrets.of_settings(settings), *(user["password"] for user in PEOPLE.values())]
    assert len(hidden) > 40
    for run in (deployment.check, deployment.real, deployment.again):
        shown = [secret for secret in hidden if secret in run.output or json.dumps(secret)[1:-1] in run.output]
        assert shown == []


def test_secrets_are_for_the_owner_of_the_root(deployment: Deployment, server: Server) -> None:
    modes = server.run("stat", "--format", "%a %U", ROOT, f"{ROOT}/config.yml", f"{ROOT}/.lectern").split("\n")
    assert modes == ["700 deployer", "600 deployer", "700 deployer"]


def test_engine_trusts_the_registry_that_the_inventory_names(deployment: Deployment, server: Server) -> None:
    folder = "/etc/docker/certs.d/registry.campus.example.org"
    assert server.run("stat", "--format", "%a %U", folder, f"{folder}/ca.crt").split("\n") == ["755 root", "644 root"]
    assert server.run("cat", f"{folder}/ca.crt") == Path(f"{server.key}.ca").read_text().strip()


def test_nothing_to_do_for_tutor_and_after_it(deployment: Deployment, server: Server) -> None:
    before, started = server.digests(), server.containers()
    tutor = f"TUTOR_ROOT={ROOT} TUTOR_PLUGINS_ROOT=/srv/tutor-plugins /opt/tutor/bin/tutor config save"
    server.run("sudo", "-u", "deployer", "sh", "-c", tutor)
    assert server.digests() == before

    after = server.playbook("deploy")
    assert after.code == 0, after.output[-8000:]
    assert after.changed == []
    assert server.digests() == before
    assert server.containers() == started


def test_deployment_ends_with_a_smoke_test(deployment: Deployment, server: Server) -> None:
    """Only where it can find something new. The LMS keeps nothing of it."""
    assert "Would run a smoke test" in deployment.check.output
    (verdict,) = verdicts(deployment.real)
    assert verdict["passed"]
    assert [test["name"] for test in verdict["tests"] if test["passed"]] == [
        "heartbeat of the LMS",
        "heartbeat of Studio",
        "log in as a new user",
        "ask the API who that is",
        "make and remove a user",
    ]
    assert verdicts(deployment.check) == verdicts(deployment.again) == []
    assert left_users(server) == "0"


def verdicts(run: Run) -> list[dict[str, Any]]:
    return [result["smoke"] for result in run.results if isinstance(result.get("smoke"), dict)]


def left_users(server: Server) -> str:
    count = "from django.contrib.auth.models import User; print(User.objects.filter(username__startswith='lectern').count())"
    return server.run("docker", "exec", "tutor_local-lms-1", "./manage.py", "lms", "shell", "-c", count).split()[-1]


def test_smoke_test_tells_what_fails_and_is_tried_again(deployment: Deployment, server: Server) -> None:
    """By the next deployment, even if that has nothing else to do."""
    server.run("docker", "stop", "tutor_local-cms-1")
    try:
        failed = server.playbook("deploy", "--tags", "smoke")
    finally:
        server.run("docker", "start", "tutor_local-cms-1")
    assert failed.code == 2
    assert "The smoke test failed: heartbeat of Studio: /heartbeat answered with status 502." in failed.output
    assert [found["passed"] for found in verdicts(failed)] == [False]

    after = server.playbook("deploy")
    assert after.code == 0, after.output[-8000:]
    assert after.changed == []
    assert [found["passed"] for found in verdicts(after)] == [True]
    assert left_users(server) == "0"


def test_people_of_the_inventory_can_log_in(deployment: Deployment, server: Server) -> None:
    assert "Would create or compare the users admin, learner" in deployment.check.output
    assert [user["created"] for user in deployment.real.result("users")["users"]] == [True, True]
    assert len([result for result in deployment.again.results if "users" in result]) == 1  # one call for all of them
    for user in PEOPLE.values():
        status, cookies = server.log_in(LMS, user["email"], user["password"])
        assert (status, me(server, cookies)) == (200, 200)
    assert server.log_in(LMS, user["email"], "another password")[0] == 400


def me(server: Server, cookies: dict[str, str]) -> int:
    """The status with which the LMS says who is logged in."""
    return server.request("GET", LMS, "/api/user/v1/me", {}, cookies).status


def test_somebody_who_left_is_out(deployment: Deployment, server: Server) -> None:
    """Four runs; the session is open from before."""
    _status, cookies = server.log_in(LMS, PEOPLE["learner"]["email"], PEOPLE["learner"]["password"])
    leaver = {"name": "learner", "email": PEOPLE["learner"]["email"], "state": "inactive"}
    wanted = ("--extra-vars", json.dumps({"tutor_users": [leaver]}))
    before = server.run("docker", "ps", "--all", "--quiet"), server.digests()

    check = server.playbook("users", "--check", *wanted)
    assert me(server, cookies) == 200
    real = server.playbook("users", *wanted)
    assert me(server, cookies) == 403
    assert server.log_in(LMS, leaver["email"], PEOPLE["learner"]["password"])[0] == 400
    again = [server.playbook("users", "--check", *wanted), server.playbook("users", *wanted)]

    assert [run.code for run in (check, real, *again)] == [0, 0, 0, 0]
    assert check.result("users")["users"] == real.result("users")["users"]
    assert check.result("users")["diff"] == real.result("users")["diff"]
    assert [run.changed for run in again] == [[], []]
    assert (server.run("docker", "ps", "--all", "--quiet"), server.digests()) == before


def test_passwords_are_in_no_list_of_processes_and_in_no_file(deployment: Deployment, server: Server) -> None:
    """While a password is compared and set. The list of the server has the processes of its containers, too."""
    admin = {**PEOPLE["admin"], "password": PEOPLE["admin"]["password"] + " new", "update_password": "always"}
    others = Path(f"{server.key}.users.json")
    others.write_text(json.dumps({"tutor_users": [admin]}))
    server.run("touch", "/tmp/watching")
    watch = "while [ -e /tmp/watching ]; do ps -eww -o args; sleep 0.1; done >/tmp/processes"
    server.run("sh", "-c", f"({watch}) >/dev/null 2>&1 &")
    real = server.playbook("users", "--extra-vars", f"@{others}")
    server.run("rm", "/tmp/watching")
    assert real.code == 0, real.output[-8000:]
    assert real.result("users")["actions"] == ["Changed user 'admin': password"]
    assert server.log_in(LMS, admin["email"], admin["password"])[0] == 200

    seen = server.run("cat", "/tmp/processes")
    assert "./manage.py lms shell -c" in seen and "docker compose" in seen.replace("docker-compose compose", "docker compose")
    kept = server.run(
        "sh", "-c", f"docker ps --all --quiet | xargs docker inspect; grep -rh '' {ROOT}/.lectern {ROOT}/env {ROOT}/config.yml"
    )
    for text in (seen, kept, real.output):
        assert "Grüße" not in text and "Gr\\u00fc\\u00dfe" not in text
