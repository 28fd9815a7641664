# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module environment has the engine do, in this process, after the interpreter's own start. Prints as upstream.py does."""

import importlib
import json
import os
import resource
import sys
import time

ENGINE = "ansible_collections.lectern.tutor.plugins.module_utils"


def work(root: str, plugins_root: str, given: list[str]) -> None:
    names = ("base.places", "render.changes", "root.prepare", "root.transaction")
    places, wanted, prepare, transaction = (importlib.import_module(f"{ENGINE}.{name}") for name in names)
    changes = wanted.Changes(settings=dict(setting.split("=") for setting in given))
    transaction.render_root(places.resolve_places(root, plugins_root), prepare.Request(changes=changes), checking=False)


started = time.perf_counter()
work(os.environ["TUTOR_ROOT"], os.environ["TUTOR_PLUGINS_ROOT"], sys.argv[1:])
print(json.dumps([time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
