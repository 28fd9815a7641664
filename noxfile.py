# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of the tests as sessions of nox. What a stage runs is defined in tests/stages.mk alone, and set up below .build/ on first use.

Arguments after -- go on: `nox -s unit -- -k mounts`, `nox -s sanity -- --test pylint`, `nox -s integration -- job`.
"""

from __future__ import annotations

import shlex

import nox

nox.options.sessions = ["lint", "unit"]


def run_stage(session: nox.Session) -> None:
    session.run("scripts/test", session.name, env={"ARGUMENTS": shlex.join(session.posargs)}, external=True)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Run the linters and make the documents as a site."""
    run_stage(session)


@nox.session(python=False)
def unit(session: nox.Session) -> None:
    """Run the unit tests, but for whole modules; arguments are those of pytest."""
    run_stage(session)


@nox.session(python=False)
def sanity(session: nox.Session) -> None:
    """Run ansible-test sanity; arguments are its own."""
    run_stage(session)


@nox.session(python=False)
def integration(session: nox.Session) -> None:
    """Run ansible-test integration; arguments are names of targets."""
    run_stage(session)


@nox.session(python=False)
def parity(session: nox.Session) -> None:
    """Compare three releases of Tutor with upstream; arguments are those of pytest, such as --all-releases."""
    run_stage(session)


@nox.session(python=False)
def e2e(session: nox.Session) -> None:
    """Deploy to a server with a Docker engine of its own; arguments are those of pytest."""
    run_stage(session)


@nox.session(python=False)
def docs(session: nox.Session) -> None:
    """Make the documents as a site, .build/site/html."""
    session.run("scripts/docs", external=True)
