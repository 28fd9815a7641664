#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the command in its arguments and prints as JSON ``{"rc": …, "lines": [[seconds since its start, line], …]}``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main() -> None:
    started, lines = time.monotonic(), []
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # it would hide what comes late
    with subprocess.Popen(sys.argv[1:], **pipes, env=env, text=True) as process:
        for line in process.stdout:
            lines.append([round(time.monotonic() - started, 2), line.rstrip("\n")])
    print(json.dumps({"rc": process.returncode, "lines": lines}))


if __name__ == "__main__":
    main()
