# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries a platform as a learner would: makes a user, logs in through the web proxy, asks the API who that is, and removes the user.

Works on every release: the addresses are those that Open edX has kept since its first ones.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterator, List

from ..base.errors import LecternError
from ..base.logs import Logs
from ..root.platform import Platform
from . import programs
from .compose import health, job_container, project
from .compose.visit import Visitor
from .lms import visitor
from .smoke_verdict import Trial

HEARTBEAT, LOGIN, OWN_NAME = "/heartbeat", "/user_api/v1/account/login_session/", "/api/user/v1/me"

PATIENCE = 300.0  # seconds after which the user is removed, whatever became of this call

TIMEOUT = 900.0  # seconds for the program, the start of services included

PAUSE = 0.1  # seconds


def try_login(platform: Platform, client: Any, logs: Logs) -> List[Trial]:
    """Try the LMS and Studio; later tests are left out where they can't pass. Raises LecternError where there is no web proxy here."""
    proxy = health.proxy_of(platform, project.services(platform))
    if proxy is None:
        raise LecternError(
            "The smoke test needs the web proxy, but no service publishes the platform's web port on this host. Publish it, or set "
            "tutor_smoke to false."
        )
    is_https = bool(platform.config.get("ENABLE_HTTPS"))
    lms, cms = (Visitor(proxy, str(platform.config[name]), is_https) for name in ("LMS_HOST", "CMS_HOST"))
    trials = [_try("heartbeat of the LMS", lambda: _heartbeat(lms)), _try("heartbeat of Studio", lambda: _heartbeat(cms))]
    if not all(trial.passed for trial in trials):
        return trials
    try:
        with throw_away_user(platform, client, logs) as user:
            trials.append(_try("log in as a new user", lambda: _log_in(lms, user)))
            if trials[-1].passed:
                trials.append(_try("ask the API who that is", lambda: _own_name(lms, user)))
    except LecternError as error:
        return [*trials, Trial("make and remove a user", False, str(error))]
    return [*trials, Trial("make and remove a user", True)]


def _try(name: str, test: Callable[[], str]) -> Trial:
    """Run a test, which returns what is wrong; empty for nothing."""
    try:
        message = test()
    except (OSError, http.client.HTTPException, ValueError) as error:  # the latter for what can be no host
        message = "no answer: %s" % (error or type(error).__name__)
    return Trial(name, not message, message)


def _heartbeat(host: Visitor) -> str:
    page = host.visit(HEARTBEAT)
    return "" if page.status == 200 else "%s answered with %s" % (HEARTBEAT, page.describe())


def _log_in(lms: Visitor, user: Dict[str, str]) -> str:
    form = lms.visit(LOGIN)
    if form.status != 200:
        return "%s answered with %s" % (LOGIN, form.describe())
    page = lms.visit(LOGIN, {"email": user["email"], "password": user["password"]})
    return "" if page.status == 200 and page.data().get("success", True) else "%s refused it with %s" % (LOGIN, page.describe())


def _own_name(lms: Visitor, user: Dict[str, str]) -> str:
    page = lms.visit(OWN_NAME)
    return "" if page.status == 200 and page.data().get("username") == user["name"] else "%s answered with %s" % (OWN_NAME, page.describe())


@contextlib.contextmanager
def throw_away_user(platform: Platform, client: Any, logs: Logs) -> Iterator[Dict[str, str]]:
    """Yield ``name``, ``email`` and ``password`` of a user who is there during the block. One container makes and removes the user.

    Raises LecternError where it could not.
    """
    name = visitor.NAME + os.urandom(4).hex()
    user = {"name": name, "email": "%s@example.com" % name, "password": "Aa1-%s" % os.urandom(16).hex()}
    program = programs.program_of("smoke test", visitor)
    call = programs.Call(program, dict(user, patience=PATIENCE), [user["password"]], TIMEOUT)
    is_ready = threading.Event()

    def watch(line: str) -> None:
        if visitor.READY in line:
            is_ready.set()

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(programs.carry_out, platform, client, call, logs, watch)
        try:
            _await(is_ready, ended)
            yield user
        finally:
            _let_end(platform, client, call)
        ended.result()


def _await(is_ready: threading.Event, ended: Future[programs.Answer]) -> None:
    """Wait until the user is there. Raises LecternError where the program ended before anybody noticed."""
    while not is_ready.wait(PAUSE):
        if ended.done():
            ended.result()
            raise LecternError("The engine did not pass on in time what the program of the smoke test printed: run it again.")


def _let_end(platform: Platform, client: Any, call: programs.Call) -> None:
    """Tell the program that it may remove the user. Where it can't be told, it does so by itself later."""
    import docker
    import requests

    container = job_container.find(client, job_container.container_name(platform, call.job_service))
    if container is not None:
        with contextlib.suppress(docker.errors.DockerException, requests.exceptions.RequestException):
            container.exec_run(["touch", visitor.DONE])
