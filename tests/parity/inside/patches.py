# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, as JSON, what `tutor config patches show NAME` prints for every patch of the enabled plugins; null where it fails.

Runs in the interpreter that holds Tutor, with the root in TUTOR_ROOT. Prints {} where this release has no such command.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import sys

from tutor import config as tutor_config
from tutor.commands import cli


def printed(arguments: list[str]) -> str | None:
    """What one more tutor command prints."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            cli.cli.main(arguments, prog_name="tutor", standalone_mode=False)
        except Exception:
            return None
    return output.getvalue()


sys.argv[1:] = ["config", "printroot"]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    cli.main()  # starts up as the command line does
texts = {}
with contextlib.suppress(ImportError, AttributeError):
    from tutor import hooks
    from tutor.commands.config import patches_show

    names = sorted({name for name, _text in hooks.Filters.ENV_PATCHES.iterate()})
    tutor_config.load_full = functools.lru_cache(maxsize=None)(tutor_config.load_full)  # it takes long, and nothing changes meanwhile
    texts = {name: printed(["config", "patches", patches_show.name, name]) for name in names}
json.dump(texts, sys.stdout)
