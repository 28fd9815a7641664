# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules as Ansible would, each in a process of its own that is forked from this one, where the slow imports are done.

Reads requests from standard input, one JSON object a line, and answers each with a line:
``{"start": {module, args, output, environ, sys_path, cwd, umask, uid, preload}}`` gives ``{"pid"}``, ``{"wait": pid}`` gives
``{"status"}``. ``{"library": true}`` imports all of Python's library, for modules that become a user who can't read it.
The module's standard output goes to the file ``output``, its standard error to ``output`` + ``.err``.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import json
import os
import runpy
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

MODULES = "ansible_collections.lectern.tutor.plugins.modules."


def warm() -> None:
    """Imports what modules need now or later, as another user may not be able to read it; neither ``tutor`` nor a plugin: they look at the
    environment while they load."""
    engine = list(import_all(MODULES.replace(".modules.", ".module_utils")))
    with contextlib.suppress(ImportError):
        list(import_all("ansible.module_utils._internal._json._profiles"))
    on_hosts = [module for module in engine if ".runtime.lms." not in module.__name__]  # what is in there runs in the LMS
    late = {name for module in on_hosts for name in named_imports(module) if name.partition(".")[0] != "tutor"}
    for name in ("click", "Crypto.PublicKey.RSA", "requests", "kubernetes.client", "tutor.__about__", *sorted(late)):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in [name for name in sys.modules if name.split(".")[0] == "tutor"]:
        del sys.modules[name]
    # Both import more while they work.
    importlib.import_module("jinja2.sandbox").SandboxedEnvironment().from_string("{% set x = '\\n' %}{{ x }}").render()


def import_all(package: str) -> Iterator[ModuleType]:
    """Imports all modules below a package; its folders need not be packages themselves."""
    for folder in importlib.import_module(package).__path__:
        for found in sorted(Path(folder).rglob("*.py")):
            parts = found.relative_to(folder).with_suffix("").parts
            if parts[-1] != "__init__":
                yield importlib.import_module(".".join([package, *parts]))


def named_imports(module: ModuleType) -> Iterator[str]:
    """The names of modules that its functions import when they are called."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module" and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


def start(request: dict) -> int:
    child = os.fork()
    if child == 0:
        os._exit(become(request))
    return child


def become(request: dict) -> int:
    """The life of a child: a module's process."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, suffix in ((1, ""), (2, ".err")):
        os.dup2(os.open(request["output"] + suffix, os.O_WRONLY | os.O_CREAT, 0o666), descriptor)
    os.environ.update(request["environ"])
    sys.path[:0] = request["sys_path"]
    os.chdir(request["cwd"])
    os.umask(request["umask"])
    if request["uid"]:
        os.setgroups([])
        os.setgid(request["uid"])
        os.setuid(request["uid"])
    for name in request["preload"]:
        importlib.import_module(name)
    return run(request["module"], request["args"])


def arguments(args: dict) -> None:
    """Hands over a module's arguments as Ansible does."""
    basic = importlib.import_module("ansible.module_utils.basic")
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
    basic._ANSIBLE_PROFILE = "legacy"  # asked for since ansible-core 2.19


def run(module: str, args: dict) -> int:
    arguments(args)
    sys.argv = [module]
    code = 0
    try:
        runpy.run_module(MODULES + module, run_name="__main__")
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def main() -> None:
    warm()
    for line in sys.stdin:
        request = json.loads(line)
        if "library" in request:
            delegate = importlib.import_module(MODULES.replace(".modules.", ".module_utils.base.delegate"))
            delegate.import_library()
            print("{}", flush=True)
            continue
        answer = {"pid": start(request["start"])} if "start" in request else {"status": os.waitpid(request["wait"], 0)[1]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
