# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs several `tutor` commands and prints, as JSON, Tutor's settings and what each command gave to docker; null where it is refused.

Runs in the interpreter that holds Tutor, with the stand-in for docker on PATH. Takes the root; reads {name: arguments} from stdin.
All in one process, in which the configuration is loaded twice at most: that takes old releases seconds.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import tempfile

import click
from tutor import config as tutor_config
from tutor.commands import cli


def record(run, arguments):
    """The arguments of each docker command that one tutor command runs."""
    with tempfile.NamedTemporaryFile("r") as stream:
        os.environ["RECORD"] = stream.name
        run(arguments)
        return [json.loads(line) for line in stream]


def run_first(arguments):
    """Starts up as the command line does, then runs the command."""
    sys.argv[1:] = arguments
    try:
        cli.main()
    except SystemExit as end:
        if end.code not in (None, 0):
            raise


def run_or_refuse(arguments):
    """What a command gave to docker; None where Tutor refuses its arguments."""
    try:
        return record(run_next, arguments)
    except click.UsageError:
        return None


def job_names():
    """The jobs of `tutor local do`; [] before 15, where they are commands of `tutor local`."""
    try:
        from tutor.commands.compose import do
    except ImportError:
        return []
    return sorted(do.commands)


def run_next(arguments):
    cli.cli.main(arguments, prog_name="tutor", standalone_mode=False)


def load_once():
    """Has the configuration loaded once. Not for the first command, in which plugins may ask for it before all of them are there."""
    for name in ("load", "load_full"):
        if hasattr(tutor_config, name):
            setattr(tutor_config, name, functools.lru_cache(maxsize=None)(getattr(tutor_config, name)))


root, commands = sys.argv[1], json.load(sys.stdin)
output = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what tutor prints is not the answer
(first, words), *others = commands.items()
plan = {first: record(run_first, words)}
load_once()
plan.update((name, run_or_refuse(words)) for name, words in others)
json.dump({"plan": {**plan, "job_names": job_names()}, "settings": tutor_config.load(root)}, output)
