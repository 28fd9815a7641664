# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `tutor config save` does, in this process, after the interpreter's own start. Prints seconds and the peak of memory in KiB."""

import importlib
import json
import os
import resource
import sys
import time


def work(root: str, settings: list[str]) -> None:
    importlib.import_module("tutor.commands.cli")
    config, env, hooks = (importlib.import_module(f"tutor.{name}") for name in ("config", "env", "hooks"))
    hooks.Actions.CORE_READY.do()
    hooks.Actions.PROJECT_ROOT_READY.do(root)
    minimal = config.load_minimal(root)
    minimal.update(setting.split("=") for setting in settings)
    config.save_config_file(root, minimal)
    env.save(root, config.load_full(root))


started = time.perf_counter()
work(os.environ["TUTOR_ROOT"], sys.argv[1:])
print(json.dumps([time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
