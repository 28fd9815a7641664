# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports a transaction as the result of a module that changes a root."""

from __future__ import annotations

from typing import Any, Dict

from . import _module
from .root.prepare import Prepared
from .root.results import describe_transaction, find_secrets_to_mask


def report(module: _module.Module, prepared: Prepared) -> Dict[str, Any]:
    """Return ``changed``, ``actions`` and ``diff`` of a transaction, secrets masked; ``diff`` is empty where the task wants none."""
    _module.protect(module, prepared.platform.secrets)
    _module.warn(module, prepared.warnings)
    secrets = find_secrets_to_mask(prepared, _module.option_secrets(module)) if module._diff else None
    return describe_transaction(prepared, secrets)
