# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs several `tutor` commands and prints, as JSON, Tutor's settings and what each command gave to docker.

Runs in the interpreter that holds Tutor, with the stand-in for docker on PATH. Takes the root; reads {name: arguments} from stdin.
All in one process, in which the configuration is loaded once: that takes old releases seconds.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import tempfile

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


def run_next(arguments):
    cli.cli.main(arguments, prog_name="tutor", standalone_mode=False)


for name in ("load", "load_full"):
    if hasattr(tutor_config, name):
        setattr(tutor_config, name, functools.lru_cache(maxsize=None)(getattr(tutor_config, name)))
root, commands = sys.argv[1], json.load(sys.stdin)
output = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what tutor prints is not the answer
plan = {name: record(run_next if number else run_first, words) for number, (name, words) in enumerate(commands.items())}
json.dump({"plan": plan, "settings": tutor_config.load(root)}, output)
